//! Roles of nodes.

use super::wrapper::WrapperId;

/// What a node is, as far as nixpkgs is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The flake under audit.
    Root,
    /// Plain nixpkgs: upstream, a fork, a channel, or a patched nixpkgs under its own name.
    Nixpkgs,
    /// Only the library of nixpkgs, which builds nothing.
    NixpkgsLib,
    /// A wrapper flake: its `legacyPackages` is a whole nixpkgs with arguments.
    Configured(WrapperId),
    /// A flake without outputs, which others follow to disable an input.
    Null,
    /// Any other flake.
    Flake,
    /// An input with `flake = false`.
    Source,
}

/// Whether a node of this role is nixpkgs, plain or configured.
pub(super) fn is_nixpkgs(role: Role) -> bool {
    matches!(role, Role::Nixpkgs | Role::Configured(_))
}
