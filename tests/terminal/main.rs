//! The explorer in a real terminal: `cargo test --features terminal-tests --test terminal`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![allow(clippy::print_stdout, reason = "says how long a start takes")]

mod garbage;
mod keys;
mod leaving;
mod start;
mod tmux;

#[allow(dead_code, reason = "the other tests use more of it")]
#[path = "../support/locks.rs"]
mod locks;
