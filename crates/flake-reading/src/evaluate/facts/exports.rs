//! What a flake exports.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::InstanceId;

/// What a flake exports.
#[derive(Debug, Default, Clone)]
pub struct Exports {
    /// Whether all names are known.
    pub known: bool,
    /// The names of its outputs.
    pub names: BTreeSet<String>,
    /// The systems of packages, shells and checks, as far as known.
    pub systems: BTreeSet<String>,
    /// The whole nixpkgs in `legacyPackages`.
    pub whole: Option<WholeNixpkgs>,
    /// The result of `import` of the flake.
    pub import: Importable,
}

/// An overlay that a flake exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Its attribute path: `overlays.default`.
    pub path: Vec<String>,
    /// Names that it adds and builds entirely from the nixpkgs it is given, each with the packages
    /// of that which appear in it.
    pub adds: BTreeMap<String, BTreeSet<String>>,
}

/// The result of `import` of a flake's source.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Importable {
    /// Nothing: there is no `default.nix`.
    #[default]
    Fails,
    /// The value of its `default.nix`.
    DefaultNix {
        /// Whether that reads the flake's own lock, so that follows have no effect on it.
        own_lock: bool,
    },
    /// The file named by the output `__toString`: follows are honoured (Nix 2.26 and later).
    ToString,
}

/// `legacyPackages` that is an instance of nixpkgs.
#[derive(Debug, Clone)]
pub struct WholeNixpkgs {
    /// The instance.
    pub instance: InstanceId,
    /// The systems; `None` if they are not known.
    pub systems: Option<BTreeSet<String>>,
}
