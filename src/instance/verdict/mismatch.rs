//! The results of comparing uses with builders.

use std::collections::{BTreeMap, BTreeSet};

use crate::instance::wrapper::WrapperId;
use crate::lock::{Id, InputId, NodeId, Table};
use crate::source::evaluate::facts::{InstanceId, OutputId, Place};

/// All mismatches of a lock, and what its outputs are built from.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// Uses that differ from what their builder has, in the order of outputs.
    pub mismatches: Table<MismatchTag, Mismatch>,
    /// Wrappers that some output of the root is built from.
    pub mains: BTreeSet<WrapperId>,
    /// Slots through which something is taken, whatever it is compared with.
    pub reached: BTreeSet<InputId>,
    /// Those of them through which a package that a GPU setting changes is seen, or something that
    /// was not read is taken.
    pub changed: BTreeSet<InputId>,
    /// By slot, who takes something through it: outputs, and in each the configuration of the
    /// builder.
    pub takers: BTreeMap<InputId, BTreeSet<(OutputId, Configuration)>>,
}

impl Verdicts {
    /// Whether something that is taken through a slot goes into what is built from a wrapper.
    pub fn is_taken_beside(&self, slot: InputId, wrapper: WrapperId) -> bool {
        let mut takers = self.takers.get(&slot).into_iter().flatten();
        takers.any(|(_, configuration)| configuration.wrapper == Some(wrapper))
    }
}

/// Tag of [`MismatchId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MismatchTag {}
/// A mismatch of [`Verdicts`].
pub type MismatchId = Id<MismatchTag>;

/// A configuration of nixpkgs, whatever its base and wherever it is set.
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
    /// The main instance that it is compared with.
    pub main: Main,
    /// How it differs.
    pub difference: SettingsDifference,
    /// The input through which its nixpkgs came; `None` if that is the root's own.
    pub slot: Option<InputId>,
    /// Its instance; `None` if it was not read.
    pub instance: Option<InstanceId>,
    /// What shows it.
    pub seen: Seen,
    /// Whether it depends on a condition that could not be decided.
    pub conditional: bool,
    /// The output that it is in.
    pub output: OutputId,
    /// The wrapper that its slot should follow, if the root holds a suitable one.
    pub target: Option<WrapperId>,
}

/// How a use differs from its builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsDifference {
    /// It lacks these settings.
    Lacks(Vec<LackedSetting>),
    /// It has these settings, which its builder lacks, and both are seen to hold the package.
    HasMore(Vec<LackedSetting>),
    /// It is in a plain builder, together with something of this input that may be built with more.
    Beside(InputId),
}

/// A way in which a nixpkgs changes builds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LackedSetting {
    /// A setting, by its name: `cudaSupport`.
    Named(String),
    /// A setting, by its name, that has another value.
    Other(String),
    /// All settings of a wrapper whose settings are not known.
    Unknown,
    /// An overlay or override of this package.
    Override(String),
}

/// What shows a mismatch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A package that the settings change, and its place.
    Package(String, Option<Place>),
    /// Something of a flake whose source was not read: the node, the input, and its name there.
    Opaque(NodeId, InputId, String),
}

/// What an output is built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Main {
    /// Its configuration, wherever that is set.
    pub configuration: Configuration,
    /// The instance; `None` if it stands for all outputs.
    pub instance: Option<InstanceId>,
    /// The nixpkgs that it is made of.
    pub base: Option<NodeId>,
    /// Where it is set; an unconditional place if there is one.
    pub place: Option<Place>,
    /// Whether any of its settings certainly holds.
    pub certain: bool,
}

impl Mismatch {
    /// Whether the mismatch certainly matters.
    pub fn is_firm(&self) -> bool {
        let seen = match self.seen {
            Seen::Package(..) => true,
            Seen::Opaque(..) => self.main.configuration.wrapper.is_some(),
        };
        seen && !self.conditional
    }

    /// Whether it has more settings than its builder, and both are seen to hold the package.
    pub fn has_more(&self) -> bool {
        matches!(self.difference, SettingsDifference::HasMore(_))
    }

    /// The input of something in the same builder that may be built with more.
    pub fn beside(&self) -> Option<InputId> {
        match self.difference {
            SettingsDifference::Beside(input) => Some(input),
            SettingsDifference::Lacks(_) | SettingsDifference::HasMore(_) => None,
        }
    }

    /// The settings that it lacks, or has in addition.
    pub fn settings(&self) -> &[LackedSetting] {
        match &self.difference {
            SettingsDifference::Lacks(settings) | SettingsDifference::HasMore(settings) => settings,
            SettingsDifference::Beside(_) => &[],
        }
    }
}

impl LackedSetting {
    /// Settings by their names.
    pub(super) fn named<'n>(names: impl IntoIterator<Item = &'n String>) -> Vec<Self> {
        names.into_iter().map(|name| LackedSetting::Named(name.clone())).collect()
    }
}
