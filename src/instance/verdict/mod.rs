//! What is built together and does not agree: uses of the root's outputs held against the
//! builders that take them in.
//!
//! A use is a mismatch where its instance lacks settings that the builder's has, and matters where
//! a package is seen that such a setting changes. What was not read is light beside settings in
//! place, and counts beside a wrapper, since that is what dependencies are to follow.

mod builders;
mod comparison;
mod judge;
mod main_instance;
mod mismatch;
mod on_the_cpu;
mod opaque;
mod profile;
mod target;

pub(super) use judge::judge_outputs;
pub use mismatch::{
    Configuration, Main, Mismatch, MismatchId, Seen, Setting, SettingsDifference, Verdicts,
};
pub(super) use on_the_cpu::on_the_cpu;
pub use on_the_cpu::{Named, OnTheCpu};
