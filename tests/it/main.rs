//! All integration tests, as one binary: a module an area.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![allow(clippy::print_stdout, reason = "tests over the corpus say how much they saw")]

mod architecture;
mod cli;
mod config;
mod crlf;
mod docs;
mod draw;
mod edit;
mod explore;
mod fix;
mod fixtures;
mod hostile;
mod html;
mod invariance;
mod noise;
mod parse;
mod picture;
mod plan;
mod repair;
mod resolution;
#[cfg(unix)]
mod scratch;
mod source_hostile;
mod source_mutation;
mod support;
