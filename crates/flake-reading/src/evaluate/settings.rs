//! Settings that instances of nixpkgs are made with.
//!
//! Source: nixpkgs `pkgs/top-level/default.nix`, `nixos/modules/misc/nixpkgs.nix`.

use super::facts::{InstanceId, MadeBy, Place, Setting, SettingState};
use super::machine::{Machine, NOWHERE};
use super::value::{Segment, Value, Why};
use crate::nixpkgs_config::{self, KeyKind};
use crate::syntax::Name;

/// Settings of one instance.
const MOST_SETTINGS: usize = 500;
/// The priority of a definition that says nothing of it (nixpkgs `lib/modules.nix`).
pub(super) const USUAL: i64 = 100;

/// A setting as it is defined, with its priority: the lower number wins.
struct Defined {
    setting: Setting,
    priority: i64,
}

impl Machine<'_> {
    /// Looks at what an instance is made with, once.
    pub(super) fn settle(&mut self, instance: InstanceId) {
        let Some(making) = self.makings.get_mut(instance.index()) else { return };
        if std::mem::replace(&mut making.is_settled, true) {
            return;
        }
        let (args, class, inherits) = (making.args, making.class, making.inherits);
        let Some(made) = self.made(instance) else { return };
        let (made_by, from, place) = (made.made_by, made.from, made.made_at.unwrap_or(NOWHERE));
        let mut found = Vec::new();
        match (args, class, made_by) {
            (Some(args), ..) => {
                let args = self.force_known(args);
                self.import_settings(instance, &args, place, &mut found);
            }
            (None, Some(class), _) => self.option_settings(instance, class, place, &mut found),
            (None, None, MadeBy::Variant) => {
                let name = self.made(instance).and_then(|made| made.system.clone());
                if let Some(key) = name.as_deref().and_then(nixpkgs_config::variant) {
                    let setting = Setting { key: Some(key.into()), place, state: SettingState::On };
                    found.push(Defined { setting, priority: USUAL });
                }
            }
            (None, None, _) => {}
        }
        let mut settings = effective(found);
        let mut system = self.made(instance).and_then(|made| made.system.clone());
        // What another instance was given holds for its variants and extensions, too.
        let inherits = inherits || matches!(made_by, MadeBy::Variant | MadeBy::Extended);
        if let (true, Some(from)) = (inherits, from) {
            self.settle(from);
            if let Some(from) = self.made(from) {
                let own: Vec<_> = settings.iter().map(|setting| setting.key.clone()).collect();
                let more = from.settings.iter().filter(|setting| !own.contains(&setting.key));
                settings.extend(more.cloned());
                system = from.system.clone();
            }
        } else if let (MadeBy::HomeManager, None, Some(from)) = (made_by, &system, from) {
            // A home with settings of its own is for the same machine.
            self.settle(from);
            system = self.made(from).and_then(|from| from.system.clone());
        }
        settings.sort_by(|a, b| (a.place, &a.key).cmp(&(b.place, &b.key)));
        if let Some(made) = self.reading.instances.get_mut(instance.index()) {
            made.settings = settings;
            let takes_source = matches!(made_by, MadeBy::Import | MadeBy::HomeManager);
            made.keeps_settings = inherits || from.is_none() || !takes_source;
            made.system = system;
        }
        self.count_overlays(instance);
    }

    /// How many overlays an instance has, and which names they make from what they were.
    fn count_overlays(&mut self, instance: InstanceId) {
        let Some(added) = self.added(instance) else { return };
        let added = self.force(added);
        let mut changed = std::collections::BTreeSet::new();
        if let Value::Set(set) = &added {
            for attr in set.attrs.iter().take(500) {
                let value = self.force(attr.thunk);
                if let Value::Derivation(made) = value.unconditional().0
                    && made.is_override
                    && made.maker == instance
                    && made.path.first().and_then(Segment::name) == Some(&*attr.name)
                {
                    changed.insert(attr.name.to_string());
                }
            }
        }
        if let Some(below) = self.overlays_below(instance) {
            self.settle(below);
            changed.extend(self.made(below).into_iter().flat_map(|made| made.changed.clone()));
        }
        let making = self.makings.get(instance.index());
        let overlays = making.filter(|of| of.unread.is_empty()).and_then(|of| of.overlaid);
        if let Some(made) = self.reading.instances.get_mut(instance.index()) {
            made.changed.extend(changed);
            made.overlays = overlays;
        }
    }

    /// `import nixpkgs { system, config, overlays }`
    fn import_settings(
        &mut self,
        instance: InstanceId,
        args: &Value,
        place: Place,
        found: &mut Vec<Defined>,
    ) {
        let (args, conditional) = args.unconditional();
        let set = match args {
            Value::Set(set) => set.clone(),
            Value::Update(both) => {
                let (left, right) = (both.0.clone(), both.1.clone());
                self.import_settings(instance, &left, place, found);
                return self.import_settings(instance, &right, place, found);
            }
            Value::Either(all) | Value::Further(all) => {
                for one in all.iter() {
                    let one = one.clone().conditional();
                    self.import_settings(instance, &one, place, found);
                }
                return;
            }
            // Whatever it is, it may hold settings.
            _ => return unreadable(found, place),
        };
        match set.get("config") {
            Some(attr) => {
                let config = self.force_known(attr.thunk);
                let at = attr.place.unwrap_or(place);
                self.config_settings(&config, at, conditional || attr.conditional, USUAL, found);
            }
            None if set.open => unreadable(found, place),
            None => {}
        }
        for attr in &set.attrs {
            if !is_setting(&attr.name) || !self.step() {
                continue;
            }
            let value = self.force_known(attr.thunk);
            self.put_beside(instance, &attr.name, attr.place, &value);
        }
        for name in ["system", "localSystem", "hostPlatform", "crossSystem"] {
            let Some(attr) = set.get(name) else { continue };
            let value = self.force_known(attr.thunk);
            let value = match value.unconditional().0 {
                Value::Set(_) => self.member(&value, &Name::from("system"), None),
                _ => value,
            };
            if let (Value::Text(system), Some(made)) =
                (value.unconditional().0, self.reading.instances.get_mut(instance.index()))
            {
                made.system = Some(system.to_string());
            }
        }
    }

    /// A setting that stands beside `config`, unless it is off.
    fn put_beside(
        &mut self,
        instance: InstanceId,
        name: &Name,
        place: Option<Place>,
        value: &Value,
    ) {
        let state = self.state_of(value);
        if let (Some(place), Some(made)) = (place, self.reading.instances.get_mut(instance.index()))
            && state != SettingState::Off
        {
            made.beside.push(Setting { key: Some(name.to_string()), place, state });
        }
    }

    /// The settings in a `config`.
    fn config_settings(
        &mut self,
        config: &Value,
        at: Place,
        conditional: bool,
        priority: i64,
        found: &mut Vec<Defined>,
    ) {
        if found.len() >= MOST_SETTINGS || !self.step() {
            return;
        }
        match config {
            Value::Set(set) => {
                let set = set.clone();
                for attr in &set.attrs {
                    let conditional = conditional || attr.conditional;
                    let place = attr.place.unwrap_or(at);
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
            Value::Update(both) => {
                self.config_settings(&both.0, at, conditional, priority, found);
                self.config_settings(&both.1, at, conditional, priority, found);
            }
            Value::Function(..) => {
                let callers = self.callers();
                let packages = Value::Package(callers, [].into(), at);
                let thunk = self.done(packages.clone());
                let library = self.done(Value::Library(None, [].into()));
                let given =
                    vec![super::value::attr("pkgs", thunk), super::value::attr("lib", library)];
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
            Value::Null | Value::Bool(_) => {}
            _ => unreadable(found, at),
        }
    }

    /// One key of a `config`.
    fn key_setting(
        &mut self,
        name: &Name,
        value: &Value,
        place: Place,
        conditional: bool,
        priority: i64,
        found: &mut Vec<Defined>,
    ) {
        let value = self.resolve(value.clone());
        let mut put = |key: String, place, state| {
            let state = match state {
                SettingState::On if conditional => SettingState::Conditional,
                state => state,
            };
            found.push(Defined { setting: Setting { key: Some(key), place, state }, priority });
        };
        // `joypixels.acceptLicense`: settings of single packages have a name of their own.
        if let Value::Set(inner) = &value
            && !inner.attrs.is_empty()
            && nixpkgs_config::kind(name) == Some(KeyKind::Neither)
        {
            for below in inner.attrs.clone() {
                let value = self.force_known(below.thunk);
                let state = match self.state_of(&value) {
                    SettingState::On if below.conditional => SettingState::Conditional,
                    state => state,
                };
                put(format!("{name}.{}", below.name), below.place.unwrap_or(place), state);
            }
            return;
        }
        let state = self.setting_state(name, &value, place);
        put(name.to_string(), place, state);
    }

    /// What a setting is set to. Overrides of packages that are of none are off: `pkgs: { }`.
    fn setting_state(&mut self, key: &str, value: &Value, at: Place) -> SettingState {
        /// Functions have at most so many arguments: `self: super: { }`.
        const ARGUMENTS: usize = 2;
        let mut made = value.clone();
        for _ in 0..ARGUMENTS {
            if key.ends_with("Overrides") && matches!(made, Value::Function(..)) {
                let callers = self.callers();
                made = self.apply_to(&made, Value::Package(callers, [].into(), at), at);
            }
        }
        match (&made, self.state_of(&made)) {
            (Value::Set(_), SettingState::Off) => SettingState::Off,
            _ => self.state_of(value),
        }
    }

    /// What a value says of a setting that has it.
    fn state_of(&mut self, value: &Value) -> SettingState {
        match value {
            Value::Bool(true) => SettingState::On,
            Value::Bool(false) | Value::Null => SettingState::Off,
            Value::List(list) if list.items.is_empty() && !list.open => SettingState::Off,
            Value::List(list) if list.items.is_empty() => SettingState::Unreadable,
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
            _ => SettingState::On,
        }
    }

    /// What the options `nixpkgs.*` of a system say.
    fn option_settings(
        &mut self,
        instance: InstanceId,
        class: super::modules::ClassId,
        place: Place,
        found: &mut Vec<Defined>,
    ) {
        let nixpkgs = Name::from("nixpkgs");
        // One that is not known may hold settings, too.
        for defined in self.all_definitions(class, &[nixpkgs.clone(), "config".into()]) {
            let at = defined.place.unwrap_or(place);
            let (conditional, priority) = (defined.conditional, defined.priority);
            self.config_settings(&defined.value, at, conditional, priority, found);
        }
        for (name, _) in self.names_at(class, std::slice::from_ref(&nixpkgs)) {
            let path = [nixpkgs.clone(), name.clone()];
            // Anybody may declare an option of that name.
            if is_setting(&name) && !self.is_declared(class, &path) {
                for defined in self.definitions(class, &path) {
                    self.put_beside(instance, &name, defined.place, &defined.value);
                }
            }
        }
        for name in ["hostPlatform", "system", "localSystem"] {
            for defined in self.definitions(class, &[nixpkgs.clone(), name.into()]) {
                let value = match defined.value.unconditional().0 {
                    set @ Value::Set(_) => self.member(set, &Name::from("system"), None),
                    other => other.clone(),
                };
                if let (Value::Text(system), Some(made)) =
                    (value.unconditional().0, self.reading.instances.get_mut(instance.index()))
                {
                    made.system = Some(system.to_string());
                }
            }
        }
    }
}

/// Whether a name is that of a setting which does something.
fn is_setting(name: &str) -> bool {
    matches!(nixpkgs_config::kind(name), Some(KeyKind::Build | KeyKind::Permission))
}

fn unreadable(found: &mut Vec<Defined>, place: Place) {
    let setting = Setting { key: None, place, state: SettingState::Unreadable };
    found.push(Defined { setting, priority: USUAL });
}

/// What a place says that says two things: off here and perhaps on is perhaps on.
fn either_state(a: SettingState, b: SettingState) -> SettingState {
    match a.min(b) {
        SettingState::Off if a.max(b) == SettingState::Conditional => SettingState::Conditional,
        surest => surest,
    }
}

/// The settings that hold: of each key those with the lowest priority, each place once with its
/// surest state; what is on somewhere is not off.
fn effective(found: Vec<Defined>) -> Vec<Setting> {
    let mut settings: Vec<(Setting, i64)> = Vec::new();
    for Defined { setting, priority } in found {
        if setting.place == NOWHERE {
            continue;
        }
        let lowest = settings
            .iter()
            .filter(|(known, _)| {
                known.key == setting.key && known.state != SettingState::Conditional
            })
            .map(|(_, priority)| *priority)
            .min();
        if lowest.is_some_and(|lowest| lowest < priority) {
            continue;
        }
        if setting.state != SettingState::Conditional {
            settings.retain(|(known, of)| known.key != setting.key || *of <= priority);
        }
        match settings
            .iter_mut()
            .find(|(known, _)| known.key == setting.key && known.place == setting.place)
        {
            Some((known, _)) => known.state = either_state(known.state, setting.state),
            None => settings.push((setting, priority)),
        }
    }
    let settings: Vec<Setting> = settings.into_iter().map(|(setting, _)| setting).collect();
    let is_on = |key: &Option<String>| {
        settings.iter().any(|other| &other.key == key && other.state == SettingState::On)
    };
    let kept = settings.iter().filter(|s| s.state != SettingState::Off || !is_on(&s.key));
    kept.cloned().collect()
}
