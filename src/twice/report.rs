//! What is said of the outputs of a flake.

use super::comparison::AttributeDifference;
use super::outputs::Unlisted;

/// What Nix says of a flake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TwiceReport {
    /// One for each output, in the order in which they were asked for.
    pub outputs: Vec<OutputReport>,
    /// Kinds of outputs that could not be listed.
    pub unlisted: Vec<Unlisted>,
}

/// What Nix says of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputReport {
    /// Its attribute path.
    pub output: String,
    /// How many derivations it needs, it included: what has the same output paths is one, and what
    /// fetches sources does not count.
    pub derivations: usize,
    /// Why it is not known what is twice.
    pub failed: Option<String>,
    /// Why it could not be evaluated with all dependencies on this flake's nixpkgs, where what is
    /// twice is known by the attributes of packages instead.
    pub by_attributes: Option<String>,
    /// What is twice: what collides first, then by name.
    pub twice: Vec<Twice>,
    /// Modules of Python that its environments lack.
    pub dropped: Vec<Dropped>,
    /// What it would be after `fix`, where that was asked for.
    pub with_fix: Option<WithFix>,
}

/// Modules that an environment of Python would have, were they built for its Python: `withPackages`
/// drops others without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The environment.
    pub environment: String,
    /// The names of the modules.
    pub names: Vec<String>,
}

/// A package in more than one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twice {
    /// Its name, without a version.
    pub name: String,
    /// The environment in which two variants end up beside each other.
    pub collides: Option<String>,
    /// A build in which they do.
    pub meets: Option<String>,
    /// Where the difference begins.
    pub begins: Vec<Begins>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// Where a difference begins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Begins {
    /// The package that differs by itself.
    pub name: String,
    /// In what.
    pub difference: AttributeDifference,
}

/// One of a package's variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its `.drv`.
    pub drv: String,
    /// The dependencies of the flake that bring it; none where the flake does itself.
    pub brought_by: Vec<String>,
    /// The number of the nixpkgs instance that it is built from, as `check` has it, where that is
    /// certain.
    pub instance: Option<String>,
    /// The names of what leads to it, from the output on.
    pub chain: Vec<String>,
}

/// What an output would be after `fix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WithFix {
    /// It can be evaluated.
    Known {
        /// How many derivations it would need.
        derivations: usize,
        /// How much would still be twice.
        twice_total: usize,
        /// Names that would not be twice any more.
        gone: Vec<String>,
        /// Those that would still be.
        left: Vec<String>,
        /// Of what would be twice, the shortest way from the output to a variant that is not this
        /// flake's: each with its name.
        through: Vec<(String, Vec<String>)>,
        /// Those that would be, and are not now.
        new: Vec<String>,
    },
    /// It cannot, and why.
    Failed(String),
}

/// What a repair makes of an output that it changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Its attribute path.
    pub output: String,
    /// How many derivations it needs as it is; none where that is not known.
    pub before: usize,
    /// What becomes of it.
    pub after: Changed,
}

/// What becomes of an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It can be evaluated as it is, and with the repair it cannot: why.
    Breaks(String),
    /// It can be evaluated, and is this.
    To(WithFix),
    /// It can be evaluated, and needs so many derivations; why it is not known what of them is twice.
    InSize(usize, String),
}

impl OutputReport {
    /// Of which nothing is known yet.
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

    /// Whether nothing is twice in it, and there is nothing else to tell.
    pub(super) fn says_nothing(&self) -> bool {
        self.failed.is_none()
            && self.twice.is_empty()
            && self.dropped.is_empty()
            && self.with_fix.is_none()
    }

    /// Of which it is not known what is twice, and why.
    pub(super) fn because(self, reason: String) -> Self {
        Self { failed: Some(reason), ..self }
    }
}

impl TwiceReport {
    /// Whether anything is twice, which is certain whatever failed.
    pub fn has_twice(&self) -> bool {
        self.outputs.iter().any(|output| !output.twice.is_empty())
    }

    /// Whether of something it is not known what is twice.
    pub fn is_partial(&self) -> bool {
        !self.unlisted.is_empty() || self.outputs.iter().any(|output| output.failed.is_some())
    }
}
