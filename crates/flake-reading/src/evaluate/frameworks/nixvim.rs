//! nixvim: an editor made of modules, standalone. Within a home or a host it is an option, whose
//! modules are in the user's code and build with the host's packages.
//!
//! Its own code has some 600 modules, one for each plugin, which take packages only from the `pkgs`
//! that they are given.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Base, Value, attr};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/nixvim", "pta2002/nixvim"],
    source: "lib/modules.nix, wrappers/standalone.nix and modules/top-level/nixpkgs.nix, 2026-11",
    marks: &["wrappers/standalone.nix", "wrappers/modules/hm.nix"],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let args = match call.function {
        "evalNixvim" | "makeNixvimWithModule" => call.arg(0)?,
        "makeNixvim" => {
            let modules = Value::set([attr("module", call.arg(0)?)].into(), None, true);
            evaluator.done(modules)
        }
        _ => return None,
    };
    let target = evaluator.world.target(call.slot)?;
    let base = evaluator.world.input_named(target, "nixpkgs").map_or(Base::Other, Base::Input);
    Some(evaluator.nixos_of(base, args, call.place))
}
