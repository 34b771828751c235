//! What the code of flakes does with their inputs.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::Place;
use crate::evaluate::world::InputIndex;

/// What the code of a flake does with its inputs.
#[derive(Debug, Default, Clone)]
pub struct FlakeFacts {
    /// What it takes from each, and the first place.
    pub taken: BTreeMap<(InputIndex, Taken), Place>,
    /// What it does with each that is a nixpkgs, and the first place.
    pub uses: BTreeMap<(InputIndex, Use), Place>,
    /// The outputs of each nixpkgs that it names, by their first name, and the first place.
    pub outputs_used: BTreeMap<(InputIndex, String), Place>,
    /// The systems for which it takes packages of a nixpkgs; `None` for any.
    pub systems_used: BTreeSet<(InputIndex, Option<String>)>,
    /// Whether any of it was evaluated.
    pub is_read: bool,
    /// Whether it may do more than was found.
    pub is_partial: bool,
}

/// What is taken from an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Taken {
    /// `packages`, `legacyPackages`, what is imported from it.
    Packages,
    /// `apps`
    Apps,
    /// `devShells`
    Shells,
    /// `checks`, `hydraJobs`
    Checks,
    /// `overlays`
    Overlays,
    /// Modules of NixOS, home-manager, flake-parts and others.
    Modules,
    /// `lib`
    Lib,
    /// `templates`
    Templates,
    /// Its files.
    Source,
    /// Something, taken by code that is not read.
    Unknown,
}

impl Taken {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Taken::Packages => "packages",
            Taken::Apps => "apps",
            Taken::Shells => "shells",
            Taken::Checks => "checks",
            Taken::Overlays => "overlays",
            Taken::Modules => "modules",
            Taken::Lib => "lib",
            Taken::Templates => "templates",
            Taken::Source => "source",
            Taken::Unknown => "unknown",
        }
    }

    /// The kinds that are built.
    pub const BUILT: [Self; 4] = [Taken::Packages, Taken::Apps, Taken::Shells, Taken::Checks];

    /// Whether it is something that is built.
    pub fn is_built(self) -> bool {
        Self::BUILT.contains(&self)
    }
}

/// What is done with a nixpkgs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// `nixpkgs.legacyPackages`
    LegacyPackages,
    /// `import nixpkgs { … }`
    Import,
    /// `nixpkgs.lib`
    Lib,
    /// A path in it.
    Path,
    /// It is passed to code that is not read.
    HandedOn,
}

impl Use {
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Use::LegacyPackages => "legacyPackages",
            Use::Import => "import",
            Use::Lib => "lib",
            Use::Path => "path",
            Use::HandedOn => "handed-on",
        }
    }
}
