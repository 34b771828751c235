//! The difference in a report. Names and references come from the locks and are untrusted.

use std::collections::BTreeSet;

use crate::finding::{Level, Strength};
use crate::text::Date;

/// The difference between two states of a flake.
#[derive(Debug, Default)]
pub struct Difference {
    /// The nixpkgs that were added.
    pub came: Vec<Nixpkgs>,
    /// The nixpkgs that were removed.
    pub went: Vec<Nixpkgs>,
    /// Those with another revision or source. Equal moves are one entry.
    pub moved: Vec<Moved>,
    /// Those with other settings.
    pub reconfigured: Vec<Reconfigured>,
    /// Inputs that get another nixpkgs; equal changes are one entry.
    pub dependencies: Vec<Receivers>,
    /// Outputs that are built from another one, grouped in the same way.
    pub outputs: Vec<Receivers>,
    /// Findings that are new, gone, or count differently.
    pub findings: Vec<FoundChange>,
    /// The same in groups for people.
    pub finding_groups: Vec<FindingGroupChange>,
    /// Inputs that were added and removed, by flake.
    pub inputs: Vec<InputsChange>,
    /// How many sources of each state were read, if that may explain new or missing findings.
    pub sources: Option<SourcesRead>,
}

impl Difference {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        let Self { came, went, moved, reconfigured, dependencies, outputs, findings, .. } = self;
        came.is_empty()
            && went.is_empty()
            && moved.is_empty()
            && reconfigured.is_empty()
            && dependencies.is_empty()
            && outputs.is_empty()
            && findings.is_empty()
            && self.inputs.is_empty()
    }
}

/// The name of an instance or input for people: the input path, and its own settings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct InstanceName {
    /// The input path.
    pub path: Vec<String>,
    /// Settings of an instance that the flake makes, such as `cudaSupport`; else empty.
    pub with: Vec<String>,
}

/// A version of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceVersion {
    /// The locked reference.
    pub reference: String,
    /// A short form with branch and day.
    pub words: String,
    /// A short revision and the day, which are enough beside another version of the same source and
    /// branch.
    pub brief: Option<String>,
    /// The day of its last change.
    pub date: Option<Date>,
}

/// An instance of nixpkgs.
#[derive(Debug, Clone)]
pub struct Nixpkgs {
    /// What it is called.
    pub name: InstanceName,
    /// What it is: plain, or how it is configured; escaped.
    pub made: String,
    /// Its source.
    pub source: Option<SourceVersion>,
    /// The source of its base, if that is another one.
    pub base: Option<SourceVersion>,
    /// How many inputs of dependencies get it.
    pub users: usize,
}

/// Instances whose source moved in the same way.
#[derive(Debug)]
pub struct Moved {
    /// The inputs that own them, if these are in the same place as before.
    pub inputs: BTreeSet<Vec<String>>,
    /// Those whose base is another input than before.
    pub rebased: Vec<InstanceName>,
    /// All of them, by their current names.
    pub instances: Vec<InstanceName>,
    /// Before.
    pub from: SourceVersion,
    /// Now.
    pub to: SourceVersion,
    /// Whether both have the same source and branch.
    pub is_same_branch: bool,
    /// Days between the two; negative if it went back.
    pub days: Option<i64>,
    /// How many inputs of dependencies get them.
    pub users: usize,
}

/// An instance with other settings than before.
#[derive(Debug)]
pub struct Reconfigured {
    /// Its current name.
    pub name: InstanceName,
    /// Settings that were added, as `name = true`.
    pub set: Vec<String>,
    /// Settings that were removed.
    pub unset: Vec<String>,
}

/// Inputs or outputs with the same change of nixpkgs.
#[derive(Debug)]
pub struct Receivers {
    /// Input paths, or attribute paths of outputs.
    pub paths: Vec<Vec<String>>,
    /// What they got before; an output may have several.
    pub before: Vec<Nixpkgs>,
    /// What they get now.
    pub after: Vec<Nixpkgs>,
}

/// The standing of a finding in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingStanding {
    /// There is none.
    Absent,
    /// Its level.
    Level(Level),
    /// Accepted by an exemption.
    Exempted,
}

/// A finding with a changed standing.
#[derive(Debug)]
pub struct FoundChange {
    /// The rule.
    pub rule: &'static str,
    /// Before.
    pub before: FindingStanding,
    /// Now.
    pub after: FindingStanding,
    /// Firm, light, or neither, in the state that has it.
    pub strength: Option<Strength>,
    /// The input path.
    pub path: Vec<String>,
    /// The message.
    pub message: String,
    /// The fingerprint, as in reports.
    pub fingerprint: String,
    /// For a list, the input paths that were added or removed; empty if all were.
    pub parts: Vec<String>,
}

/// Findings that say the same, for people.
#[derive(Debug)]
pub struct FindingGroupChange {
    /// The rule.
    pub rule: &'static str,
    /// Before.
    pub before: FindingStanding,
    /// Now.
    pub after: FindingStanding,
    /// The message; escaped.
    pub message: String,
    /// The inputs concerned.
    pub inputs: Vec<String>,
}

/// Inputs of one flake that were added and removed.
#[derive(Debug)]
pub struct InputsChange {
    /// The flake: the input path of a dependency, empty for the flake itself.
    pub holder: Vec<String>,
    /// Added inputs.
    pub came: Vec<NewInput>,
    /// Removed inputs.
    pub went: Vec<NewInput>,
    /// Inputs that lead to another repository now.
    pub replaced: Vec<(NewInput, NewInput)>,
}

/// An input that was added or removed.
#[derive(Debug)]
pub struct NewInput {
    /// Its name.
    pub name: String,
    /// Where it leads: a source in words, or what it follows.
    pub leads_to: String,
    /// Its reference; `None` for a follows.
    pub reference: Option<String>,
    /// How many inputs are below it.
    pub below: usize,
}

/// How much of the two states was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcesRead {
    /// Before: how many sources of dependencies were read, and how many there are.
    pub before: (usize, usize),
    /// After: the same.
    pub after: (usize, usize),
}
