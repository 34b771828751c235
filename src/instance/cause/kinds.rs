//! What a cause is, and why one may be uncertain.

use crate::instance::expectation::ExpectationId;
use crate::instance::known_flakes::KnownFlake;
use crate::instance::target::TargetChoice;
use crate::instance::verdict::MismatchId;
use crate::lock::{InputId, NodeId};

/// Tag of the ids of causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::instance) enum CauseTag {}

/// Why one or more slots are unconfigured.
#[derive(Debug)]
pub struct Cause {
    /// The slot whose override cures everything it explains: the first of `overrides`.
    pub slot: InputId,
    /// Which rule reports it.
    pub kind: CauseKind,
    /// The expectation that it fails.
    pub expectation: ExpectationId,
    /// The wrapper to follow.
    pub target: TargetChoice,
    /// The other slots that end at plain nixpkgs because of it, by input path.
    pub affects: Vec<InputId>,
    /// A secondary slot on the way that is left as it is, because the primary slots that pass
    /// through it are overridden instead.
    pub through: Option<InputId>,
    /// The slots to override: the last judged one on the chains of everything it explains; or the
    /// primary slots themselves, if that one is secondary.
    pub overrides: Vec<InputId>,
    /// `None` if the finding is firm; else why it is light.
    pub light: Option<Light>,
    /// A pin that would move if `slot` were overridden.
    pub pin: Option<InputId>,
    /// An input whose follows path leads through `slot` to something behind it.
    pub passing: Option<InputId>,
}

/// Which rule reports a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CauseKind {
    /// A primary slot is unconfigured.
    Primary,
    /// A primary slot follows the wrapper's own plain nixpkgs.
    ThroughWrapper,
    /// Only secondary slots are unconfigured.
    Secondary,
}

/// Why a finding is light, that is, a warning by default.
#[derive(Debug, Clone, Copy)]
pub enum Light {
    /// The wrapper is held by a dependency, not by the root.
    HeldByDependency,
    /// The wrapper's settings only permit packages.
    PermissionsOnly,
    /// What is taken of the consumer, or of one above it, probably does not use the slot.
    Use(UseLight),
}

/// Why something probably does not use a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseLight {
    /// This flake is known to build nothing with its own nixpkgs.
    Known(&'static KnownFlake, NodeId),
    /// It is not certain what outputs take through the slot; this is the first such mismatch.
    Uncertain(MismatchId),
    /// The flake under audit builds nothing itself: it defines things for others.
    ForOthers,
}
