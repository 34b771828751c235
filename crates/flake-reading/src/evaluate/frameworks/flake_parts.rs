//! flake-parts: `mkFlake`. Its modules stand in `modules/flake_parts.rs`.

use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::value::Value;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["hercules-ci/flake-parts"],
    source: "lib.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    match call.function {
        "mkFlake" => Some(machine.flake_parts(call.arg(0)?, call.place)),
        _ => None,
    }
}
