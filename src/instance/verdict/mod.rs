//! Verdicts: uses of the root's outputs compared with the builders that take them in.
//!
//! A use is a mismatch if its instance lacks settings that the builder's has, and it matters if a
//! package is seen that such a setting changes. What was not read is light beside inline settings,
//! and firm beside a wrapper, because dependencies are meant to follow that.

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
    Configuration, LackedSetting, Main, Mismatch, MismatchId, Seen, SettingsDifference, Verdicts,
};
pub(super) use on_the_cpu::on_the_cpu;
pub use on_the_cpu::{NamedPackage, OnTheCpu};
