//! devenv: shells made of modules. As a module of flake-parts it has an option for them.
//!
//! Its own modules take packages from the `pkgs` that they are given.

use super::folders::set_of;
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::flakes::path_of;
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::value::{Function, Path, Value, attr, last};
use crate::evaluate::world::FlakeInput;
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["cachix/devenv"],
    source: "flake.nix (`lib.mkEval`), flake-module.nix, 2026-12",
    marks: &["src/modules/top-level.nix", "flake-module.nix"],
    arity: one,
    call,
};

/// The name of its module for each system.
const OF_SYSTEM: &str = "module of a system";
/// The function that makes the shells of a system from its options when they are needed.
const SHELLS: &str = "shells of a system";

/// Its module for flake-parts, and the one that this adds to each system: the options
/// `devenv.shells.NAME` and `devenv.modules`, and `devShells` of them.
pub(super) fn module(
    evaluator: &mut Evaluator<'_>,
    class: ClassId,
    slot: FlakeInput,
    path: &Path,
    place: Option<Place>,
) -> Value {
    if last(path) != Some(OF_SYSTEM) {
        let inner = Value::Unread(slot, path_of(&[OF_SYSTEM]), place);
        return set_of(evaluator, vec![("perSystem".into(), inner)]);
    }
    let config = evaluator.done(Value::Config(class, [].into()));
    let make = Value::native(Function::Framework(slot, path_of(&[SHELLS])), Vec::new());
    let shells = evaluator.call_thunk_at(&make, vec![config], place);
    let config = evaluator.done(Value::set(vec![attr("devShells", shells)], None, false));
    let declared = set_of(evaluator, vec![("devenv".into(), Value::no_attrs())]);
    let declared = evaluator.done(declared);
    Value::set(vec![attr("config", config), attr("options", declared)], None, false)
}

/// The shells of a system, each of which is made of all modules that are set for it.
fn shells(evaluator: &mut Evaluator<'_>, class: ClassId, place: Option<Place>) -> Value {
    let path = ["devenv", "shells"].map(Name::from);
    let shared = evaluator.definitions(class, &["devenv", "modules"].map(Name::from));
    let mut made: Vec<(Name, Value)> = Vec::new();
    for (name, _) in evaluator.names_at(class, &path) {
        if made.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let shell = evaluator.new_class(ModuleKind::Other, place);
        evaluator.place_within(shell, class);
        if let Some(packages) = evaluator.packages_of(class) {
            evaluator.give_packages(shell, packages);
        }
        evaluator.bind_argument(shell, "name", Value::Text(name.clone()));
        for defined in &shared {
            evaluator.collect(shell, &defined.value);
        }
        let path = [&path[..], std::slice::from_ref(&name)].concat();
        for defined in evaluator.all_definitions(class, &path) {
            evaluator.collect(shell, &defined.value);
        }
        made.push((name, Value::System(shell)));
    }
    set_of(evaluator, made)
}

/// `lib.mkShell { inputs, pkgs, modules }`: each input is also an argument of the modules.
fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function == SHELLS {
        let Value::Config(class, _) = evaluator.force(call.arg(0)?) else { return None };
        return Some(shells(evaluator, class, call.place));
    }
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
