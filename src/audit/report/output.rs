//! An output in a report: what it is built from, and what it takes in.

use crate::graph::InputPath;
use crate::lock::InputId;
use crate::source::evaluate::facts::{InstanceId, Place, Read};
use crate::text::AttrPath;

/// Something that people build or run of a flake.
#[derive(Debug)]
pub struct ReportedOutput<'a> {
    /// Its attribute path.
    pub path: Vec<String>,
    /// Further systems with the same output.
    pub systems: Vec<String>,
    /// What it is built from: numbers of listed instances, from 1.
    pub main: Vec<usize>,
    /// The same instances, by their ids in the evaluation.
    pub outer: Vec<InstanceId>,
    /// Other instances that something inside it is built from.
    pub inner: Vec<InstanceId>,
    /// How much of it was read.
    pub read: Read,
    /// What was not read, in a few words each; unescaped.
    pub not_read: Vec<String>,
    /// Its place.
    pub place: Option<Place>,
    /// What it takes in.
    pub uses: Vec<ReportedUse<'a>>,
    /// Packages that switch on a setting for themselves which their nixpkgs has on for everything,
    /// and that setting.
    pub redundant: Vec<(String, &'static str)>,
}

/// What an output takes of one instance, or of something that was not read.
#[derive(Debug)]
pub struct ReportedUse<'a> {
    /// The number of the instance, from 1; `None` if it is not known or not listed.
    pub instance: Option<usize>,
    /// The instance's id in the evaluation; `None` for what was not read.
    pub made: Option<InstanceId>,
    /// The input that its nixpkgs came from, or that was not read.
    pub input: Option<InputId>,
    /// Whether the flake under audit takes it from a nixpkgs of its own.
    pub is_own: bool,
    /// The inputs through which it came; none for the flake's own.
    pub route: Vec<InputPath<'a>>,
    /// Packages that a setting changes, and what was taken without being read.
    pub packages: Vec<ReportedPackage>,
    /// The known settings that it lacks and that change one of its packages.
    pub changed_by: Vec<String>,
    /// How many other packages there are.
    pub others: usize,
}

/// A package that an output takes in.
#[derive(Debug)]
pub struct ReportedPackage {
    /// Its attribute path, as far as it is known.
    pub name: String,
    /// The first place that names it.
    pub place: Option<Place>,
    /// Whether it depends on a condition that could not be decided.
    pub conditional: bool,
    /// How its settings differ from its builder's.
    pub lack: Option<Lack>,
}

/// Settings that only one of a package and its builder has: their names, empty if they are not
/// known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// The package lacks them.
    OfPackage(Vec<String>),
    /// The package has them, and its builder holds the same package without them.
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
    /// Whether any package of it differs from its builder in settings.
    pub fn is_mismatch(&self) -> bool {
        self.packages.iter().any(|package| package.lack.is_some())
    }
}
