//! Instances reduced to what is compared: what changes builds.

use std::collections::{BTreeMap, BTreeSet};

use super::mismatch::Main;
use crate::instance::ground::Ground;
use crate::instance::settings::{self, Effect};
use crate::instance::wrapper::WrapperId;
use crate::lock::NodeId;
use crate::source::evaluate::facts::{InstanceId, MadeInstance, Reading};
use crate::source::nixpkgs_config;

/// An instance, reduced to what is compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    pub(super) wrapper: Option<WrapperId>,
    /// Whether it is of a wrapper whose settings are not known.
    pub(super) is_unread: bool,
    /// Settings that change builds, and whether each certainly holds.
    pub(super) settings: BTreeMap<String, bool>,
    /// The values of those that are lists, as far as they are known.
    pub(super) values: BTreeMap<String, Vec<String>>,
    /// Whether it may have further settings.
    pub(super) is_open: bool,
    /// Whether it is for Macs, which no GPU setting changes.
    is_mac: bool,
    /// Packages that its overlays and overrides derive from their previous version.
    pub(super) changed: BTreeSet<String>,
    pub(super) base: Option<NodeId>,
    /// When its nixpkgs was changed last, in seconds since 1970.
    pub(super) modified: Option<u64>,
    /// Whether dependencies should follow it or have its settings.
    pub(super) expects: bool,
}

/// The profiles of all instances of a reading.
pub(super) struct Profiles(Vec<Profile>);

impl Profiles {
    pub(super) fn of(ground: Ground<'_, '_, '_>, reading: &Reading) -> Self {
        Self(reading.instances.iter().map(|made| Profile::of(ground, made)).collect())
    }

    pub(super) fn get(&self, id: InstanceId) -> Option<&Profile> {
        self.0.get(id.index())
    }

    /// Whether an instance is for Macs.
    pub(super) fn is_mac(&self, id: Option<InstanceId>) -> bool {
        id.and_then(|id| self.get(id)).is_some_and(|profile| profile.is_mac)
    }

    /// Whether anything is expected of what is built with a main instance. Wrappers that the user
    /// declared, and what stands for all outputs, have no instance.
    pub(super) fn expects(&self, main: &Main) -> bool {
        match main.instance {
            Some(id) => self.get(id).is_some_and(|profile| profile.expects),
            None => true,
        }
    }
}

impl Profile {
    fn of(ground: Ground<'_, '_, '_>, made: &MadeInstance) -> Self {
        let slot = made.base.and_then(|slot| ground.sources.input(ground.graph, slot));
        let node = slot.and_then(|slot| ground.graph.end(slot));
        let mut settings = settings::compared(made);
        let at = node.and_then(|node| ground.wrapper_at(node));
        let base = at.map_or(node, |id| {
            let wrapper = ground.wrappers.at(id);
            wrapper.base.or(Some(wrapper.node))
        });
        // If a dependency imports the source of what it follows, no override helps: `import-bypass`
        // reports that.
        let is_of_root = made.base.is_some_and(|slot| ground.sources.is_root(slot.flake));
        let wrapper = at.filter(|_| made.keeps_settings || !is_of_root);
        let config = wrapper.and_then(|id| ground.wrappers.at(id).config.as_ref());
        let of_wrapper = config.map(settings::compared_of_wrapper).unwrap_or_default();
        let is_off = |key: &String| settings::is_switched_off(made, key);
        // A variant that lacks a setting of its wrapper is another configuration.
        let wrapper = wrapper.filter(|_| !of_wrapper.keys().any(is_off));
        for (key, certain) in of_wrapper.into_iter().filter(|(key, _)| !is_off(key)) {
            *settings.entry(key).or_default() |= certain;
        }
        let settings = settings::without_idle(settings);
        let own = wrapper.map(|id| ground.wrappers.at(id));
        let mut values = settings::values(made);
        for (key, value) in own.iter().flat_map(|wrapper| &wrapper.values) {
            values.entry(key.clone()).or_insert_with(|| value.clone());
        }
        let expects = !settings.is_empty()
            || own.is_some_and(|wrapper| match wrapper.effect {
                Effect::Build => true,
                Effect::PermissionsOnly => false,
                Effect::Unknown => wrapper.evidence.kind.is_declared(),
            });
        Self {
            wrapper,
            is_unread: own.is_some_and(|wrapper| wrapper.config.is_none()),
            settings,
            values,
            is_open: settings::is_unreadable(made),
            is_mac: made.system.as_ref().is_some_and(|system| system.ends_with("-darwin")),
            changed: made.changed.clone(),
            base,
            modified: base.and_then(|base| ground.graph.lock().last_modified(base)),
            expects,
        }
    }

    /// Whether any of its settings is a GPU setting.
    pub(super) fn has_gpu(&self) -> bool {
        self.settings.keys().any(|key| nixpkgs_config::is_gpu(key))
    }
}
