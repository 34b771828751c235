//! A finding in a report.

use super::Location;
use crate::change::{Applicability, FileDiff, Remedy};
use crate::finding::{Discriminator, Level, Rule, Strength, Subject, Together};
use crate::graph::InputPath;
use crate::text::Excerpt;

/// A finding in a report.
#[derive(Debug)]
pub struct Reported<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// Its level here.
    pub level: Level,
    /// Firm, light, or neither.
    pub strength: Option<Strength>,
    /// The message, one line; unescaped.
    pub message: String,
    /// The label beside the marked place, a few words; unescaped.
    pub label: Option<String>,
    /// Why it matters here, one line; unescaped.
    pub why: Option<String>,
    /// Evidence, one line each; unescaped.
    pub notes: Vec<String>,
    /// How it is worded in a group with others; unescaped.
    pub together: Option<Together>,
    /// Stays the same as long as the finding exists, whatever else changes in the lock.
    pub fingerprint: String,
    /// The keys by which it is recognized in another state of the flake: one, or one for each part
    /// of a list.
    pub keys: Vec<Key>,
    /// Whether that state has it, if the two were compared.
    pub standing: Option<Standing>,
    /// What it is about.
    pub subject: Subject,
    /// Distinguishes it from other findings of the rule about the same subject.
    pub discriminator: Option<Discriminator>,
    /// The inputs in a list; empty if it is about one thing.
    pub parts: Vec<InputPath<'a>>,
    /// The path of the subject; empty for the whole flake.
    pub input_path: InputPath<'a>,
    /// The follows chain: the first [`Report::LONGEST`](super::Report::LONGEST) steps.
    pub chain: Vec<Step<'a>>,
    /// How many steps there are.
    pub chain_total: usize,
    /// The key of the node that it is about.
    pub node: Option<&'a str>,
    /// The reference of that node, with branch and day.
    pub node_source: Option<String>,
    /// Other inputs that it explains: the first [`Report::LONGEST`](super::Report::LONGEST).
    pub affects: Vec<InputPath<'a>>,
    /// How many there are.
    pub affects_total: usize,
    /// The outputs that it concerns: the first [`Report::LONGEST`](super::Report::LONGEST).
    pub outputs: Vec<Vec<String>>,
    /// All of them, by index in [`Report::outputs`](super::Report::outputs), sorted.
    pub concerns: Vec<usize>,
    /// The packages that show it.
    pub packages: Vec<String>,
    /// Its place.
    pub location: Option<Location>,
    /// The line there, if excerpts were asked for.
    pub excerpt: Option<Excerpt>,
    /// Why it is accepted.
    pub exempted: Option<Exemption>,
    /// The fix.
    pub fix: Option<ReportedFix<'a>>,
}

impl Reported<'_> {
    /// Whether it counts at this level: not if it is exempted or was there before.
    pub fn counts_at(&self, level: Level) -> bool {
        self.level == level && self.counts()
    }

    /// Whether it counts at all, so that it is shown by default.
    pub fn counts(&self) -> bool {
        self.exempted.is_none() && !self.is_older()
    }

    /// Whether the state that this one is compared with has it, too.
    pub fn is_older(&self) -> bool {
        self.standing == Some(Standing::Older)
    }

    /// Whether it is neither exempted nor older.
    pub fn is_open(&self) -> bool {
        self.exempted.is_none() && self.level > Level::Allow
    }
}

/// Identifies a finding across states of a flake, regardless of strength, lines and node keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The input path, for people; empty for the whole flake; unescaped.
    pub input: String,
    /// The fingerprint of the finding, or of this part of it.
    pub fingerprint: String,
}

/// Whether another state of the flake has a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It has not.
    New,
    /// It has.
    Older,
}

/// Why a finding is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The reason given; unescaped.
    pub reason: String,
    /// Whether the reason comes from a comment in flake.nix, not from the configuration.
    pub is_comment: bool,
}

/// A step of a chain.
#[derive(Debug)]
pub struct Step<'a> {
    /// The input; empty for the root.
    pub input_path: InputPath<'a>,
    /// Where it leads.
    pub target: StepTarget<'a>,
}

/// Where a step leads.
#[derive(Debug)]
pub enum StepTarget<'a> {
    /// To another input: the path as written.
    Follows(InputPath<'a>),
    /// To a node: its key.
    Node(&'a str),
}

/// A fix in a report.
#[derive(Debug)]
pub struct ReportedFix<'a> {
    /// How it may be applied.
    pub applicability: Applicability,
    /// Why it is not safe, or what it does if it is not an override; unescaped.
    pub reason: String,
    /// What is done; for a manual fix, what is suggested.
    pub remedy: Remedy<ReportedOverride<'a>>,
    /// That it brings another version of nixpkgs, too; unescaped.
    pub new_version: Option<String>,
    /// The lines for flake.nix; unescaped.
    pub nix: String,
    /// Its change of flake.nix, if that was read and can be edited.
    pub diff: Option<FileDiff>,
    /// Whether it needs Nix 2.30.
    pub is_deep: bool,
    /// Whether an input that it changes is already a follows, so that flake.nix may have a line to
    /// change.
    pub replaces: bool,
    /// Whether flake.nix says that it is generated, so that the lines belong in its source.
    pub is_generated: bool,
}

/// One input made to follow a path.
#[derive(Debug)]
pub struct ReportedOverride<'a> {
    /// The input.
    pub input_path: Vec<&'a str>,
    /// The path to follow.
    pub follows: Vec<&'a str>,
}
