//! Instances of nixpkgs, and what they are made with.

use std::collections::BTreeSet;

use super::ids::{InstanceId, Place};
use crate::evaluate::world::FlakeInput;

/// An instance of nixpkgs that code makes or uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeInstance {
    /// The input whose source it is made from, through other instances.
    pub base: Option<FlakeInput>,
    /// The instance that it is made from, if that is what the code names.
    pub from: Option<InstanceId>,
    /// How it is made.
    pub made_by: MadeBy,
    /// Where it is made; `None` for the default one of an input.
    pub made_at: Option<Place>,
    /// Its settings, in the order of files and places.
    pub settings: Vec<Setting>,
    /// What was given to `import` under the name of a setting, beside `config` instead of in it.
    pub beside: Vec<Setting>,
    /// How many overlays it has; `None` where that is not known.
    pub overlays: Option<u32>,
    /// Names that its overlays and overrides make from what they were.
    pub changed: BTreeSet<String>,
    /// The system that it is for, where that is known.
    pub system: Option<String>,
    /// Another one that it is after all: a host's `nixpkgs.pkgs`.
    pub same_as: Option<InstanceId>,
    /// Whether the settings of what it is made from hold for it: those that are here already, and
    /// those of a wrapper. `import pkgs.path` and a home of its own packages take the source alone.
    pub keeps_settings: bool,
    /// Whether an output takes something of it.
    pub used: bool,
}

/// How an instance is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MadeBy {
    /// `legacyPackages` of an input, with its defaults.
    Legacy,
    /// `import nixpkgs { … }`
    Import,
    /// NixOS or nix-darwin, by their options.
    Nixos,
    /// home-manager, by its own options.
    HomeManager,
    /// `pkgs.pkgsCuda` and the like.
    Variant,
    /// `pkgs.extend overlay`
    Extended,
    /// It is the one of whoever uses the code: overlays and modules have no other.
    Callers,
}

impl MadeBy {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            MadeBy::Legacy | MadeBy::Callers => "raw",
            MadeBy::Import => "import",
            MadeBy::Nixos => "nixos",
            MadeBy::HomeManager => "home-manager",
            MadeBy::Variant => "variant",
            MadeBy::Extended => "extended",
        }
    }
}

/// A setting of nixpkgs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name in `config`; `None` where `config` itself cannot be read.
    pub key: Option<String>,
    /// Where the name stands.
    pub place: Place,
    /// What it is set to.
    pub state: SettingState,
}

/// What a setting is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingState {
    /// `true`, or a value that is not empty.
    On,
    /// `false`, `null`, `[ ]`.
    Off,
    /// On if something holds.
    Conditional,
    /// Not known.
    Unreadable,
}
