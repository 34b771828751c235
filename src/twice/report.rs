//! The report on the outputs of a flake.

use super::comparison::AttributeDifference;
use super::outputs::Unlisted;

/// The report on a flake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TwiceReport {
    /// One for each output, in the order in which they were asked for.
    pub outputs: Vec<OutputReport>,
    /// Kinds of outputs that could not be listed.
    pub unlisted: Vec<Unlisted>,
}

/// The report on an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputReport {
    /// Its attribute path.
    pub output: String,
    /// How many derivations it needs, itself included; those with the same output paths count once,
    /// and those that fetch sources do not count.
    pub derivations: usize,
    /// Why duplicates are not known.
    pub failed: Option<String>,
    /// Why it could not be evaluated with all dependencies on this flake's nixpkgs, so that
    /// duplicates were found by attributes of packages instead.
    pub by_attributes: Option<String>,
    /// The duplicates: those that collide first, then by name.
    pub twice: Vec<TwicePackage>,
    /// Python modules that its environments lack.
    pub dropped: Vec<Dropped>,
    /// Its state after `fix`, if that was asked for.
    pub with_fix: Option<WithFix>,
}

/// Modules that a Python environment would contain if they were built for its Python:
/// `withPackages` silently drops others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The environment.
    pub environment: String,
    /// The names of the modules.
    pub names: Vec<String>,
}

/// A package in more than one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwicePackage {
    /// Its name, without a version.
    pub name: String,
    /// The environment that contains two variants.
    pub collides: Option<String>,
    /// A build that has two variants as inputs.
    pub meets: Option<String>,
    /// Where the difference begins.
    pub begins: Vec<Begins>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// Where a difference begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Begins {
    /// The package that differs by itself, not only by its inputs.
    pub name: String,
    /// The difference.
    pub difference: AttributeDifference,
}

/// One of a package's variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its `.drv`.
    pub drv: String,
    /// The dependencies of the flake that bring it; empty if the flake does itself.
    pub brought_by: Vec<String>,
    /// The number of the nixpkgs instance that it is built from, as in `check`, if that is certain.
    pub instance: Option<String>,
    /// The names on the path to it from the output.
    pub chain: Vec<String>,
}

/// The state of an output after `fix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WithFix {
    /// It can be evaluated.
    Known {
        /// How many derivations it would need.
        derivations: usize,
        /// How many duplicates would remain.
        twice_total: usize,
        /// Names that would no longer exist twice.
        gone: Vec<String>,
        /// Names that still would.
        left: Vec<String>,
        /// For remaining duplicates, the shortest path from the output to a variant that is not
        /// this flake's.
        through: Vec<(String, Vec<String>)>,
        /// Names that would newly exist twice.
        new: Vec<String>,
    },
    /// It cannot, and why.
    Failed(String),
}

/// The effect of a repair on an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairEffect {
    /// Its attribute path.
    pub output: String,
    /// How many derivations it needs now; 0 if not known.
    pub before: usize,
    /// The change.
    pub after: OutputChange,
}

/// The change of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputChange {
    /// It can be evaluated now, but not after the repair, and why.
    Breaks(String),
    /// It can be evaluated, with this result.
    To(WithFix),
    /// It can be evaluated and needs this many derivations, and why duplicates are not known.
    InSize(usize, String),
}

impl OutputReport {
    /// An empty report.
    pub(super) fn unknown(output: String) -> Self {
        Self {
            output,
            derivations: 0,
            failed: None,
            by_attributes: None,
            twice: Vec::new(),
            dropped: Vec::new(),
            with_fix: None,
        }
    }

    /// Whether there are no duplicates and nothing else to report.
    pub(super) fn says_nothing(&self) -> bool {
        self.failed.is_none()
            && self.twice.is_empty()
            && self.dropped.is_empty()
            && self.with_fix.is_none()
    }

    /// The same with the reason why duplicates are not known.
    pub(super) fn because(self, reason: String) -> Self {
        Self { failed: Some(reason), ..self }
    }
}

impl TwiceReport {
    /// Whether anything exists twice, which is certain even after failures.
    pub fn has_twice(&self) -> bool {
        self.outputs.iter().any(|output| !output.twice.is_empty())
    }

    /// Whether duplicates of some output are not known.
    pub fn is_partial(&self) -> bool {
        !self.unlisted.is_empty() || self.outputs.iter().any(|output| output.failed.is_some())
    }
}
