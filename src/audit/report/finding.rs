//! A finding, told.

use super::Location;
use crate::change::{Applicability, FileDiff, Remedy};
use crate::finding::{Discriminator, Level, Rule, Strength, Subject, Together};
use crate::graph::InputPath;
use crate::text::Excerpt;

/// A finding, told.
#[derive(Debug)]
pub struct Reported<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// Its level here.
    pub level: Level,
    /// Firm, light, or neither.
    pub strength: Option<Strength>,
    /// What is the case, one line; unescaped.
    pub message: String,
    /// What is to be seen at the place, in a few words; unescaped.
    pub label: Option<String>,
    /// Why it matters here, one line; unescaped.
    pub why: Option<String>,
    /// What shows it, one line each; unescaped.
    pub notes: Vec<String>,
    /// What it says together with others; unescaped.
    pub together: Option<Together>,
    /// Stays the same while the finding does, whatever else changes in the lock.
    pub fingerprint: String,
    /// What it is known by in another state of the flake: one, or one for each part of a list.
    pub keys: Vec<Key>,
    /// How it stands to that state, if it was compared with one.
    pub standing: Option<Standing>,
    /// What it is about.
    pub subject: Subject,
    /// What tells it from others of the rule about the same.
    pub discriminator: Option<Discriminator>,
    /// The inputs that a list is about; of what is about one thing none.
    pub parts: Vec<InputPath<'a>>,
    /// The path to that; empty for the whole flake.
    pub input_path: InputPath<'a>,
    /// The follows chain: the first [`Report::LONGEST`](super::Report::LONGEST) steps.
    pub chain: Vec<Step<'a>>,
    /// How many steps there are.
    pub chain_total: usize,
    /// Key of the node that it is about.
    pub node: Option<&'a str>,
    /// The reference of that node, with branch and day.
    pub node_source: Option<String>,
    /// Other inputs that it explains: the first [`Report::LONGEST`](super::Report::LONGEST).
    pub affects: Vec<InputPath<'a>>,
    /// How many there are.
    pub affects_total: usize,
    /// The outputs that it concerns: the first [`Report::LONGEST`](super::Report::LONGEST).
    pub outputs: Vec<Vec<String>>,
    /// All of them, by their places in [`Report::outputs`](super::Report::outputs), sorted.
    pub concerns: Vec<usize>,
    /// The packages that show it.
    pub packages: Vec<String>,
    /// Where it is written.
    pub location: Option<Location>,
    /// The text there, if it was asked for.
    pub excerpt: Option<Excerpt>,
    /// Why it is accepted.
    pub exempted: Option<Exemption>,
    /// What to do.
    pub fix: Option<ReportedFix<'a>>,
}

impl Reported<'_> {
    /// Whether it counts at this level: it does not where it is accepted, nor where it was there
    /// before.
    pub fn counts_at(&self, level: Level) -> bool {
        self.level == level && self.counts()
    }

    /// Whether it counts at its level, and is told to whoever asks for no more.
    pub fn counts(&self) -> bool {
        self.exempted.is_none() && !self.is_older()
    }

    /// Whether it was there before, in the state that this one is compared with.
    pub fn is_older(&self) -> bool {
        self.standing == Some(Standing::Older)
    }

    /// Whether there is something to be done about it.
    pub fn is_open(&self) -> bool {
        self.exempted.is_none() && self.level > Level::Allow
    }
}

/// What a finding is known by whatever its strength, the lines and the node keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// The input path in words, for people; empty for the whole flake; unescaped.
    pub input: String,
    /// A fingerprint as that of the finding, of this part of it.
    pub fingerprint: String,
}

/// How a finding stands to another state of the flake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is not there.
    New,
    /// It is there, too.
    Older,
}

/// Why a finding is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exemption {
    /// The reason given; unescaped.
    pub reason: String,
    /// Whether a comment in flake.nix says so, not the configuration.
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

/// A fix, told.
#[derive(Debug)]
pub struct ReportedFix<'a> {
    /// How it may be applied.
    pub applicability: Applicability,
    /// Why it is not safe, or what it does where that is not an override; unescaped.
    pub reason: String,
    /// What is done; where a person has to do it, a suggestion.
    pub remedy: Remedy<ReportedOverride<'a>>,
    /// The lines for flake.nix; unescaped.
    pub nix: String,
    /// What it changes in flake.nix, where that was read and can be edited.
    pub diff: Option<FileDiff>,
    /// Whether it needs Nix 2.30.
    pub is_deep: bool,
    /// Whether an input that it changes is a follows already: flake.nix may have a line to change.
    pub replaces: bool,
    /// Whether flake.nix says that it is generated: the lines belong to what it is generated from.
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
