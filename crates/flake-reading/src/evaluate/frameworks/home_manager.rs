//! home-manager: standalone homes. Homes in hosts are in `modules/home.rs`.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::Value;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/home-manager", "rycee/home-manager"],
    source: "lib/default.nix, 2026-11",
    marks: &["nixos/common.nix", "modules/lib/stdlib-extended.nix"],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    match call.function {
        "homeManagerConfiguration" => Some(evaluator.home_configuration(call.arg(0)?, call.place)),
        _ => None,
    }
}
