//! What evaluation finds out: plain data, with places, that outlives it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::world::{FlakeId, InputIndex, Slot};
use crate::gpu_packages::Gpu;
use crate::{Span, TreePath};

/// Which file, in the order of [`Reading::files`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(super) u32);

impl FileId {
    /// The `flake.nix` of the flake that is read, which is the first.
    pub const FLAKE: Self = Self(0);

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

/// Which instance of nixpkgs, in the order of [`Reading::instances`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(u32);

impl InstanceId {
    /// The one at an index.
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which output, in the order of [`Reading::outputs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputId(u32);

impl OutputId {
    fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which builder of an output, in the order of [`Output::builders`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuilderId(u32);

impl BuilderId {
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A live file.
#[derive(Debug, Clone)]
pub struct LiveFile {
    /// Whose it is.
    pub flake: FlakeId,
    /// Its path in the source.
    pub path: TreePath,
    /// Its text.
    pub text: Arc<str>,
}

/// A file that could not be read, and why.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Whose it is.
    pub flake: FlakeId,
    /// Its path in the source.
    pub path: TreePath,
    /// One line, to be escaped.
    pub reason: String,
    /// Where in it, for errors of syntax.
    pub span: Option<Span>,
}

/// What a flake's outputs do, and those of others as far as they are taken.
#[derive(Debug, Default)]
pub struct Reading {
    /// Files that were reached, in the order in which they were.
    pub files: Vec<LiveFile>,
    /// Files that should have been read and could not.
    pub unread: Vec<Unread>,
    /// Instances of nixpkgs that are made or used.
    pub instances: Vec<MadeInstance>,
    /// What the code of each flake does with its inputs; by [`FlakeId`].
    pub flakes: Vec<FlakeFacts>,
    /// What people build or run of it, by their paths.
    pub outputs: Vec<Output>,
    /// What others find in it.
    pub exports: Exports,
    /// Whether it has no output that anybody could build, or only hands its inputs on.
    pub builds_nothing: bool,
    /// Whether it has overlays, modules, library functions or templates for others.
    pub defines_for_others: bool,
    /// Whether some of it was not looked at, because it is too much.
    pub cut_short: bool,
    /// Flakes, others than the root, of which not all was looked at because it is too much.
    pub too_much: BTreeSet<FlakeId>,
    /// How many steps it took.
    pub steps: u64,
}

/// What the code of a flake does with its inputs.
#[derive(Debug, Default, Clone)]
pub struct FlakeFacts {
    /// What it takes from each, and where first.
    pub taken: BTreeMap<(InputIndex, Taken), Place>,
    /// What it does with each that is a nixpkgs, and where first.
    pub uses: BTreeMap<(InputIndex, Use), Place>,
    /// Outputs of a nixpkgs that it names, by their first name, and where first.
    pub outputs_used: BTreeMap<(InputIndex, String), Place>,
    /// Systems for which it takes packages of one; `None` for any.
    pub systems_used: BTreeSet<(InputIndex, Option<String>)>,
    /// Whether anything of it was evaluated.
    pub is_read: bool,
    /// Whether it may do more than was found.
    pub is_partial: bool,
}

/// Something that people build or run.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its attribute path.
    pub path: Vec<String>,
    /// Further systems for which there is the same.
    pub systems: Vec<String>,
    /// How much of it was understood.
    pub read: Read,
    /// What was not, in a few words each; names stand in it as they are.
    pub not_read: Vec<String>,
    /// What makes derivations in it that take others in, all of the root's own making.
    pub builders: Vec<Builder>,
    /// What they take in.
    pub uses: Vec<Taking>,
    /// Where it is written.
    pub place: Option<Place>,
}

/// How much of an output was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// All of it.
    Whole,
    /// Some of it.
    Part,
    /// Nothing of it.
    Nothing,
}

impl Read {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Read::Whole => "whole",
            Read::Part => "part",
            Read::Nothing => "none",
        }
    }
}

/// What makes a derivation that takes others in: a host, a shell, an environment, a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builder {
    /// The nixpkgs that makes it.
    pub instance: InstanceId,
    /// The builder that it stands in.
    pub outer: Option<BuilderId>,
    /// Whether it is there on a condition that could not be decided.
    pub conditional: bool,
    /// Whether it is a whole system or home.
    pub is_system: bool,
    /// Where it is made.
    pub place: Option<Place>,
}

/// Something that a builder takes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    /// Who takes it; `None` where it is an output as it is.
    pub builder: Option<BuilderId>,
    /// What.
    pub what: What,
    /// Where it is named first.
    pub place: Option<Place>,
    /// Whether it is taken on a condition that could not be decided.
    pub conditional: bool,
    /// Whether nobody takes it: it is an output as it is.
    pub is_outright: bool,
}

/// What is taken in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A package of an instance.
    Package {
        /// The instance.
        instance: InstanceId,
        /// Its attribute path, as far as it is known.
        name: String,
        /// What settings do to it.
        kind: PackageKind,
    },
    /// Something that a flake builds whose code was not read.
    Opaque {
        /// The input by which it was taken.
        slot: Slot,
        /// Its attribute path in that flake.
        name: String,
        /// Which kind of output.
        taken: Taken,
    },
}

/// What GPU settings are to a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageKind {
    /// These change it.
    Changed(Gpu),
    /// They change it, and it has one of these switched on by itself.
    Switched(Gpu),
    /// It is the toolkit of this: there whatever is set.
    Toolkit(Gpu),
    /// They do not change it, as far as is known.
    Plain,
}

impl PackageKind {
    /// Whether some GPU setting changes it.
    pub fn is_changed(self) -> bool {
        matches!(self, PackageKind::Changed(_))
    }

    /// Whether this setting of nixpkgs changes it.
    pub fn is_changed_by(self, key: &str) -> bool {
        matches!(self, PackageKind::Changed(by) if by.is_of(key))
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

    /// What is built.
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
    pub base: Option<Slot>,
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

impl Reading {
    /// An instance, or the one that it is after all.
    pub fn instance(&self, id: InstanceId) -> Option<&MadeInstance> {
        let made = self.instances.get(id.index())?;
        match made.same_as {
            Some(other) if other != id => self.instances.get(other.index()),
            _ => Some(made),
        }
    }

    /// A file that was reached.
    pub fn file(&self, id: FileId) -> Option<&LiveFile> {
        self.files.get(id.index())
    }

    /// All instances, with their ids.
    pub fn instances_with_ids(&self) -> impl Iterator<Item = (InstanceId, &MadeInstance)> {
        self.instances.iter().enumerate().map(|(index, made)| (InstanceId::new(index), made))
    }

    /// All outputs, with their ids.
    pub fn outputs_with_ids(&self) -> impl Iterator<Item = (OutputId, &Output)> {
        self.outputs.iter().enumerate().map(|(index, output)| (OutputId::new(index), output))
    }

    /// An output.
    pub fn output(&self, id: OutputId) -> Option<&Output> {
        self.outputs.get(id.index())
    }

    /// What the code of a flake does, where any of it was evaluated.
    pub fn flake(&self, id: FlakeId) -> Option<&FlakeFacts> {
        self.flakes.get(id.index()).filter(|facts| facts.is_read)
    }
}
