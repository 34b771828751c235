//! What people build or run of a flake, and what that takes in.

use super::ids::{BuilderId, InstanceId, Place};
use super::inputs::Taken;
use crate::evaluate::world::FlakeInput;
use crate::gpu_packages::Gpu;

/// Something that people build or run.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its attribute path.
    pub path: Vec<String>,
    /// Further systems with the same output.
    pub systems: Vec<String>,
    /// How much of it was understood.
    pub read: Read,
    /// What was not understood, in a few words each; names in it are not escaped.
    pub not_read: Vec<String>,
    /// Builders in it: everything of the root's own making that makes derivations and takes others
    /// in.
    pub builders: Vec<Builder>,
    /// What they take in.
    pub uses: Vec<Taking>,
    /// The place of its code.
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
    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Read::Whole => "whole",
            Read::Part => "part",
            Read::Nothing => "none",
        }
    }
}

/// Something that makes a derivation and takes others in: a host, a shell, an environment, a
/// package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Builder {
    /// The nixpkgs that makes it.
    pub instance: InstanceId,
    /// The builder around it.
    pub outer: Option<BuilderId>,
    /// Whether it depends on a condition that could not be decided.
    pub conditional: bool,
    /// Whether it is a whole system or home.
    pub is_system: bool,
    /// The place where it is made.
    pub place: Option<Place>,
}

/// Something that a builder takes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    /// The builder that takes it; `None` if it is the output itself.
    pub builder: Option<BuilderId>,
    /// The thing that is taken.
    pub what: What,
    /// The first place that names it.
    pub place: Option<Place>,
    /// Whether that depends on a condition that could not be decided.
    pub conditional: bool,
    /// Whether no builder takes it, because it is the output itself.
    pub is_outright: bool,
    /// Whether it is a package with other arguments: `override`.
    pub is_override: bool,
}

/// What is taken in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// A package of an instance.
    Package {
        /// The instance.
        instance: InstanceId,
        /// Its attribute path, as far as known.
        name: String,
        /// How settings change it.
        kind: PackageKind,
    },
    /// Something that a flake builds whose code was not read.
    Opaque {
        /// The input from which it was taken.
        slot: FlakeInput,
        /// Its attribute path in that flake.
        name: String,
        /// The kind of output.
        taken: Taken,
    },
}

/// How GPU settings change a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PackageKind {
    /// These settings change it.
    Changed(Gpu),
    /// These settings change it, and one of them is switched on for it alone.
    Switched(Gpu),
    /// It belongs to the toolkit of this GPU, whatever is set.
    Toolkit(Gpu),
    /// They do not change it, as far as known.
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
