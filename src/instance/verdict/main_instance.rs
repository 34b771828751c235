//! What uses are compared with: the main instances of builders, and a main instance that stands for
//! outputs that are only a dependency's.

use std::collections::BTreeSet;

use super::mismatch::{Configuration, Main};
use super::profile::Profiles;
use crate::instance::ground::Ground;
use crate::instance::lock_sources::LockSources;
use crate::instance::settings::{self, Effect, first_build_setting};
use crate::instance::wrapper::{Wrapper, WrapperId};
use crate::source::evaluate::facts::{InstanceId, Reading, What};

impl Main {
    /// The main instance of a builder.
    pub(super) fn of(reading: &Reading, profiles: &Profiles, instance: InstanceId) -> Self {
        let profile = profiles.get(instance);
        let wrapper = profile.and_then(|profile| profile.wrapper);
        let settings = || profile.into_iter().flat_map(|profile| &profile.settings);
        let made = reading.instances.get(instance.index());
        let first = made.and_then(first_build_setting);
        Self {
            instance: Some(instance),
            base: profile.and_then(|profile| profile.base),
            place: first.map(|setting| setting.place),
            certain: wrapper.is_some() || settings().any(|(_, certain)| *certain),
            configuration: Configuration {
                wrapper,
                settings: settings().map(|(key, _)| key.clone()).collect(),
            },
        }
    }

    /// A wrapper, whether or not anything is built from it.
    pub(super) fn of_wrapper(id: WrapperId, wrapper: &Wrapper, settings: Vec<String>) -> Self {
        Self {
            configuration: Configuration { wrapper: Some(id), settings },
            instance: None,
            base: wrapper.base,
            place: None,
            certain: true,
        }
    }

    /// Whether two are the same configuration: the same wrapper, or the same settings wherever they
    /// are set.
    fn is_same_configuration(&self, other: &Self) -> bool {
        let (one, other) = (&self.configuration, &other.configuration);
        one.settings == other.settings && (one.wrapper == other.wrapper || !one.settings.is_empty())
    }
}

/// What outputs that are only a dependency's are compared with.
pub(super) enum Shared {
    /// Nothing.
    None,
    /// This main instance.
    One(Main),
    /// This wrapper, from which some outputs are built and others are not.
    Perhaps(WrapperId),
}

impl Shared {
    /// The wrapper that the user declared, else the one configuration that all outputs of the
    /// root's own making have. `mains` are the wrappers that they are built from.
    pub(super) fn of(
        ground: Ground<'_, '_, '_>,
        reading: &Reading,
        profiles: &Profiles,
        mains: &BTreeSet<WrapperId>,
    ) -> Self {
        let declared =
            || ground.wrappers.iter().filter(|(_, wrapper)| wrapper.evidence.kind.is_declared());
        let builds = |wrapper: &Wrapper| wrapper.effect != Effect::PermissionsOnly;
        if let Some((id, wrapper)) = declared().find(|(_, wrapper)| builds(wrapper)) {
            let settings = wrapper.config.as_ref().map(settings::compared_of_wrapper);
            let names = settings.map(|settings| settings.into_keys().collect());
            return Self::One(Main::of_wrapper(id, wrapper, names.unwrap_or_default()));
        }
        // A declared wrapper with permissions only expects nothing.
        if declared().next().is_some() {
            return Self::None;
        }
        let mut found: Option<(Main, bool)> = None;
        for id in own_instances(ground.sources, reading) {
            let Some(profile) = profiles.get(id) else { continue };
            let main = Main::of(reading, profiles, id);
            let Some((known, _)) = &mut found else {
                found = Some((main, profile.expects));
                continue;
            };
            if !known.is_same_configuration(&main) {
                let builds = |id: &WrapperId| ground.wrappers.at(*id).effect == Effect::Build;
                let building = mains.iter().copied().find(builds);
                return building.map_or(Self::None, Self::Perhaps);
            }
            // Prefer an instance that is not for Macs, where settings change nothing; and of inline
            // settings and a wrapper with the same, the wrapper, because it can be followed.
            if profiles.is_mac(known.instance) || known.configuration.wrapper.is_none() {
                *known = main;
            }
        }
        match found {
            Some((main, true)) => Self::One(main),
            _ => Self::None,
        }
    }
}

/// The wrappers that outputs of the root's own making are built from.
pub(super) fn main_wrappers(
    ground: Ground<'_, '_, '_>,
    reading: &Reading,
    profiles: &Profiles,
) -> BTreeSet<WrapperId> {
    own_instances(ground.sources, reading).filter_map(|id| profiles.get(id)?.wrapper).collect()
}

/// The instances that outputs of the root's own making are built from: those of their outermost
/// builders, and of packages that are whole outputs.
fn own_instances<'r>(
    sources: &'r LockSources,
    reading: &'r Reading,
) -> impl Iterator<Item = InstanceId> + 'r {
    reading.outputs.iter().flat_map(move |output| {
        let outer = output.builders.iter().filter(|builder| builder.outer.is_none());
        let picked = output.uses.iter().filter_map(move |taking| match &taking.what {
            What::Package { instance, .. } if taking.builder.is_none() => {
                let made = reading.instances.get(instance.index())?;
                made.base.is_some_and(|slot| sources.is_root(slot.flake)).then_some(*instance)
            }
            What::Package { .. } | What::Opaque { .. } => None,
        });
        outer.map(|builder| builder.instance).chain(picked)
    })
}
