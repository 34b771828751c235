//! nix-darwin: systems for Macs, made from the nixpkgs that nix-darwin follows.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Base, Value};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-darwin/nix-darwin", "lnl7/nix-darwin"],
    source: "flake.nix and eval-config.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != "darwinSystem" {
        return None;
    }
    let target = evaluator.world.target(call.slot)?;
    let own = evaluator.world.input_named(target, "nixpkgs");
    let base = own.map_or(Base::Other, Base::Input);
    let system = evaluator.darwin_of(base, call.arg(0)?, call.place);
    if let Value::System(class) = system {
        let packages = evaluator.packages_of(class);
        let made = packages.and_then(|id| evaluator.recorder.reading.instances.get_mut(id.index()));
        if let Some(made) = made
            && made.system.is_none()
        {
            made.system = Some("aarch64-darwin".into());
        }
        evaluator.bind_argument(class, "system", Value::text(Name::from("aarch64-darwin")));
    }
    Some(system)
}
