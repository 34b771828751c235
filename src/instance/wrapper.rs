//! Wrapper flakes: configured instances of nixpkgs.

use std::collections::BTreeMap;

use super::settings::{Effect, ShownSettings};
use crate::lock::{Id, InputId, NodeId};

/// Tag of [`WrapperId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WrapperTag {}
/// A wrapper of a lock. Those that the user declared come first, in the user's order.
pub type WrapperId = Id<WrapperTag>;

/// A node that counts as a configured nixpkgs.
#[derive(Debug, Clone)]
pub struct Wrapper {
    /// The node.
    pub node: NodeId,
    /// What shows that it is one.
    pub evidence: Evidence,
    /// What its settings do to packages.
    pub effect: Effect,
    /// Its settings, where they are known.
    pub config: Option<ShownSettings>,
    /// The values of settings that are lists, as far as they are known.
    pub values: BTreeMap<String, Vec<String>>,
    /// Whether its source only shows that it could be one, because it exports other things too.
    pub candidate: bool,
    /// The input from which it takes nixpkgs.
    pub base_input: Option<InputId>,
    /// The raw nixpkgs it is built on.
    pub base: Option<NodeId>,
}

/// What shows that a node is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where it comes from, strongest first.
    pub kind: EvidenceKind,
    /// The evidence in words.
    pub detail: String,
}

/// Kinds of evidence, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// `configured` in `flake-audit.toml`.
    ConfigFile,
    /// `--configured`.
    Flag,
    /// Its source: `legacyPackages` is a whole nixpkgs with arguments.
    Source,
    /// The list of known wrappers.
    KnownWrapper,
    /// Name and shape: a guess.
    Name,
}

impl EvidenceKind {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceKind::ConfigFile => "config-file",
            EvidenceKind::Flag => "flag",
            EvidenceKind::Source => "source",
            EvidenceKind::KnownWrapper => "known-wrapper",
            EvidenceKind::Name => "name",
        }
    }

    /// Whether the user declared it.
    pub fn is_declared(self) -> bool {
        matches!(self, EvidenceKind::ConfigFile | EvidenceKind::Flag)
    }
}

/// Whether a wrapper may have this output besides `legacyPackages`: re-exports and development
/// tools.
pub(super) fn may_accompany_packages(name: &str) -> bool {
    matches!(
        name,
        "legacyPackages"
            | "lib"
            | "nixosModules"
            | "htmlDocs"
            | "checks"
            | "devShells"
            | "devShell"
            | "templates"
            | "formatter"
            | "hydraJobs"
            | "__toString"
    )
}
