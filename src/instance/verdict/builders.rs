//! The builders of an output, and what they hold.

use super::mismatch::Setting;
use super::profile::Profiles;
use crate::lock::InputId;
use crate::source::evaluate::facts::{
    Builder, BuilderId, InstanceId, Output, PackageKind, Place, Taking, What,
};

/// The builders that something stands in, the innermost first.
///
/// A whole system or home that something else than a system is made of (a check of all hosts, a folder
/// of links) is a closure of its own: what is in one host is not built together with what is in another.
pub(super) fn around(output: &Output, innermost: Option<BuilderId>) -> Vec<(BuilderId, &Builder)> {
    let mut found = Vec::new();
    let mut at = innermost;
    while let Some(id) = at.filter(|_| found.len() < output.builders.len()) {
        let Some(builder) = output.builders.get(id.index()) else { break };
        found.push((id, builder));
        at = builder.outer.filter(|outer| {
            let outer = output.builders.get(outer.index());
            !builder.is_system || outer.is_some_and(|outer| outer.is_system)
        });
    }
    found
}

/// Those of them that a package is held against. A home or a container within a host that has another
/// nixpkgs is a mismatch itself where a package of its own shows it: then that is told, and what comes
/// to it through the slot of a dependency is as the home is.
pub(super) fn around_use<'b, 'o>(
    output: &Output,
    around: &'b [(BuilderId, &'o Builder)],
    slot: Option<InputId>,
) -> &'b [(BuilderId, &'o Builder)] {
    let innermost = around.iter().position(|(_, builder)| builder.is_system);
    let tells = |at: &usize| {
        around.get(*at).is_some_and(|(id, builder)| {
            slot.is_some() && first_changed(output, *id, builder.instance).is_some()
        })
    };
    innermost.filter(tells).and_then(|at| around.get(..=at)).unwrap_or(around)
}

/// Whether an output is only there for Macs.
pub(super) fn is_for_macs(output: &Output) -> bool {
    let mut named = output.path.iter().chain(&output.systems);
    let is_mac = |name: &String| name.ends_with("-darwin");
    let mut others = output.path.iter().chain(&output.systems);
    named.any(is_mac) && !others.any(|name| name.ends_with("-linux"))
}

/// The first package of a builder's own instance which a GPU setting changes.
pub(super) fn first_changed(
    output: &Output,
    builder: BuilderId,
    own: InstanceId,
) -> Option<(&str, Option<Place>)> {
    output.uses.iter().find_map(|taking| match &taking.what {
        What::Package { instance, name, kind: PackageKind::Changed(_) }
            if *instance == own && taking.builder == Some(builder) =>
        {
            Some((name.as_str(), taking.place))
        }
        What::Package { .. } | What::Opaque { .. } => None,
    })
}

/// Whether a builder is seen to hold a package of this name that lacks these settings.
pub(super) fn holds_without(
    output: &Output,
    builder: BuilderId,
    profiles: &Profiles,
    settings: &[Setting],
    name: &str,
) -> bool {
    let is_named = |name: &str, setting: &Setting| match setting {
        Setting::Named(key) => key == name,
        Setting::Unknown | Setting::Override(_) => false,
    };
    let lacks = |instance: &InstanceId| {
        profiles.get(*instance).is_some_and(|profile| {
            let mut has = profile.settings.keys();
            !profile.expects
                || profile.wrapper.is_none()
                    && !has.any(|key| settings.iter().any(|setting| is_named(key, setting)))
        })
    };
    output.uses.iter().any(|taking: &Taking| match &taking.what {
        What::Package { instance, name: other, kind: PackageKind::Changed(_) } => {
            // What stands in a home is in its host, too.
            let is_inside = || around(output, taking.builder).iter().any(|(id, _)| *id == builder);
            !taking.conditional && lacks(instance) && last(other) == last(name) && is_inside()
        }
        What::Package { .. } | What::Opaque { .. } => false,
    })
}

/// The name of a package without the set that it is in.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}
