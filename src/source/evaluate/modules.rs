//! Module systems: NixOS, nix-darwin, home-manager, flake-parts.
//!
//! Modules are collected first (imports followed, arguments bound lazily), because one module may
//! set what another is given (`_module.args`, `nixpkgs.config`). Then what they set is looked at.
//! A file is one module for all hosts on the same nixpkgs, so a hundred hosts cost what one costs.
//!
//! Source: nixpkgs `lib/modules.nix`, `nixos/modules/misc/nixpkgs.nix`; flake-parts
//! `modules/{perSystem,nixpkgs,moduleWithSystem}.nix`; home-manager `nixos/common.nix`.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::facts::{HomeManager, MadeBy, Place, Setting};
use super::framework::output_sets;
use super::machine::Map;
use super::machine::{Machine, State};
use super::value::{
    Base, Code, Function, InstanceId, Names, Partial, Scope, Set, SetAttr, Thunk, Value,
};
use super::visit::Giver;
use crate::source::TreePath;
use crate::source::syntax::{Expr, Name, Param};

/// Which module system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum ModuleKind {
    /// NixOS and nix-darwin.
    Nixos,
    /// home-manager.
    Home,
    /// flake-parts, outside of `perSystem`.
    Parts,
    /// flake-parts' `perSystem`.
    PerSystem,
    /// flake-parts' `flake`.
    Flake,
    /// A submodule of options.
    Sub(u32),
    /// One that somebody else evaluates.
    Other,
}

impl ModuleKind {
    /// Whether its modules stand for many evaluations: hosts, users.
    pub(super) fn is_shared(self) -> bool {
        matches!(self, ModuleKind::Nixos | ModuleKind::Home | ModuleKind::Other)
    }
}

/// The module system, and the packages that its modules get.
pub(super) type ClassKey = (ModuleKind, Option<InstanceId>);

/// What modules of one class share.
#[derive(Default)]
pub(super) struct ModuleClass {
    /// `specialArgs` and `_module.args`.
    args: Map<Name, Thunk>,
    pub(super) modules: Vec<Module>,
    by_path: Map<TreePath, usize>,
    by_code: Map<(Code, Scope), usize>,
    /// Modules are being collected: what they set is not known yet.
    pub(super) collecting: u32,
    /// What was asked of `config`, and how many modules there were.
    pub(super) found: Map<Names, (usize, Thunk)>,
    pub(super) index: super::options::Index,
}

/// A module, collected.
#[derive(Default, Clone)]
pub(super) struct Module {
    imports: Vec<usize>,
    /// What it sets, and whether on a condition.
    pub(super) configs: Vec<(Rc<Set>, bool)>,
    /// Options that it declares.
    pub(super) options: Vec<Rc<Set>>,
    /// Its settings of nixpkgs, once they are known.
    settings: Option<Vec<Setting>>,
    looked_at: bool,
}

/// Modules of one class.
const MOST_MODULES: usize = 5_000;

impl Machine<'_> {
    pub(super) fn class(&mut self, key: ClassKey) -> &mut ModuleClass {
        self.classes.entry(key).or_default()
    }

    /// What modules of a class get under a name.
    pub(super) fn class_argument(
        &mut self,
        kind: ModuleKind,
        instance: Option<InstanceId>,
        name: &Name,
    ) -> Option<Value> {
        let thunk = *self.classes.get(&(kind, instance))?.args.get(name)?;
        Some(self.force(thunk))
    }

    pub(super) fn special_arguments(&mut self, key: ClassKey, special: &Value) {
        let special = &self.resolve(special.clone());
        let mut sets = Vec::new();
        output_sets(special, &mut sets);
        for set in sets {
            for attr in &set.attrs {
                self.class(key).args.entry(attr.name.clone()).or_insert(attr.thunk);
            }
        }
        if matches!(special, Value::Inputs | Value::Update(_)) {
            for (at, name) in self.names.clone().into_iter().enumerate() {
                let input = u32::try_from(at).unwrap_or(u32::MAX);
                let value = Value::Input(input, self.no_names.clone(), super::select::nowhere());
                let thunk = self.done(value);
                self.class(key).args.entry(name).or_insert(thunk);
            }
        }
    }

    /// Collects modules and looks at what they set; their settings of nixpkgs.
    pub(super) fn modules(
        &mut self,
        key: ClassKey,
        roots: Vec<Value>,
        place: Place,
    ) -> Vec<Setting> {
        let mut first = Vec::new();
        for root in &roots {
            self.collect(key, root, &mut first);
        }
        let all = self.reached(key, &first);
        let mut settings: Vec<Setting> = Vec::new();
        for &at in &all {
            self.look_at_module(key, at, place);
        }
        for &at in &all {
            let module = self.class(key).modules.get(at);
            for setting in module.and_then(|m| m.settings.clone()).unwrap_or_default() {
                if !settings.contains(&setting) {
                    settings.push(setting);
                }
            }
        }
        settings.sort_by(|a, b| (a.place, &a.key).cmp(&(b.place, &b.key)));
        settings
    }

    fn reached(&mut self, key: ClassKey, first: &[usize]) -> Vec<usize> {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut open: Vec<usize> = first.to_vec();
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                open.extend(
                    self.class(key).modules.get(at).map(|m| m.imports.clone()).unwrap_or_default(),
                );
            }
        }
        seen.into_iter().collect()
    }

    /// Collects a module and what it imports.
    pub(super) fn collect(&mut self, key: ClassKey, module: &Value, found: &mut Vec<usize>) {
        self.class(key).collecting += 1;
        self.collect_all(key, module, found);
        self.class(key).collecting -= 1;
    }

    fn collect_all(&mut self, key: ClassKey, module: &Value, found: &mut Vec<usize>) {
        // Imports are followed by a list, not by nesting: `(module, index of who imports it)`.
        let mut open: Vec<(Value, Option<usize>)> = vec![(module.clone(), None)];
        while let Some((value, importer)) = open.pop() {
            if !self.step() {
                return;
            }
            let known = match &value {
                Value::Path(path) => match self.files.imported(path) {
                    Some(path) => match self.class(key).by_path.get(&path).copied() {
                        Some(at) => Some(at),
                        None => {
                            let at = self.new_module(key);
                            self.class(key).by_path.insert(path.clone(), at);
                            let value = self.imported(&path);
                            self.read_module(key, at, &value, &mut open);
                            Some(at)
                        }
                    },
                    None => None,
                },
                Value::AnyPath(any) => {
                    for path in self.candidates(any) {
                        open.push((Value::Path(path), importer));
                    }
                    None
                }
                Value::List(list) => {
                    for item in list.items.clone() {
                        let item = self.force(item);
                        open.push((item, importer));
                    }
                    None
                }
                Value::Conditional(inner) => {
                    open.push(((**inner).clone(), importer));
                    None
                }
                Value::Either(all) => {
                    open.extend(all.iter().map(|one| (one.clone(), importer)));
                    None
                }
                Value::Function(code, scope) => {
                    let id = (*code, *scope);
                    match self.class(key).by_code.get(&id).copied() {
                        Some(at) => Some(at),
                        None => {
                            let at = self.new_module(key);
                            self.class(key).by_code.insert(id, at);
                            self.read_module(key, at, &value, &mut open);
                            Some(at)
                        }
                    }
                }
                Value::Set(_) | Value::Update(_) => {
                    let at = self.new_module(key);
                    self.read_module(key, at, &value, &mut open);
                    Some(at)
                }
                Value::Config(..) => {
                    let value = self.resolve(value.clone());
                    if !matches!(value, Value::Config(..) | Value::Unknown(_)) {
                        open.push((value, importer));
                    }
                    None
                }
                Value::Input(input, ..)
                    if key.0 == ModuleKind::Parts && self.loads_by_itself(*input) =>
                {
                    self.visit(value.clone(), Giver::Nobody);
                    self.nixos_unified(at_place(&value));
                    None
                }
                // `inputs.x.nixosModules.y`: taken, not read here.
                other => {
                    self.visit(other.clone(), Giver::Nobody);
                    None
                }
            };
            match (known, importer) {
                (Some(at), None) => found.push(at),
                (Some(at), Some(importer)) => {
                    if let Some(module) = self.class(key).modules.get_mut(importer) {
                        module.imports.push(at);
                    }
                }
                (None, _) => {}
            }
        }
    }

    fn new_module(&mut self, key: ClassKey) -> usize {
        let class = self.class(key);
        if class.modules.len() < MOST_MODULES {
            class.modules.push(Module::default());
        }
        class.modules.len() - 1
    }

    /// Reads what a module is: its imports and what it sets.
    fn read_module(
        &mut self,
        key: ClassKey,
        at: usize,
        value: &Value,
        open: &mut Vec<(Value, Option<usize>)>,
    ) {
        let mut value = value.clone();
        // A module may be a function that gives a function, where it is applied half.
        for _ in 0..3 {
            let Value::Function(code, scope) = value else { break };
            value = self.call_module(key, code, scope);
        }
        if let Value::Path(_) | Value::List(_) | Value::Function(..) | Value::Input(..) = value {
            open.push((value, Some(at)));
            return;
        }
        let mut sets = Vec::new();
        output_sets(&value, &mut sets);
        // `{ config, … }: lib.mkIf … { … }`
        let conditional = matches!(value, Value::Conditional(_) | Value::Either(_));
        if let Value::Unknown(_) | Value::Partial(_) = value {
            self.visit(value, Giver::Module(key.0, key.1));
        }
        let mut configs = Vec::new();
        let mut all_options = Vec::new();
        for set in sets {
            for name in ["imports", "require"] {
                if let Some(imports) = set.get(name) {
                    let imports = self.force(imports.thunk);
                    open.push((imports, Some(at)));
                }
            }
            if set.get("config").is_some() || set.get("options").is_some() {
                if let Some(config) = set.get("config") {
                    let config = self.force(config.thunk);
                    self.config_parts(&config, conditional, &mut configs);
                }
                if let Some(options) = set.get("options") {
                    if let Value::Set(declared) = self.force(options.thunk) {
                        all_options.push(declared);
                    }
                    self.visit_thunk(options.thunk, Giver::Module(key.0, key.1));
                }
            } else {
                configs.push((set.clone(), conditional));
            }
        }
        for (set, _) in &configs {
            if let Some(module) = set.get("_module") {
                let module = self.force(module.thunk);
                let args = self.member(&module, &Name::from("args"), None);
                self.module_arguments(key, &args);
            }
        }
        if let Some(module) = self.class(key).modules.get_mut(at) {
            module.configs.extend(configs);
            module.options.extend(all_options);
        }
    }

    fn module_arguments(&mut self, key: ClassKey, args: &Value) {
        let mut sets = Vec::new();
        output_sets(args, &mut sets);
        for set in sets {
            for attr in &set.attrs {
                self.class(key).args.insert(attr.name.clone(), attr.thunk);
            }
        }
    }

    /// The sets that a `config` is made of, through `mkIf` and `mkMerge`.
    fn config_parts(&mut self, value: &Value, conditional: bool, parts: &mut Vec<(Rc<Set>, bool)>) {
        if parts.len() > 1_000 {
            return;
        }
        match value {
            Value::Set(set) => parts.push((set.clone(), conditional)),
            Value::Conditional(inner) => self.config_parts(inner, true, parts),
            Value::Config(..) => match self.resolve(value.clone()) {
                Value::Config(..) => {}
                value => self.config_parts(&value, conditional, parts),
            },
            Value::Either(all) => {
                for one in all.iter() {
                    self.config_parts(one, true, parts);
                }
            }
            Value::Update(both) => {
                self.config_parts(&both.0, conditional, parts);
                self.config_parts(&both.1, conditional, parts);
            }
            Value::List(list) => {
                for item in list.items.clone() {
                    let item = self.force(item);
                    self.config_parts(&item, conditional, parts);
                }
            }
            _ => {}
        }
    }

    /// Calls a module that is a function, with arguments that are looked up when they are used.
    pub(super) fn call_module(&mut self, key: ClassKey, code: Code, scope: Scope) -> Value {
        let Some(file) = self.file(code.file).cloned() else { return Value::outside() };
        let Expr::Lambda(param, body) = file.expr(code.expr) else { return Value::outside() };
        const USUAL: [&str; 15] = [
            "getSystem",
            "config",
            "lib",
            "pkgs",
            "inputs",
            "self",
            "options",
            "modulesPath",
            "inputs'",
            "self'",
            "system",
            "withSystem",
            "flake-parts-lib",
            "osConfig",
            "moduleWithSystem",
        ];
        let names: Vec<Name> = match param {
            Param::Pattern { formals, bound, .. } => {
                let usual = bound.iter().flat_map(|_| USUAL.map(Name::from));
                formals.iter().map(|(name, _)| name.clone()).chain(usual).collect()
            }
            Param::Ident(_) => {
                let args = self.class(key).args.keys().cloned().collect::<BTreeSet<_>>();
                USUAL.map(Name::from).into_iter().chain(args).collect()
            }
        };
        let attrs = names.into_iter().map(|name| {
            let thunk = self.thunk(State::Argument(key, name.clone()));
            SetAttr { name, thunk, place: None, conditional: false }
        });
        let attrs = attrs.collect();
        let arg = self.done(Value::set(attrs, None, true));
        self.call_function(code, scope, *body, arg)
    }

    /// What a module gets under a name, now that all modules are known.
    pub(super) fn argument(&mut self, key: ClassKey, name: &Name) -> Value {
        let (kind, instance) = key;
        if let Some(value) = self.class_argument(kind, instance, name) {
            return value;
        }
        let place = super::select::nowhere();
        match (&**name, kind) {
            ("pkgs", ModuleKind::PerSystem) => match self.input_names.get("nixpkgs").copied() {
                Some(input) => self.legacy(input, None, place),
                None => Value::outside(),
            },
            ("pkgs", ModuleKind::Parts) => Value::outside(),
            ("config", ModuleKind::Flake) => {
                Value::Config((ModuleKind::Parts, None), Rc::from([Name::from("flake")]))
            }
            ("config", kind) if kind != ModuleKind::Other => {
                Value::Config(key, self.no_names.clone())
            }
            ("osConfig", ModuleKind::Home) => {
                Value::Config((ModuleKind::Nixos, instance), self.no_names.clone())
            }
            ("withSystem" | "moduleWithSystem", _) => {
                let function = Function::Library(None, Name::from(format!("‹{name}›")));
                Value::Partial(Rc::new(Partial { function, args: Vec::new(), place }))
            }
            ("system" | "config" | "options" | "osConfig" | "name", _) => Value::condition(),
            ("flake-parts-lib", _) => Value::Library(None, self.no_names.clone()),
            ("modulesPath", _) => {
                let base =
                    instance.and_then(|i| self.base_input(i)).map_or(Base::Other, Base::Input);
                Value::Source(base, "/nixos/modules".into(), place)
            }
            _ => self.by_name(name, &Giver::Module(kind, instance), place),
        }
    }

    /// `withSystem system function`: the function gets what modules of `perSystem` get.
    pub(super) fn with_system(&mut self, function: &Value) -> Value {
        match function.unconditional().0 {
            Value::Function(code, scope) => {
                self.call_module((ModuleKind::PerSystem, None), *code, *scope)
            }
            _ => Value::outside(),
        }
    }

    /// Looks at what a module sets, once.
    fn look_at_module(&mut self, key: ClassKey, at: usize, place: Place) {
        let Some(module) = self.class(key).modules.get_mut(at) else { return };
        if std::mem::replace(&mut module.looked_at, true) {
            return;
        }
        let configs = module.configs.clone();
        let giver = Giver::Module(key.0, key.1);
        let mut settings = Vec::new();
        for (set, conditional) in configs {
            for attr in set.attrs.iter() {
                let conditional = conditional || attr.conditional;
                match (&*attr.name, key.0) {
                    ("imports" | "require" | "_module" | "_file" | "key" | "_class", _) => {}
                    (
                        "nixpkgs",
                        ModuleKind::Nixos
                        | ModuleKind::Home
                        | ModuleKind::Other
                        | ModuleKind::PerSystem,
                    ) => {
                        let nixpkgs = self.force(attr.thunk);
                        self.nixpkgs_options(key, &nixpkgs, conditional, &mut settings, place);
                    }
                    ("home-manager", ModuleKind::Nixos) => {
                        let options = self.force(attr.thunk);
                        let at = attr.place.unwrap_or(place);
                        // Users' modules may depend on what any of the hosts says: hosts first.
                        self.deferred.push((key, options, at, self.own));
                    }
                    ("assertions" | "warnings" | "meta", ModuleKind::Nixos | ModuleKind::Home) => {}
                    ("containers", ModuleKind::Nixos) => {
                        let containers = self.force(attr.thunk);
                        self.containers(key, &containers, attr.place.unwrap_or(place));
                        self.visit_thunk(attr.thunk, giver.clone());
                    }
                    ("perSystem" | "flake" | "systems", ModuleKind::Parts) => {}
                    _ => self.visit_thunk(attr.thunk, giver.clone()),
                }
            }
            if let Some(rest) = set.rest {
                self.visit_thunk(rest, giver.clone());
            }
        }
        if let Some(module) = self.class(key).modules.get_mut(at) {
            module.settings = Some(settings);
        }
    }

    /// Systems within a system: each has a nixpkgs of its own, made like the host's.
    fn containers(&mut self, key: ClassKey, containers: &Value, place: Place) {
        let mut sets = Vec::new();
        self.config_parts(containers, false, &mut sets);
        let mut roots = Vec::new();
        for (set, _) in sets {
            for container in set.attrs.iter().map(|attr| attr.thunk).chain(set.rest) {
                let container = self.force(container);
                roots.push(self.member(&container, &Name::from("config"), None));
            }
        }
        let settings = self.modules((ModuleKind::Other, key.1), roots, place);
        if !settings.is_empty() {
            let from = key.1.map_or(Base::Other, Base::Instance);
            self.instance(from, MadeBy::Nixos, Some(place), settings, None);
        }
    }

    /// The options `nixpkgs.*`.
    fn nixpkgs_options(
        &mut self,
        key: ClassKey,
        nixpkgs: &Value,
        conditional: bool,
        settings: &mut Vec<Setting>,
        place: Place,
    ) {
        let mut parts = Vec::new();
        self.config_parts(nixpkgs, conditional, &mut parts);
        for (set, conditional) in parts {
            for attr in &set.attrs {
                let conditional = conditional || attr.conditional;
                match &*attr.name {
                    "config" => {
                        let config = self.force(attr.thunk);
                        let at = attr.place.unwrap_or(place);
                        self.settings(&config, at, conditional, settings);
                    }
                    "overlays" => {
                        let giver = match key.1 {
                            Some(instance) => Giver::Packages(instance),
                            None => Giver::Callers,
                        };
                        self.visit_thunk(attr.thunk, giver);
                    }
                    _ => self.visit_thunk(attr.thunk, Giver::Module(key.0, key.1)),
                }
            }
        }
    }

    /// Looks at what waits until all hosts are known.
    pub(super) fn look_at_deferred(&mut self) -> bool {
        let deferred = std::mem::take(&mut self.deferred);
        let any = !deferred.is_empty();
        for (key, options, place, own) in deferred {
            let before = std::mem::replace(&mut self.own, own);
            self.home_manager_options(key, &options, place);
            self.own = before;
        }
        any
    }

    /// The options `home-manager.*` of home-manager as a module of NixOS.
    fn home_manager_options(&mut self, key: ClassKey, options: &Value, place: Place) {
        let home = (ModuleKind::Home, key.1);
        let mut parts = Vec::new();
        self.config_parts(options, false, &mut parts);
        let mut users = Vec::new();
        let mut global = false;
        for (set, _) in parts {
            for attr in &set.attrs {
                let value = self.force(attr.thunk);
                match &*attr.name {
                    "users" => {
                        let mut sets = Vec::new();
                        self.config_parts(&value, false, &mut sets);
                        for (set, _) in sets {
                            for user in set.attrs.iter().map(|attr| attr.thunk).chain(set.rest) {
                                users.push(self.force(user));
                            }
                        }
                    }
                    "sharedModules" => users.push(value),
                    "extraSpecialArgs" => self.special_arguments(home, &value),
                    "useGlobalPkgs" => {
                        global |= !matches!(value.unconditional().0, Value::Bool(false));
                    }
                    _ => self.visit(value, Giver::Module(key.0, key.1)),
                }
            }
        }
        let found = self.facts.home_manager.get_or_insert(HomeManager {
            input: None,
            place,
            global: false,
        });
        found.global |= global;
        if users.is_empty() {
            return;
        }
        let settings = self.modules(home, users, place);
        if !settings.is_empty() && !self.facts.home_manager.is_some_and(|found| found.global) {
            let from = key.1.map_or(Base::Other, Base::Instance);
            self.instance(from, MadeBy::HomeManager, Some(place), settings, None);
        }
    }

    /// `nixosSystem { modules, specialArgs, pkgs, … }` of a nixpkgs.
    pub(super) fn nixos_of(&mut self, base: Base, args: Value, place: Place) -> Value {
        let get = |machine: &mut Self, name: &str| {
            let mut sets = Vec::new();
            output_sets(&args, &mut sets);
            let found = sets.iter().find_map(|set| set.get(name).map(|attr| attr.thunk));
            found.map(|thunk| machine.force_config(thunk))
        };
        let pkgs = get(self, "pkgs");
        let given = pkgs.as_ref().and_then(|pkgs| self.instance_of(pkgs));
        let class_instance = match given {
            Some(instance) => instance,
            None => self.instance(base, MadeBy::Nixos, None, Vec::new(), None),
        };
        let key = (ModuleKind::Nixos, Some(class_instance));
        for name in ["specialArgs", "extraArgs"] {
            if let Some(special) = get(self, name) {
                self.special_arguments(key, &special);
            }
        }
        // nix-darwin hands its `inputs` on.
        if let Some(inputs) = get(self, "inputs") {
            let thunk = self.done(inputs);
            self.class(key).args.entry("inputs".into()).or_insert(thunk);
        }
        let mut roots = Vec::new();
        for name in ["modules", "extraModules", "configuration", "customFormats"] {
            roots.extend(get(self, name));
        }
        let settings = self.modules(key, roots, place);
        let set_by_option = self.packages_option(key);
        let host = match given.or(set_by_option) {
            Some(instance) => {
                self.record_package(instance, &[], place);
                instance
            }
            None => self.instance(base, MadeBy::Nixos, Some(place), settings, None),
        };
        let attr = |name: &str, thunk| SetAttr {
            name: name.into(),
            thunk,
            place: None,
            conditional: false,
        };
        let packages = self.done(Value::Package(host, self.no_names.clone(), place));
        let config = self.done(Value::condition());
        Value::set(vec![attr("pkgs", packages), attr("config", config)], None, true)
    }

    /// The instance that `nixpkgs.pkgs` names in any module of a class.
    fn packages_option(&mut self, key: ClassKey) -> Option<InstanceId> {
        let modules = self.class(key).modules.clone();
        for module in modules {
            for (set, _) in &module.configs {
                let Some(nixpkgs) = set.get("nixpkgs") else { continue };
                let nixpkgs = self.force(nixpkgs.thunk);
                let pkgs = self.member(&nixpkgs, &Name::from("pkgs"), None);
                let pkgs = self.resolve(pkgs);
                if let Some(instance) = self.instance_of(&pkgs) {
                    return Some(instance);
                }
            }
        }
        None
    }

    /// Modules that somebody else evaluates: exported ones, and those of test drivers.
    pub(super) fn outside_modules(&mut self, modules: &Value) {
        let callers = self.callers();
        let key = (ModuleKind::Other, Some(callers));
        let nowhere = super::select::nowhere();
        let settings = self.modules(key, vec![modules.clone()], nowhere);
        if !settings.is_empty() {
            self.instance(Base::Instance(callers), MadeBy::Nixos, None, settings, None);
        }
    }

    /// A hive of colmena: `meta` and a module a host.
    pub(super) fn hive(&mut self, hive: &Value, place: Place) {
        let mut sets = Vec::new();
        output_sets(hive, &mut sets);
        for set in sets {
            let meta = set.get("meta").map(|attr| self.force(attr.thunk));
            let pkgs = meta.as_ref().map(|meta| self.member(meta, &Name::from("nixpkgs"), None));
            let instance = pkgs.as_ref().and_then(|pkgs| self.instance_of(pkgs));
            if let Some(instance) = instance {
                self.record_package(instance, &[], place);
            }
            let key = (ModuleKind::Nixos, instance);
            if let Some(meta) = &meta {
                let special = self.member(meta, &Name::from("specialArgs"), None);
                self.special_arguments(key, &special);
            }
            let hosts = set.attrs.iter().filter(|attr| &*attr.name != "meta");
            let hosts: Vec<Thunk> = hosts.map(|attr| attr.thunk).chain(set.rest).collect();
            let roots = hosts.into_iter().map(|host| self.force(host)).collect();
            let settings = self.modules(key, roots, place);
            if !settings.is_empty() {
                let from = instance.map_or(Base::Other, Base::Instance);
                self.instance(from, MadeBy::Nixos, Some(place), settings, None);
            }
        }
    }

    /// flake-parts' `mkFlake { inputs } module`: called with the first argument, it waits for the
    /// module.
    pub(super) fn flake_parts(&mut self, args: Value, place: Place) -> Value {
        let special = self.member(&args, &Name::from("specialArgs"), None);
        let key = (ModuleKind::Parts, None);
        self.special_arguments(key, &special);
        let function = super::value::Function::Library(None, Name::from("‹flake-parts›"));
        Value::Partial(Rc::new(super::value::Partial { function, args: Vec::new(), place }))
    }

    /// The module of `mkFlake`, and what the flake becomes of it.
    pub(super) fn flake_parts_module(&mut self, module: Value, place: Place) -> Value {
        let key = (ModuleKind::Parts, None);
        let mut first = Vec::new();
        self.collect(key, &module, &mut first);
        let all = self.reached(key, &first);
        let modules = self.class(key).modules.clone();
        let modules: Vec<&Module> = all.iter().filter_map(|at| modules.get(*at)).collect();
        let mut outputs = Value::set(Vec::new(), None, false);
        let mut systems = Vec::new();
        let mut systems_open = false;
        let mut per_system = Vec::new();
        for module in &modules {
            for (set, _) in &module.configs {
                for attr in &set.attrs {
                    match &*attr.name {
                        "flake" => {
                            let mut sets = Vec::new();
                            let mut value = self.force(attr.thunk);
                            if let Value::Function(code, scope) = value {
                                value = self.call_module((ModuleKind::Flake, None), code, scope);
                            }
                            self.config_parts(&value, false, &mut sets);
                            for (set, _) in sets {
                                outputs = self.merge(outputs, Value::Set(set), 0);
                            }
                        }
                        "perSystem" => {
                            let value = self.force(attr.thunk);
                            let mut items = Vec::new();
                            match &value {
                                Value::List(_) => {
                                    self.items_into(&value, &mut items);
                                    for item in items {
                                        per_system.push(self.force(item));
                                    }
                                }
                                _ => per_system.push(value.unconditional().0.clone()),
                            }
                        }
                        "systems" => {
                            let value = self.force(attr.thunk);
                            let mut items = Vec::new();
                            systems_open |= self.items_into(&value, &mut items);
                            systems.extend(self.texts(&value));
                        }
                        _ => {}
                    }
                }
            }
        }
        let inner = (ModuleKind::PerSystem, None);
        let mut first = Vec::new();
        for module in &per_system {
            self.collect(inner, module, &mut first);
        }
        let all = self.reached(inner, &first);
        let modules = self.class(inner).modules.clone();
        let mut by_system = Value::set(Vec::new(), None, false);
        for module in all.iter().filter_map(|at| modules.get(*at)) {
            for (set, _) in &module.configs {
                by_system = self.merge(by_system, Value::Set(set.clone()), 0);
            }
        }
        let mut sets = Vec::new();
        output_sets(&by_system, &mut sets);
        let mut attrs = Vec::new();
        for attr in sets.iter().flat_map(|set| &set.attrs) {
            if matches!(&*attr.name, "_module" | "imports") {
                continue;
            }
            let of = |name: &Name| SetAttr { name: name.clone(), ..attr.clone() };
            let names: Vec<SetAttr> = systems.iter().map(of).collect();
            let rest = (systems_open || names.is_empty()).then_some(attr.thunk);
            let thunk = self.done(Value::set(names, rest, systems_open));
            attrs.push(SetAttr { thunk, ..attr.clone() });
        }
        let settings = self.modules(inner, per_system.clone(), place);
        if let (false, Some(input)) =
            (settings.is_empty(), self.input_names.get("nixpkgs").copied())
        {
            self.instance(Base::Input(input), MadeBy::Import, Some(place), settings, None);
        }
        // Options of flake-parts modules (treefmt, devshells) are looked through like outputs.
        let outputs = self.merge(Value::set(attrs, None, false), outputs, 0);
        self.modules(key, vec![module], place);
        outputs
    }
}

/// Where a value was named.
fn at_place(value: &Value) -> Place {
    match value {
        Value::Input(_, _, place) => *place,
        _ => super::select::nowhere(),
    }
}
