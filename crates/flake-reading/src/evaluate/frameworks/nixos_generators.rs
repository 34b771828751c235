//! nixos-generators: images of systems.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Base, Value};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/nixos-generators"],
    source: "flake.nix, `nixosGenerate`, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != "nixosGenerate" {
        return None;
    }
    let target = evaluator.world.target(call.slot)?;
    let base = evaluator.world.input_named(target, "nixpkgs").map_or(Base::Other, Base::Input);
    Some(evaluator.nixos_of(base, call.arg(0)?, call.place))
}
