//! Settings of nixpkgs instances.
//!
//! Source: nixpkgs `pkgs/top-level/default.nix`, `nixos/modules/misc/nixpkgs.nix`.

mod config;
mod effective;
mod platform;

use std::collections::BTreeSet;

use super::evaluator::Evaluator;
use super::facts::{InstanceId, MadeBy, Place, Setting, SettingState};
use super::packages::Settled;
use super::value::{Segment, Value};
use super::world::FlakeKind;
use crate::gpu_packages::Gpu;
use crate::nixpkgs_config::{self, KeyKind};
use crate::syntax::Name;

pub(super) use effective::USUAL;
use effective::{DefinedSetting, effective, unreadable};

impl Evaluator<'_> {
    /// Evaluates the settings of an instance, once.
    pub(super) fn settle(&mut self, instance: InstanceId) {
        let Some(making) = self.makings.get_mut(instance.index()) else { return };
        if making.settled != Settled::Not {
            return;
        }
        making.settled = Settled::Beginning;
        let (args, class) = (making.args, making.class);
        let Some(made) = self.made(instance) else { return };
        let (made_by, from, place) = (made.made_by, made.from, made.made_at);
        let mut found = Vec::new();
        match (args, class, made_by) {
            (Some(args), ..) => {
                let args = self.force_known(args);
                self.import_settings(instance, &args, place, &mut found);
            }
            (None, Some(class), _) => self.option_settings(instance, class, place, &mut found),
            (None, None, MadeBy::Variant) => {
                let name = self.made(instance).and_then(|made| made.system.clone());
                let variant = name.as_deref().and_then(nixpkgs_config::variant);
                if let (Some(variant), Some(place)) = (variant, place) {
                    let states = [(variant.on, SettingState::On), (variant.off, SettingState::Off)];
                    found.extend(states.map(|(key, state)| DefinedSetting {
                        setting: Setting { key: Some(key.into()), place, state, value: None },
                        priority: USUAL,
                    }));
                }
            }
            (None, None, _) => {}
        }
        let mut settings = effective(found);
        let mut system = self.made(instance).and_then(|made| made.system.clone());
        let inherits = self.makings.get(instance.index()).is_some_and(|of| of.inherits);
        // Variants and extensions also have the settings of the instance they are made from.
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
        if let Some(made) = self.recorder.reading.instances.get_mut(instance.index()) {
            made.settings = settings;
            let takes_source =
                matches!(made_by, MadeBy::Import | MadeBy::Nixos | MadeBy::HomeManager);
            made.keeps_settings = inherits || from.is_none() || !takes_source;
            made.system = system;
        }
        if let Some(making) = self.makings.get_mut(instance.index()) {
            making.settled = Settled::Known;
        }
        self.count_overlays(instance);
    }

    /// The settings of an instance if they are known: not while they are evaluated, and not if the
    /// instance is the caller's, or an unread wrapper.
    fn settings_of(&mut self, instance: InstanceId) -> Option<Vec<Setting>> {
        self.settle(instance);
        let making = self.makings.get(instance.index())?;
        let made = self.made(instance)?;
        let is_plain = match made.base {
            Some(slot) => {
                let target = self.world.target(slot);
                target.is_some_and(|of| self.world.kind(of) == FlakeKind::Nixpkgs)
            }
            // `import (fetchTarball …) { config = …; }`
            None => made.made_by == MadeBy::Import,
        };
        let is_made = making.settled == Settled::Known && made.made_by != MadeBy::Callers;
        (is_made && is_plain).then(|| made.settings.clone())
    }

    /// The value of a setting for code that reads it: `pkgs.config.cudaSupport`.
    ///
    /// Source: nixpkgs `pkgs/top-level/config.nix`, where GPU settings are off unless they are set.
    pub(super) fn setting_named(&mut self, instance: InstanceId, name: &str) -> Value {
        if Gpu::switched_by(name).is_none() {
            return Value::condition();
        }
        let Some(settings) = self.settings_of(instance) else { return Value::condition() };
        let says = |setting: &&Setting| setting.key.as_deref().is_none_or(|key| key == name);
        let states: Vec<_> = settings.iter().filter(says).map(|setting| setting.state).collect();
        match states.as_slice() {
            [] => Value::Bool(false),
            states if states.iter().all(|state| *state == SettingState::Off) => Value::Bool(false),
            states if states.iter().all(|state| *state == SettingState::On) => Value::Bool(true),
            _ => Value::condition(),
        }
    }

    /// Counts the overlays of an instance.
    fn count_overlays(&mut self, instance: InstanceId) {
        let Some(added) = self.added(instance) else { return };
        self.force(added);
        if let Some(below) = self.overlays_below(instance) {
            self.settle(below);
        }
        let making = self.makings.get(instance.index());
        let overlays = making.filter(|of| of.unread.is_empty()).and_then(|of| of.overlaid);
        if let Some(made) = self.recorder.reading.instances.get_mut(instance.index()) {
            made.overlays = overlays;
        }
    }

    /// Of these packages, notes those that the overlays of an instance derive from what they were.
    /// Others are not looked at: an overlay may define thousands.
    pub(super) fn note_changed(&mut self, instance: InstanceId, names: &BTreeSet<Name>) {
        let mut changed = BTreeSet::new();
        let mut next = Some(instance);
        let mut left = 8;
        while let Some(of) = next.filter(|_| left > 0) {
            left -= 1;
            // Each name is looked up.
            if self.budget.weigh(names.len()) {
                break;
            }
            next = self.overlays_below(of).or_else(|| self.made_by_wrapper(of));
            let Some(added) = self.added(of) else { continue };
            let Value::Set(set) = self.force(added) else { continue };
            for name in names {
                let Some(attr) = set.get(name) else { continue };
                if let Value::Derivation(made) = self.force(attr.thunk).unconditional().0
                    && made.is_override
                    && made.maker == of
                    && made.path.first().and_then(Segment::name) == Some(&**name)
                {
                    changed.insert(name.to_string());
                }
            }
        }
        if let Some(made) = self.recorder.reading.instances.get_mut(instance.index()) {
            made.changed.extend(changed);
        }
    }

    /// The instance that a wrapper makes, whose overlays every instance has that is taken from it.
    fn made_by_wrapper(&mut self, instance: InstanceId) -> Option<InstanceId> {
        let made = self.made(instance)?;
        let (target, system) = (self.world.target(made.base?)?, made.system.clone());
        if self.world.kind(target) != FlakeKind::Configured || self.files(target).is_none() {
            return None;
        }
        let outputs = self.outputs_of(target);
        let packages = self.member(&outputs, &Name::from("legacyPackages"), None);
        let system = Name::from(system.as_deref().unwrap_or("x86_64-linux"));
        let packages = self.member(&packages, &system, None);
        let packages = self.resolve(packages);
        self.instance_of(&packages).filter(|of| *of != instance)
    }

    /// `import nixpkgs { system, config, overlays }`
    fn import_settings(
        &mut self,
        instance: InstanceId,
        args: &Value,
        place: Option<Place>,
        found: &mut Vec<DefinedSetting>,
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
            // An unknown value may contain settings.
            _ => return unreadable(found, place),
        };
        match set.get("config") {
            Some(attr) => {
                let config = self.force_known(attr.thunk);
                let config = self.without_handed(instance, config);
                let at = attr.place.or(place);
                self.config_settings(&config, at, conditional || attr.conditional, USUAL, found);
            }
            None if set.open => unreadable(found, place),
            None => {}
        }
        for attr in &set.attrs {
            if !is_setting(&attr.name) || !self.budget.step() {
                continue;
            }
            let value = self.force_known(attr.thunk);
            self.put_beside(instance, &attr.name, attr.place, &value);
        }
        for name in ["system", "localSystem", "hostPlatform", "crossSystem"] {
            let Some(attr) = set.get(name) else { continue };
            let value = self.force_known(attr.thunk);
            if !(conditional || attr.conditional) {
                self.platform_settings(&value, USUAL, found);
            }
            let value = match value.unconditional().0 {
                Value::Set(_) => {
                    let system = self.member(&value, &Name::from("system"), None);
                    self.resolve(system)
                }
                _ => value,
            };
            if let (Value::Text(system), Some(made)) =
                (value.unconditional().0, self.recorder.reading.instances.get_mut(instance.index()))
            {
                made.system = Some(system.to_string());
            }
        }
    }

    /// What a `config` adds to that of the packages whose source an instance is made from, whose
    /// settings it has: `import pkgs.path { config = pkgs.config // { … }; }`, as colmena does. Any
    /// other `config` is returned as it is.
    fn without_handed(&mut self, instance: InstanceId, config: Value) -> Value {
        let Some(from) = self.made(instance).and_then(|made| made.from) else { return config };
        let is_handed = |value: &Value| matches!(value, Value::Settings(of) if *of == from);
        let more = match &config {
            whole if is_handed(whole) => Value::no_attrs(),
            Value::Update(both) if is_handed(&both.0) => both.1.clone(),
            _ => return config,
        };
        if let Some(making) = self.makings.get_mut(instance.index()) {
            making.inherits = true;
        }
        more
    }

    /// Adds a setting that is beside `config`, unless it is off.
    fn put_beside(
        &mut self,
        instance: InstanceId,
        name: &Name,
        place: Option<Place>,
        value: &Value,
    ) {
        let state = self.state_of(value);
        let made = self.recorder.reading.instances.get_mut(instance.index());
        if let (Some(place), Some(made)) = (place, made)
            && state != SettingState::Off
        {
            made.beside.push(Setting { key: Some(name.to_string()), place, state, value: None });
        }
    }

    /// The settings in the options `nixpkgs.*` of a system.
    fn option_settings(
        &mut self,
        instance: InstanceId,
        class: super::modules::ClassId,
        place: Option<Place>,
        found: &mut Vec<DefinedSetting>,
    ) {
        let nixpkgs = Name::from("nixpkgs");
        // Before its settings, which may go by it.
        for name in ["hostPlatform", "system", "localSystem"] {
            for defined in self.definitions(class, &[nixpkgs.clone(), name.into()]) {
                if !defined.conditional {
                    self.platform_settings(&defined.value, defined.priority, found);
                }
                let value = match defined.value.unconditional().0 {
                    set @ Value::Set(_) => {
                        let system = self.member(set, &Name::from("system"), None);
                        self.resolve(system)
                    }
                    other => other.clone(),
                };
                if let (Value::Text(system), Some(made)) = (
                    value.unconditional().0,
                    self.recorder.reading.instances.get_mut(instance.index()),
                ) {
                    made.system = Some(system.to_string());
                }
            }
        }
        // An unknown value may contain settings, too.
        for defined in self.all_definitions(class, &[nixpkgs.clone(), "config".into()]) {
            let at = defined.place.or(place);
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
    }
}

/// Whether a name is that of a setting with an effect.
fn is_setting(name: &str) -> bool {
    matches!(nixpkgs_config::kind(name), Some(KeyKind::Build | KeyKind::Permission))
}
