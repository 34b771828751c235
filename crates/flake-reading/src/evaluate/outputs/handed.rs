//! What is passed to code that is not read. That code may make a host of it, so sets and functions
//! are examined as modules.

use std::rc::Rc;

use super::contexts::{Handed, Within};
use super::pending::Pending;
use super::takings::StandsAs;
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{InstanceId, MadeBy};
use crate::evaluate::guess_arguments::{Caller, is_package_argument};
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::value::{Base, Code, How, Set, Value, Woven};
use crate::evaluate::world::{FlakeId, FlakeInput, FlakeKind};
use crate::syntax::Name;

/// What a module with `config` may have beside it (nixpkgs `lib/modules.nix`, `unifyModuleSyntax`).
const BESIDE_CONFIG: [&str; 10] = [
    "config",
    "options",
    "imports",
    "require",
    "disabledModules",
    "freeformType",
    "meta",
    "key",
    "_file",
    "_class",
];

impl Evaluator<'_> {
    pub(super) fn look_at_woven(
        &mut self,
        walk: &mut OutputWalk,
        woven: &Rc<Woven>,
        within: Within,
    ) {
        if woven.how != How::Handed {
            for thunk in woven.of.iter().rev() {
                walk.push(Pending::Thunk(*thunk), within.clone());
            }
            return;
        }
        let mut values = Vec::with_capacity(woven.of.len());
        for thunk in &woven.of {
            values.push(self.force_known(*thunk));
        }
        let mut rest = values.as_slice();
        // What is known of a flake's functions is about packages, not about whole systems.
        let is_system = walk.are_systems && within.builder.is_none();
        let of_system = match rest.first() {
            Some(Value::Unread(slot, ..)) if is_system => Some(*slot),
            _ => None,
        };
        if let Some(slot) = of_system.or_else(|| self.gets_inputs(rest)) {
            let name = self.world.input(slot).map(|input| input.name).unwrap_or_default();
            walk.add_reason(format!("a function of `{name}`"));
        }
        if self.is_not_read(woven) && self.are_given_packages(&values, &within) {
            self.take_in_part(walk, &within);
        }
        match values.split_first() {
            Some((Value::Unread(slot, path, place), more)) => {
                let (slot, path, place) = (*slot, path.clone(), *place);
                self.take_unread(walk, slot, &path, place, &within, StandsAs::Function);
                rest = more;
            }
            Some((Value::Flake(..), more)) => {
                let of = values.first().cloned().unwrap_or_else(Value::outside);
                self.not_read(walk, "a function", &of);
                rest = more;
            }
            Some((Value::Derivation(_) | Value::Package(..), _)) => {}
            Some((Value::Unknown(_), more)) => {
                let of = Value::Woven(woven.clone());
                self.not_read(walk, "a function", &of);
                rest = more;
            }
            _ => {
                let of = Value::Woven(woven.clone());
                self.not_read(walk, "a function", &of);
            }
        }
        // Code that gets the packages of an instance builds with these.
        let mut builder = within.builder;
        let mut given = None;
        for value in rest {
            if let Some(packages) = self.packages_given(value)
                && self.base_of(packages).is_some_and(|slot| slot.flake == walk.flake)
            {
                let id = self.use_instance(walk, packages);
                builder = walk.builder(id, &within, false, woven.place);
                given = Some(packages);
                break;
            }
        }
        let handed = match within.handed {
            Some(Handed::ByCall(flake, before)) => Handed::ByCall(flake, given.or(before)),
            Some(by_option) => by_option,
            None => {
                let flake = self.recorder.flake_at(woven.place).unwrap_or(walk.flake);
                Handed::ByCall(flake, given)
            }
        };
        let handed = Some(handed);
        let by_others = within.by_others || builder == within.builder;
        let inner = Within { builder, handed, by_others, ..within };
        for value in rest.iter().rev() {
            // What overlays before it added to the packages that an overlay gets.
            if matches!(value, Value::Update(both) if matches!(both.0, Value::Before(..))) {
                continue;
            }
            if self.is_list_of_modules(value)
                && self.look_at_modules(walk, value.clone(), None, &inner)
            {
                continue;
            }
            walk.push(Pending::Value(value.clone()), inner.clone());
        }
    }

    /// Whether a function called in a dependency's package gets a nixpkgs of that dependency to
    /// build with: the result is unknown.
    fn are_given_packages(&mut self, given: &[Value], within: &Within) -> bool {
        let Some(offer) = &within.part_of.0 else { return false };
        let Some(flake) = self.world.target(offer.slot) else { return false };
        given.iter().any(|value| {
            self.is_packages_of(value, flake)
                || match value.unconditional().0 {
                    Value::Set(set) => set.attrs.iter().any(|attr| {
                        let value = self.force_known(attr.thunk);
                        self.is_packages_of(&value, flake)
                    }),
                    _ => false,
                }
        })
    }

    /// Whether a value is a nixpkgs of a flake, or contains one: its inputs, or the flake itself.
    fn is_packages_of(&self, value: &Value, flake: FlakeId) -> bool {
        match value.unconditional().0 {
            Value::Flake(slot, _) => slot.flake == flake && self.is_packages(*slot),
            Value::Inputs(of) | Value::Itself(of) => {
                *of == flake
                    && self.inputs_of(flake).iter().any(|(_, slot)| self.is_packages(*slot))
            }
            value => self
                .instance_of(value)
                .and_then(|made| self.base_of(self.after_all(made)))
                .is_some_and(|slot| slot.flake == flake),
        }
    }

    /// The packages that are passed to a function, directly or as `pkgs`.
    pub(super) fn packages_given(&mut self, value: &Value) -> Option<InstanceId> {
        let found = match value.unconditional().0 {
            Value::Set(set) => {
                let pkgs = set.get("pkgs").or_else(|| set.get("nixpkgs"))?.thunk;
                let pkgs = self.force_known(pkgs);
                self.instance_of(&pkgs)
            }
            value => self.instance_of(value),
        };
        found.filter(|id| self.made(*id).is_some_and(|made| made.made_by != MadeBy::Callers))
    }

    /// Whether hosts that unread code makes of a set are Macs: it says so, or what is around it.
    pub(super) fn is_for_macs(&mut self, set: &Set, within: &Within) -> bool {
        if within.handed.is_none() {
            return within.for_macs;
        }
        // Beside modules it is an argument; elsewhere `system` may be a whole host.
        let is_argument = set.get("modules").is_some();
        let mut text = |name| {
            let said = set.get(name)?.thunk;
            let is_text = is_argument || self.is_written_out(said);
            match is_text.then(|| self.force_known(said))? {
                Value::Text(text) => Some(text),
                _ => None,
            }
        };
        match text("system") {
            Some(system) => system.ends_with("-darwin"),
            None => within.for_macs || text("class").is_some_and(|class| &*class == "darwin"),
        }
    }

    /// The input whose function gets all inputs of a flake: what it returns may be any of them, or hosts made
    /// of them, even where what it usually does is known.
    fn gets_inputs(&mut self, values: &[Value]) -> Option<FlakeInput> {
        /// The most attributes that are looked at.
        const MOST: usize = 16;
        let Some((Value::Unread(slot, ..) | Value::Flake(slot, _), given)) = values.split_first()
        else {
            return None;
        };
        let has = given.iter().any(|value| match value {
            Value::Inputs(_) => true,
            Value::Set(set) => {
                let attrs = set.attrs.iter().take(MOST);
                attrs
                    .map(|attr| attr.thunk)
                    .any(|of| matches!(self.force_known(of), Value::Inputs(_)))
            }
            _ => false,
        });
        has.then_some(*slot)
    }

    /// Whether a function is meant for `callPackage`, judged by its arguments.
    pub(super) fn takes_packages(&self, function: Code) -> bool {
        self.formals(function)
            .is_some_and(|formals| formals.iter().any(|(name, _)| is_package_argument(name)))
    }

    /// Whether a set that was passed to unread code looks like a module.
    pub(super) fn is_module(&mut self, set: &Set) -> bool {
        // Beside `config` a module sets no options; a set that does has a module under that key.
        if set.get("config").is_some() {
            return set.attrs.iter().all(|attr| BESIDE_CONFIG.contains(&&*attr.name));
        }
        if let Some(options) = set.get("nixpkgs") {
            // `inherit nixpkgs;` beside modules is an argument.
            let options = self.force_known(options.thunk);
            let options = options.unconditional().0;
            if matches!(options, Value::Set(_) | Value::Update(_) | Value::Definition(_)) {
                return true;
            }
        }
        ["imports", "environment", "home", "programs", "services"]
            .iter()
            .any(|name| set.get(name).is_some())
    }

    /// Examines something that was passed to unread code as a module of a system of its own. Where
    /// most such code makes packages, only if it says how that system's packages are made; returns
    /// whether it was examined.
    pub(super) fn look_at_module(
        &mut self,
        walk: &mut OutputWalk,
        module: Value,
        within: &Within,
    ) -> bool {
        self.look_at_modules(walk, module, None, within)
    }

    /// The same for modules that a set passes together with special arguments for them.
    pub(super) fn look_at_modules(
        &mut self,
        walk: &mut OutputWalk,
        module: Value,
        beside: Option<&Set>,
        within: &Within,
    ) -> bool {
        // Within a system it is one of that system's modules, or of a home in it.
        let may_say = !walk.is_in_system(within);
        if !(walk.may_be_hosts || walk.may_be_images && may_say) {
            return false;
        }
        let class = self.class_of(&module, beside, within);
        let inner = Within { caller: Caller::Modules(class), ..within.clone() };
        if may_say && self.says_its_packages(class) {
            self.configure(class, within);
            self.look_at_system(walk, class, inner);
        } else if walk.may_be_hosts {
            walk.push(Pending::Class(class), inner);
        } else {
            return false;
        }
        true
    }

    /// The system that modules make which were passed to unread code.
    fn class_of(&mut self, module: &Value, beside: Option<&Set>, within: &Within) -> ClassId {
        let place = match module {
            Value::Function(code, _) => self.place(*code),
            _ => None,
        };
        let class = self.new_class(ModuleKind::Other, place);
        match within.handed {
            Some(Handed::ByOption(outer)) => {
                self.place_within(class, outer);
                self.collect_shared(class, outer);
            }
            Some(Handed::ByCall(flake, packages)) => {
                if place.is_none() {
                    self.place_in(class, flake);
                }
                // Modules beside packages get these.
                if let Some(packages) = packages {
                    self.give_packages(class, packages);
                }
            }
            None => {}
        }
        let mut names = ["specialArgs", "extraSpecialArgs"].into_iter();
        let special = names.find_map(|name| Some(beside?.get(name)?.thunk));
        if let Some(special) = special {
            let special = self.force_known(special);
            self.special_arguments(class, &special);
        }
        self.collect(class, module);
        class
    }

    fn says_its_packages(&mut self, class: ClassId) -> bool {
        ["config", "pkgs"].into_iter().any(|name| {
            !self.definitions(class, &[Name::from("nixpkgs"), Name::from(name)]).is_empty()
        })
    }

    /// Gives such a system the packages that its own options configure.
    fn configure(&mut self, class: ClassId, within: &Within) {
        let Some((flake, place)) = self.class(class).map(|class| (class.flake, class.place)) else {
            return;
        };
        // They are assumed to be made from the flake's main nixpkgs: a function may have a nixpkgs of
        // its own, a module usually has the flake's.
        let is_options = matches!(within.handed, Some(Handed::ByOption(_)));
        let is_plain = |slot: &FlakeInput| {
            let target = self.world.target(*slot);
            target.is_some_and(|of| self.world.kind(of) == FlakeKind::Nixpkgs)
        };
        let slot = self.world.input_named(flake, "nixpkgs");
        let slot = slot.filter(|slot| is_options && is_plain(slot));
        let base = slot.map_or(Base::Other, Base::Input);
        let packages = self.system_instance(base, class, MadeBy::Nixos, place);
        if within.for_macs
            && let Some(made) = self.recorder.reading.instances.get_mut(packages.index())
        {
            made.system = Some("aarch64-darwin".into());
        }
        self.give_packages(class, packages);
        self.packages_option(class, packages);
    }
}

/// Whether an output has packages and similar: functions do not make hosts there.
pub(super) fn is_of_packages(name: &str) -> bool {
    matches!(
        name,
        "packages"
            | "checks"
            | "devShells"
            | "apps"
            | "hydraJobs"
            | "legacyPackages"
            | "defaultPackage"
            | "devShell"
            | "defaultApp"
    )
}

/// Whether an output has shells and programs: none of them is a host's image.
pub(super) fn is_of_tools(name: &str) -> bool {
    matches!(name, "devShells" | "devShell" | "apps" | "defaultApp")
}

/// Argument and option names that stand for packages only.
pub(super) fn holds_packages(name: &str) -> bool {
    ["ackages", "ackage", "Inputs", "paths", "contents"].iter().any(|end| name.ends_with(end))
        || matches!(name, "inputsFrom" | "copyToRoot" | "plugins" | "extensions" | "program")
}
