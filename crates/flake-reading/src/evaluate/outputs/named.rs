//! Outputs and options whose names do not show whether they are built.

use std::collections::BTreeSet;

use crate::evaluate::facts::{InstanceId, Output, What};

/// What is built: by which instance, and what it takes in.
type BuiltThere<'o> = BTreeSet<(Option<InstanceId>, Option<&'o What>, bool)>;

/// Keeps those that contain something which is built and which no other output has: lists of
/// systems, records of a zone, and sets of all hosts for a tool are nobody's output.
///
/// `perhaps` are the indices of the outputs in question, in their order.
pub(super) fn those_that_build(mut outputs: Vec<Output>, perhaps: &[usize]) -> Vec<Output> {
    let is_certain = |at: &usize| perhaps.binary_search(at).is_err();
    let certain = outputs.iter().enumerate().filter(|(at, _)| is_certain(at));
    let known: BuiltThere<'_> = certain.flat_map(|(_, output)| built_there(output)).collect();
    let kept: Vec<bool> = outputs
        .iter()
        .enumerate()
        .map(|(at, output)| {
            let is_empty =
                output.builders.is_empty() && output.uses.is_empty() && output.not_read.is_empty();
            // The same hosts again.
            let is_known = output.builders.iter().any(|builder| builder.is_system)
                && built_there(output).all(|one| known.contains(&one));
            is_certain(&at) || !(is_empty || is_known)
        })
        .collect();
    let mut kept = kept.into_iter();
    outputs.retain(|_| kept.next().unwrap_or(true));
    outputs
}

/// The contents of an output; a builder alone is nothing yet.
fn built_there(output: &Output) -> impl Iterator<Item = (Option<InstanceId>, Option<&What>, bool)> {
    let systems = output.builders.iter().filter(|builder| builder.is_system);
    let systems = systems.map(|builder| (Some(builder.instance), None, true));
    let uses = output.uses.iter().map(|taking| {
        let builder = taking.builder.and_then(|id| output.builders.get(id.index()));
        (builder.map(|builder| builder.instance), Some(&taking.what), false)
    });
    systems.chain(uses)
}
