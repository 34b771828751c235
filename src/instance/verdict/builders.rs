//! The builders of an output, and what they hold.

use std::collections::BTreeSet;

use super::mismatch::LackedSetting;
use super::profile::Profiles;
use crate::source::evaluate::facts::{
    Builder, BuilderId, InstanceId, Output, PackageKind, Place, Taking, What,
};

/// The builders that something is nested in, the innermost first.
///
/// If a whole system or home is part of something else than a system (a check of all hosts, a
/// folder of links), the list ends at it: what is in one host is not built together with what is in
/// another.
pub(super) fn enclosing(
    output: &Output,
    innermost: Option<BuilderId>,
) -> Vec<(BuilderId, &Builder)> {
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

/// Of the builders around a use, those up to the innermost system, if that is one of `reported`.
pub(super) fn up_to_reported<'b, 'o>(
    around: &'b [(BuilderId, &'o Builder)],
    reported: &BTreeSet<BuilderId>,
) -> &'b [(BuilderId, &'o Builder)] {
    let innermost = around.iter().position(|(_, builder)| builder.is_system);
    let is_reported = |at: &usize| around.get(*at).is_some_and(|(id, _)| reported.contains(id));
    innermost.filter(is_reported).and_then(|at| around.get(..=at)).unwrap_or(around)
}

/// Whether an output is for Macs only.
pub(super) fn is_for_macs(output: &Output) -> bool {
    let mut named = output.path.iter().chain(&output.systems);
    let is_mac = |name: &String| name.ends_with("-darwin");
    let mut others = output.path.iter().chain(&output.systems);
    named.any(is_mac) && !others.any(|name| name.ends_with("-linux"))
}

/// The first package from a builder's own instance that a GPU setting changes.
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
    settings: &[LackedSetting],
    name: &str,
) -> bool {
    let is_named = |name: &str, setting: &LackedSetting| match setting {
        LackedSetting::Named(key) => key == name,
        LackedSetting::Unknown | LackedSetting::Other(_) | LackedSetting::Override(_) => false,
    };
    let lacks = |instance: &InstanceId| {
        profiles.get(*instance).is_some_and(|profile| {
            let mut keys = profile.settings.keys();
            !profile.expects
                || !profile.is_unread
                    && !keys.any(|key| settings.iter().any(|setting| is_named(key, setting)))
        })
    };
    output.uses.iter().any(|taking: &Taking| match &taking.what {
        What::Package { instance, name: other, kind: PackageKind::Changed(_) } => {
            // What is in a home is in its host, too.
            let is_inside =
                || enclosing(output, taking.builder).iter().any(|(id, _)| *id == builder);
            !taking.conditional && lacks(instance) && last(other) == last(name) && is_inside()
        }
        What::Package { .. } | What::Opaque { .. } => false,
    })
}

/// The last part of a package's name, without the set that it is in.
pub(super) fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or_default()
}
