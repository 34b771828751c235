//! Compares an instance with a main instance: what it lacks, what it has in addition, and which of
//! these change a package.

use super::mismatch::{LackedSetting, Main};
use super::profile::{Profile, Profiles};
use crate::flake_ref::Identity;
use crate::instance::ground::Ground;
use crate::instance::settings::Effect;
use crate::instance::wrapper::{Wrapper, WrapperId};
use crate::source::evaluate::facts::{InstanceId, PackageKind, Taking, What};
use crate::source::{gpu_packages, nixpkgs_config};

/// An instance that is used, and the main instance of its builder.
pub(super) struct Comparison<'c, 'l, 'a> {
    ground: Ground<'c, 'l, 'a>,
    profiles: &'c Profiles,
    main: &'c Main,
    instance: InstanceId,
    used: &'c Profile,
}

/// A package that is taken in.
pub(super) struct TakenPackage<'p> {
    pub(super) instance: InstanceId,
    pub(super) name: &'p str,
    pub(super) kind: PackageKind,
    is_override: bool,
}

impl<'p> TakenPackage<'p> {
    /// What is taken, if it is a package.
    pub(super) fn of(taking: &'p Taking) -> Option<Self> {
        let What::Package { instance, name, kind } = &taking.what else { return None };
        let is_override = taking.is_override;
        Some(Self { instance: *instance, name, kind: *kind, is_override })
    }
}

/// What an instance lacks.
pub(super) struct MissingSettings {
    pub(super) settings: Vec<LackedSetting>,
    /// Whether it may have them after all.
    pub(super) uncertain: bool,
}

impl<'c, 'l, 'a> Comparison<'c, 'l, 'a> {
    /// `None` if the two are the same.
    pub(super) fn new(
        ground: Ground<'c, 'l, 'a>,
        profiles: &'c Profiles,
        main: &'c Main,
        instance: InstanceId,
    ) -> Option<Self> {
        let used = profiles.get(instance).filter(|_| main.instance != Some(instance))?;
        Some(Self { ground, profiles, main, instance, used })
    }

    /// Which of the expected settings it lacks, for a package with this name.
    pub(super) fn lack(&self, package: &TakenPackage<'_>) -> MissingSettings {
        let mut lack = self.lacking_settings();
        if self.lacks_override(package) {
            lack.settings.push(LackedSetting::Override(package.name.to_owned()));
        }
        lack
    }

    fn lacking_settings(&self) -> MissingSettings {
        let mut lack = MissingSettings { settings: Vec::new(), uncertain: self.used.is_open };
        if let Some(id) = self.main.configuration.wrapper {
            if self.is_of_same_wrapper(id) || !self.profiles.expects(self.main) {
                return lack;
            }
            if self.ground.wrappers.at(id).config.is_none() {
                if !self.used.has_gpu() {
                    lack.settings.push(LackedSetting::Unknown);
                }
                return lack;
            }
        }
        for key in &self.main.configuration.settings {
            match self.used.settings.get(key) {
                Some(true) if self.is_other(key) => {
                    lack.settings.push(LackedSetting::Other(key.clone()));
                }
                Some(true) => {}
                None => lack.settings.push(LackedSetting::Named(key.clone())),
                Some(false) => {
                    lack.settings.push(LackedSetting::Named(key.clone()));
                    lack.uncertain = true;
                }
            }
        }
        lack
    }

    /// Whether both have this setting, with values that are known to differ.
    fn is_other(&self, key: &str) -> bool {
        let main = self.main.instance.and_then(|id| self.profiles.get(id));
        let main = main.and_then(|main| main.values.get(key));
        main.zip(self.used.values.get(key)).is_some_and(|(main, used)| main != used)
    }

    /// Whether it comes from a wrapper with the same settings: copies of one wrapper have the same;
    /// of an unread one that is not known.
    fn is_of_same_wrapper(&self, main: WrapperId) -> bool {
        let Some(used) = self.used.wrapper else { return false };
        let (main, used) = (self.ground.wrappers.at(main), self.ground.wrappers.at(used));
        let identity = |wrapper: &Wrapper| Identity::of(self.ground.graph.lock(), wrapper.node);
        used.config.is_none() || identity(main) == identity(used)
    }

    /// Whether an overlay or override of the builder changes a package that the instance has
    /// unchanged.
    fn lacks_override(&self, package: &TakenPackage<'_>) -> bool {
        let TakenPackage { name, kind, is_override, .. } = *package;
        let Some(own) = self.main.instance.and_then(|id| self.profiles.get(id)) else {
            return false;
        };
        // A GPU setting for everything includes this package; of an unread wrapper that is not
        // known.
        let has_gpu = kind.is_changed() && (self.used.is_unread || self.used.has_gpu());
        // One that is overridden where it is taken is as its user wants it; often it is the very
        // one that the overlay makes.
        !has_gpu
            && !is_override
            && !matches!(kind, PackageKind::Switched(_))
            && own.changed.contains(name)
            && !self.used.changed.contains(name)
    }

    /// Whether any missing setting changes a package.
    pub(super) fn matters(&self, lack: &MissingSettings, package: &TakenPackage<'_>) -> bool {
        lack.settings.iter().any(|setting| self.changes(setting, package))
    }

    /// Whether one does that the main instance certainly has.
    pub(super) fn certainly_matters(
        &self,
        lack: &MissingSettings,
        package: &TakenPackage<'_>,
    ) -> bool {
        let profile = self.main.instance.and_then(|id| self.profiles.get(id));
        let is_certain = |setting: &LackedSetting| match (setting, profile) {
            (LackedSetting::Named(key) | LackedSetting::Other(key), Some(profile)) => {
                profile.settings.get(key).copied().unwrap_or(true)
            }
            _ => true,
        };
        let mut certain = lack.settings.iter().filter(|setting| is_certain(setting));
        certain.any(|setting| self.changes(setting, package))
    }

    /// Whether a missing setting changes a package.
    pub(super) fn changes(&self, setting: &LackedSetting, package: &TakenPackage<'_>) -> bool {
        let TakenPackage { name, kind, .. } = *package;
        // In an older nixpkgs the package is the same with and without.
        let is_older = match (gpu_packages::changed_since(name), self.used.modified) {
            (Some(since), Some(modified)) => modified < since,
            _ => false,
        };
        let by_gpu = |is_changed| {
            is_changed
                && !is_older
                && !self.profiles.is_mac(self.main.instance)
                && !self.profiles.is_mac(Some(self.instance))
        };
        match setting {
            LackedSetting::Named(key) | LackedSetting::Other(key) => {
                // Others change every package, but it has to be seen which.
                !nixpkgs_config::is_gpu(key) && name != "*" || by_gpu(kind.is_changed_by(key))
            }
            LackedSetting::Unknown => by_gpu(kind.is_changed()),
            LackedSetting::Override(_) => true,
        }
    }

    /// The settings that it has and the builder has not; `None` if there are none, or if it is not
    /// known which the builder has.
    pub(super) fn more(&self) -> Option<Vec<LackedSetting>> {
        let main = &self.main.configuration;
        let is_unknown =
            main.wrapper.is_some_and(|id| self.ground.wrappers.at(id).config.is_none());
        if self.profiles.is_mac(Some(self.instance)) || is_unknown {
            return None;
        }
        let more = self.used.settings.iter().filter(|(key, certain)| {
            **certain && nixpkgs_config::is_gpu(key) && !main.settings.contains(key)
        });
        let mut more = LackedSetting::named(more.map(|(key, _)| key));
        if more.is_empty()
            && let Some(wrapper) = self.used.wrapper.map(|id| self.ground.wrappers.at(id))
            && wrapper.effect == Effect::Build
            && wrapper.config.is_none()
            && !main.settings.iter().any(|key| nixpkgs_config::is_gpu(key))
        {
            more.push(LackedSetting::Unknown);
        }
        (!more.is_empty()).then_some(more)
    }
}
