//! Two people change a flake and its lock, and `flake-audit merge` merges them: Nix must leave the
//! result alone.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::declared::{Flake, Input};
use super::dice::Dice;
use super::pair::{Answer, Files, Pair, Scratch, ask};
use super::reference::Reference;
use super::tally::Tally;
use super::{EVERYTHING, locked, relocked};
use crate::program::{self, Nix};

#[test]
fn what_is_merged_nix_leaves_alone() {
    for nix in program::all().iter().filter(|nix| nix.reads_deep_overrides()) {
        let tally = Tally::new(nix, "merged").run(|dice, tally| merged(nix, dice, tally));
        tally.assert_often("merged, and Nix leaves it alone", 50);
        tally.assert_often("a conflict, decided by --prefer, and Nix leaves it alone", 3);
    }
}

fn merged(nix: &Nix, dice: &mut Dice, tally: &mut Tally) -> Result<(), String> {
    let base = Pair::new(dice, EVERYTHING, 0);
    tally.keep("base", &base.files);
    if ask(nix, &base.files) != Answer::Same {
        return tally.met("thrown away: Nix refuses it");
    }
    let (ours, said) = changed(nix, dice, &base, 100);
    let (theirs, their_said) = changed(nix, dice, &base, 200);
    tally.keep(&format!("ours: {said}"), &ours.files);
    tally.keep(&format!("theirs: {their_said}"), &theirs.files);
    let mut whole = ours.clone();
    *whole.root() = both(&base.flakes[""], &ours.flakes[""], &theirs.flakes[""]);
    whole.spell(dice, "");
    tally.keep("merged", &whole.files);
    let locks = [&base, &ours, &theirs].map(|pair| pair.files["flake.lock"].clone());
    let (code, lock, told) = merge(&whole.files, &locks, None);
    let other = merge(&whole.files, &[0, 2, 1].map(|n: usize| locks[n].clone()), None);
    if code == 0 && (other.0, &other.1) != (0, &lock) {
        return Err(format!("it depends on who merges whom: {lock}\n{}", other.1));
    }
    match code {
        0 => {
            let answer = ask(nix, &locked(&whole.files, &lock));
            if answer != Answer::Same {
                return Err(format!("Nix does not leave it alone: {answer:?}\n{lock}"));
            }
            if lock != locks[1] && lock != locks[2] {
                tally.count("of both sides");
            }
            tally.met("merged, and Nix leaves it alone")
        }
        1 if told.contains("not complete") => {
            // A complete lock, to which Nix has to add something.
            match ask(nix, &locked(&whole.files, &lock)) {
                Answer::Fetch(_) => tally.met("not complete, and Nix would fetch"),
                answer => Err(format!("it is complete to Nix: {told}\n{answer:?}")),
            }
        }
        1 => {
            if !lock.contains("\n<<<<<<< ours\n") {
                return Err(format!("the conflict is not marked: {told}\n{lock}"));
            }
            let mut is_decided = true;
            for prefer in ["ours", "theirs", "newest"] {
                let (code, lock, told) = merge(&whole.files, &locks, Some(prefer));
                let answer = (code == 0).then(|| ask(nix, &locked(&whole.files, &lock)));
                match answer {
                    Some(Answer::Same) => {}
                    Some(answer) => {
                        return Err(format!(
                            "{prefer}: Nix does not leave it alone: {answer:?}\n{lock}"
                        ));
                    }
                    // It is not always known which is the newest.
                    None if prefer == "newest" && told.contains("both sides changed") => {}
                    None => {
                        tally.count(&format!("{prefer}: {}", without_names(&told)));
                        is_decided = false;
                    }
                }
            }
            match is_decided {
                true => tally.met("a conflict, decided by --prefer, and Nix leaves it alone"),
                false => tally.met("a conflict, not decided by every --prefer"),
            }
        }
        _ => tally.met(&format!("refused: {}", without_names(&told))),
    }
}

fn without_names(told: &str) -> String {
    let words = told.split('`').step_by(2).collect::<Vec<_>>();
    words.join("…").lines().next().unwrap_or_default().to_owned()
}

/// The exit code, the written file, and the output.
fn merge(files: &Files, locks: &[String; 3], prefer: Option<&str>) -> (i32, String, String) {
    let scratch = Scratch::new(files);
    for (name, lock) in ["base", "ours", "theirs"].into_iter().zip(locks) {
        fs::write(scratch.path().join(name), lock).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_flake-audit"));
    command.args(["merge", "base", "ours", "theirs"]).current_dir(scratch.path());
    command.args(prefer.map(|prefer| format!("--prefer={prefer}")));
    let output = command.env_remove("NIX_STORE_DIR").output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), scratch.read("ours"), told)
}

/// The flake as one person left it, with a lock that Nix leaves alone, and a description of the
/// change.
fn changed(nix: &Nix, dice: &mut Dice, base: &Pair, number: usize) -> (Pair, String) {
    let mut pair = base.clone();
    let mut done = Vec::new();
    for _ in 0..dice.below(4) {
        let before = pair.clone();
        let Some(what) = change(dice, &mut pair, number + 10 * done.len()) else { continue };
        pair.spell(dice, "");
        match relocked(&pair) {
            Answer::Same => {}
            Answer::New(lock) => drop(pair.files.insert("flake.lock".into(), lock)),
            _ => {
                pair = before;
                continue;
            }
        }
        // What a dependency was locked to follow is trusted here, and read again by Nix.
        if ask(nix, &pair.files) == Answer::Same {
            done.push(what);
        } else {
            pair = before;
        }
    }
    (pair, done.join(", "))
}

fn change(dice: &mut Dice, pair: &mut Pair, number: usize) -> Option<&'static str> {
    let own: Vec<String> = pair.root().inputs.keys().cloned().collect();
    let overrides = pair.root().overrides();
    let target = dice.pick(&pair.followable).cloned();
    let slot = dice.pick(&pair.overridable).cloned();
    Some(match dice.below(14) {
        0..6 => return update(dice, pair, number),
        6 => {
            let input = pair.root().at(&slot?);
            (input.follows, input.reference) = (Some(target?), None);
            "adds an override"
        }
        7 => {
            let input = pair.root().at(dice.pick(&overrides)?);
            (input.follows, input.reference) = (Some(target?), None);
            "changes an override"
        }
        8 => {
            pair.root().inputs.remove(dice.pick(&own)?);
            "removes an input"
        }
        9 => {
            let input = pair.root().inputs.get_mut(dice.pick(&own)?)?;
            (input.follows, input.reference) = (Some(target?), None);
            "makes an input follow"
        }
        10 => {
            pair.root().at(&slot?).follows = Some(Vec::new());
            "lets something follow this flake"
        }
        11 => {
            let name = dice.pick(&own)?.clone();
            let reference = Reference::acme(dice, "another", number);
            let input = pair.root().inputs.get_mut(&name)?;
            (input.follows, input.reference) = (None, Some(reference.original.clone()));
            lock(pair, &name, reference, dice.percent(50));
            "changes a reference"
        }
        _ => {
            let name = ["a0", "more", "nixpkgs-new", "z"][dice.below(4)].to_owned();
            if own.contains(&name) {
                return None;
            }
            let reference = Reference::acme(dice, "another", number);
            let original = Some(reference.original.clone());
            pair.root()
                .inputs
                .insert(name.clone(), Input { reference: original, ..Input::default() });
            lock(pair, &name, reference, dice.percent(50));
            "adds an input"
        }
    })
}

/// Locks an input of the root to a reference, with or without a nixpkgs of its own.
fn lock(pair: &mut Pair, name: &str, reference: Reference, with_nixpkgs: bool) {
    let mut lock: Value = serde_json::from_str(&pair.files["flake.lock"]).unwrap();
    let Reference { original, locked } = reference;
    let (key, below) = (format!("{name}-anew"), format!("{name}-nixpkgs-anew"));
    lock["nodes"][&below] = json!({ "original": original, "locked": locked });
    lock["nodes"][&key] = json!({ "original": original, "locked": locked });
    if with_nixpkgs {
        lock["nodes"][&key]["inputs"]["nixpkgs"] = below.into();
    }
    lock["nodes"]["root"]["inputs"][name] = key.into();
    pair.files.insert("flake.lock".into(), lock.to_string());
}

/// Locks something to another revision.
fn update(dice: &mut Dice, pair: &mut Pair, number: usize) -> Option<&'static str> {
    let mut lock: Value = serde_json::from_str(&pair.files["flake.lock"]).unwrap();
    let nodes = lock["nodes"].as_object_mut()?;
    let movable: Vec<String> = nodes
        .iter()
        .filter(|(_, node)| node["locked"]["rev"].is_string())
        .map(|(key, _)| key.clone())
        .collect();
    let many = dice.percent(30);
    for (at, key) in movable.iter().enumerate() {
        if many && dice.percent(40) || !many && *key == *dice.pick(&movable)? {
            let locked = &mut nodes[key]["locked"];
            let number = number + 1_000 * at;
            locked["rev"] = format!("{number:040x}").into();
            locked["narHash"] = format!("sha256-{number:042}0=").into();
            locked["lastModified"] = (1_700_000_000 + 86_400 * dice.below(50)).into();
        }
    }
    let text = serde_json::to_string_pretty(&lock).unwrap() + "\n";
    pair.files.insert("flake.lock".into(), text);
    Some("updates")
}

/// A flake.nix merged from two versions, with the second one's author deciding.
fn both(base: &Flake, ours: &Flake, theirs: &Flake) -> Flake {
    let none = Input::default();
    let input = |flake: &Flake| Input { inputs: flake.inputs.clone(), ..none.clone() };
    Flake { inputs: of_both(&input(base), &input(ours), &input(theirs)).inputs }
}

fn of_both(base: &Input, ours: &Input, theirs: &Input) -> Input {
    let said = |input: &Input| (input.reference.clone(), input.follows.clone(), input.is_source);
    let (reference, follows, is_source) =
        said(if said(ours) == said(base) { theirs } else { ours });
    let mut whole = Input { reference, follows, is_source, ..Input::default() };
    let names = ours.inputs.keys().chain(theirs.inputs.keys());
    for name in names {
        let at = |input: &Input| input.inputs.get(name).cloned();
        let (was, own, its) = (at(base), at(ours), at(theirs));
        if was.is_some() && (own.is_none() || its.is_none()) {
            continue;
        }
        let own_or_its = |input: Option<Input>, other: &Option<Input>| {
            input.or_else(|| other.clone()).unwrap_or_default()
        };
        let (one, two) = (own_or_its(own.clone(), &its), own_or_its(its, &own));
        whole.inputs.insert(name.clone(), of_both(&was.unwrap_or_default(), &one, &two));
    }
    whole
}
