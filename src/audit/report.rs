//! The report on one lock: what is shown, in whatever format.
//!
//! Names in it are those of the lock and untrusted: every renderer escapes them for its sink.

use std::path::PathBuf;

use crate::change::{Applicability, FileDiff, Remedy};
use crate::finding::{Apart, Level, Rule, Strength, Subject, Together};
use crate::graph::InputPath;
use crate::instance::{Effect, EvidenceKind, Settings};
use crate::lock::InputId;
use crate::source::evaluate::facts::{InstanceId, Place, Read};
use crate::text::{AttrPath, Excerpt, Position};

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
    /// The findings, loudest first.
    pub findings: Vec<Reported<'a>>,
    /// The same, where several are told as one.
    pub groups: Vec<Group>,
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

/// A nixpkgs instance.
#[derive(Debug)]
pub struct ReportedInstance<'a> {
    /// The node's key.
    pub node: &'a str,
    /// Its owner path.
    pub path: InputPath<'a>,
    /// The key of the raw nixpkgs that it is made of.
    pub base: Option<&'a str>,
    /// Locked reference of the node.
    pub reference: String,
    /// Locked reference of the base.
    pub base_reference: Option<String>,
    /// The node's source in words.
    pub source: String,
    /// The base's source in words, where it is another node.
    pub base_source: Option<String>,
    /// Day of the base's last change.
    pub base_date: Option<String>,
    /// Where the root makes it, if it does.
    pub made_at: Option<Location>,
    /// How it comes about, as it is written in reports.
    pub made_by: &'static str,
    /// How many overlays it has, where that is known.
    pub overlays: Option<u32>,
    /// How much of its settings could be read: `all`, `part` or `none`.
    pub readable: &'static str,
    /// Whether a wrapper makes it, and what shows that.
    pub evidence: Option<(EvidenceKind, String)>,
    /// What its settings do; `None` for raw nixpkgs.
    pub effect: Option<Effect>,
    /// Its settings, where they are known.
    pub settings: Option<Settings>,
    /// Whether an input of the root ends at it.
    pub held_by_root: bool,
    /// The slots that end at it: the first [`Report::LONGEST`].
    pub consumers: Vec<InputPath<'a>>,
    /// How many slots there are.
    pub consumers_total: usize,
}

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
    /// What it is about.
    pub subject: Subject,
    /// What tells it from others of the rule about the same.
    pub apart: Option<Apart>,
    /// The path to that; empty for the whole flake.
    pub input_path: InputPath<'a>,
    /// The follows chain: the first [`Report::LONGEST`] steps.
    pub chain: Vec<Step<'a>>,
    /// How many steps there are.
    pub chain_total: usize,
    /// Key of the node that it is about.
    pub node: Option<&'a str>,
    /// The reference of that node, with branch and day.
    pub node_source: Option<String>,
    /// Other inputs that it explains: the first [`Report::LONGEST`].
    pub affects: Vec<InputPath<'a>>,
    /// How many there are.
    pub affects_total: usize,
    /// The outputs that it concerns: the first [`Report::LONGEST`].
    pub outputs: Vec<Vec<String>>,
    /// All of them, by their places in [`Report::outputs`], sorted.
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
}

/// One input made to follow a path.
#[derive(Debug)]
pub struct ReportedOverride<'a> {
    /// The input.
    pub input_path: Vec<&'a str>,
    /// The path to follow.
    pub follows: Vec<&'a str>,
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

impl Reported<'_> {
    /// Bytes of what it tells, about.
    pub(super) fn size(&self) -> usize {
        let chain = self.chain.iter().map(|step| match &step.target {
            StepTarget::Follows(path) => step.input_path.size() + path.size(),
            StepTarget::Node(key) => step.input_path.size() + key.len(),
        });
        let paths = self.affects.iter().chain([&self.input_path]).map(InputPath::size);
        let notes = self.notes.iter().chain(&self.why).chain(&self.label).map(String::len);
        let fix = self.fix.as_ref().map_or(0, |fix| fix.reason.len() + 2 * fix.nix.len());
        let node = self.node.map_or(0, str::len);
        let sum = chain.chain(paths).chain(notes).sum::<usize>();
        sum + self.message.len() + fix + node
    }

    /// Tells no more than that it is so, and where. The numbers stay.
    pub(super) fn shorten(&mut self) {
        clip(&mut self.message);
        self.notes = vec!["what there is to say of further findings is cut short here".into()];
        (self.label, self.why, self.together) = (None, None, None);
        self.input_path = self.input_path.shortened();
        self.chain = Vec::new();
        self.affects = Vec::new();
        self.outputs = Vec::new();
        self.packages = Vec::new();
        self.node = None;
        self.fix = None;
    }
}

impl ReportedInstance<'_> {
    /// Bytes of what it tells, about.
    pub(super) fn size(&self) -> usize {
        let names =
            [Some(self.node), self.base, Some(&*self.reference), self.base_reference.as_deref()];
        let names = names.iter().flatten().map(|name| name.len());
        names.chain(self.consumers.iter().map(InputPath::size)).sum()
    }

    /// Leaves out what can be long. The numbers stay.
    pub(super) fn shorten(&mut self) {
        self.consumers = Vec::new();
        self.path = self.path.shortened();
        self.base = None;
        self.base_reference = None;
        clip(&mut self.reference);
    }
}

/// Cuts a text that is told once more.
fn clip(text: &mut String) {
    const LONGEST: usize = 256;
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
}

impl Report<'_> {
    /// Bytes that findings and instances tell for each of the lock's, and for any lock: those
    /// beyond it are told in short. In real locks all is shorter by far.
    pub(super) const ROOM: (usize, usize) = (16, 4 << 20);
    /// Entries that a list in a report holds at most, so that output stays linear in the lock.
    pub const LONGEST: usize = 100;

    /// The report on a lock that could not be audited.
    pub fn failed(lock_file: &str, error: Error) -> Self {
        Self {
            lock_file: lock_file.to_owned(),
            error: Some(error),
            sources: Sources::default(),
            warnings: Vec::new(),
            instances: Vec::new(),
            outputs: Vec::new(),
            findings: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Findings that count: at this level and not exempted.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|f| f.level == level && f.exempted.is_none()).count()
    }

    /// The same, several that are told as one counted once.
    pub fn count_told(&self, level: Level) -> usize {
        let first = self.groups.iter().filter_map(|group| group.members.first());
        let first = first.filter_map(|at| self.findings.get(*at));
        first.filter(|f| f.level == level && f.exempted.is_none()).count()
    }

    /// Outputs that were not understood wholly. What is not on disk is told by findings.
    pub fn outputs_in_part(&self) -> impl Iterator<Item = &ReportedOutput<'_>> {
        self.outputs.iter().filter(|output| !output.not_read.is_empty())
    }

    /// Findings that are exempted.
    pub fn count_exempted(&self) -> usize {
        self.findings.iter().filter(|finding| finding.exempted.is_some()).count()
    }
}
