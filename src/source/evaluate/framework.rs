//! Functions of well-known flakes: what they do with what they are given.
//!
//! Source: `flake.nix`, `lib/` or `lib.nix` of flake-utils, flake-parts, home-manager, nix-darwin,
//! nixos-generators, colmena, import-tree, haumea, as of 2026-11.

use super::facts::{MadeBy, Place, Taken};
use super::library;
use super::machine::Machine;
use super::modules::ModuleKind;
use super::value::{Base, InputIndex, Names, SetAttr, Value};
use super::visit::Giver;
use crate::source::syntax::Name;

/// The systems of flake-utils' `eachDefaultSystem`, and of what most flakes list.
const DEFAULT_SYSTEMS: [&str; 4] =
    ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"];

/// Flakes that load folders, by the names of their repositories.
const LOADERS: [&str; 14] = [
    "import-tree",
    "haumea",
    "snowfall-lib",
    "blueprint",
    "flakelight",
    "digga",
    "std",
    "omnibus",
    "paisano",
    "nixos-unified",
    "clan-core",
    "ez-configs",
    "hive",
    "autowire",
];

/// How many arguments a function takes.
pub(super) fn arity(path: &Names) -> usize {
    match path.last().map(|name| &**name) {
        Some("eachSystem" | "eachSystemMap" | "eachSystemPassThrough") => 2,
        Some(name)
            if path.first().is_some_and(|first| &**first == "lib") && library::is_known(name) =>
        {
            library::arity(name)
        }
        _ => 1,
    }
}

impl Machine<'_> {
    /// A call of a function of an input.
    pub(super) fn framework(
        &mut self,
        input: InputIndex,
        path: &Names,
        args: Vec<Value>,
        place: Place,
    ) -> Value {
        let last = path.last().cloned().unwrap_or_else(|| Name::from(""));
        let args: Vec<Value> = args.into_iter().map(|arg| self.resolve(arg)).collect();
        let mut given = args.iter().cloned();
        let mut next = || given.next().unwrap_or_else(Value::outside);
        let repository = self.info(input).map(|i| i.repository.clone()).unwrap_or_default();
        let repository = repository.rsplit('/').next().unwrap_or_default().to_owned();
        match &*last {
            "nixosSystem" | "nixosGenerate" => {
                self.record_taken(input, Taken::Lib, place);
                self.record_output(input, "lib", place);
                self.nixos_of(Base::Input(input), next(), place)
            }
            "darwinSystem" => {
                self.record_taken(input, Taken::Lib, place);
                self.nixos_of(Base::Input(input), next(), place)
            }
            "homeManagerConfiguration" => {
                self.record_taken(input, Taken::Lib, place);
                self.home_configuration(next(), place)
            }
            "mkFlake" if repository == "flake-parts" || self.called_parts(input) => {
                self.record_taken(input, Taken::Lib, place);
                let args = next();
                self.flake_parts(args, place)
            }
            "eachDefaultSystem" | "eachDefaultSystemPassThrough" => {
                self.record_taken(input, Taken::Lib, place);
                let systems = self.default_systems();
                self.each_system(&systems, &next(), &last, place)
            }
            "eachSystem" | "eachSystemPassThrough" => {
                self.record_taken(input, Taken::Lib, place);
                let systems = next();
                self.each_system(&systems, &next(), &last, place)
            }
            "eachDefaultSystemMap" => {
                self.record_taken(input, Taken::Lib, place);
                let systems = self.default_systems();
                self.generate(&systems, &next())
            }
            "eachSystemMap" => {
                self.record_taken(input, Taken::Lib, place);
                let systems = next();
                self.generate(&systems, &next())
            }
            "simpleFlake" => {
                self.record_taken(input, Taken::Lib, place);
                self.simple_flake(next(), place)
            }
            "makeHive" => {
                self.record_taken(input, Taken::Lib, place);
                let hive = next();
                self.hive(&hive, place);
                Value::outside()
            }
            "mkFlake" | "systemFlake" if matches!(&*repository, "flake-utils-plus" | "digga") => {
                self.record_taken(input, Taken::Lib, place);
                let arg = next();
                self.channels_flake(&arg, place)
            }
            "mkLib" if repository == "snowfall-lib" || self.called_snowfall(input) => {
                self.record_taken(input, Taken::Lib, place);
                Value::Input(input, std::rc::Rc::from([Name::from("lib")]), place)
            }
            "mkFlake" if repository == "snowfall-lib" || self.called_snowfall(input) => {
                self.record_taken(input, Taken::Lib, place);
                let arg = next();
                self.configured_loader("snowfall-lib", &arg, place);
                Value::outside()
            }
            "load" if repository == "haumea" => {
                self.record_taken(input, Taken::Lib, place);
                let arg = next();
                self.haumea(&arg, place)
            }
            _ if repository == "flakelight" => {
                self.record_taken(input, Taken::Lib, place);
                self.flakelight(place)
            }
            _ if repository == "blueprint" => {
                self.record_taken(input, Taken::Lib, place);
                let arg = next();
                self.configured_loader("blueprint", &arg, place);
                Value::outside()
            }
            "grow" | "growOn" if repository == "std" => {
                self.record_taken(input, Taken::Lib, place);
                let arg = next();
                self.configured_loader("std", &arg, place);
                self.loader("std", arg, place)
            }
            _ if LOADERS.contains(&&*repository) => {
                self.record_input(input, &self.lib_path(path), place);
                self.loader(&repository, next(), place)
            }
            name if library::is_known(name) && path.first().is_some_and(|p| &**p == "lib") => {
                self.record_taken(input, Taken::Lib, place);
                self.library(Some(input), name, args, place)
            }
            _ => {
                let arg = next();
                let taken = self.lib_path(path);
                if let Value::Set(set) = &arg
                    && let Some(modules) = set.get("modules")
                {
                    let modules = self.force(modules.thunk);
                    self.outside_modules(&modules);
                }
                self.hand_to(input, &taken, arg, place);
                Value::outside()
            }
        }
    }

    /// A call of the flake itself is a call of its library.
    fn lib_path(&self, path: &Names) -> Names {
        if path.is_empty() { std::rc::Rc::from([Name::from("lib")]) } else { path.clone() }
    }

    fn called_snowfall(&self, input: InputIndex) -> bool {
        self.info(input).is_some_and(|info| info.name.starts_with("snowfall"))
    }

    fn called_parts(&self, input: InputIndex) -> bool {
        self.info(input).is_some_and(|info| info.name.contains("parts"))
    }

    fn default_systems(&mut self) -> Value {
        let items = DEFAULT_SYSTEMS.into_iter().map(|system| self.done(Value::Text(system.into())));
        let items = items.collect::<Vec<_>>();
        Value::list(items, false)
    }

    /// flake-utils: `{ packages.default = … }` for each system becomes
    /// `{ packages.SYSTEM.default = … }`. Systems are not told apart: one call stands for all.
    fn each_system(
        &mut self,
        systems: &Value,
        function: &Value,
        name: &str,
        place: Place,
    ) -> Value {
        let result = self.apply(function, Value::condition(), place);
        if name.ends_with("PassThrough") {
            return result;
        }
        let mut items = Vec::new();
        let open = self.items_into(systems, &mut items);
        let names = self.texts(systems);
        let mut sets = Vec::new();
        output_sets(&result, &mut sets);
        let mut attrs = Vec::new();
        for set in sets {
            for attr in &set.attrs {
                let of = |name: &Name| SetAttr {
                    name: name.clone(),
                    thunk: attr.thunk,
                    place: attr.place,
                    conditional: attr.conditional,
                };
                let inner = names.iter().map(of).collect::<Vec<_>>();
                let rest = (open || inner.is_empty()).then_some(attr.thunk);
                let thunk = self.done(Value::set(inner, rest, open));
                attrs.push(SetAttr { thunk, ..attr.clone() });
            }
        }
        Value::set(attrs, None, false)
    }

    /// flake-utils' `simpleFlake`: packages of an overlay on `import nixpkgs { config, … }`.
    fn simple_flake(&mut self, args: Value, place: Place) -> Value {
        let nixpkgs = self.member(&args, &Name::from("nixpkgs"), Some(place));
        let import = self.import(&nixpkgs, place);
        self.apply(&import, args.clone(), place);
        if let Value::Set(set) = &args {
            for name in ["overlay", "preOverlays"] {
                if let Some(attr) = set.get(name) {
                    let callers = self.callers();
                    self.visit_thunk(attr.thunk, Giver::Packages(callers));
                }
            }
            if let Some(shell) = set.get("shell") {
                self.visit_thunk(shell.thunk, Giver::Callers);
            }
        }
        Value::outside()
    }

    /// `homeManagerConfiguration { pkgs, modules, extraSpecialArgs }`
    fn home_configuration(&mut self, args: Value, place: Place) -> Value {
        let get = |machine: &mut Self, name: &str| match args.unconditional().0 {
            Value::Set(set) => set.get(name).map(|attr| machine.force_config(attr.thunk)),
            _ => None,
        };
        let pkgs = get(self, "pkgs").unwrap_or_else(Value::outside);
        let instance = self.instance_of(&pkgs);
        if let Some(instance) = instance {
            self.record_package(instance, &[], place);
        }
        let special = get(self, "extraSpecialArgs");
        let modules = get(self, "modules");
        let key = (ModuleKind::Home, instance);
        if let Some(special) = special {
            self.special_arguments(key, &special);
        }
        let mut roots: Vec<Value> = modules.into_iter().collect();
        roots.extend(get(self, "configuration"));
        let settings = self.modules(key, roots, place);
        if !settings.is_empty() {
            let from = instance.map_or(Base::Other, Base::Instance);
            self.instance(from, MadeBy::HomeManager, Some(place), settings, None);
        }
        Value::outside()
    }

    /// The instance that a package set is.
    pub(super) fn instance_of(&self, value: &Value) -> Option<super::value::InstanceId> {
        match value {
            Value::Package(instance, path, _) if path.is_empty() => Some(*instance),
            Value::Conditional(inner) => self.instance_of(inner),
            Value::Either(all) => all.iter().find_map(|one| self.instance_of(one)),
            Value::Update(both) => self.instance_of(&both.0).or_else(|| self.instance_of(&both.1)),
            _ => None,
        }
    }

    /// A flake that loads folders: those that it is given, or by its conventions the whole tree.
    fn loader(&mut self, repository: &str, arg: Value, place: Place) -> Value {
        if repository == "import-tree" {
            // `import-tree ./modules` is a module that imports all files below.
            if let Value::Path(folder) = arg.unconditional().0 {
                let found = self.files_in(folder);
                let files = found.iter();
                let files = files.filter(|file| !file.names().any(|name| name.starts_with('_')));
                let items = files.map(|file| self.done(Value::Path(file.clone())));
                let items = items.collect::<Vec<_>>();
                let imports = self.done(Value::list(items, false));
                let attr = SetAttr {
                    name: "imports".into(),
                    thunk: imports,
                    place: None,
                    conditional: false,
                };
                return Value::set(vec![attr], None, false);
            }
        }
        let folders = match arg.unconditional().0 {
            Value::Set(set) => {
                let set = set.clone();
                let mut folders = Vec::new();
                for name in ["src", "root", "prefix", "path", "cellsFrom", "directory", "dir"] {
                    let Some(attr) = set.get(name) else { continue };
                    match self.force(attr.thunk) {
                        Value::Path(path) => folders.push(path),
                        Value::Text(text) => {
                            folders.extend(self.files.tree().join(self.files.flake(), &text));
                        }
                        _ => {}
                    }
                }
                folders
            }
            Value::Path(path) => vec![path.clone()],
            _ => Vec::new(),
        };
        self.visit(arg, Giver::Outside);
        let whole = self.files.flake().clone();
        let folders =
            if folders.is_empty() && repository != "haumea" { vec![whole] } else { folders };
        for folder in folders {
            self.load_folder(&folder, Giver::Nobody);
        }
        let _ = place;
        Value::outside()
    }
}

/// The sets that a value is made of, flattened.
pub(super) fn output_sets(value: &Value, sets: &mut Vec<std::rc::Rc<super::value::Set>>) {
    match value {
        Value::Set(set) => sets.push(set.clone()),
        Value::Conditional(inner) => output_sets(inner, sets),
        Value::Either(all) => all.iter().for_each(|one| output_sets(one, sets)),
        Value::Update(both) => {
            output_sets(&both.0, sets);
            output_sets(&both.1, sets);
        }
        _ => {}
    }
}
