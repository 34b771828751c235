//! What causes are, and why one is light.

use crate::instance::expectation::ExpectationId;
use crate::instance::known_flakes::KnownFlake;
use crate::instance::target::TargetChoice;
use crate::instance::verdict::MismatchId;
use crate::lock::{InputId, NodeId};

/// Marker of the ids of causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::instance) enum CauseTag {}

/// Why one or more slots are unconfigured.
#[derive(Debug)]
pub struct Cause {
    /// The slot whose override cures what it explains: the first of `overrides`.
    pub slot: InputId,
    /// Which rule it is a matter of.
    pub kind: CauseKind,
    /// The expectation that it fails.
    pub expectation: ExpectationId,
    /// The instance that is expected.
    pub target: TargetChoice,
    /// The other slots that end at raw nixpkgs because of it, by input path.
    pub affects: Vec<InputId>,
    /// The secondary slot that what it explains passes through, where others are overridden: it stays
    /// as it is.
    pub through: Option<InputId>,
    /// The slots to override: the last judged one on the chains of all that it explains, or, where
    /// that is a secondary slot which primary ones pass through, those.
    pub overrides: Vec<InputId>,
    /// `None` where the finding is firm; else why it is light.
    pub light: Option<Light>,
    /// A pin that would move with it.
    pub pin: Option<InputId>,
    /// An input that leads through it to something behind it.
    pub passing: Option<InputId>,
}

/// Which rule a cause is a matter of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseKind {
    /// A primary slot is unconfigured.
    Primary,
    /// The same, through the wrapper on purpose.
    ThroughWrapper,
    /// Only secondary slots are.
    Secondary,
}

/// Why a finding is light.
#[derive(Debug, Clone, Copy)]
pub enum Light {
    /// The wrapper is held by a dependency, not by the root.
    HeldByDependency,
    /// The wrapper's settings only permit packages.
    PermissionsOnly,
    /// What is taken of the consumer, or of one above it, probably does not reach the slot.
    Use(UseLight),
}

/// Why something probably does not reach a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseLight {
    /// A flake is known to bring nothing that its own nixpkgs builds.
    Known(&'static KnownFlake, NodeId),
    /// What outputs take through it is not certain: the first such mismatch.
    Uncertain(MismatchId),
    /// The flake under audit builds nothing itself: it defines things for others.
    ForOthers,
}
