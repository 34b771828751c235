//! nix-systems: lists of systems.

use super::{DEFAULT_SYSTEMS, Framework, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::Value;
use crate::evaluate::world::FlakeInput;

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &[
        "nix-systems/default",
        "nix-systems/default-linux",
        "nix-systems/default-darwin",
        "nix-systems/x86_64-linux",
        "nix-systems/aarch64-linux",
        "nix-systems/x86_64-darwin",
        "nix-systems/aarch64-darwin",
    ],
    source: "default.nix of each, 2026-11",
    marks: &[],
    arity: one,
    call: |_, _| None,
};

/// The result of `import` of such a flake.
pub(super) fn list(evaluator: &mut Evaluator<'_>, slot: FlakeInput) -> Value {
    let repository = evaluator.repository(slot).unwrap_or_default().to_owned();
    let which = repository.rsplit('/').next().unwrap_or_default();
    let fits = |system: &str| match which {
        "default" => true,
        "default-linux" => system.ends_with("-linux"),
        "default-darwin" => system.ends_with("-darwin"),
        which => system == which,
    };
    let systems = DEFAULT_SYSTEMS.into_iter().filter(|system| fits(system));
    let items = systems.map(|system| evaluator.done(Value::text(system))).collect();
    Value::list(items, false)
}
