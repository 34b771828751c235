//! What the user has declared about inputs.

use super::wrapper::EvidenceKind;
use crate::flake_ref::NixVersion;
use crate::lock::NodeId;

/// What the user has declared about inputs.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    /// Inputs that carry the configured nixpkgs, the preferred one first.
    pub configured: Vec<DeclaredWrapper>,
    /// Further nodes that are plain nixpkgs.
    pub nixpkgs: Vec<NodeId>,
    /// The oldest Nix that the flake must work with.
    pub requires_nix: Option<NixVersion>,
}

/// An input that the user declared as configured.
#[derive(Debug, Clone)]
pub struct DeclaredWrapper {
    /// The node where it ends.
    pub node: NodeId,
    /// `ConfigFile` or `Flag`.
    pub kind: EvidenceKind,
}
