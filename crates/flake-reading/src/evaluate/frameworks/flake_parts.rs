//! flake-parts: `mkFlake`. Its modules are in `modules/flake_parts.rs`.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::Value;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["hercules-ci/flake-parts"],
    source: "lib.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    match call.function {
        "mkFlake" => Some(evaluator.flake_parts(call.arg(0)?, call.place)),
        _ => None,
    }
}
