//! NixOS and nix-darwin: systems, and the options that say which nixpkgs they are made from.
//!
//! Source: nixpkgs `nixos/lib/eval-config.nix`, `nixos/modules/misc/nixpkgs.nix`; nix-darwin
//! `eval-config.nix`.

use super::{ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{InstanceId, MadeBy, Place, Taken};
use crate::evaluate::packages::Making;
use crate::evaluate::value::{Base, Thunk, Value, Why};
use crate::syntax::Name;

/// Argument names by which systems get their modules.
const MODULES: [&str; 5] = ["modules", "module", "extraModules", "configuration", "customFormats"];

impl Evaluator<'_> {
    /// `nixosSystem { modules, specialArgs, pkgs, … }` of a nixpkgs.
    pub(in crate::evaluate) fn nixos_of(
        &mut self,
        base: Base,
        args: Thunk,
        place: Option<Place>,
    ) -> Value {
        self.nixos(base, args, ("nixos", None), place)
    }

    /// `darwinSystem { modules, specialArgs, pkgs, … }`
    pub(in crate::evaluate) fn darwin_of(
        &mut self,
        base: Base,
        args: Thunk,
        place: Option<Place>,
    ) -> Value {
        self.nixos(base, args, ("darwin", None), place)
    }

    /// The same for either: what its modules know as `_class`, and their library.
    fn nixos(
        &mut self,
        base: Base,
        args: Thunk,
        (kind, library): (&str, Option<Thunk>),
        place: Option<Place>,
    ) -> Value {
        if let Base::Input(slot) = base {
            self.recorder.taken(slot, Taken::Lib, place);
        }
        let args = self.force_known(args);
        let pkgs = self.given(&args, "pkgs");
        let system = self.given(&args, "system");
        let special: Vec<Value> = ["specialArgs", "extraSpecialArgs", "extraArgs"]
            .into_iter()
            .filter_map(|name| self.given(&args, name))
            .collect();
        let inputs = self.given(&args, "inputs");
        let own_library = self.given(&args, "lib").map(|library| self.done(library));
        let modules = self.given_modules(&args, &MODULES);
        let class = self.new_class(ModuleKind::Nixos, place);
        let packages = self.system_instance(base, class, MadeBy::Nixos, place);
        if let Some(given) = pkgs.as_ref().and_then(|pkgs| self.instance_of(pkgs))
            && let Some(made) = self.recorder.reading.instances.get_mut(packages.index())
        {
            made.same_as = Some(given);
        }
        if let (Some(Value::Text(system)), Some(made)) =
            (system, self.recorder.reading.instances.get_mut(packages.index()))
            && made.system.is_none()
        {
            made.system = Some(system.to_string());
        }
        if let Some(class) = self.class_mut(class) {
            class.packages = Some(packages);
        }
        self.bind_class_name(class, kind);
        for special in special {
            self.special_arguments(class, &special);
        }
        if let Some(library) = own_library.or(library)
            && let Some(class) = self.class_mut(class)
        {
            class.args.insert("lib".into(), library);
        }
        // nix-darwin passes its `inputs` on.
        if let Some(inputs) = inputs {
            self.bind_argument(class, "inputs", inputs);
        }
        // An argument that should be modules may be unknown: then it is the only one.
        if modules.is_empty() {
            let are_modules = matches!(
                args,
                Value::List(_)
                    | Value::Function(..)
                    | Value::Path(..)
                    | Value::Unknown(Why::Outside)
            );
            if are_modules || !(args.is_plain() || matches!(args, Value::Set(_))) {
                self.collect(class, &args);
            }
        }
        for modules in modules {
            self.collect(class, &modules);
        }
        self.packages_option(class, packages);
        Value::System(class)
    }

    /// `lib.nixosSystem args` of a library that was extended: the first argument is that.
    ///
    /// Source: nixpkgs `flake.nix`: `lib = final`, unless the arguments name another one.
    pub(in crate::evaluate) fn nixos_with_library(
        &mut self,
        base: Base,
        args: &[Thunk],
        place: Option<Place>,
    ) -> Value {
        let [library, args, ..] = args else { return Value::outside() };
        self.nixos(base, *args, ("nixos", Some(*library)), place)
    }

    /// An argument of a call by name, if it is known.
    pub(super) fn given(&mut self, args: &Value, name: &str) -> Option<Value> {
        let found = self.has(args, name) != Some(false);
        let value = found.then(|| self.member(args, &Name::from(name), None));
        value.map(|value| self.resolve(value)).filter(|value| !value.is_unknown())
    }

    /// The modules among the arguments of a call, including unknown ones.
    pub(super) fn given_modules(&mut self, args: &Value, names: &[&str]) -> Vec<Value> {
        let mut found = Vec::new();
        for name in names {
            match self.has(args, name) {
                Some(false) => {}
                Some(true) => {
                    let modules = self.member(args, &Name::from(*name), None);
                    found.push(self.resolve(modules));
                }
                None => found.extend(self.given(args, name)),
            }
        }
        found
    }

    /// The instance of a system whose options configure it.
    pub(in crate::evaluate) fn system_instance(
        &mut self,
        base: Base,
        class: ClassId,
        made_by: MadeBy,
        place: Option<Place>,
    ) -> InstanceId {
        let making = Making { class: Some(class), ..Making::default() };
        self.instance(base, made_by, place, making)
    }

    /// `nixpkgs.pkgs` takes precedence over everything else that sets a system's packages.
    pub(in crate::evaluate) fn packages_option(&mut self, class: ClassId, packages: InstanceId) {
        let path = [Name::from("nixpkgs"), Name::from("pkgs")];
        for defined in self.definitions(class, &path) {
            let Some(other) = self.instance_of(&defined.value).filter(|other| *other != packages)
            else {
                continue;
            };
            if let Some(made) = self.recorder.reading.instances.get_mut(packages.index())
                && made.made_by == MadeBy::Nixos
                && made.same_as.is_none()
            {
                made.same_as = Some(other);
            }
            return;
        }
    }
}
