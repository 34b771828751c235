//! devenv: shells made of modules. As a module of flake-parts it has options for them, which are looked
//! at as any others.
//!
//! Its own modules take packages from the `pkgs` that they are given.

use super::{Call, Framework, one};
use crate::evaluate::machine::Machine;
use crate::evaluate::modules::ModuleKind;
use crate::evaluate::value::Value;
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["cachix/devenv"],
    source: "flake.nix (`lib.mkEval`), 2026-11",
    marks: &["src/modules/top-level.nix", "flake-module.nix"],
    arity: one,
    call,
};

/// `lib.mkShell { inputs, pkgs, modules }`: each input is an argument of the modules, too.
fn call(machine: &mut Machine<'_>, call: &Call<'_>) -> Option<Value> {
    if !matches!(call.function, "mkShell" | "mkEval" | "mkConfig") {
        return None;
    }
    let args = machine.force_known(call.arg(0)?);
    let mut get = |name: &str| {
        let value = machine.member(&args, &Name::from(name), None);
        machine.resolve(value)
    };
    let (pkgs, inputs, modules) = (get("pkgs"), get("inputs"), get("modules"));
    let class = machine.new_class(ModuleKind::Other, call.place);
    if let Some(packages) = machine.instance_of(&pkgs) {
        machine.give_packages(class, packages);
    }
    machine.special_arguments(class, &inputs);
    machine.bind_argument(class, "inputs", inputs);
    machine.collect(class, &modules);
    Some(Value::System(class))
}
