//! What comes of holding uses against builders.

use std::collections::{BTreeMap, BTreeSet};

use crate::instance::wrapper::WrapperId;
use crate::lock::{Id, InputId, NodeId, Table};
use crate::source::evaluate::facts::{InstanceId, OutputId, Place};

/// All mismatches of a lock, and what its outputs are made by.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// Uses that differ from what their builder has, in the order of outputs.
    pub mismatches: Table<MismatchTag, Mismatch>,
    /// Wrappers that some output of the root is built from.
    pub mains: BTreeSet<WrapperId>,
    /// Slots through which something is taken, whatever it is held against.
    pub reached: BTreeSet<InputId>,
    /// Those of them through which a package is seen that a GPU setting changes, or something that
    /// was not read.
    pub changed: BTreeSet<InputId>,
    /// By slot, who takes something through it: outputs, and the configuration of the builder in
    /// each.
    pub takers: BTreeMap<InputId, BTreeSet<(OutputId, Configuration)>>,
}

impl Verdicts {
    /// Whether something is taken through a slot into what is built from a wrapper.
    pub fn is_taken_beside(&self, slot: InputId, wrapper: WrapperId) -> bool {
        let mut takers = self.takers.get(&slot).into_iter().flatten();
        takers.any(|(_, configuration)| configuration.wrapper == Some(wrapper))
    }
}

/// Marker of [`MismatchId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MismatchTag {}
/// One of the mismatches of [`Verdicts`].
pub type MismatchId = Id<MismatchTag>;

/// A configuration of nixpkgs, whatever it is made of and wherever it is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Configuration {
    /// The wrapper that it is, if it is one.
    pub wrapper: Option<WrapperId>,
    /// The names of its settings that change builds, sorted.
    pub settings: Vec<String>,
}

/// A use that differs from what its builder has.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// What it is held against.
    pub main: Main,
    /// How it differs.
    pub difference: SettingsDifference,
    /// The input through which its nixpkgs came; `None` for one of the root's own.
    pub slot: Option<InputId>,
    /// Its instance; `None` for what was not read.
    pub instance: Option<InstanceId>,
    /// What shows it.
    pub seen: Seen,
    /// Whether it is there on a condition that could not be decided.
    pub conditional: bool,
    /// Which of the outputs it is in.
    pub output: OutputId,
    /// The wrapper that its slot is to follow, where the root holds one that serves.
    pub target: Option<WrapperId>,
}

/// How a use differs from its builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsDifference {
    /// It lacks these.
    Lacks(Vec<Setting>),
    /// It has these, which its builder lacks, and both are seen to hold the package.
    HasMore(Vec<Setting>),
    /// It is in a plain builder, and this input beside it brings something that is perhaps built
    /// with more.
    Beside(InputId),
}

/// Something of a nixpkgs that changes what is built.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// A setting, by its name: `cudaSupport`.
    Named(String),
    /// All those of a wrapper of which they are not known.
    Unknown,
    /// An overlay or override of this package.
    Override(String),
}

/// What shows a mismatch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A package that the settings change, and where it is named.
    Package(String, Option<Place>),
    /// Something of a flake whose source was not read: which, by which input, and its name there.
    Opaque(NodeId, InputId, String),
}

/// What an output is built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Main {
    /// What it is, wherever it comes from.
    pub configuration: Configuration,
    /// The instance.
    pub instance: Option<InstanceId>,
    /// The nixpkgs that it is made of.
    pub base: Option<NodeId>,
    /// Where it is set, a place without conditions first.
    pub place: Option<Place>,
    /// Whether any of it certainly holds.
    pub certain: bool,
}

impl Mismatch {
    /// Whether it matters for all that is known.
    pub fn is_firm(&self) -> bool {
        let seen = match self.seen {
            Seen::Package(..) => true,
            Seen::Opaque(..) => self.main.configuration.wrapper.is_some(),
        };
        seen && !self.conditional
    }

    /// Whether it has more than its builder, and both are seen to hold the package.
    pub fn has_more(&self) -> bool {
        matches!(self.difference, SettingsDifference::HasMore(_))
    }

    /// The input of something beside it in the same builder, which is built with more.
    pub fn beside(&self) -> Option<InputId> {
        match self.difference {
            SettingsDifference::Beside(input) => Some(input),
            SettingsDifference::Lacks(_) | SettingsDifference::HasMore(_) => None,
        }
    }

    /// What it lacks, or has more.
    pub fn settings(&self) -> &[Setting] {
        match &self.difference {
            SettingsDifference::Lacks(settings) | SettingsDifference::HasMore(settings) => settings,
            SettingsDifference::Beside(_) => &[],
        }
    }
}

impl Setting {
    /// Settings by their names.
    pub(super) fn named<'n>(names: impl IntoIterator<Item = &'n String>) -> Vec<Self> {
        names.into_iter().map(|name| Setting::Named(name.clone())).collect()
    }
}
