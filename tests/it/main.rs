//! All integration tests, as one binary: a module for each area.
#![allow(clippy::type_complexity, reason = "tables of cases hold functions")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![allow(clippy::print_stdout, reason = "random tests say what they met")]

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
mod limits;
mod merged;
mod parse;
mod picture;
mod plan;
#[cfg(unix)]
mod planted;
mod repair;
mod resolution;
#[cfg(unix)]
mod scratch;
mod source_hostile;
mod source_mutation;
mod store_folders;
mod support;
