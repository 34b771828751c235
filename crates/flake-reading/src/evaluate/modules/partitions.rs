//! flake-parts' partitions: outputs that the modules of a flake make together with further modules,
//! which have the inputs of another flake.
//!
//! Where the lock of that other flake is at hand, its inputs are those of a flake of the world
//! ([`World::partition`]); else only their names are known.
//!
//! [`World::partition`]: crate::evaluate::world::World::partition
//!
//! Source: flake-parts `extras/partitions.nix`.

use super::{ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{MadeBy, Place};
use crate::evaluate::heap::State;
use crate::evaluate::packages::Making;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, Function, How, SetAttr, Thunk, Value, attr};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

const PARTITIONS: &str = "partitions";

impl Evaluator<'_> {
    /// The outputs of a flake, some of them replaced by those of partitions.
    pub(super) fn with_partitions(&mut self, class: ClassId, outputs: Value) -> Value {
        let names = self.names_in(class, &[Name::from(PARTITIONS)]);
        for name in &names {
            self.extra_inputs(class, name);
        }
        let mut taken = Vec::new();
        for output in self.names_in(class, &[Name::from("partitionedAttrs")]) {
            let path = [Name::from("partitionedAttrs"), output.clone()].into();
            let Value::Text(partition) = self.resolve(Value::Config(class, path)) else { continue };
            if self.flake_of_partition(class, &partition).is_some() {
                self.recorder.reading.partitions.insert(output.to_string());
            }
            let name = self.done(Value::Text(partition));
            let make = Value::native(Function::Partition(class), Vec::new());
            let whole = self.call_thunk(&make, vec![name]);
            let thunk = self.thunk(State::Member(whole, output.clone()));
            taken.push(attr(output, thunk));
        }
        if taken.is_empty() {
            outputs
        } else {
            self.update(outputs, Value::set(taken, None, false))
        }
    }

    fn names_in(&mut self, class: ClassId, path: &[Name]) -> Vec<Name> {
        let mut names = Vec::new();
        for defined in self.definitions(class, path) {
            let mut sets = Vec::new();
            sets_of(&defined.value, &mut sets);
            names.extend(sets.iter().flat_map(|set| &set.attrs).map(|attr| attr.name.clone()));
        }
        names.sort();
        names.dedup();
        names
    }

    /// The flake that a partition has in place of its own, with the inputs of both.
    fn flake_of_partition(&mut self, class: ClassId, partition: &Name) -> Option<FlakeId> {
        let path = [PARTITIONS.into(), partition.clone(), "extraInputsFlake".into()];
        let of = self.class(class)?.flake;
        let named = self.definitions(class, &path);
        named.iter().find_map(|defined| match defined.value.unconditional().0 {
            Value::Path(flake, folder) if *flake == of => self.world.partition(folder),
            _ => None,
        })
    }

    /// The inputs of the flake that a partition names, as in the option of the same name.
    fn extra_inputs(&mut self, class: ClassId, partition: &Name) {
        if self.flake_of_partition(class, partition).is_some() {
            return;
        }
        let path = [PARTITIONS.into(), partition.clone(), "extraInputsFlake".into()];
        for defined in self.definitions(class, &path) {
            let inputs = match &defined.value {
                Value::Path(flake, folder) => {
                    if flake.is_root() {
                        self.recorder.reading.other_locks.insert(folder.clone());
                    }
                    let file = self.path_from(*flake, folder, "flake.nix");
                    let read = file.map(|file| self.imported(*flake, &file));
                    let read = read.map(|read| self.member(&read, &Name::from("inputs"), None));
                    read.map(|inputs| self.resolve(inputs))
                }
                _ => None,
            };
            let mut sets = Vec::new();
            sets_of(&inputs.unwrap_or_else(Value::outside), &mut sets);
            let mut attrs = Vec::new();
            for name in sets.iter().flat_map(|set| &set.attrs).map(|attr| attr.name.clone()) {
                let input = match &*name {
                    "nixpkgs" => self.nixpkgs_of_others(defined.place),
                    _ => self.input_of_others(defined.place),
                };
                attrs.push(attr(name, input));
            }
            let rest = sets.is_empty().then(|| self.input_of_others(defined.place));
            let is_open = rest.is_some();
            let mut value = Value::set(attrs, rest, is_open);
            for name in ["extraInputs", partition, PARTITIONS] {
                let thunk = self.done(value);
                value = Value::set(vec![attr(name, thunk)], None, false);
            }
            self.collect(class, &value);
        }
    }

    /// An input of a flake that is not read.
    fn input_of_others(&mut self, place: Option<Place>) -> Thunk {
        let unknown = self.done(Value::outside());
        self.done(Value::woven(How::Handed, vec![unknown], place))
    }

    /// A nixpkgs that is no input of a flake that is read.
    fn nixpkgs_of_others(&mut self, place: Option<Place>) -> Thunk {
        let packages = self.instance(Base::Other, MadeBy::Legacy, place, Making::default());
        let packages = self.done(Value::Package(packages, [].into(), place));
        let source = Value::Source(Base::Other, "".into(), place);
        let attrs: Vec<SetAttr> = vec![
            attr("lib", self.done(Value::Library(None, [].into()))),
            attr("legacyPackages", self.done(Value::set(Vec::new(), Some(packages), true))),
            attr("outPath", self.done(source)),
        ];
        let rest = self.input_of_others(place);
        self.done(Value::set(attrs, Some(rest), true))
    }

    /// The outputs of a partition: from the modules of the flake and its own.
    pub(in crate::evaluate) fn outputs_of_partition(
        &mut self,
        class: ClassId,
        name: Thunk,
    ) -> Value {
        let Value::Text(name) = self.force_known(name) else { return Value::outside() };
        let inner = match self.class(class) {
            Some(of) => match of.partitions.iter().find(|(of, _)| *of == name) {
                Some((_, inner)) => *inner,
                None => self.partition_class(class, &name),
            },
            None => return Value::outside(),
        };
        self.parts_outputs(inner)
    }

    fn partition_class(&mut self, class: ClassId, name: &Name) -> ClassId {
        let path = |last: &str| [PARTITIONS.into(), name.clone(), Name::from(last)];
        let own = self.argument(class, &Name::from("inputs"));
        let extra = self.resolve(Value::Config(class, path("extraInputs").into()));
        let inputs = if extra.is_unknown() { own } else { self.update(own, extra) };
        let inputs = self.done(inputs);
        let joined = self.flake_of_partition(class, name);
        let modules = self.definitions(class, &path("module"));
        let place = self.class(class).and_then(|class| class.place);
        let inner = self.new_class(ModuleKind::Parts, place);
        let Some(outer) = self.class(class) else { return inner };
        let (flake, roots) = (outer.flake, outer.roots.clone());
        let (special, unread) = (outer.special.clone(), outer.unread.len());
        let itself = self.done(Value::Itself(flake));
        let known = joined.map(|joined| self.done(Value::Inputs(joined)));
        if let Some(of) = self.class_mut(inner) {
            of.flake = joined.unwrap_or(flake);
            of.special = special;
            of.special.insert("inputs".into(), known.unwrap_or(inputs));
            of.special.insert("self".into(), itself);
        }
        if let Some(of) = self.class_mut(class) {
            of.partitions.push((name.clone(), inner));
        }
        for module in roots {
            self.collect(inner, &module);
        }
        for defined in modules {
            self.collect(inner, &defined.value);
        }
        // Unread modules of the flake itself are known already.
        let more: Vec<Value> = self
            .class(inner)
            .into_iter()
            .flat_map(|of| of.unread.iter().skip(unread))
            .cloned()
            .collect();
        if let Some(of) = self.class_mut(class) {
            of.unread.extend(more);
        }
        inner
    }

    /// Options that unread modules make something of, including those in partitions.
    pub(in crate::evaluate) fn handed_options(
        &mut self,
        class: ClassId,
    ) -> Vec<(Vec<Name>, ClassId, Value)> {
        let length = |value: &Value| match value {
            Value::List(list) => list.items.len(),
            _ => 0,
        };
        let mut found = self.handed_options_of(class);
        let partitions = self.class(class).map(|class| class.partitions.clone());
        for (_, inner) in partitions.unwrap_or_default() {
            for option in self.handed_options_of(inner) {
                // Partitions also have what the flake itself sets.
                let is_known = found.iter().any(|(path, _, value)| {
                    *path == option.0 && length(value) >= length(&option.2)
                });
                if !is_known {
                    found.push(option);
                }
            }
        }
        found
    }
}
