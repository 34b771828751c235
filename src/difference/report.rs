//! What is different, told: names and references in it are those of the locks, and untrusted.

use std::collections::BTreeSet;

use crate::finding::{Level, Strength};
use crate::text::Date;

/// What is different in one state of a flake from another one.
#[derive(Debug, Default)]
pub struct Difference {
    /// Each nixpkgs that is there only now.
    pub came: Vec<Nixpkgs>,
    /// Each that was there only before.
    pub went: Vec<Nixpkgs>,
    /// Those that are of another revision or source now. What moved alike is one of them.
    pub moved: Vec<Moved>,
    /// Those that have other settings now.
    pub reconfigured: Vec<Reconfigured>,
    /// Inputs that get another nixpkgs, those that changed alike together.
    pub dependencies: Vec<Receivers>,
    /// Outputs that are built from another, likewise.
    pub outputs: Vec<Receivers>,
    /// What is a finding only now, was one only before, or counts otherwise now.
    pub findings: Vec<FoundChange>,
    /// The same for people, what says the same together.
    pub told: Vec<Told>,
    /// Inputs that came and went, by who has them.
    pub inputs: Vec<InputsChange>,
    /// How many sources were read of each state, where that may be why something was found in one
    /// only.
    pub sources: Option<SourcesRead>,
}

impl Difference {
    /// Whether there is nothing to tell.
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

/// A name by which people know an instance or an input: the input path, and what it is beside that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The input path.
    pub path: Vec<String>,
    /// Settings that the flake makes of its own: `cudaSupport`; of others none.
    pub with: Vec<String>,
}

/// A version of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The locked reference.
    pub reference: String,
    /// The same in few words, with branch and day.
    pub words: String,
    /// The revision in few letters, and the day: what suffices beside another version of the same
    /// source and branch.
    pub brief: Option<String>,
    /// The day of its last change.
    pub date: Option<Date>,
}

/// An instance of nixpkgs.
#[derive(Debug, Clone)]
pub struct Nixpkgs {
    /// What it is called.
    pub name: Named,
    /// What it is: plain, or configured by whom; escaped.
    pub made: String,
    /// Its source.
    pub source: Option<Version>,
    /// What it is made of, where that is another source.
    pub base: Option<Version>,
    /// How many inputs of dependencies get it.
    pub users: usize,
}

/// Instances whose source moved in the same way.
#[derive(Debug)]
pub struct Moved {
    /// The inputs that bring them, where these stand in the same place as before.
    pub inputs: BTreeSet<Vec<String>>,
    /// Those that are built on another input than before.
    pub rebased: Vec<Named>,
    /// All of them, as they are called now.
    pub instances: Vec<Named>,
    /// Before.
    pub from: Version,
    /// Now.
    pub to: Version,
    /// Whether both are of one source and branch.
    pub is_same_branch: bool,
    /// Days from one to the other; less than none where it went back.
    pub days: Option<i64>,
    /// How many inputs of dependencies get them.
    pub users: usize,
}

/// An instance with other settings than before.
#[derive(Debug)]
pub struct Reconfigured {
    /// What it is called now.
    pub name: Named,
    /// What is set now and was not before, as `name = true`.
    pub set: Vec<String>,
    /// What was set before.
    pub unset: Vec<String>,
}

/// Inputs or outputs that get another nixpkgs, each instead of the same one.
#[derive(Debug)]
pub struct Receivers {
    /// Input paths, or attribute paths of outputs.
    pub paths: Vec<Vec<String>>,
    /// What they had; of an output there may be several.
    pub before: Vec<Nixpkgs>,
    /// What they have.
    pub after: Vec<Nixpkgs>,
}

/// How a finding stands in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// There is none.
    Absent,
    /// Its level.
    Level(Level),
    /// Accepted by an exemption.
    Exempted,
}

/// A finding that stands otherwise than before.
#[derive(Debug)]
pub struct FoundChange {
    /// The rule.
    pub rule: &'static str,
    /// Before.
    pub before: Standing,
    /// Now.
    pub after: Standing,
    /// Firm, light, or neither, where it is or was there.
    pub strength: Option<Strength>,
    /// What it is about.
    pub path: Vec<String>,
    /// What is, or was, the case.
    pub message: String,
    /// As in reports.
    pub fingerprint: String,
    /// Of a list, the input paths that are new in it, or that are in it no longer; nothing where that
    /// is all of it.
    pub parts: Vec<String>,
}

/// Findings that say the same, for people.
#[derive(Debug)]
pub struct Told {
    /// The rule.
    pub rule: &'static str,
    /// Before.
    pub before: Standing,
    /// Now.
    pub after: Standing,
    /// What is, or was, the case; escaped.
    pub message: String,
    /// The inputs that it is about.
    pub inputs: Vec<String>,
}

/// Inputs of one flake that came and went.
#[derive(Debug)]
pub struct InputsChange {
    /// Who has them: the input path of a dependency, empty for the flake itself.
    pub holder: Vec<String>,
    /// Inputs that are there only now.
    pub came: Vec<NewInput>,
    /// Inputs that were there only before.
    pub went: Vec<NewInput>,
    /// Inputs that lead to another repository now.
    pub replaced: Vec<(NewInput, NewInput)>,
}

/// An input that came or went.
#[derive(Debug)]
pub struct NewInput {
    /// Its name.
    pub name: String,
    /// Where it leads: a source in words, or what it follows.
    pub leads_to: String,
    /// Its reference; of a follows none.
    pub reference: Option<String>,
    /// How many inputs it brings or takes along.
    pub below: usize,
}

/// How much of the two states was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcesRead {
    /// Sources of dependencies that were read, and how many there were.
    pub before: (usize, usize),
    /// The same now.
    pub after: (usize, usize),
}
