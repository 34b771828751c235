//! What Nix is needed, in JSON.

use serde::Serialize;

use super::V1Location;
use crate::audit::ReportedNeed;
use crate::needs::Needed;

/// Something that not every Nix can read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Need"))]
pub(super) struct V1Need<'r> {
    /// The release from which on all can; null where only Determinate Nix can.
    nix: Option<String>,
    /// Whether only Determinate Nix can.
    determinate: bool,
    /// What it is, in words.
    what: String,
    /// What another Nix does.
    otherwise: &'static str,
    /// The inputs that it is about, the first 100; the empty path for the flake itself.
    inputs: &'r [Vec<String>],
    /// How many there are.
    inputs_total: usize,
    /// Where the first of them is written.
    location: Option<V1Location<'r>>,
}

impl<'r> V1Need<'r> {
    pub(super) fn new(need: &'r ReportedNeed) -> Self {
        let since = match need.nix {
            Needed::Since(version) => Some(version.to_string()),
            Needed::Determinate => None,
        };
        Self {
            determinate: since.is_none(),
            nix: since,
            what: need.reason.words(),
            otherwise: need.reason.otherwise(),
            inputs: &need.inputs,
            inputs_total: need.inputs_total,
            location: need.location.as_ref().map(V1Location::new),
        }
    }
}
