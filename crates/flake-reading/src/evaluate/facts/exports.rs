//! What others find in a flake.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::InstanceId;

/// What others find in a flake.
#[derive(Debug, Default, Clone)]
pub struct Exports {
    /// Whether all names are known.
    pub known: bool,
    /// The names of its outputs.
    pub names: BTreeSet<String>,
    /// The systems of packages, shells and checks, as far as they are known.
    pub systems: BTreeSet<String>,
    /// The whole nixpkgs that `legacyPackages` is.
    pub whole: Option<WholeNixpkgs>,
    /// What `import` of the flake gives.
    pub import: Importable,
}

/// An overlay that others find in a flake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Its attribute path: `overlays.default`.
    pub path: Vec<String>,
    /// Names that it adds and builds wholly of the nixpkgs that it is given, each with the packages
    /// of that which are seen in it.
    pub adds: BTreeMap<String, BTreeSet<String>>,
}

/// What `import` of a flake's source gives.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Importable {
    /// Nothing: there is no `default.nix`.
    #[default]
    Fails,
    /// What its `default.nix` says.
    DefaultNix {
        /// Whether that reads the flake's own lock, so that follows have no effect on it.
        own_lock: bool,
    },
    /// What its output `__toString` names: follows are honoured (Nix 2.26 and later).
    ToString,
}

/// `legacyPackages` that is an instance of nixpkgs.
#[derive(Debug, Clone)]
pub struct WholeNixpkgs {
    /// The instance.
    pub instance: InstanceId,
    /// For which systems; `None` where that is not known.
    pub systems: Option<BTreeSet<String>>,
}
