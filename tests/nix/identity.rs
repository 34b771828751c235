//! The bytes that are written are those that Nix writes.
//!
//! Random flakes with random locks, of references that nobody can fetch: they are grown so that Nix
//! has nothing to lock. Then they are repaired, or edited as people edit them, and Nix says what
//! the lock has to be. What a pair is made of depends on its seed alone:
//!
//!     FLAKE_AUDIT_TEST_SEED=7 FLAKE_AUDIT_TEST_PAIRS=500 cargo test --features nix-tests --test nix identity
//!
//! A failure names the seed of its pair; with that, and `FLAKE_AUDIT_TEST_PAIRS=1`, it is run alone.
//!
//! The judge is Nix 2.30 or later, which locks overrides of any depth: there every pair counts.
//! Older versions write the same bytes, where they lock a flake at all: they get pairs without
//! folders, and have to agree about those that they take as they are and still lock when repaired.

mod declared;
mod dice;
mod grown;
mod hand;
mod pair;
mod reference;
mod tally;

use std::process::Command;

use flake_audit::graph::{Graph, Overrides};
use flake_audit::lock::{Lock, Unescaped};
use flake_audit::relock::{Unlockable, relock};
use flake_audit::source::Reader;

use crate::program::{self, Nix};
use dice::Dice;
use grown::Shape;
use pair::{Answer, Files, Pair, Scratch, ask};
use tally::Tally;

/// Flakes of every shape.
const EVERYTHING: Shape = Shape { nodes: 9, follows: 9, folders: true };

/// The pair of a seed.
fn pair(nix: &Nix, dice: &mut Dice) -> Pair {
    let shape = Shape { folders: nix.reads_deep_overrides(), ..EVERYTHING };
    Pair::new(dice, shape, 0)
}

/// The files with another lock.
fn locked(files: &Files, lock: &str) -> Files {
    let mut files = files.clone();
    files.insert("flake.lock".into(), lock.to_owned());
    files
}

/// What we make of the lock.
fn relocked(files: &Files) -> Answer {
    let scratch = Scratch::new(files);
    let (unescaped, overrides) = (Unescaped::new(), Overrides::new());
    let lock = Lock::parse(files["flake.lock"].as_bytes(), &unescaped).unwrap();
    let graph = Graph::build(&lock, &overrides).unwrap();
    let root = Reader::new(Default::default(), Some(scratch.path().to_owned())).root().unwrap();
    let declarations = match &root.declarations {
        Ok(declarations) => declarations,
        Err((message, _)) => return Answer::Refused(message.clone()),
    };
    match relock(&graph, declarations, Some(&root.files)) {
        Ok(None) => Answer::Same,
        Ok(Some(text)) => Answer::New(text),
        Err(Unlockable::Fetch(reason)) => Answer::Fetch(reason),
        Err(Unlockable::Refused(reason)) => Answer::Refused(reason),
    }
}

/// `flake-audit fix` in a folder; what it says.
fn fix(scratch: &Scratch, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flake-audit"));
    command.arg("fix").args(arguments).current_dir(scratch.path()).env_remove("NIX_STORE_DIR");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code();
    assert!(matches!(code, Some(0..=2)), "{code:?}: {said}");
    (code.unwrap(), said)
}

#[test]
fn what_is_repaired_nix_leaves_alone() {
    for nix in &program::all() {
        Tally::new(nix, "repaired").run(|dice, tally| {
            let pair = pair(nix, dice);
            match ask(nix, &pair.files) {
                Answer::Same => tally.count("consistent"),
                other if nix.reads_deep_overrides() => {
                    tally.count("thrown away: not consistent");
                    tally.keep("before", &pair.files);
                    return Err(format!("not consistent: {other:?}"));
                }
                _ => {
                    tally.count("thrown away: this version does not take it");
                    return Ok(());
                }
            }
            let scratch = Scratch::new(&pair.files);
            let configured: &[&str] = if pair.flakes[""].inputs.contains_key("nixpkgs-gpu")
                && dice.percent(60)
            {
                &["--configured", "nixpkgs-gpu", "--rule", "unconfigured-secondary", "--rule", "unconfigured-nixpkgs", "--rule", "unused-override"]
            } else {
                &[]
            };
            let (code, said) = fix(&scratch, configured);
            let fixed = scratch.files(&pair.files);
            if fixed == pair.files {
                tally.count(match said.split_once("the plan was refused: ") {
                    Some((_, reason)) => {
                        let reason = reason.split('`').next().unwrap();
                        return tally.counted(&format!("refused: {}", reason.trim()));
                    }
                    None if code == 2 => "not fixed: an error",
                    None => "nothing to fix",
                });
                if code == 2 {
                    return Err(format!("fix fails: {said}"));
                }
                return Ok(());
            }
            tally.count("fixed");
            let is_locked = fixed["flake.lock"] != pair.files["flake.lock"];
            tally.count(if is_locked { "fixed, with a new lock" } else { "fixed, same lock" });
            let (_, said) = fix(&scratch, configured);
            let again = scratch.files(&pair.files);
            if again != fixed {
                return Err(format!("a second fix changes more: {said}\n{again:?}\n{fixed:?}"));
            }
            let expected = if is_locked {
                Answer::New(fixed["flake.lock"].clone())
            } else {
                Answer::Same
            };
            let from_old = ask(nix, &locked(&fixed, &pair.files["flake.lock"]));
            if !nix.reads_deep_overrides() && matches!(from_old, Answer::Fetch(_) | Answer::Refused(_)) {
                tally.count("fixed, and this version does not lock it");
                return Ok(());
            }
            if from_old != expected {
                tally.keep("fixed", &fixed);
                return Err(format!("Nix locks the repaired flake.nix as\n{from_old:?}\nnot\n{expected:?}"));
            }
            let after = ask(nix, &fixed);
            if after != Answer::Same {
                tally.keep("fixed", &fixed);
                return Err(format!("Nix does not leave it alone: {after:?}"));
            }
            tally.count("fixed, and Nix agrees");
            Ok(())
        });
    }
}

#[test]
fn what_people_edit_is_locked_as_nix_locks_it() {
    for nix in &program::all() {
        if !nix.reads_deep_overrides() {
            println!("{}: skipped, it reads edits in other ways", nix.name);
            continue;
        }
        Tally::new(nix, "edited").run(|dice, tally| {
            let mut pair = pair(nix, dice);
            let before = pair.files.clone();
            let done = hand::edit(dice, &mut pair);
            let (ours, real) = (relocked(&pair.files), ask(nix, &pair.files));
            tally.count(&format!("{} / {}", word(&ours), word(&real)));
            tally.keep("before", &before);
            tally.keep("after", &pair.files);
            match (&ours, &real) {
                (Answer::Same | Answer::New(_), Answer::Same | Answer::New(_)) if ours == real => Ok(()),
                (Answer::Fetch(_), Answer::Fetch(_)) | (Answer::Refused(_), Answer::Refused(_)) => Ok(()),
                _ => Err(format!("{done}\nours: {ours:?}\nNix: {real:?}")),
            }
        });
    }
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::Same => "same",
        Answer::New(_) => "new",
        Answer::Fetch(_) => "fetch",
        Answer::Refused(_) => "refused",
    }
}
