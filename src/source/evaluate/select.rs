//! Attributes of values.

use super::expression::one_of;
use super::facts::{MadeBy, Place, Setting, SettingState, Use};
use super::machine::Machine;
use super::value::{Base, Function, Partial, Value, longer};
use crate::source::nixpkgs_config;
use crate::source::syntax::Name;
use crate::text::Span;

impl Machine<'_> {
    /// The attribute of a value. `place` is where it is named, if that is in a file.
    pub(super) fn member(&mut self, value: &Value, name: &Name, place: Option<Place>) -> Value {
        self.deeper(|machine| machine.find_member(value, name, place))
    }

    fn find_member(&mut self, value: &Value, name: &Name, place: Option<Place>) -> Value {
        match value {
            Value::Set(set) => match set.get(name) {
                Some(attr) => {
                    let conditional = attr.conditional;
                    let value = self.force(attr.thunk);
                    if conditional { value.conditional() } else { value }
                }
                None => match set.rest {
                    Some(rest) => self.force(rest),
                    None => Value::outside(),
                },
            },
            Value::Unknown(why) => Value::Unknown(*why),
            Value::Config(key, path) => self.in_config(*key, path, name),
            Value::Inputs => self.input_named(name, place),
            Value::SystemInputs => match self.input_names.get(&**name).copied() {
                Some(input) => {
                    let place = place.unwrap_or_else(nowhere);
                    Value::Input(input, std::rc::Rc::from([Name::from("‹system›")]), place)
                }
                None => Value::outside(),
            },
            Value::Itself => match &**name {
                "inputs" => Value::Inputs,
                "outputs" => Value::Itself,
                "outPath" | "sourceInfo" => Value::Path(self.files.flake().clone()),
                _ => {
                    let Some(outputs) = self.outputs else { return Value::outside() };
                    let outputs = self.force(outputs);
                    match &outputs {
                        Value::Itself => Value::outside(),
                        outputs => self.member(outputs, name, place),
                    }
                }
            },
            Value::SystemItself => {
                let output = self.member(&Value::Itself, name, place);
                self.any_member(&output, place.unwrap_or_else(nowhere))
            }
            Value::Input(input, path, at) => {
                self.in_input(*input, path, name, place.unwrap_or(*at))
            }
            Value::Package(instance, path, at) => {
                self.in_packages(*instance, path, name, place.unwrap_or(*at))
            }
            Value::Library(input, path) => Value::Library(*input, longer(path, name)),
            Value::Source(base, path, at) => match &**name {
                "outPath" => {
                    let place = place.unwrap_or(*at);
                    if let Base::Input(input) = base {
                        self.record_output(*input, "outPath", place);
                    }
                    Value::Source(*base, path.clone(), place)
                }
                _ => Value::outside(),
            },
            Value::Conditional(inner) => self.member(inner, name, place).conditional(),
            Value::Either(all) => {
                let mut known = Vec::new();
                for one in all.iter() {
                    match self.member(one, name, place) {
                        Value::Unknown(_) => {}
                        value => known.push(value),
                    }
                }
                Value::either(known)
            }
            Value::Update(both) => {
                let (left, right) = &**both;
                if self.surely_has(right, name) {
                    return self.member(right, name, place);
                }
                if self.may_have(left, name) && !self.may_have(right, name) {
                    return self.member(left, name, place);
                }
                match (self.member(left, name, place), self.member(right, name, place)) {
                    (Value::Unknown(_), value) | (value, Value::Unknown(_)) => value,
                    // The library's own functions are better known than what shadows them.
                    (library @ (Value::Library(..) | Value::Partial(_)), _) => library,
                    (a, b) => one_of(a, b),
                }
            }
            Value::List(list) if list.merge => match self.resolve(value.clone()) {
                Value::List(_) => Value::outside(),
                value => self.member(&value, name, place),
            },
            Value::Path(path) if &**name == "outPath" => Value::Path(path.clone()),
            _ => Value::outside(),
        }
    }

    /// An attribute whose name is not known.
    pub(super) fn any_member(&mut self, value: &Value, place: Place) -> Value {
        const ANY: &str = "‹any›";
        /// Attributes that are looked at.
        const MOST: usize = 6;
        self.deeper(|machine| match value {
            Value::Set(set) => {
                let thunks = set.attrs.iter().map(|attr| attr.thunk).take(MOST);
                let thunks: Vec<_> = thunks.chain(set.rest).collect();
                let mut values = Vec::new();
                for thunk in thunks {
                    match machine.force(thunk) {
                        Value::Unknown(_) => {}
                        value => values.push(value),
                    }
                }
                Value::either(values)
            }
            Value::Config(..) => match machine.resolve(value.clone()) {
                Value::Config(..) | Value::Unknown(_) => Value::condition(),
                value => machine.any_member(&value, place),
            },
            Value::Inputs => Value::outside(),
            Value::Input(..) | Value::Package(..) => {
                machine.find_member(value, &Name::from(ANY), Some(place))
            }
            Value::Conditional(inner) => {
                let inner = (**inner).clone();
                machine.any_member(&inner, place).conditional()
            }
            Value::Either(all) => {
                let all: Vec<_> = all.iter().map(|one| machine.any_member(one, place)).collect();
                Value::either(all.into_iter().filter(|v| !matches!(v, Value::Unknown(_))).collect())
            }
            Value::Itself | Value::SystemItself => Value::outside(),
            Value::Update(both) => {
                let (a, b) =
                    (machine.any_member(&both.0, place), machine.any_member(&both.1, place));
                one_of(a, b)
            }
            Value::Unknown(why) => Value::Unknown(*why),
            _ => Value::outside(),
        })
    }

    /// An input by its name.
    pub(super) fn input_named(&self, name: &str, place: Option<Place>) -> Value {
        if name == "self" {
            return Value::Itself;
        }
        match self.input_names.get(name) {
            Some(input) => {
                Value::Input(*input, self.no_names.clone(), place.unwrap_or_else(nowhere))
            }
            None => Value::outside(),
        }
    }

    fn in_input(
        &mut self,
        input: u32,
        path: &super::value::Names,
        name: &Name,
        place: Place,
    ) -> Value {
        match (path.first().map(|first| &**first), &**name) {
            // One of all inputs, which were gone through.
            (Some(EVERY), _) => return self.in_input(input, &self.no_names.clone(), name, place),
            (None, "outputs") => return Value::Input(input, path.clone(), place),
            (None, "outPath" | "sourceInfo") => {
                if &**name == "outPath" {
                    self.record_output(input, "outPath", place);
                }
                return Value::Source(Base::Input(input), "".into(), place);
            }
            (None, "lib") if self.is_nixpkgs(input) => {
                self.record_use(input, Use::Lib, place);
                self.record_output(input, "lib", place);
                self.record_taken(input, super::facts::Taken::Lib, place);
                return Value::Library(Some(input), self.no_names.clone());
            }
            // flake-utils: `with lib.system; [ x86_64-linux ]` are texts.
            (Some("lib"), system)
                if path.len() == 2
                    && path.last().is_some_and(|last| &**last == "system")
                    && system.contains('-') =>
            {
                self.record_taken(input, super::facts::Taken::Lib, place);
                return Value::Text(name.clone());
            }
            // `legacyPackages.SYSTEM` is an instance, whatever the input.
            (Some("legacyPackages"), system) if path.len() == 1 => {
                return self.legacy(input, Some(system), place);
            }
            (Some("‹system›"), "legacyPackages") if path.len() == 1 => {
                return self.legacy(input, None, place);
            }
            _ => {}
        }
        if path.len() >= 16 {
            return Value::Input(input, path.clone(), place);
        }
        let path: super::value::Names = match path.first() {
            // `inputs'.x.packages.y` is `inputs.x.packages.SYSTEM.y`.
            Some(first) if &**first == "‹system›" && path.len() == 1 => {
                std::rc::Rc::from([name.clone(), Name::from("‹any›")])
            }
            _ => longer(path, name),
        };
        Value::Input(input, path, place)
    }

    /// `legacyPackages` of an input for one system.
    pub(super) fn legacy(&mut self, input: u32, system: Option<&str>, place: Place) -> Value {
        let system = system.filter(|system| *system != "‹any›").map(str::to_owned);
        self.record_use(input, Use::LegacyPackages, place);
        self.record_output(input, "legacyPackages", place);
        self.facts.systems_used.insert((input, system));
        let instance = self.legacy_instance(input);
        Value::Package(instance, self.no_names.clone(), place)
    }

    fn in_packages(
        &mut self,
        instance: super::value::InstanceId,
        path: &super::value::Names,
        name: &Name,
        place: Place,
    ) -> Value {
        if path.is_empty() {
            match &**name {
                "lib" => return Value::Library(self.base_input(instance), self.no_names.clone()),
                "path" => return Value::Source(Base::Instance(instance), "".into(), place),
                "pkgs" | "buildPackages" | "targetPackages" | "pkgsBuildHost"
                | "__splicedPackages" => {
                    return Value::Package(instance, path.clone(), place);
                }
                "config" | "system" => {
                    return Value::condition();
                }
                _ => {}
            }
            if let Some(key) = nixpkgs_config::variant(name) {
                let setting = Setting { key: key.to_owned(), place, state: SettingState::On };
                let made = self.instance(
                    Base::Instance(instance),
                    MadeBy::Variant,
                    Some(place),
                    vec![setting],
                    None,
                );
                return Value::Package(made, self.no_names.clone(), place);
            }
        }
        if path.len() >= 12 {
            return Value::Package(instance, path.clone(), place);
        }
        // What is known of a platform is a condition to configuration.
        if path.last().is_some_and(|last| {
            matches!(&**last, "hostPlatform" | "buildPlatform" | "targetPlatform" | "stdenv")
        }) && (name.starts_with("is") || &**name == "system")
        {
            return Value::condition();
        }
        Value::Package(instance, longer(path, name), place)
    }

    /// Whether a value certainly has an attribute.
    pub(super) fn surely_has(&mut self, value: &Value, name: &str) -> bool {
        match value {
            Value::Set(set) => set.get(name).is_some_and(|attr| !attr.conditional),
            Value::Inputs => self.input_names.contains_key(name),
            Value::Update(both) => self.surely_has(&both.0, name) || self.surely_has(&both.1, name),
            _ => false,
        }
    }

    /// Whether a value may have an attribute: what `with` looks for.
    pub(super) fn may_have(&mut self, value: &Value, name: &str) -> bool {
        match value {
            Value::Set(set) => set.get(name).is_some() || set.rest.is_some() || set.open,
            Value::Inputs => name == "self" || self.input_names.contains_key(name),
            Value::Library(_, path) if path.is_empty() => super::library::is_known(name),
            Value::Library(..) => super::library::is_known(name),
            Value::Package(..) | Value::Input(..) | Value::Unknown(_) | Value::Config(..) => true,
            Value::Itself | Value::SystemItself | Value::SystemInputs => true,
            Value::Conditional(inner) => self.may_have(inner, name),
            Value::List(list) => list.merge,
            Value::Either(all) => all.iter().any(|one| self.may_have(one, name)),
            Value::Update(both) => self.may_have(&both.0, name) || self.may_have(&both.1, name),
            _ => false,
        }
    }

    /// Names that are there without being bound: builtins.
    pub(super) fn global(&mut self, name: &str) -> Option<Value> {
        Some(match name {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "builtins" => Value::Library(None, self.no_names.clone()),
            "import" | "map" | "toString" | "removeAttrs" | "throw" | "abort" | "baseNameOf"
            | "dirOf" | "isNull" | "derivation" | "fetchTarball" | "fetchGit" | "fetchTree"
            | "fetchMercurial" | "fromTOML" | "placeholder" | "scopedImport" | "break" => {
                Value::Partial(std::rc::Rc::new(Partial {
                    function: Function::Library(None, name.into()),
                    args: Vec::new(),
                    place: nowhere(),
                }))
            }
            _ => return None,
        })
    }

    pub(super) fn builtin(&mut self, name: &str) -> Option<Value> {
        let plain = name.strip_prefix("__")?;
        super::library::is_known(plain)
            .then(|| Value::Library(None, std::rc::Rc::from([Name::from(plain)])))
    }
}

/// The path of an input that was come upon by going through all of them.
pub(super) const EVERY: &str = "‹every›";

/// A place for what stands nowhere; it is never written down.
pub(super) fn nowhere() -> Place {
    Place { file: u32::MAX, span: Span { start: 0, end: 0 } }
}
