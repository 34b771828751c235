//! The report on one lock, independent of the output format.
//!
//! Names in it come from the lock and are untrusted: every renderer escapes them for its sink.

mod finding;
mod instance;
mod output;

use std::path::PathBuf;

pub use finding::{
    Exemption, Key, Reported, ReportedFix, ReportedOverride, Standing, Step, StepTarget,
};
pub use instance::ReportedInstance;
pub use output::{Lack, ReportedOutput, ReportedPackage, ReportedUse};

use crate::change::FileDiff;
use crate::finding::Level;
use crate::needs::{Needed, Reason};
use crate::text::{Excerpt, Position};

/// The findings in one lock, or why it could not be audited.
#[derive(Debug)]
pub struct Report<'a> {
    /// The name of the lock to print.
    pub lock_file: String,
    /// Why it could not be audited.
    pub error: Option<Error>,
    /// How many sources there are and how many were read.
    pub sources: Sources,
    /// What could not be read of the root's source, and comments in it that have no effect.
    pub warnings: Vec<SourceWarning>,
    /// Each nixpkgs in use.
    pub instances: Vec<ReportedInstance<'a>>,
    /// What people build or run of the flake, if it was read.
    pub outputs: Vec<ReportedOutput<'a>>,
    /// What not every Nix can read, the newest first; only if lists are wanted.
    pub needs: Vec<ReportedNeed>,
    /// The findings, loudest first.
    pub findings: Vec<Reported<'a>>,
    /// The findings in groups that are reported as one.
    pub groups: Vec<Group>,
}

/// One or more findings of one rule and level that say the same and are cured in the same way, all
/// automatically or all by a person.
#[derive(Debug, Clone)]
pub struct Group {
    /// Indices of the findings; at least one.
    pub members: Vec<usize>,
    /// The message, one line; unescaped.
    pub message: String,
    /// The change of flake.nix by all their fixes together, if that was read and can be edited.
    pub diff: Option<FileDiff>,
}

/// A range of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file name to print.
    pub file: String,
    /// Its first character.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
}

/// Why a lock could not be audited. The message is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// One line.
    pub message: String,
    /// The file that is wrong, if it is not the lock.
    pub file: Option<PathBuf>,
    /// The place in it.
    pub position: Option<Position>,
    /// The line there, if it can be shown.
    pub excerpt: Option<Excerpt>,
}

/// Sources of the lock's nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sources {
    /// Read from disk.
    pub read: usize,
    /// Reachable flakes that could be read, without the root and nixpkgs.
    pub total: usize,
    /// Whether the root was read.
    pub root: bool,
    /// How many, including the root, were too large to read completely.
    pub cut_short: usize,
}

/// A warning about a file of the root's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceWarning {
    /// One line; unescaped.
    pub message: String,
    /// The file name to print.
    pub file: String,
    /// The place in it.
    pub position: Option<Position>,
}

impl Report<'_> {
    /// The most entries in a list of a report, so that output stays linear in the lock.
    pub const LONGEST: usize = 100;

    /// The report on a lock that could not be audited.
    pub fn failed(lock_file: &str, error: Error) -> Self {
        Self { error: Some(error), ..Self::empty(lock_file) }
    }

    /// One that says nothing yet.
    pub fn empty(lock_file: &str) -> Self {
        Self {
            lock_file: lock_file.to_owned(),
            error: None,
            sources: Sources::default(),
            warnings: Vec::new(),
            instances: Vec::new(),
            outputs: Vec::new(),
            needs: Vec::new(),
            findings: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// How many findings count at this level: those that are neither exempted nor older.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.counts_at(level)).count()
    }

    /// The same, counting each group once.
    pub fn count_told(&self, level: Level) -> usize {
        let first = self.groups.iter().filter_map(|group| group.members.first());
        let first = first.filter_map(|at| self.findings.get(*at));
        first.filter(|finding| finding.counts_at(level)).count()
    }

    /// Outputs that were not fully understood. Sources that are not on disk are a matter of
    /// findings.
    pub fn outputs_in_part(&self) -> impl Iterator<Item = &ReportedOutput<'_>> {
        self.outputs.iter().filter(|output| !output.not_read.is_empty())
    }

    /// How many findings do not count because they were there before.
    pub fn count_older(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_older()).count()
    }

    /// How many findings are exempted.
    pub fn count_exempted(&self) -> usize {
        self.findings.iter().filter(|finding| finding.exempted.is_some()).count()
    }
}

/// Something that not every Nix can read, with all its places.
#[derive(Debug)]
pub struct ReportedNeed {
    /// The versions of Nix that can.
    pub nix: Needed,
    /// The feature.
    pub reason: Reason,
    /// The inputs that have it, the first [`Report::LONGEST`]; the empty
    /// path for the flake itself.
    pub inputs: Vec<Vec<String>>,
    /// How many there are.
    pub inputs_total: usize,
    /// The place of the first.
    pub location: Option<Location>,
}
