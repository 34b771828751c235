//! crane: functions that build Rust projects. `mkLib pkgs` returns them, and they build with those
//! packages alone; crane itself has none.

use super::{Framework, one};
use crate::evaluate::value::{Path, Value, named};
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["ipetkov/crane"],
    source: "flake.nix, default.nix and lib/default.nix, 2026-11",
    marks: &["lib/mkCargoDerivation.nix", "lib/vendorCargoDeps.nix"],
    arity: one,
    call: |evaluator, call| {
        if call.function != "mkLib" {
            return None;
        }
        let packages = evaluator.force_known(call.arg(0)?);
        let packages = evaluator.instance_of(&packages)?;
        // Functions of a package set, one of which stands for all of crane.
        let path = named(&Path::from([]), &Name::from("craneLib"));
        Some(Value::Package(packages, path, call.place))
    },
};
