//! Real Nix as the judge:
//! `FLAKE_AUDIT_NIX="nix nix-2.30" cargo test --features nix-tests --test nix`.
//!
//! Not part of `cargo test`, because it needs Nix. The variable names the programs to run, by name
//! on `PATH` or by path; the default is `nix`. Every scenario runs through all of them, and fails
//! if one does not run. If a version cannot lock a scenario, the test checks that it does not.
//!
//! Everything is created in a temporary folder, of `path:` flakes only: nothing is fetched. A
//! wrapper around Nix has to make that folder (`TMPDIR`) visible at the same path.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![allow(clippy::print_stdout, reason = "random tests say what they met")]

mod compared;
mod evaluated;
mod identity;
mod idle;
mod introduced;
mod merged;
mod moved_setting;
mod needs;
mod program;
mod project;
mod proof;
mod refused;
mod refused_lock;
mod seed;
mod textbook;
mod twice;
mod world;
mod worlds;

#[allow(dead_code, reason = "the other tests use more of it")]
#[path = "../it/support/speller.rs"]
mod speller;
