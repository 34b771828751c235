//! An output, told: what it is built from, and what it takes in.

use crate::graph::InputPath;
use crate::lock::InputId;
use crate::source::evaluate::facts::{InstanceId, Place, Read};
use crate::text::AttrPath;

/// Something that people build or run of a flake.
#[derive(Debug)]
pub struct ReportedOutput<'a> {
    /// Its attribute path.
    pub path: Vec<String>,
    /// Further systems for which there is the same.
    pub systems: Vec<String>,
    /// What it is built from: numbers of instances, from 1, where these are listed.
    pub main: Vec<usize>,
    /// The same instances, as the evaluation knows them.
    pub outer: Vec<InstanceId>,
    /// Other instances that something inside of it is built from.
    pub inner: Vec<InstanceId>,
    /// How much of it was read.
    pub read: Read,
    /// What was not, in a few words each; unescaped.
    pub not_read: Vec<String>,
    /// Where it is written.
    pub place: Option<Place>,
    /// What it takes in.
    pub uses: Vec<ReportedUse<'a>>,
    /// Packages that have a setting switched on by themselves which their nixpkgs has on for all, and
    /// that setting.
    pub redundant: Vec<(String, &'static str)>,
}

/// What an output takes of one instance, or of something that was not read.
#[derive(Debug)]
pub struct ReportedUse<'a> {
    /// The number of the instance, from 1; `None` where it is not known, or not listed.
    pub instance: Option<usize>,
    /// The instance, as the evaluation knows it; `None` for what was not read.
    pub made: Option<InstanceId>,
    /// The input by which its nixpkgs came, or what was not read.
    pub input: Option<InputId>,
    /// Whether the flake under audit takes it by itself.
    pub is_own: bool,
    /// The inputs through which it came; none for the flake's own.
    pub route: Vec<InputPath<'a>>,
    /// Packages that a setting changes, and what was taken without being read.
    pub packages: Vec<ReportedPackage>,
    /// The settings that it lacks and that change one of its packages, as far as they are known.
    pub changed_by: Vec<String>,
    /// How many other packages there are.
    pub others: usize,
}

/// A package that an output takes in.
#[derive(Debug)]
pub struct ReportedPackage {
    /// Its attribute path, as far as it is known.
    pub name: String,
    /// Where it is named first.
    pub place: Option<Place>,
    /// Whether it is taken on a condition that could not be decided.
    pub conditional: bool,
    /// What it lacks of what it is built into.
    pub lack: Option<Lack>,
}

/// Settings that one of two has and the other has not: their names, none where they are not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// The package lacks them.
    OfPackage(Vec<String>),
    /// It has them, and what it is built into has the same package without.
    OfBuilder(Vec<String>),
}

impl ReportedOutput<'_> {
    /// Its attribute path, as Nix writes it; unescaped.
    pub fn name(&self) -> String {
        if self.path.is_empty() {
            return "outputs".to_owned();
        }
        AttrPath(&self.path.iter().map(String::as_str).collect::<Vec<_>>()).to_string()
    }
}

impl ReportedUse<'_> {
    /// Whether something of it has other settings than what it is built into.
    pub fn is_mismatch(&self) -> bool {
        self.packages.iter().any(|package| package.lack.is_some())
    }
}
