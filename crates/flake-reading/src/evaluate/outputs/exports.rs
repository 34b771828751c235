//! What a flake exports.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{Exports, Importable, WholeNixpkgs};
use crate::evaluate::sight::At;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Segment, Set, Value};
use crate::evaluate::world::FlakeId;

impl Evaluator<'_> {
    pub(super) fn exports_of(&mut self, flake: FlakeId) -> Exports {
        let outputs = self.outputs_of(flake);
        let outputs = self.resolve(outputs);
        let mut sets = Vec::new();
        sets_of(&outputs, &mut sets);
        let mut exports = Exports {
            known: is_of_sets(&outputs) && sets.iter().all(|set| !set.open && set.rest.is_none()),
            ..Exports::default()
        };
        exports.import = self.importable(flake);
        for attr in sets.iter().flat_map(|set| &set.attrs) {
            exports.names.insert(attr.name.to_string());
            match &*attr.name {
                "legacyPackages" => {
                    let value = self.force_known(attr.thunk);
                    exports.whole = self.whole(&value);
                }
                "__toString" => exports.import = Importable::ToString,
                "packages" | "devShells" | "checks" | "apps" | "devShell" | "defaultPackage" => {
                    let value = self.force_known(attr.thunk);
                    let mut sets = Vec::new();
                    sets_of(&value, &mut sets);
                    for system in sets.iter().flat_map(|set| &set.attrs) {
                        exports.systems.insert(system.name.to_string());
                    }
                }
                _ => {}
            }
        }
        exports
    }

    /// The result of `import` of the flake, as far as its `default.nix` shows.
    fn importable(&mut self, flake: FlakeId) -> Importable {
        let Some(files) = self.files(flake) else { return Importable::Fails };
        let text = files.flake().child("default.nix").and_then(|file| {
            let text = files.text(&file).ok();
            self.sight.saw(flake, At::Text, &file, &text);
            text
        });
        self.budget.meter.text(text.as_ref().map_or(0, |text| text.len()));
        match text {
            Some(text) => Importable::DefaultNix { own_lock: text.contains("flake.lock") },
            None => Importable::Fails,
        }
    }

    /// The whole nixpkgs that `legacyPackages` is, if it is one.
    fn whole(&mut self, value: &Value) -> Option<WholeNixpkgs> {
        let mut systems = BTreeSet::new();
        let mut found = None;
        if let Value::Unread(slot, path, _) = value.unconditional().0
            && path.len() == 1
            && path.first().and_then(Segment::name) == Some("legacyPackages")
            && self.is_packages(*slot)
        {
            let instance = self.legacy_instance(*slot, None);
            return Some(WholeNixpkgs { instance, systems: None });
        }
        let mut sets = Vec::new();
        sets_of(value, &mut sets);
        // `mapAttrs (system: pkgs: …) nixpkgs.legacyPackages`
        if let mapped @ Value::Mapped(_) = value {
            let any = self.any_member(mapped, None);
            let any = self.done(any);
            sets.push(Rc::new(Set { attrs: Vec::new(), rest: Some(any), open: true }));
        }
        let mut open = false;
        for set in sets {
            open |= set.open || set.rest.is_some();
            for attr in &set.attrs {
                let value = self.force_known(attr.thunk);
                // All of them must be one.
                let instance = self.instance_of(&value)?;
                systems.insert(attr.name.to_string());
                found.get_or_insert(instance);
            }
            if let Some(rest) = set.rest.filter(|rest| !self.heap.is_unknown(*rest)) {
                let value = self.force_known(rest);
                let instance = self.instance_of(&value)?;
                found.get_or_insert(instance);
            }
        }
        let instance = found?;
        if let Some(made) = self.recorder.reading.instances.get_mut(instance.index()) {
            made.used = true;
        }
        self.settle(instance);
        Some(WholeNixpkgs { instance, systems: (!open).then_some(systems) })
    }
}

/// Whether a value consists only of sets: `{ … } // f x` may have further names.
fn is_of_sets(value: &Value) -> bool {
    match value {
        Value::Set(_) => true,
        Value::Conditional(inner) => is_of_sets(inner),
        Value::Either(all) | Value::Further(all) => all.iter().all(is_of_sets),
        Value::Update(both) => is_of_sets(&both.0) && is_of_sets(&both.1),
        _ => false,
    }
}
