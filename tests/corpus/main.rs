//! Real locks: `FLAKE_AUDIT_CORPUS=DIR cargo test --features corpus-tests --test corpus`.
//!
//! Not part of `cargo test`, because the locks are not part of the project: `DIR` is any folder
//! with files called `flake.lock` below it. Their contents are not known here, so only what holds
//! for every lock is tested.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![allow(clippy::print_stdout, reason = "says how much was seen")]

mod checkouts;
mod draw;
mod explore;
mod graph;
mod noise;
mod real;
mod repair;
mod support;
