//! What a change of a lock changes: which nixpkgs there are, who gets which, and the findings.
//!
//! Two states of one flake are compared place by place ([`pairs`]): node keys mean nothing, so
//! renumbering a lock is no change. What moved in the same way is reported once, and mere
//! consequences of it are not reported again.

mod findings;
pub mod human;
mod inputs;
mod instances;
pub mod json;
pub mod markdown;
mod pairs;
mod receivers;
mod report;
mod words;

pub use report::{
    Difference, FindingGroupChange, FindingStanding, FoundChange, InputsChange, InstanceName,
    Moved, NewInput, Nixpkgs, Receivers, Reconfigured, SourceVersion, SourcesRead,
};

use crate::audit::Report;
use crate::instance::{Analysis, Instance};
use instances::Instances;
use pairs::MatchedPlaces;

/// One state of a flake.
#[derive(Debug)]
pub struct FlakeState<'s, 'g, 'l, 'a> {
    analysis: &'s Analysis<'g, 'l, 'a>,
    report: &'s Report<'a>,
    instances: Vec<Instance>,
    /// The contents of each instance ([`FlakeState::content`]).
    contents: Vec<String>,
}

impl<'s, 'g, 'l, 'a> FlakeState<'s, 'g, 'l, 'a> {
    /// For a lock and its report, which must include silent findings and the list of instances.
    pub fn new(analysis: &'s Analysis<'g, 'l, 'a>, report: &'s Report<'a>) -> Self {
        let mut state =
            Self { analysis, report, instances: analysis.instances(), contents: Vec::new() };
        state.contents = (0..state.instances.len()).map(|at| state.made_of(at)).collect();
        state
    }
}

/// The difference between a state and the one before. Linear in the locks.
pub fn compare(old: &FlakeState<'_, '_, '_, '_>, new: &FlakeState<'_, '_, '_, '_>) -> Difference {
    let pairs = MatchedPlaces::match_places(old.analysis.graph(), new.analysis.graph());
    let instances = Instances::match_instances(old, new, &pairs);
    let mut difference = Difference::default();
    instances.fill(&mut difference, &pairs);
    difference.dependencies = receivers::dependencies(&instances, &pairs);
    difference.outputs = receivers::outputs(&instances);
    difference.inputs = inputs::changes(old, new, &pairs);
    findings::fill(old, new, &mut difference);
    difference
}
