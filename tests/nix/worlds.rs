//! Random worlds, evaluated by Nix, as the judge of what is reported without it.
//!
//! A world is a root with hosts, homes, shells and packages over a stub nixpkgs, and its
//! dependencies. Nix evaluates each output to a tree of its parts, with the setting of each package
//! that settings change, and that of the nixpkgs of each builder of the root. An output is wrong if
//! these disagree. The findings of `check` are compared with that, with all sources on disk, the
//! root's only, and the lock only; if reports do not name outputs, world by world.
//!
//!     FLAKE_AUDIT_TEST_SEED=1 FLAKE_AUDIT_TEST_WORLDS=1000 \
//!         cargo test --features nix-tests --test nix worlds -- --nocapture

mod dependency;
mod findings;
mod flakes;
mod grow;
mod host;
mod judge;
mod monotony;
mod root;
mod shape;
mod shrink;
mod spell;
mod table;
mod traits;
mod trial;
mod whole;
mod written;
mod yard;

use std::path::Path;

use crate::identity::{Dice, number};
use crate::program;
use findings::Way;
use judge::Caller;
use shape::Shape;
use table::Table;
use trial::{Judged, judged, smallest};
use yard::Yard;

/// How many worlds are evaluated at once.
const AT_ONCE: usize = 50;

/// The world of a seed.
fn world(seed: usize) -> Shape {
    grow::shape(&mut Dice::new(u64::try_from(seed).unwrap()))
}

/// Prints a world and the findings, and keeps it on disk for trying.
fn show(title: &str, seed: usize, judged: &Judged) {
    println!("=== FLAKE_AUDIT_TEST_SEED={seed} FLAKE_AUDIT_TEST_WORLDS=1: {title}");
    let folder = title.replace(", and", "").replace(' ', "-");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("worlds/{seed}-{folder}"));
    Yard::keep(&folder, &judged.shape);
    println!("flake-audit check --store {0}/store {0}/root", folder.display());
    let told = &judged.told[0];
    for (output, truth) in judged.shape.outputs.iter().zip(&judged.truths) {
        let path = root::path(output).join(".");
        let is_wrong = match (truth.wrong, truth.arguable) {
            (true, _) => "wrong",
            (false, true) => "arguable",
            (false, false) => "right",
        };
        let holds = if truth.two { ", holds two" } else { "" };
        let loudness = if told.is_per_output() { told.of(output) } else { told.loudest() };
        println!("{path}: {is_wrong}{holds}, told {loudness:?}");
    }
    for line in told.lines().iter().chain(&judged.broken) {
        println!("{line}");
    }
    println!("{}", judged.shown);
}

#[test]
fn what_nix_says_of_worlds() {
    let first = number("FLAKE_AUDIT_TEST_SEED", 1);
    let count = number("FLAKE_AUDIT_TEST_WORLDS", 60);
    // How many of each kind of disagreement are shown, as small as possible.
    let shows = number("FLAKE_AUDIT_TEST_SHOWN", 1);
    // All versions evaluate the same: see below.
    let nix = program::all().pop().unwrap();
    let mut table = Table::default();
    let mut shown: Vec<String> = Vec::new();
    let seeds: Vec<usize> = (first..first + count).collect();
    for seeds in seeds.chunks(AT_ONCE) {
        let shapes: Vec<Shape> = seeds.iter().map(|seed| world(*seed)).collect();
        let all = judged(&nix, &shapes, &Way::ALL, true);
        let all = all.unwrap_or_else(|error| panic!("seeds {seeds:?}: {error}"));
        for (seed, one) in seeds.iter().zip(all) {
            table.add(&one);
            for case in one.disagreements() {
                let title = match case {
                    (true, loudness) => format!("wrong, and told {loudness:?}"),
                    (false, loudness) => format!("right, and told {loudness:?}"),
                };
                if shown.iter().filter(|it| **it == title).count() < shows {
                    let again =
                        judged(&nix, std::slice::from_ref(&one.shape), &[Way::Sources], false);
                    let again = again.unwrap().remove(0);
                    let keeps = |it: &Judged| it.disagreements().contains(&case);
                    show(&title, *seed, &smallest(&nix, again, false, keeps));
                    shown.push(title);
                }
            }
            let title = "monotony".to_owned();
            if !one.broken.is_empty() && shown.iter().filter(|it| **it == title).count() < shows {
                let keeps = |it: &Judged| !it.broken.is_empty();
                show(&title, *seed, &smallest(&nix, one, true, keeps));
                shown.push(title);
            }
        }
    }
    println!("{}, {count} worlds from seed {first}:\n{table}", nix.name);
    table.assert();
}

#[test]
fn nix_calls_the_flakes_of_worlds_as_the_judge_does() {
    let first = number("FLAKE_AUDIT_TEST_SEED", 1);
    let shapes: Vec<Shape> = (first..first + 8).map(world).collect();
    let yard = Yard::new(&shapes);
    for nix in &program::all() {
        let judged = judge::ask(nix, &yard, &shapes, Caller::Judge).unwrap();
        // Older ones ignore overrides of inputs of inputs of inputs, and would lock those again.
        if nix.reads_deep_overrides() {
            // Nix must leave the lock as it is, because it could not fetch anything for another.
            assert_eq!(judge::ask(nix, &yard, &shapes, Caller::Nix), Ok(judged), "{}", nix.name);
        }
    }
}
