//! Instances of nixpkgs, and the settings they are made with.

use super::facts::{MadeBy, MadeInstance, Place, Setting, SettingState, Taken, Use};
use super::machine::Machine;
use super::value::{Base, InputIndex, InstanceId, Value, Why};
use super::visit::Giver;
use crate::source::nixpkgs_config::{self, KeyKind};

/// Instances of one source that are told apart.
const MOST_INSTANCES: usize = 2_000;
/// Settings of one instance.
const MOST_SETTINGS: usize = 500;

impl Machine<'_> {
    /// The instance made like this; the same one each time.
    pub(super) fn instance(
        &mut self,
        from: Base,
        made_by: MadeBy,
        made_at: Option<Place>,
        settings: Vec<Setting>,
        overlays: Option<u32>,
    ) -> InstanceId {
        let (base, from) = match from {
            Base::Input(input) => (Some(input), None),
            Base::Instance(instance) => (self.base_input(instance), Some(instance.0)),
            Base::Other => (None, None),
        };
        let own = self.own;
        let made_at = made_at.filter(|place| *place != super::select::nowhere());
        let made = MadeInstance {
            base,
            from,
            made_by,
            made_at,
            settings,
            overlays,
            own,
            used: made_by != MadeBy::Legacy && made_by != MadeBy::Callers,
        };
        let same = |known: &MadeInstance| {
            known.base == made.base
                && known.from == made.from
                && known.made_by == made.made_by
                && known.made_at == made.made_at
                && known.settings == made.settings
        };
        let instances = &mut self.facts.instances;
        let at = match instances.iter().position(same) {
            Some(at) => at,
            None if instances.len() >= MOST_INSTANCES => {
                self.facts.cut_short = true;
                0
            }
            None => {
                instances.push(made);
                instances.len() - 1
            }
        };
        if let Some(known) = instances.get_mut(at) {
            known.own |= own;
        }
        InstanceId(u32::try_from(at).unwrap_or(u32::MAX))
    }

    pub(super) fn base_input(&self, instance: InstanceId) -> Option<InputIndex> {
        self.facts.instances.get(instance.0 as usize)?.base
    }

    /// An input's nixpkgs with its defaults.
    pub(super) fn legacy_instance(&mut self, input: InputIndex) -> InstanceId {
        if let Some(known) = self.legacy.get(&input) {
            return *known;
        }
        let made = self.instance(Base::Input(input), MadeBy::Legacy, None, Vec::new(), Some(0));
        self.legacy.insert(input, made);
        made
    }

    /// The packages of whoever uses this code.
    pub(super) fn callers(&mut self) -> InstanceId {
        if let Some(known) = self.callers {
            return known;
        }
        let made = self.instance(Base::Other, MadeBy::Callers, None, Vec::new(), None);
        self.callers = Some(made);
        made
    }

    /// `import source path args`
    pub(super) fn instantiate(
        &mut self,
        base: Base,
        path: &str,
        args: Value,
        place: Place,
    ) -> Value {
        let input = match base {
            Base::Input(input) => Some(input),
            Base::Instance(instance) => self.base_input(instance),
            Base::Other => None,
        };
        let is_nixpkgs = match base {
            Base::Input(input) => self.is_nixpkgs(input),
            Base::Instance(_) | Base::Other => true,
        };
        let path = path.trim_end_matches('/').trim_end_matches("/default.nix");
        let is_whole = matches!(
            path,
            "" | "/." | "/pkgs/top-level" | "/pkgs/top-level/impure.nix" | "/impure.nix"
        );
        if !is_nixpkgs || !is_whole {
            if let Some(input) = input {
                self.record_source(Base::Input(input), path, place);
            }
            if is_nixpkgs && matches!(path, "/nixos" | "/nixos/lib/eval-config.nix") {
                return self.nixos_of(base, args, place);
            }
            self.visit(args, Giver::Nobody);
            return Value::outside();
        }
        if let Base::Input(input) = base {
            self.record_use(input, Use::Import, place);
        }
        if let Some(input) = input {
            self.record_taken(input, Taken::Packages, place);
        }
        let args = self.resolve(args);
        let (config, overlays) = match args.unconditional().0 {
            Value::Set(set) => {
                let set = set.clone();
                let value = |machine: &mut Self, name: &str| {
                    set.get(name).map(|attr| (machine.force_config(attr.thunk), attr.place))
                };
                let config = value(self, "config");
                let config = match config {
                    Some((config, at)) => Some((config, at.unwrap_or(place))),
                    None if set.open => Some((Value::outside(), place)),
                    None => None,
                };
                let overlays = value(self, "overlays").map(|(overlays, _)| overlays);
                (config, overlays.or_else(|| set.open.then(Value::outside)))
            }
            // Whatever it is, it may hold settings.
            _ => (Some((Value::outside(), place)), Some(Value::outside())),
        };
        let mut settings = Vec::new();
        if let Some((config, at)) = config {
            self.settings(&config, at, false, &mut settings);
        }
        let count = match overlays.as_ref().map(|value| value.unconditional().0) {
            None => Some(0),
            Some(Value::List(list)) if !list.open => u32::try_from(list.items.len()).ok(),
            Some(_) => None,
        };
        let made = self.instance(base, MadeBy::Import, Some(place), settings, count);
        if let Some(overlays) = overlays {
            self.visit(overlays, Giver::Packages(made));
        }
        Value::Package(made, self.no_names.clone(), place)
    }

    /// The settings in a `config`.
    pub(super) fn settings(
        &mut self,
        config: &Value,
        at: Place,
        conditional: bool,
        found: &mut Vec<Setting>,
    ) {
        if found.len() >= MOST_SETTINGS {
            return;
        }
        match config {
            Value::Set(set) => {
                let set = set.clone();
                for attr in &set.attrs {
                    let value = self.force(attr.thunk);
                    // `cudaCapabilities = cfg.capabilities`: it is what hosts make it.
                    let is_option =
                        matches!(&value, Value::Config((kind, _), _) if kind.is_shared());
                    let value = self.resolve(value);
                    let state = match self.setting_state(&attr.name, &value, at) {
                        SettingState::On | SettingState::Off if is_option => {
                            SettingState::Conditional
                        }
                        state => state,
                    };
                    let state = match state {
                        SettingState::On if conditional || attr.conditional => {
                            SettingState::Conditional
                        }
                        state => state,
                    };
                    let place = attr.place.unwrap_or(at);
                    // `joypixels.acceptLicense`: settings of single packages have a name of their own.
                    if let Value::Set(inner) = &value
                        && !inner.attrs.is_empty()
                        && nixpkgs_config::kind(&attr.name) == Some(KeyKind::Neither)
                    {
                        let conditional = conditional || attr.conditional;
                        let inner = inner.attrs.clone();
                        for below in inner {
                            let value = self.force_config(below.thunk);
                            let state = match self.state(&value) {
                                SettingState::On if conditional || below.conditional => {
                                    SettingState::Conditional
                                }
                                state => state,
                            };
                            let key = format!("{}.{}", attr.name, below.name);
                            let place = below.place.unwrap_or(place);
                            add(found, Setting { key, place, state });
                        }
                        continue;
                    }
                    add(found, Setting { key: attr.name.to_string(), place, state });
                    // Overrides of packages are code, too.
                    self.visit(value, Giver::Callers);
                }
                if set.open && set.attrs.is_empty() {
                    unreadable(found, at);
                }
            }
            Value::Conditional(inner) => self.settings(inner, at, true, found),
            Value::Config(..) => match self.resolve(config.clone()) {
                Value::Config(..) | Value::Unknown(_) => unreadable(found, at),
                config => self.settings(&config, at, conditional, found),
            },
            Value::Either(all) => {
                for one in all.iter() {
                    self.settings(one, at, true, found);
                }
            }
            Value::Update(both) => {
                self.settings(&both.0, at, conditional, found);
                self.settings(&both.1, at, conditional, found);
            }
            Value::List(list) => {
                let items = list.items.clone();
                for item in items {
                    let item = self.force(item);
                    self.settings(&item, at, conditional, found);
                }
            }
            Value::Function(..) => {
                let result = self.call_by_name(config, Giver::Callers, at);
                self.settings(&result, at, conditional, found);
            }
            Value::Null | Value::Bool(_) => {}
            Value::Unknown(Why::Condition) | Value::Package(..) => unreadable(found, at),
            _ => unreadable(found, at),
        }
    }

    /// What a setting is set to. Overrides of packages that are of none are off: `pkgs: { }`.
    fn setting_state(&mut self, key: &str, value: &Value, at: Place) -> SettingState {
        /// Functions have at most so many arguments: `self: super: { }`.
        const ARGUMENTS: usize = 2;
        let mut made = value.clone();
        for _ in 0..ARGUMENTS {
            if key.ends_with("Overrides") && matches!(made, Value::Function(..)) {
                made = self.call_by_name(&made, Giver::Callers, at);
            }
        }
        match (&made, self.state(&made)) {
            (Value::Set(_), SettingState::Off) => SettingState::Off,
            _ => self.state(value),
        }
    }

    /// What a value says of a setting that has it.
    fn state(&mut self, value: &Value) -> SettingState {
        match value {
            Value::Bool(true) => SettingState::On,
            Value::Bool(false) | Value::Null => SettingState::Off,
            Value::List(list) if list.items.is_empty() && !list.open => SettingState::Off,
            Value::List(list) if list.items.is_empty() => SettingState::Unreadable,
            Value::Set(set) if set.attrs.is_empty() && !set.open && set.rest.is_none() => {
                SettingState::Off
            }
            Value::Text(_)
            | Value::Number
            | Value::List(_)
            | Value::Set(_)
            | Value::Function(..)
            | Value::Partial(_)
            | Value::Library(..)
            | Value::Package(..)
            | Value::Path(_)
            | Value::AnyPath(_) => SettingState::On,
            Value::Conditional(inner) => match self.state(inner) {
                SettingState::On => SettingState::Conditional,
                state => state,
            },
            Value::Either(all) => {
                let states: Vec<_> = all.iter().map(|one| self.state(one)).collect();
                if states.iter().all(|state| *state == SettingState::Off) {
                    SettingState::Off
                } else if states.contains(&SettingState::Unreadable) {
                    SettingState::Unreadable
                } else {
                    SettingState::Conditional
                }
            }
            Value::Unknown(Why::Condition) | Value::Config(..) => SettingState::Conditional,
            _ => SettingState::Unreadable,
        }
    }
}

/// Of one key at one place the surer state counts.
fn add(found: &mut Vec<Setting>, setting: Setting) {
    if setting.place == super::select::nowhere() {
        return;
    }
    let known =
        found.iter_mut().find(|known| known.key == setting.key && known.place == setting.place);
    match known {
        Some(known) => known.state = known.state.min(setting.state),
        None => found.push(setting),
    }
}

fn unreadable(found: &mut Vec<Setting>, place: Place) {
    add(found, Setting { key: "?".into(), place, state: SettingState::Unreadable });
}
