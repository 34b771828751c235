//! Functions that modules are made with: definitions, options, and evaluations of modules by
//! others.

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::modules::ModuleKind;
use crate::evaluate::value::{Base, Declared, Definition, How, Thunk, Value, attr};
use crate::evaluate::world::FlakeInput;
use crate::syntax::Name;

/// Priorities of definitions: nixpkgs `lib/modules.nix`.
const FORCE: i64 = 50;
const DEFAULT: i64 = 1_000;
const OPTION_DEFAULT: i64 = 1_500;
const IMAGE: i64 = 60;
const VM: i64 = 10;

impl Evaluator<'_> {
    pub(super) fn definition_function(&mut self, name: &str, args: &mut Args) -> Value {
        let define = |definition| Value::Definition(std::rc::Rc::new(definition));
        match name {
            "mkIf" => {
                let (condition, content) = (args.thunk(self), args.thunk(self));
                define(Definition::If(condition, content))
            }
            // The definitions of another option, if it has some.
            "mkAliasDefinitions" | "mkAliasIfDef" | "mkAliasAndWrapDefinitions" => {
                let first = args.thunk(self);
                let (option, wraps) = match name {
                    "mkAliasAndWrapDefinitions" => (args.thunk(self), Some(first)),
                    _ => (first, None),
                };
                let is_defined = self.member_thunk(option, "isDefined");
                let content = match name {
                    "mkAliasIfDef" => args.thunk(self),
                    _ => self.member_thunk(option, "value"),
                };
                let content = match wraps {
                    Some(wraps) => {
                        let wraps = self.force_known(wraps);
                        self.call_thunk_at(&wraps, vec![content], None)
                    }
                    None => content,
                };
                define(Definition::If(is_defined, content))
            }
            "mkAssert" => {
                args.thunk(self);
                args.second(self)
            }
            "mkMerge" => define(Definition::Merge(args.thunk(self))),
            "mkForce" => define(Definition::Override(FORCE, args.thunk(self))),
            "mkDefault" => define(Definition::Override(DEFAULT, args.thunk(self))),
            "mkOptionDefault" => define(Definition::Override(OPTION_DEFAULT, args.thunk(self))),
            "mkImageMediaOverride" => define(Definition::Override(IMAGE, args.thunk(self))),
            "mkVMOverride" => define(Definition::Override(VM, args.thunk(self))),
            "mkOverride" => {
                let priority = match args.next(self) {
                    Value::Number(Some(priority)) => priority,
                    _ => crate::evaluate::settings::USUAL,
                };
                define(Definition::Override(priority, args.thunk(self)))
            }
            "mkEnableOption" => self.enable_option(),
            "mkPackageOption" => {
                let (packages, name) = (args.thunk(self), args.thunk(self));
                self.package_option(packages, name)
            }
            "coercedTo" => {
                args.thunk(self);
                let (function, kind) = (args.thunk(self), args.thunk(self));
                Value::Declared(Declared::Coerced(function, kind))
            }
            name => {
                let arg = args.thunk(self);
                self.option_function(name, arg)
            }
        }
    }

    /// `evalModules` and test runners: the kind of system is not known, so it is evaluated as one
    /// of its own.
    pub(super) fn modules_of_others(
        &mut self,
        slot: Option<FlakeInput>,
        arg: &Value,
        place: Option<Place>,
    ) -> Value {
        let class = self.new_class(ModuleKind::Other, place);
        let special = self.member(arg, &Name::from("specialArgs"), None);
        self.special_arguments(class, &special);
        if let Some(slot) = slot.filter(|slot| self.is_packages(*slot)) {
            let packages = self.system_instance(
                Base::Input(slot),
                class,
                crate::evaluate::facts::MadeBy::Nixos,
                place,
            );
            self.give_packages(class, packages);
        }
        for name in ["modules", "imports"] {
            if self.has(arg, name) != Some(false) {
                let modules = self.member(arg, &Name::from(name), None);
                self.collect(class, &modules);
            }
        }
        let mut systems = self.nodes_of(slot, arg, place);
        if systems.is_empty() {
            return Value::System(class);
        }
        systems.push(self.done(Value::System(class)));
        Value::woven(How::Made, systems, place)
    }

    /// The machines of a test, each a system of its own.
    ///
    /// Source: nixpkgs `nixos/lib/testing/nodes.nix`.
    fn nodes_of(
        &mut self,
        slot: Option<FlakeInput>,
        arg: &Value,
        place: Option<Place>,
    ) -> Vec<Thunk> {
        let nodes = self.member(arg, &Name::from("nodes"), None);
        let Value::Set(nodes) = self.resolve(nodes) else { return Vec::new() };
        let defaults = match self.has(arg, "defaults") {
            Some(false) => Value::no_attrs(),
            _ => self.member(arg, &Name::from("defaults"), None),
        };
        let defaults = self.done(defaults);
        let base = slot.map_or(Base::Other, Base::Input);
        let mut systems = Vec::new();
        for node in self.first(nodes.attrs.clone()) {
            let modules = self.done(Value::list(vec![defaults, node.thunk], false));
            let arg = self.done(Value::set(vec![attr("modules", modules)], None, false));
            let system = self.nixos_of(base, arg, node.place.or(place));
            systems.push(self.done(system));
        }
        systems
    }
}
