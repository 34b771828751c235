//! The language server, with an editor's messages: the built program, its standard input and
//! output, and the files of a flake on disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![allow(clippy::print_stdout, reason = "tests say what they measured")]

mod actions;
mod asked;
mod checked;
mod diagnostics;
mod edited;
mod editor;
mod flake;
mod hostile;
mod latency;
mod lifecycle;
mod random;
mod renamed;
mod symbols;
mod sync;
