//! system-manager: systems on other distributions, made from the nixpkgs that it follows.

use super::folders::{at, list_of, set_of, settings_module};
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Base, Value};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["numtide/system-manager"],
    source: "nix/lib.nix, `makeSystemConfig`, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != "makeSystemConfig" {
        return None;
    }
    let target = evaluator.world.target(call.slot)?;
    let base = evaluator.world.input_named(target, "nixpkgs").map_or(Base::Other, Base::Input);
    let mut args = evaluator.force_known(call.arg(0)?);
    if let Some(overlays) = at(evaluator, &args, &["overlays"]) {
        let modules = at(evaluator, &args, &["modules"]).into_iter();
        let modules = modules.chain([settings_module(evaluator, None, Some(overlays))]).collect();
        let modules = list_of(evaluator, modules);
        let modules = set_of(evaluator, vec![("modules".into(), modules)]);
        args = evaluator.update(args, modules);
    }
    let args = evaluator.done(args);
    Some(evaluator.nixos_of(base, args, call.place))
}
