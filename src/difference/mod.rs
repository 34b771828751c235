//! What a change of a lock changes: which nixpkgs there is, who gets which, and what is found.
//!
//! Two states of one flake are held against each other, place by place ([`pairs`]): node keys mean
//! nothing, so a lock that was only numbered anew is the same. What moved in the same way is told
//! once, and what only came into being by that is not told again.

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
    Difference, FoundChange, InputsChange, Moved, Named, NewInput, Nixpkgs, Receivers,
    Reconfigured, SourcesRead, Standing, Told, Version,
};

use crate::audit::Report;
use crate::instance::{Analysis, Instance};
use instances::Instances;
use pairs::Pairs;

/// One state of a flake.
#[derive(Debug)]
pub struct State<'s, 'g, 'l, 'a> {
    analysis: &'s Analysis<'g, 'l, 'a>,
    report: &'s Report<'a>,
    instances: Vec<Instance>,
    /// What each of them is made of ([`State::content`]).
    contents: Vec<String>,
}

impl<'s, 'g, 'l, 'a> State<'s, 'g, 'l, 'a> {
    /// Of a lock and what was found in it, silent findings and the list of instances included.
    pub fn new(analysis: &'s Analysis<'g, 'l, 'a>, report: &'s Report<'a>) -> Self {
        let mut state =
            Self { analysis, report, instances: analysis.instances(), contents: Vec::new() };
        state.contents = (0..state.instances.len()).map(|at| state.made_of(at)).collect();
        state
    }
}

/// What is different in the state after a change from the one before. Linear in the locks.
pub fn compare(old: &State<'_, '_, '_, '_>, new: &State<'_, '_, '_, '_>) -> Difference {
    let pairs = Pairs::find(old.analysis.graph(), new.analysis.graph());
    let instances = Instances::find(old, new, &pairs);
    let mut difference = Difference::default();
    instances.tell(&mut difference, &pairs);
    difference.dependencies = receivers::dependencies(&instances, &pairs);
    difference.outputs = receivers::outputs(&instances);
    difference.inputs = inputs::changes(old, new, &pairs);
    findings::tell(old, new, &mut difference);
    difference
}
