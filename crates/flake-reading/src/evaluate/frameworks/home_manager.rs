//! home-manager: homes by themselves. Those of hosts stand in `modules/home.rs`.

use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::value::Value;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/home-manager", "rycee/home-manager"],
    source: "lib/default.nix, 2026-11",
    marks: &["nixos/common.nix", "modules/lib/stdlib-extended.nix"],
    arity: one,
    call,
};

fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    match call.function {
        "homeManagerConfiguration" => Some(machine.home_configuration(call.arg(0)?, call.place)),
        _ => None,
    }
}
