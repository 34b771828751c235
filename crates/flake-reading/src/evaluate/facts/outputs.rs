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
        slot: FlakeInput,
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
