//! Packages that a module overrides by another of its options: what that switches on is on,
//! whatever the settings of the nixpkgs that the package is taken from.

use super::package::{Switch, switch};
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::Value;
use crate::syntax::Name;

/// Services whose module says `package.override { inherit acceleration; }`.
///
/// Source: nixpkgs `nixos/modules/services/misc/{ollama,tabby}.nix` and home-manager
/// `modules/services/ollama.nix`, as of 2025-12.
const ACCELERATED: [&str; 2] = ["ollama", "tabby"];

/// The option, which is also the argument of the override.
pub(super) const ACCELERATION: &str = "acceleration";

impl Evaluator<'_> {
    /// Records where a system names packages that its modules override.
    pub(super) fn note_accelerated(&mut self, walk: &mut OutputWalk, class: ClassId) {
        let Some(Switch::Gpu(gpu)) = switch(ACCELERATION) else { return };
        for service in ACCELERATED {
            let path = |option: &str| ["services", service, option].map(Name::from);
            let set = self.definitions(class, &path(ACCELERATION));
            let on = set.iter().find_map(|defined| match defined.value.unconditional().0 {
                Value::Text(_) => Some(true),
                Value::Bool(false) => Some(false),
                _ => None,
            });
            let Some(on) = on else { continue };
            for defined in self.definitions(class, &path("package")) {
                let value = self.resolve(defined.value);
                let (instance, path, place) = match value.unconditional().0 {
                    Value::Package(instance, path, place) => (*instance, path, *place),
                    Value::Derivation(made) if made.is_override => {
                        (made.maker, &made.path, made.place)
                    }
                    _ => continue,
                };
                if let Some(place) = place {
                    walk.switched.insert((instance, path.clone(), place), (on, gpu));
                }
            }
        }
    }
}
