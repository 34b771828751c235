//! nix-on-droid: systems on phones, made of the packages that they are given.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Base, Value};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/nix-on-droid", "t184256/nix-on-droid"],
    source: "flake.nix and modules/default.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != "nixOnDroidConfiguration" {
        return None;
    }
    let args = call.arg(0)?;
    let given = evaluator.force_known(args);
    // Old versions make the packages themselves, and have one module, `config`.
    let is_known = evaluator.has(&given, "config") == Some(false);
    is_known.then(|| evaluator.nixos_of(Base::Other, args, call.place))
}
