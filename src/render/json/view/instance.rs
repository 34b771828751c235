//! A nixpkgs in use, in JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::V1Location;
use crate::audit::{Report, ReportedInstance};

/// A nixpkgs in use.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Instance"))]
pub(in super::super) struct V1Instance<'r> {
    /// Its name in this report.
    id: String,
    /// Key of its node.
    node: &'r str,
    /// Key of the nixpkgs that it is made of.
    base: Option<&'r str>,
    /// Its locked reference.
    r#ref: &'r str,
    /// The base's locked reference.
    base_ref: Option<&'r str>,
    /// Day of the base's last change.
    base_date: Option<&'r str>,
    /// How it comes about.
    #[cfg_attr(test, schemars(extend("examples" = ["raw", "wrapper", "import", "nixos", "home-manager", "variant", "extended"])))]
    made_by: &'static str,
    /// Where the root makes it, if it does.
    made_at: Option<V1Location<'r>>,
    /// Its settings, where they are known.
    settings: Option<V1Settings<'r>>,
    /// What shows that it is configured.
    evidence: Option<V1Evidence<'r>>,
    /// The inputs that end at it: the first 100.
    consumers: Vec<&'r [&'r str]>,
    /// How many there are.
    consumers_total: usize,
}

/// Settings of a nixpkgs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Settings"))]
struct V1Settings<'r> {
    /// What is on or off.
    config: BTreeMap<&'r str, bool>,
    /// How many overlays it has, where that is known.
    overlays: Option<u32>,
    /// How much of it could be read.
    #[cfg_attr(test, schemars(extend("examples" = ["all", "part", "none"])))]
    readable: &'static str,
}

/// What shows that a nixpkgs is configured.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Evidence"))]
struct V1Evidence<'r> {
    /// Of which kind it is.
    #[cfg_attr(test, schemars(extend("examples" = ["config-file", "flag", "source", "known-wrapper", "name"])))]
    kind: &'static str,
    /// In words.
    detail: &'r str,
}

impl<'r> V1Instance<'r> {
    pub(in super::super) fn all(report: &'r Report<'_>) -> Vec<Self> {
        (1..).zip(&report.instances).map(|(at, instance)| Self::new(at, instance)).collect()
    }

    fn new(number: usize, instance: &'r ReportedInstance<'_>) -> Self {
        Self {
            id: format!("i{number}"),
            node: instance.node,
            base: instance.base,
            r#ref: &instance.reference,
            base_ref: instance.base_reference.as_deref(),
            base_date: instance.base_date.as_deref(),
            made_by: instance.made_by,
            made_at: instance.made_at.as_ref().map(V1Location::new),
            settings: instance.settings.as_ref().map(|settings| V1Settings {
                config: settings.iter().map(|(key, on)| (key.as_str(), *on)).collect(),
                overlays: instance.overlays,
                readable: instance.readable,
            }),
            evidence: instance
                .evidence
                .as_ref()
                .map(|(kind, detail)| V1Evidence { kind: kind.as_str(), detail }),
            consumers: instance.consumers.iter().map(|path| path.names()).collect(),
            consumers_total: instance.consumers_total,
        }
    }
}
