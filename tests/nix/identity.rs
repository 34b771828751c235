//! The written bytes are those that Nix writes.
//!
//! Random flakes with random locks, of references that nobody can fetch, are grown so that Nix has
//! nothing to lock. Then they are repaired, or edited as people edit them, and Nix determines the
//! expected lock. A pair depends on its seed alone:
//!
//!     FLAKE_AUDIT_TEST_SEED=7 FLAKE_AUDIT_TEST_PAIRS=500 cargo test --features nix-tests --test nix identity
//!
//! A failure names the seed of its pair; with that, and `FLAKE_AUDIT_TEST_PAIRS=1`, it runs alone.
//!
//! The judge is Nix 2.30 or later, which locks overrides of any depth: there every pair counts.
//! Older versions write the same bytes if they lock a flake at all: they get pairs without folders
//! and with overrides one level deep, and must agree about those that they accept and can still
//! lock when repaired. Edits of people are for the judge alone.

mod declared;
mod dice;
mod grown;
mod hand;
mod merged;
mod nar;
mod pair;
mod reference;
mod tally;

use std::process::{Command, Output};

use flake_audit::graph::{Graph, Overrides};
use flake_audit::lock::{Lock, Unescaped};
use flake_audit::relock::{Unlockable, relock};
use flake_audit::source::{Reader, Stores};

pub(crate) use dice::Dice;
pub(crate) use nar::hash;
pub(crate) use pair::Files;
pub(crate) use tally::number;

use crate::program::{self, Nix};
use grown::Shape;
use pair::{Answer, Pair, Scratch, ask};
use tally::Tally;

/// Flakes of every shape.
const EVERYTHING: Shape = Shape { nodes: 9, follows: 9, recent: true, sources: false };

/// The pair of a seed.
fn pair(nix: &Nix, dice: &mut Dice) -> Pair {
    let shape = Shape { recent: nix.reads_deep_overrides(), ..EVERYTHING };
    Pair::new(dice, shape, 0)
}

/// The same, with the sources of everything that it depends on, in Nix's store too.
fn pair_with_sources(nix: &Nix, dice: &mut Dice) -> Pair {
    let pair = Pair::new(dice, Shape { sources: true, ..EVERYTHING }, 0);
    pair.store.as_ref().unwrap().put(nix);
    pair
}

/// The files with another lock.
fn locked(files: &Files, lock: &str) -> Files {
    let mut files = files.clone();
    files.insert("flake.lock".into(), lock.to_owned());
    files
}

/// The files without what only Determinate Nix writes.
fn without_build_time(files: &Files) -> Files {
    match Answer::New(files["flake.lock"].clone()).without_build_time() {
        Answer::New(lock) => locked(files, &lock),
        _ => files.clone(),
    }
}

/// Our new lock.
fn relocked(pair: &Pair) -> Answer {
    let files = &pair.files;
    let scratch = Scratch::new(files);
    let (unescaped, overrides) = (Unescaped::new(), Overrides::new());
    let lock = Lock::parse(files["flake.lock"].as_bytes(), &unescaped).unwrap();
    let graph = Graph::build(&lock, &overrides).unwrap();
    let root = Reader::new(Default::default(), Some(scratch.path().to_owned())).root().unwrap();
    let declarations = match &root.declarations {
        Ok(declarations) => declarations,
        Err(problem) => return Answer::Refused(problem.message.clone()),
    };
    let store = pair.store.as_ref();
    let stores = store.map(|store| Stores::new(Some(store.path()), None)).unwrap_or_default();
    match relock(&graph, declarations, Some(&root.files), &stores).lock() {
        Ok(None) => Answer::Same,
        Ok(Some(text)) => Answer::New(text),
        Err(Unlockable::Fetch(reason)) => Answer::Fetch(reason),
        Err(Unlockable::Refused(reason)) => Answer::Refused(reason),
    }
}

/// `flake-audit` in a folder.
fn run(pair: &Pair, scratch: &Scratch, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flake-audit"));
    command.args(arguments).current_dir(scratch.path()).env_remove("NIX_STORE_DIR");
    if let Some(store) = &pair.store {
        command.arg("--store").arg(store.path());
    }
    command.output().unwrap()
}

/// Runs `flake-audit fix` in a folder; returns its output.
fn fix(pair: &Pair, scratch: &Scratch, arguments: &[&str]) -> (i32, String) {
    let output = run(pair, scratch, &[&["fix"], arguments].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code();
    assert!(matches!(code, Some(0..=2)), "{code:?}: {said}");
    (code.unwrap(), said)
}

#[test]
fn what_is_repaired_nix_leaves_alone() {
    for nix in &program::all() {
        let tally = Tally::new(nix, "repaired")
            .run(|dice, tally| repaired(nix, pair(nix, dice), dice, tally));
        tally.assert_often("consistent", if nix.reads_deep_overrides() { 95 } else { 50 });
        tally.assert_often("repaired, and Nix agrees", 8);
    }
}

#[test]
fn what_is_repaired_with_sources_nix_leaves_alone() {
    for nix in program::all().iter().filter(|nix| nix.reads_deep_overrides()) {
        let tally = Tally::new(nix, "repaired with sources")
            .run(|dice, tally| repaired(nix, pair_with_sources(nix, dice), dice, tally));
        tally.assert_often("consistent", 95);
        tally.assert_often("repaired, and Nix agrees", 8);
    }
}

fn repaired(nix: &Nix, pair: Pair, dice: &mut Dice, tally: &mut Tally) -> Result<(), String> {
    let is_judge = nix.reads_deep_overrides();
    tally.keep("before", &pair.files);
    match ask(nix, &pair.files) {
        Answer::Same => tally.count("consistent"),
        Answer::Refused(_) => return tally.met("thrown away: Nix refuses it"),
        _ if !is_judge => return tally.met("thrown away: this version would fetch"),
        answer => return Err(format!("it was locked otherwise than Nix locks it: {answer:?}")),
    }
    let scratch = Scratch::new(&pair.files);
    let mut arguments = Vec::new();
    if pair.flakes[""].inputs.contains_key("nixpkgs-gpu") && dice.percent(60) {
        arguments.extend(["--configured", "nixpkgs-gpu"]);
    }
    if dice.percent(30) {
        arguments.extend(["--rule", "unconfigured-nixpkgs", "--rule", "unconfigured-secondary"]);
    }
    let (code, said) = fix(&pair, &scratch, &arguments);
    let fixed = scratch.files(&pair.files);
    tally.keep("repaired", &fixed);
    if fixed == pair.files {
        return match said.split_once("nothing was written") {
            Some((_, reason)) => {
                let reason = reason.split('`').next().unwrap_or_default();
                tally.met(&format!("refused{}", reason.trim_end()))
            }
            None if code == 2 => Err(format!("it is not repaired: {said}")),
            None => tally.met("nothing to repair"),
        };
    }
    let (_, more) = fix(&pair, &scratch, &arguments);
    if scratch.files(&pair.files) != fixed {
        tally.keep("repaired twice", &scratch.files(&pair.files));
        return Err(format!("a second repair changes more: {more}"));
    }
    let expected = match &fixed["flake.lock"] {
        same if *same == pair.files["flake.lock"] => Answer::Same,
        new => Answer::New(new.clone()),
    };
    let answer = ask(nix, &locked(&fixed, &pair.files["flake.lock"]));
    if !is_judge && matches!(answer, Answer::Fetch(_) | Answer::Refused(_)) {
        // 2.26 is known to fail, and the output says so; 2.8 also requires each follows to name
        // something that is no follows.
        let is_told = said.contains("Nix before 2.30 cannot lock") || !nix.reads_folders_of_paths();
        let told = "repaired, but this version does not lock it";
        return if is_told { tally.met(told) } else { Err(format!("{told}: {answer:?}")) };
    }
    if answer != expected {
        return Err(format!("Nix locks the repaired flake.nix as\n{answer:?}\nnot\n{expected:?}"));
    }
    let answer = ask(nix, &fixed);
    if answer != Answer::Same {
        return Err(format!("Nix does not leave it alone: {answer:?}"));
    }
    tally.count(match expected {
        Answer::Same => "repaired without a change of the lock",
        _ => "repaired, with a new lock",
    });
    tally.met("repaired, and Nix agrees")
}

#[test]
fn what_people_edit_is_locked_as_nix_locks_it() {
    for nix in &program::all() {
        if !nix.reads_deep_overrides() {
            println!("{}: edited: skipped, it locks edits in its own way", nix.name);
            continue;
        }
        let tally = Tally::new(nix, "edited").run(|dice, tally| {
            let mut pair = pair(nix, dice);
            edited(nix, dice, tally, &mut pair, |dice, pair| Some(hand::edit(dice, pair)))
        });
        for (answers, percent) in
            [("both: new", 25), ("both: same", 5), ("both: fetch", 5), ("both: refused", 1)]
        {
            tally.assert_often(answers, percent);
        }
    }
}

/// With the sources of everything that is read there is only one answer.
#[test]
fn what_people_edit_is_locked_as_nix_locks_it_from_sources() {
    for nix in program::all().iter().filter(|nix| nix.reads_deep_overrides()) {
        let tally = Tally::new(nix, "edited with sources").run(|dice, tally| {
            let mut pair = pair_with_sources(nix, dice);
            edited(nix, dice, tally, &mut pair, |dice, pair| Some(hand::edit(dice, pair)))
        });
        for (answers, percent) in [("both: new", 25), ("both: same", 5), ("both: fetch", 10)] {
            tally.assert_often(answers, percent);
        }
    }
}

/// A change of a flake in a folder only.
#[test]
fn what_people_edit_in_folders_is_locked_as_nix_locks_it() {
    for nix in program::all().iter().filter(|nix| nix.reads_deep_overrides()) {
        let tally = Tally::new(nix, "edited in folders").run(|dice, tally| {
            let shape = Shape { sources: dice.percent(50), ..EVERYTHING };
            let mut pair = Pair::new(dice, shape, 0);
            // Most have no folder that is read again.
            while hand::read_again(&pair).is_empty() {
                pair = Pair::new(dice, shape, 0);
            }
            if let Some(store) = &pair.store {
                store.put(nix);
            }
            edited(nix, dice, tally, &mut pair, hand::edit_folders)
        });
        for (answers, percent) in [("both: new", 8), ("both: same", 5), ("both: fetch", 3)] {
            tally.assert_often(answers, percent);
        }
    }
}

fn edited(
    nix: &Nix,
    dice: &mut Dice,
    tally: &mut Tally,
    pair: &mut Pair,
    edit: impl Fn(&mut Dice, &mut Pair) -> Option<String>,
) -> Result<(), String> {
    let before = pair.files.clone();
    tally.keep("before", &before);
    let Some(done) = edit(dice, pair) else { return tally.met("nothing to edit") };
    tally.keep("edited", &pair.files);
    let ours = relocked(pair).without_build_time();
    let answer = ask(nix, &pair.files);
    match (&ours, &answer) {
        _ if ours == answer => {}
        (Answer::Fetch(_), Answer::Fetch(_)) | (Answer::Refused(_), Answer::Refused(_)) => {}
        _ if ask(nix, &before) != Answer::Same => {
            return tally.met("thrown away: Nix refuses it before the edit");
        }
        // What a dependency was locked to follow is trusted here. Nix looks it up in the source,
        // unless flake.nix says the same: then the answers must be equal.
        (Answer::Same | Answer::New(_), Answer::Fetch(_))
            if pair.store.is_none() && pair.restate() =>
        {
            pair.spell(dice, "");
            let answer = ask(nix, &pair.files);
            if answer != ours {
                tally.keep("restated", &pair.files);
                return Err(format!("{done}; restated\nours: {ours:?}\nNix: {answer:?}"));
            }
            return tally.met("Nix would fetch what says the same again");
        }
        _ => return Err(format!("{done}\nours: {ours:?}\nNix: {answer:?}")),
    }
    if let Answer::New(_) = answer {
        // Nix says that the lock requires changes, and so does the check.
        let scratch = Scratch::new(&pair.files);
        let said = run(pair, &scratch, &["check", "--format", "json"]);
        let said = String::from_utf8(said.stdout).unwrap();
        if !["\"stale-lock\"", "\"shared-node\""].iter().any(|rule| said.contains(rule)) {
            return Err(format!("{done}: the check is silent: {said}\nNix: {answer:?}"));
        }
        tally.count("the check says that it is stale");
    }
    if dice.percent(20) {
        return repaired_with_edits(nix, pair, tally);
    }
    if dice.percent(25) {
        let scratch = Scratch::new(&pair.files);
        let (code, said) = fix(pair, &scratch, &["--rule", "stale-lock"]);
        let fixed = scratch.files(&pair.files);
        match &ours {
            Answer::New(lock) if without_build_time(&fixed) == locked(&pair.files, lock) => {
                tally.count("fix --rule stale-lock: new lock");
            }
            _ if fixed != pair.files => {
                tally.keep("repaired", &fixed);
                return Err(format!("{done}: fix writes something else: {said}"));
            }
            Answer::New(_) if said.is_empty() => {
                tally.count(&format!("fix --rule stale-lock: silent, {code}"))
            }
            Answer::New(_) => tally.count(&format!("fix --rule stale-lock: {said}")),
            _ => tally.count("fix --rule stale-lock: nothing written"),
        }
    }
    tally.met(match answer {
        Answer::Same => "both: same",
        Answer::New(_) => "both: new",
        Answer::Fetch(_) => "both: fetch",
        Answer::Refused(_) => "both: refused",
    })
}

/// A lock that is behind, updated and repaired at once.
fn repaired_with_edits(nix: &Nix, pair: &Pair, tally: &mut Tally) -> Result<(), String> {
    let scratch = Scratch::new(&pair.files);
    let (_, said) = fix(pair, &scratch, &[]);
    let fixed = scratch.files(&pair.files);
    if fixed == pair.files {
        return tally.met("fix of what was edited: nothing written");
    }
    tally.keep("repaired", &fixed);
    let expected = match &fixed["flake.lock"] {
        same if *same == pair.files["flake.lock"] => Answer::Same,
        new => Answer::New(new.clone()),
    };
    let answer = ask(nix, &locked(&fixed, &pair.files["flake.lock"]));
    let expected = expected.without_build_time();
    if answer != expected {
        return Err(format!("{said}\nours: {expected:?}\nNix: {answer:?}"));
    }
    if ask(nix, &fixed) != Answer::Same {
        return Err(format!("Nix does not leave it alone: {said}"));
    }
    tally.met("fix of what was edited, and Nix agrees")
}
