//! Options that modules declare: their defaults, and their types as far as these have modules.
//!
//! Source: nixpkgs `lib/options.nix`, `lib/types.nix`.

use super::{ClassId, ModuleKind};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Declared, Names, Thunk, Value, attr};
use crate::syntax::Name;

/// How an option contains sets of options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// One set.
    One,
    /// Any number of sets, by name.
    Named,
}

impl Evaluator<'_> {
    /// The option declared at a path or above it, which is the argument of `mkOption`, and the rest of the
    /// path.
    pub(super) fn option_above<'p>(
        &mut self,
        class: ClassId,
        path: &'p [Name],
    ) -> Option<(Value, &'p [Name])> {
        let [_, rest @ ..] = path else { return None };
        let declared =
            self.indexed(class, |index, modules, of| index.declared_at(modules, of, path));
        let mut found: Vec<Thunk> = Vec::new();
        let mut rest_of_found: &[Name] = &[];
        for thunk in declared {
            let mut value = self.force_known(thunk);
            let mut below = rest;
            loop {
                if let Value::Declared(Declared::Option(option)) = value.unconditional().0 {
                    // Of several, those that are above the others.
                    if found.is_empty() || rest_of_found.len() < below.len() {
                        found.clear();
                        rest_of_found = below;
                    }
                    if rest_of_found.len() == below.len() {
                        found.push(*option);
                    }
                    break;
                }
                let [name, further @ ..] = below else { break };
                if self.has(&value, name) == Some(false) {
                    break;
                }
                let inner = self.member(&value, name, None);
                value = self.resolve(inner);
                below = further;
            }
        }
        let first = *found.first()?;
        let option = match found.len() {
            1 => self.force_known(first),
            _ => self.declared_together(&found),
        };
        Some((option, rest_of_found))
    }

    /// One option that is declared several times: its types are merged.
    ///
    /// Source: nixpkgs `lib/modules.nix`, `mergeOptionDecls`.
    fn declared_together(&mut self, options: &[Thunk]) -> Value {
        let mut all = Value::no_attrs();
        let mut types = Vec::new();
        for option in options.iter().rev() {
            let value = self.force_known(*option);
            if self.has(&value, "type") == Some(true) {
                types.push(self.member_thunk(*option, "type"));
            }
            all = self.update(all, value);
        }
        types.reverse();
        let types = self.done(Value::list(types, false));
        let types = self.done(Value::Declared(Declared::Several(types)));
        self.update(all, Value::set(vec![attr("type", types)], None, false))
    }

    /// The modules that declarations of `perSystem` add to those of each system.
    ///
    /// Source: flake-parts `lib.nix`, `mkPerSystemType`, `mkPerSystemOption`.
    pub(super) fn declared_per_system(&mut self, class: ClassId) -> Vec<Value> {
        let path = [Name::from("perSystem")];
        let mut found = Vec::new();
        let declared =
            self.indexed(class, |index, modules, of| index.declared_at(modules, of, &path));
        for thunk in declared {
            let Value::Declared(Declared::Option(option)) = self.force_known(thunk) else {
                continue;
            };
            let kind = self.member_thunk(option, "type");
            if let Value::Declared(Declared::PerSystem(module)) = self.force_known(kind) {
                found.push(self.force(module));
            }
        }
        found
    }

    /// The first names of options that modules declare which were read, sorted.
    pub(in crate::evaluate) fn declared_at_top(&mut self, class: ClassId) -> Vec<Name> {
        let modules = self.class(class).map(|class| class.modules.iter());
        let options = modules.into_iter().flatten().flat_map(|module| &module.options);
        let names = options.flat_map(|set| &set.attrs).map(|attr| attr.name.clone());
        let mut names: Vec<Name> = names.collect();
        names.sort();
        names.dedup();
        names
    }

    /// Whether a module that was read declares an option at a path, or at one above it.
    pub(in crate::evaluate) fn is_declared(&mut self, class: ClassId, path: &[Name]) -> bool {
        self.option_above(class, path).is_some()
    }

    /// Whether modules that were read declare options below a path, but not at it.
    pub(in crate::evaluate) fn declares_below(&mut self, class: ClassId, path: &[Name]) -> bool {
        let [_, rest @ ..] = path else { return false };
        for thunk in self.indexed(class, |index, modules, of| index.declared_at(modules, of, path))
        {
            let mut value = self.force_known(thunk);
            for name in rest {
                value = match self.has(&value, name) {
                    Some(true) => {
                        let inner = self.member(&value, name, None);
                        self.resolve(inner)
                    }
                    _ => Value::outside(),
                };
            }
            if matches!(value.unconditional().0, Value::Set(_)) {
                return true;
            }
        }
        false
    }

    /// The default at a path, or in the default of an option above it that nothing sets.
    pub(super) fn default_at(&mut self, class: ClassId, path: &[Name]) -> Option<Value> {
        let (default, below) = self.default_above(class, path)?;
        let mut value = default;
        for name in below {
            match self.has(&value, name) {
                Some(true) => {}
                // What a set of packages has is not known.
                None if matches!(value, Value::Package(..) | Value::Unread(..)) => {}
                Some(false) | None => return None,
            }
            value = self.member(&value, name, None);
            value = self.resolve(value);
        }
        (!value.is_unknown()).then_some(value)
    }

    /// The default of an option at a path or above it, and the rest of the path.
    pub(super) fn default_above<'p>(
        &mut self,
        class: ClassId,
        path: &'p [Name],
    ) -> Option<(Value, &'p [Name])> {
        let (option, below) = self.option_above(class, path)?;
        let Value::Set(set) = &option else { return None };
        let default = match self.force_known(set.get("default")?.thunk) {
            Value::Unknown(_) | Value::Config(..) => return None,
            default => default,
        };
        let (upper, _) = path.split_at(path.len() - below.len());
        // Of a value that is set, nothing is the default.
        let is_set = !below.is_empty() && !self.all_definitions(class, upper).is_empty();
        (!is_set).then_some((default, below))
    }

    /// The submodule that is the type of the option at a path or above it, and the rest of the path.
    pub(super) fn submodule_above<'p>(
        &mut self,
        class: ClassId,
        path: &'p [Name],
    ) -> Option<(Holds, Value, &'p [Name])> {
        let (option, below) = self.option_above(class, path)?;
        let (holds, modules) = self.submodule_of(&option)?;
        Some((holds, modules, below))
    }

    /// The submodule that is the type of an option.
    pub(super) fn submodule_of(&mut self, option: &Value) -> Option<(Holds, Value)> {
        let kind = self.member(option, &Name::from("type"), None);
        let kind = self.resolve(kind);
        self.submodule_in(kind)
    }

    fn submodule_in(&mut self, kind: Value) -> Option<(Holds, Value)> {
        let mut kind = kind;
        let mut holds = Holds::One;
        for _ in 0..6 {
            let Value::Declared(declared) = kind.unconditional().0 else { return None };
            match *declared {
                Declared::Submodule(modules) => {
                    return Some((holds, self.force_known(modules)));
                }
                Declared::Elements(inner) => {
                    holds = Holds::Named;
                    kind = self.force_known(inner);
                }
                Declared::Coerced(_, inner) => kind = self.force_known(inner),
                Declared::Several(types) => return self.submodules_together(types),
                Declared::Option(_) | Declared::PerSystem(_) | Declared::Deferred(_) => {
                    return None;
                }
            }
        }
        None
    }

    /// The modules of submodules that are the types of one option.
    fn submodules_together(&mut self, types: Thunk) -> Option<(Holds, Value)> {
        let types = self.force_known(types);
        let mut items = Vec::new();
        self.items_into(&types, &mut items);
        let mut all: Option<Holds> = None;
        let mut modules = Vec::new();
        for item in items {
            let kind = self.force_known(item);
            if matches!(kind, Value::Declared(Declared::Several(_))) {
                continue;
            }
            if let Some((holds, of)) = self.submodule_in(kind) {
                all = all.or(Some(holds));
                modules.push(self.done(of));
            }
        }
        Some((all?, Value::list(modules, false)))
    }

    /// The function that makes values of an option's type of others, as `coercedTo` says.
    fn coercion_of(&mut self, option: &Value) -> Option<Value> {
        let kind = self.member(option, &Name::from("type"), None);
        let mut kind = self.resolve(kind);
        for _ in 0..6 {
            let Value::Declared(declared) = kind.unconditional().0 else { return None };
            match *declared {
                Declared::Coerced(function, _) => return Some(self.force_known(function)),
                Declared::Elements(inner) => kind = self.force_known(inner),
                _ => return None,
            }
        }
        None
    }

    /// The names of the submodules of an option that their own `enable` switches off.
    pub(in crate::evaluate) fn switched_off_below(
        &mut self,
        class: ClassId,
        path: &[Name],
    ) -> Vec<Name> {
        let enable = [Name::from("enable")];
        let Some((Holds::Named, modules, [])) = self.submodule_above(class, path) else {
            return Vec::new();
        };
        let mut off = Vec::new();
        for (name, _) in self.names_at(class, path) {
            let inner = self.submodule(class, path, Some(&name), &modules);
            if self.is_declared(inner, &enable)
                && matches!(
                    self.resolve(Value::Config(inner, enable.clone().into())),
                    Value::Bool(false)
                )
            {
                off.push(name);
            }
        }
        off
    }

    /// The class of the modules of a submodule: one for each name under which it is set.
    pub(super) fn submodule(
        &mut self,
        class: ClassId,
        path: &[Name],
        name: Option<&Name>,
        modules: &Value,
    ) -> ClassId {
        let key: (Names, Option<Name>) = (path.into(), name.cloned());
        if let Some(known) = self.class(class).and_then(|class| class.subs.get(&key)) {
            return *known;
        }
        let (place, packages) =
            self.class(class).map_or((None, None), |of| (of.place, of.packages));
        let inner = self.new_class(ModuleKind::Sub, place);
        if let Some(sub) = self.class_mut(inner) {
            sub.outer = Some(class);
            sub.packages = packages;
        }
        if let Some(class) = self.class_mut(class) {
            class.subs.insert(key, inner);
        }
        if let Some(name) = name {
            let thunk = self.done(Value::Text(name.clone()));
            if let Some(sub) = self.class_mut(inner) {
                sub.args.insert("name".into(), thunk);
            }
        }
        self.collect(inner, modules);
        let path: Vec<Name> = path.iter().chain(name).cloned().collect();
        let defined = self.definitions(class, &path);
        if defined.is_empty()
            && let Some(default) = self.default_at(class, &path)
        {
            self.collect(inner, &default);
        }
        // `submodule` takes a set for what its options are set to, whatever its names are; most do
        // not say so, and `config` is no option of theirs.
        let is_option = self.is_declared(inner, &[Name::from("config")]);
        let coercion = defined.iter().any(|defined| is_plain_value(&defined.value));
        let coercion = coercion.then(|| self.option_above(class, &path)).flatten();
        let coercion = coercion.and_then(|(option, _)| self.coercion_of(&option));
        for defined in defined {
            match defined.value {
                plain if is_plain_value(&plain) => {
                    if let Some(function) = &coercion {
                        let made = self.apply_to(function, plain, None);
                        self.collect(inner, &made);
                    }
                }
                set @ Value::Set(_) if is_option => {
                    let config = self.done(set);
                    let module = Value::set(vec![attr("config", config)], None, false);
                    self.collect(inner, &module);
                }
                value => self.collect(inner, &value),
            }
        }
        inner
    }

    /// The names that definitions set below a path.
    pub(in crate::evaluate) fn names_at(
        &mut self,
        class: ClassId,
        path: &[Name],
    ) -> Vec<(Name, Option<Place>)> {
        let mut sets = Vec::new();
        let defined = self.definitions(class, path);
        if defined.is_empty()
            && let Some(default) = self.default_at(class, path)
        {
            sets_of(&default, &mut sets);
        }
        for defined in defined {
            sets_of(&defined.value, &mut sets);
        }
        sets.iter().flat_map(|set| &set.attrs).map(|attr| (attr.name.clone(), attr.place)).collect()
    }

    /// `mkOption`, and the types that options may have.
    pub(in crate::evaluate) fn option_function(&mut self, name: &str, arg: Thunk) -> Value {
        match name {
            "mkOption" => Value::Declared(Declared::Option(arg)),
            "submodule" => Value::Declared(Declared::Submodule(arg)),
            "mkPerSystemType" => Value::Declared(Declared::PerSystem(arg)),
            "mkPerSystemOption" => {
                let of = self.done(Value::Declared(Declared::PerSystem(arg)));
                let option = self.done(Value::set(vec![attr("type", of)], None, false));
                Value::Declared(Declared::Option(option))
            }
            "submoduleWith" => {
                let arg = self.force_known(arg);
                let modules = self.member(&arg, &Name::from("modules"), None);
                Value::Declared(Declared::Submodule(self.done(modules)))
            }
            "deferredModuleWith" => {
                Value::Declared(Declared::Deferred(self.member_thunk(arg, "staticModules")))
            }
            "attrsOf" | "lazyAttrsOf" => Value::Declared(Declared::Elements(arg)),
            // Lists stay as they are written: their items have no names.
            "listOf" => Value::outside(),
            _ => self.force(arg),
        }
    }

    /// `mkEnableOption`: off, unless it is set.
    pub(in crate::evaluate) fn enable_option(&mut self) -> Value {
        let off = self.done(Value::Bool(false));
        let option = self.done(Value::set(vec![attr("default", off)], None, false));
        self.option_function("mkOption", option)
    }

    /// `mkPackageOption pkgs name { default }`
    pub(in crate::evaluate) fn package_option(&mut self, packages: Thunk, name: Thunk) -> Value {
        let packages = self.force_known(packages);
        let name = self.force_known(name);
        let mut items = Vec::new();
        self.items_into(&name, &mut items);
        let mut package = packages;
        for item in items {
            match self.force_known(item) {
                Value::Text(name) => package = self.member(&package, &name, None),
                _ => return Value::outside(),
            }
        }
        let package = self.done(package);
        let option = self.done(Value::set(vec![attr("default", package)], None, false));
        self.option_function("mkOption", option)
    }
}

/// Whether a value is no module, but something of which a type makes one.
fn is_plain_value(value: &Value) -> bool {
    matches!(
        value,
        Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Null | Value::List(_)
    )
}
