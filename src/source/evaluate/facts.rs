//! What evaluation finds out: plain data, with places, that outlives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::source::TreePath;
use crate::text::Span;

/// A place in a file of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index into [`CodeFacts::files`].
    pub file: u32,
    /// Where in it.
    pub span: Span,
}

/// A live file.
#[derive(Debug, Clone)]
pub struct LiveFile {
    /// Its path in the source.
    pub path: TreePath,
    /// Its text.
    pub text: Arc<str>,
}

/// A file that could not be read, and why.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Its path in the source.
    pub path: TreePath,
    /// One line, to be escaped.
    pub reason: String,
    /// Where in it, for errors of syntax.
    pub span: Option<Span>,
}

/// What code does, from its outputs on.
#[derive(Debug, Default)]
pub struct CodeFacts {
    /// Files that the outputs reach, in the order in which they are reached.
    pub files: Vec<LiveFile>,
    /// Files that should have been read and could not.
    pub unread: Vec<Unread>,
    /// Instances of nixpkgs that it makes or uses.
    pub instances: Vec<MadeInstance>,
    /// What it takes from each input, and where first; by index of the input.
    pub taken: BTreeMap<(u32, Taken), Place>,
    /// What it does with each input as a nixpkgs, and where first.
    pub uses: BTreeMap<(u32, Use), Place>,
    /// Outputs of an input that it names, by their first name, and where first.
    pub outputs_used: BTreeMap<(u32, String), Place>,
    /// Systems for which it takes packages of an input; `None` for any.
    pub systems_used: BTreeSet<(u32, Option<String>)>,
    /// Packages that a GPU setting changes, by the instance from which they are taken.
    pub built: Vec<Built>,
    /// Modules of home-manager that NixOS loads, and whether they share its packages.
    pub home_manager: Option<HomeManager>,
    /// What others find in the flake.
    pub exports: Exports,
    /// Whether the outputs are made by code that is not read, of nothing that is.
    pub opaque: bool,
    /// Whether some of it was not looked at, because it is too much.
    pub cut_short: bool,
    /// How many steps it took to read.
    pub steps: u64,
}

impl CodeFacts {
    /// Whether there may be more than was found: some of it is too much, cannot be read, or is made
    /// by code that is not read.
    pub fn is_partial(&self) -> bool {
        self.cut_short || self.opaque || !self.unread.is_empty()
    }
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
    /// Something, by code that is not read.
    Unknown,
}

impl Taken {
    /// As it is written in reports.
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
    /// It is given to code that is not read.
    HandedOn,
}

impl Use {
    /// As it is written in reports.
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

/// An instance of nixpkgs that code makes or uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeInstance {
    /// The input whose source it is made from, through other instances.
    pub base: Option<u32>,
    /// The instance whose source it is made from, if that is what it names.
    pub from: Option<u32>,
    /// How it is made.
    pub made_by: MadeBy,
    /// Where it is made; `None` for the default one of an input.
    pub made_at: Option<Place>,
    /// Its settings, in the order of files and places.
    pub settings: Vec<Setting>,
    /// How many overlays it has; `None` where that is not known.
    pub overlays: Option<u32>,
    /// Whether the flake's own outputs use it, not only what it defines for others.
    pub own: bool,
    /// Whether something of it is used.
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
        }
    }
}

/// A setting of nixpkgs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name in `config`; `?` where `config` itself cannot be read.
    pub key: String,
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

/// A package that a GPU setting changes, as it is named in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Index of the instance.
    pub instance: u32,
    /// As it is named: `python3Packages.torch`.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// Whether home-manager, as a module of NixOS, uses its packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HomeManager {
    /// Index of the input that is home-manager.
    pub input: Option<u32>,
    /// Where users are set up.
    pub place: Place,
    /// `home-manager.useGlobalPkgs = true`
    pub global: bool,
}

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
    /// Index of the instance.
    pub instance: u32,
    /// For which systems; `None` where that is not known.
    pub systems: Option<BTreeSet<String>>,
}
