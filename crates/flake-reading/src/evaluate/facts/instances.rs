//! Instances of nixpkgs and their settings.

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
    /// Where it is made; `None` for the default instance of an input.
    pub made_at: Option<Place>,
    /// Its settings, in the order of files and places.
    pub settings: Vec<Setting>,
    /// Arguments of `import` that have the name of a setting, but are beside `config` instead of in
    /// it.
    pub beside: Vec<Setting>,
    /// The number of its overlays; `None` if it is not known.
    pub overlays: Option<u32>,
    /// Of the packages that are taken by name, from it or others: those that its overlays and
    /// overrides derive from what they were before.
    pub changed: BTreeSet<String>,
    /// Its system, if known.
    pub system: Option<String>,
    /// Another instance that it turns out to be: a host's `nixpkgs.pkgs`.
    pub same_as: Option<InstanceId>,
    /// Whether the settings of the instance it is made from apply to it: those listed there, and
    /// those of a wrapper. `import pkgs.path` and a home with packages of its own take the source
    /// alone.
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
    /// `pkgs.pkgsCuda` and similar.
    Variant,
    /// `pkgs.extend overlay`
    Extended,
    /// The instance of whoever uses the code: overlays and modules have no other.
    Callers,
}

impl MadeBy {
    /// Its name in reports.
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
    /// Its name in `config`; `None` if `config` itself cannot be read.
    pub key: Option<String>,
    /// The place of the name.
    pub place: Place,
    /// Whether it is on.
    pub state: SettingState,
    /// Its value, if it is a GPU setting and a list of texts that are all known: GPUs to build for.
    pub value: Option<Vec<String>>,
}

/// The value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingState {
    /// `true`, or a value that is not empty.
    On,
    /// `false`, `null`, `[ ]`.
    Off,
    /// On under some condition.
    Conditional,
    /// Not known.
    Unreadable,
}
