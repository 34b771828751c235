//! The keys of a `config`, and their values.

use std::collections::HashSet;

use super::effective::{DefinedSetting, unreadable};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{Place, Setting, SettingState};
use crate::evaluate::value::{Declared, Value, Why, attr, last};
use crate::nixpkgs_config::{self, KeyKind};
use crate::syntax::Name;

/// The most settings of one instance.
const MOST_SETTINGS: usize = 500;

impl Evaluator<'_> {
    /// The settings in a `config`.
    pub(super) fn config_settings(
        &mut self,
        config: &Value,
        at: Option<Place>,
        conditional: bool,
        priority: i64,
        found: &mut Vec<DefinedSetting>,
    ) {
        if found.len() >= MOST_SETTINGS || !self.budget.step() {
            return;
        }
        match config {
            Value::Set(set) => {
                let set = set.clone();
                for attr in &set.attrs {
                    let conditional = conditional || attr.conditional;
                    let place = attr.place.or(at);
                    let value = self.force(attr.thunk);
                    for (value, own, conditional) in self.discharged(value, priority, conditional) {
                        self.key_setting(&attr.name, &value, place, conditional, own, found);
                    }
                }
                if set.open && set.attrs.is_empty() {
                    unreadable(found, at);
                }
            }
            Value::Definition(_) => {
                for (value, own, conditional) in
                    self.discharged(config.clone(), priority, conditional)
                {
                    self.config_settings(&value, at, conditional, own, found);
                }
            }
            Value::Conditional(inner) => self.config_settings(inner, at, true, priority, found),
            Value::Config(..) => match self.resolve(config.clone()) {
                Value::Config(..) | Value::Unknown(_) => unreadable(found, at),
                config => self.config_settings(&config, at, conditional, priority, found),
            },
            Value::Either(all) | Value::Further(all) => {
                for one in all.iter() {
                    self.config_settings(one, at, true, priority, found);
                }
            }
            // `pkgs.config // { … }`: keys on the right replace those on the left.
            Value::Update(both) => {
                let (mut left, mut right) = (Vec::new(), Vec::new());
                self.config_settings(&both.0, at, conditional, priority, &mut left);
                self.config_settings(&both.1, at, conditional, priority, &mut right);
                let is_sure = |of: &&DefinedSetting| {
                    of.setting.key.is_some()
                        && matches!(of.setting.state, SettingState::On | SettingState::Off)
                };
                let replaced: HashSet<_> =
                    right.iter().filter(is_sure).map(|of| of.setting.key.clone()).collect();
                left.retain(|of| !replaced.contains(&of.setting.key));
                found.append(&mut left);
                found.append(&mut right);
            }
            Value::Function(..) => {
                let callers = self.callers();
                let packages = Value::Package(callers, [].into(), at);
                let thunk = self.done(packages.clone());
                let library = self.done(Value::Library(None, [].into()));
                let given = vec![attr("pkgs", thunk), attr("lib", library)];
                let is_set =
                    matches!(config, Value::Function(code, _) if self.formals(*code).is_some());
                let arg = if is_set { Value::set(given, None, true) } else { packages };
                let result = self.apply_to(config, arg, at);
                self.config_settings(&result, at, conditional, priority, found);
            }
            Value::Path(..) => {
                let result = self.import(config, at);
                self.config_settings(&result, at, conditional, priority, found);
            }
            // `config = pkgs.config;`
            Value::Settings(of) => match self.settings_of(*of) {
                Some(settings) => found.extend(settings.into_iter().map(|setting| {
                    let state = match setting.state {
                        SettingState::On if conditional => SettingState::Conditional,
                        state => state,
                    };
                    DefinedSetting { setting: Setting { state, ..setting }, priority }
                })),
                None => unreadable(found, at),
            },
            Value::Null | Value::Bool(_) => {}
            _ => unreadable(found, at),
        }
    }

    /// One key of a `config`.
    fn key_setting(
        &mut self,
        name: &Name,
        value: &Value,
        place: Option<Place>,
        conditional: bool,
        priority: i64,
        found: &mut Vec<DefinedSetting>,
    ) {
        let value = self.resolve(value.clone());
        // A setting without a place cannot be reported.
        let mut put = |key: String, place: Option<Place>, state, value| {
            let state = match state {
                SettingState::On if conditional => SettingState::Conditional,
                state => state,
            };
            let setting = place.map(|place| Setting { key: Some(key), place, state, value });
            found.extend(setting.map(|setting| DefinedSetting { setting, priority }));
        };
        // `joypixels.acceptLicense`: settings of single packages are nested.
        if let Value::Set(inner) = &value
            && !inner.attrs.is_empty()
            && (nixpkgs_config::kind(name) == Some(KeyKind::Neither)
                || inner.attrs.iter().all(|below| &*below.name == nixpkgs_config::LICENSE))
        {
            for below in inner.attrs.clone() {
                let value = self.force_known(below.thunk);
                let state = match self.state_of(&value) {
                    SettingState::On if below.conditional => SettingState::Conditional,
                    state => state,
                };
                put(format!("{name}.{}", below.name), below.place.or(place), state, None);
            }
            return;
        }
        let state = self.setting_state(name, &value, place);
        // Others are long at times, and are not compared.
        let texts = nixpkgs_config::is_gpu(name).then(|| self.texts_in(&value)).flatten();
        put(name.to_string(), place, state, texts);
    }

    /// The texts in a list, if it has nothing else.
    fn texts_in(&mut self, value: &Value) -> Option<Vec<String>> {
        /// There are fewer kinds of GPUs.
        const MOST: usize = 64;
        let Value::List(list) = value else { return None };
        if list.open || list.items.len() > MOST {
            return None;
        }
        let texts = list.items.iter().map(|item| match self.force(*item) {
            Value::Text(text) => Some(text.to_string()),
            _ => None,
        });
        texts.collect()
    }

    /// The state of a setting. Overrides of packages that override nothing are off: `pkgs: { }`.
    fn setting_state(&mut self, key: &str, value: &Value, at: Option<Place>) -> SettingState {
        /// The most arguments of such a function: `self: super: { }`.
        const ARGUMENTS: usize = 2;
        let mut made = value.clone();
        for _ in 0..ARGUMENTS {
            if key.ends_with("Overrides") && matches!(made, Value::Function(..)) {
                let callers = self.callers();
                made = self.apply_to(&made, Value::Package(callers, [].into(), at), at);
            }
        }
        if key == "replaceStdenv" && matches!(value, Value::Function(..)) {
            made = self.replaced_stdenv(value, at);
        }
        match (&made, self.state_of(&made)) {
            // The same as before.
            (Value::Package(_, path, _), _) if last(path) == Some("stdenv") => SettingState::Off,
            (Value::Set(_), SettingState::Off) => SettingState::Off,
            _ => self.state_of(value),
        }
    }

    /// The result of `replaceStdenv`: it is given packages by name.
    ///
    /// Source: nixpkgs `pkgs/stdenv/custom/default.nix`.
    fn replaced_stdenv(&mut self, function: &Value, at: Option<Place>) -> Value {
        let callers = self.callers();
        let packages = self.done(Value::Package(callers, [].into(), at));
        let given = Value::set(vec![attr("pkgs", packages)], None, false);
        self.apply_to(function, given, at)
    }

    /// The state of a setting with this value.
    pub(super) fn state_of(&mut self, value: &Value) -> SettingState {
        match value {
            Value::Bool(true) => SettingState::On,
            Value::Bool(false) | Value::Null => SettingState::Off,
            Value::List(list) if list.items.is_empty() && !list.open => SettingState::Off,
            Value::List(list) if list.items.is_empty() => SettingState::Unreadable,
            Value::List(list) if list.unsure => {
                match list.items.iter().any(|item| !self.force(*item).unconditional().1) {
                    true => SettingState::On,
                    false => SettingState::Conditional,
                }
            }
            Value::Set(set) if set.attrs.is_empty() && !set.open && set.rest.is_none() => {
                SettingState::Off
            }
            Value::Conditional(inner) => match self.state_of(inner) {
                SettingState::On => SettingState::Conditional,
                state => state,
            },
            Value::Either(all) => {
                let states: Vec<_> = all.iter().map(|one| self.state_of(one)).collect();
                if states.iter().all(|state| *state == SettingState::Off) {
                    SettingState::Off
                } else if states.contains(&SettingState::Unreadable) {
                    SettingState::Unreadable
                } else {
                    SettingState::Conditional
                }
            }
            Value::Unknown(Why::Condition) | Value::Config(..) | Value::Further(_) => {
                SettingState::Conditional
            }
            Value::Unknown(Why::Outside | Why::Never) | Value::Woven(_) | Value::Unread(..) => {
                SettingState::Unreadable
            }
            // An option of a framework that is not merged: what it is by default, which may be an
            // option again.
            Value::Declared(Declared::Option(option)) => {
                let option = self.force_known(*option);
                match self.member(&option, &Name::from("default"), None) {
                    Value::Bool(true) => SettingState::On,
                    Value::Bool(false) | Value::Null => SettingState::Off,
                    _ => SettingState::Unreadable,
                }
            }
            _ => SettingState::On,
        }
    }
}
