//! The report on one lock: what is shown, in whatever format.
//!
//! Names in it are those of the lock and untrusted: every renderer escapes them for its sink.

mod finding;
mod instance;
mod need;
mod output;

use std::path::PathBuf;

pub use finding::{
    Exemption, Key, Reported, ReportedFix, ReportedOverride, Standing, Step, StepTarget,
};
pub use instance::ReportedInstance;
pub use need::ReportedNeed;
pub use output::{Lack, ReportedOutput, ReportedPackage, ReportedUse};

use crate::change::FileDiff;
use crate::finding::Level;
use crate::text::{Excerpt, Position};

/// What was found in one lock, or why it could not be audited.
#[derive(Debug)]
pub struct Report<'a> {
    /// The lock, as it is to be named.
    pub lock_file: String,
    /// Why it could not be audited.
    pub error: Option<Error>,
    /// How many sources there are, and how many of them were read.
    pub sources: Sources,
    /// What could not be read of the root's source, and comments in it that say nothing.
    pub warnings: Vec<SourceWarning>,
    /// Each nixpkgs in use.
    pub instances: Vec<ReportedInstance<'a>>,
    /// What people build or run of the flake, where that was read.
    pub outputs: Vec<ReportedOutput<'a>>,
    /// What not every Nix can read, the newest first; where lists are wanted.
    pub needs: Vec<ReportedNeed>,
    /// The findings, loudest first.
    pub findings: Vec<Reported<'a>>,
    /// The same, where several are told as one.
    pub groups: Vec<Group>,
}

/// One or more findings of one rule and level that say the same, and are cured in the same way:
/// without a person, or by one.
#[derive(Debug, Clone)]
pub struct Group {
    /// Their positions; at least one.
    pub members: Vec<usize>,
    /// What is the case, one line; unescaped.
    pub message: String,
    /// What all their fixes together change in flake.nix, where that was read and can be edited.
    pub diff: Option<FileDiff>,
}

/// A range of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file, as it is to be named.
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
    /// Where in it.
    pub position: Option<Position>,
    /// The line there, where it is shown.
    pub excerpt: Option<Excerpt>,
}

/// Sources of the lock's nodes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sources {
    /// Read from disk.
    pub read: usize,
    /// Reachable flakes that could be read: not the root, nor nixpkgs.
    pub total: usize,
    /// Whether the root's own was read.
    pub root: bool,
    /// Of how many, the root's counted, not all was looked at, because it is too much.
    pub cut_short: usize,
}

/// Something about a file of the root's source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceWarning {
    /// One line; unescaped.
    pub message: String,
    /// The file, as it is to be named.
    pub file: String,
    /// Where in it.
    pub position: Option<Position>,
}

impl Report<'_> {
    /// Entries that a list in a report holds at most, so that output stays linear in the lock.
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

    /// Findings that count: at this level and not exempted.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.counts_at(level)).count()
    }

    /// The same, several that are told as one counted once.
    pub fn count_told(&self, level: Level) -> usize {
        let first = self.groups.iter().filter_map(|group| group.members.first());
        let first = first.filter_map(|at| self.findings.get(*at));
        first.filter(|finding| finding.counts_at(level)).count()
    }

    /// Outputs that were not fully understood. What is not on disk is told by findings.
    pub fn outputs_in_part(&self) -> impl Iterator<Item = &ReportedOutput<'_>> {
        self.outputs.iter().filter(|output| !output.not_read.is_empty())
    }

    /// Findings that do not count because they were there before.
    pub fn count_older(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_older()).count()
    }

    /// Findings that are exempted.
    pub fn count_exempted(&self) -> usize {
        self.findings.iter().filter(|finding| finding.exempted.is_some()).count()
    }
}
