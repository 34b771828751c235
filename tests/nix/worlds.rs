//! Random worlds, evaluated by Nix: the judge of what is said without it.
//!
//! A world is a root with hosts, homes, shells and packages over a stub nixpkgs, and what it depends
//! on. Nix evaluates each output to a tree of what it is made of, with the settings of each package
//! that settings change, and of the nixpkgs of each builder of the root. An output is wrong if these
//! disagree. What `check` says is held against that, with all sources on disk, the root's only, and
//! the lock only; where reports do not say which outputs they are about, world by world.
//!
//!     FLAKE_AUDIT_TEST_SEED=1 FLAKE_AUDIT_TEST_WORLDS=1000 \
//!         cargo test --features nix-tests --test nix worlds -- --nocapture

mod flakes;
mod grow;
mod judge;
mod shape;
mod spell;
mod table;
mod told;
mod written;
mod yard;

use std::path::PathBuf;

use crate::identity::{Dice, number};
use crate::program;
use judge::Truth;
use shape::Shape;
use table::Table;
use told::{Told, Way};
use yard::Yard;

/// So many worlds are asked for at once.
const AT_ONCE: usize = 50;

/// A world, what Nix says of each output, and what we say of it in each way of knowing.
struct Judged {
    shape: Shape,
    truths: Vec<Truth>,
    told: Vec<Told>,
}

#[test]
fn what_nix_says_of_worlds() {
    let first = number("FLAKE_AUDIT_TEST_SEED", 1);
    let count = number("FLAKE_AUDIT_TEST_WORLDS", 60);
    let nix = program::all().pop().unwrap();
    let mut table = Table::new();
    let seeds: Vec<usize> = (first..first + count).collect();
    for seeds in seeds.chunks(AT_ONCE) {
        let shapes: Vec<Shape> = seeds
            .iter()
            .map(|seed| grow::shape(&mut Dice::new(u64::try_from(*seed).unwrap())))
            .collect();
        let yard = Yard::new(&shapes);
        let asked: Vec<(usize, &Shape)> = shapes.iter().enumerate().collect();
        let nodes = judge::ask(&nix, &yard, &asked).unwrap_or_else(|error| panic!("{error}"));
        let folders: Vec<PathBuf> = (0..shapes.len()).map(|at| yard.root(at)).collect();
        let told = Way::ALL.map(|way| told::ask(&yard, &folders, way));
        for (at, shape) in shapes.iter().enumerate() {
            let truths = judge::truths(shape, &nodes[at]);
            let told = told.iter().map(|told| told[at].clone()).collect();
            table.add(&Judged { shape: shape.clone(), truths, told });
        }
    }
    println!("{}, {count} worlds from seed {first}:\n{table}", nix.name);
}
