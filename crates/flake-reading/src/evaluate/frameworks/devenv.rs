//! devenv: shells made of modules. As a module of flake-parts it has options for them, which are
//! examined like any others.
//!
//! Its own modules take packages from the `pkgs` that they are given.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
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

/// `lib.mkShell { inputs, pkgs, modules }`: each input is also an argument of the modules.
fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if !matches!(call.function, "mkShell" | "mkEval" | "mkConfig") {
        return None;
    }
    let args = evaluator.force_known(call.arg(0)?);
    let mut get = |name: &str| {
        let value = evaluator.member(&args, &Name::from(name), None);
        evaluator.resolve(value)
    };
    let (pkgs, inputs, modules) = (get("pkgs"), get("inputs"), get("modules"));
    let class = evaluator.new_class(ModuleKind::Other, call.place);
    if let Some(packages) = evaluator.instance_of(&pkgs) {
        evaluator.give_packages(class, packages);
    }
    evaluator.special_arguments(class, &inputs);
    evaluator.bind_argument(class, "inputs", inputs);
    evaluator.collect(class, &modules);
    Some(Value::System(class))
}
