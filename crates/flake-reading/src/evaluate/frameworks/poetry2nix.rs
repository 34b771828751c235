//! poetry2nix: Python projects by the versions in their `poetry.lock`. Its functions build with the
//! packages that they are given. Its overrides name hundreds of packages, nearly all of which no project
//! has: what is taken is in locks that are not read, and is built by functions of a set of nixpkgs.

use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Function, Path, Value, named};
use crate::evaluate::world::FlakeInput;
use crate::syntax::Name;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/poetry2nix"],
    source: "flake.nix and default.nix, 2025-04",
    marks: &["mk-poetry-dep.nix", "editable.nix", "plugins.nix"],
    arity: one,
    call: |evaluator, call| match call.function {
        "" | "mkPoetry2Nix" => functions(evaluator, call),
        _ => None,
    },
};

/// `mkPoetry2Nix { pkgs; }`, and `import poetry2nix { pkgs; }`.
fn functions(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    let given = evaluator.force_known(call.arg(0)?);
    let packages = evaluator.member(&given, &Name::from("pkgs"), None);
    let packages = evaluator.resolve(packages);
    let instance = evaluator.instance_of(&packages)?;
    let path = named(&Path::from([]), &Name::from("poetry2nix"));
    Some(Value::Package(instance, path, call.place))
}

/// The result of `import` of it.
pub(super) fn imported(slot: FlakeInput) -> Value {
    Value::native(Function::Framework(slot, [].into()), Vec::new())
}
