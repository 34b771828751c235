//! The needs of a flake and its lock in a report: the newest Nix first, each need once.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::describe::Describe;
use super::report::{Location, Report, ReportedNeed};
use crate::needs::{Need, NeedPlace, needs};
use crate::source::evaluate::facts::{FileId, Place};

/// All needs.
pub(super) fn reported_needs(describe: &Describe<'_, '_, '_, '_>) -> Vec<ReportedNeed> {
    let mut all: BTreeMap<_, ReportedNeed> = BTreeMap::new();
    for need in needs(describe.analysis) {
        let reported =
            all.entry((Reverse(need.nix), need.reason)).or_insert_with(|| ReportedNeed {
                nix: need.nix,
                reason: need.reason,
                inputs: Vec::new(),
                inputs_total: 0,
                location: location(describe, &need),
            });
        reported.inputs_total += 1;
        if reported.inputs.len() < Report::LONGEST {
            reported.inputs.push(path(describe, need));
        }
    }
    all.into_values().collect()
}

fn location(describe: &Describe<'_, '_, '_, '_>, need: &Need) -> Option<Location> {
    let graph = describe.analysis.graph();
    let lock = graph.lock();
    match &need.place {
        NeedPlace::Node(node, site) => describe.location(lock.site_span(*node, *site)),
        NeedPlace::Input(input) => {
            describe.location(lock.input_span(graph.edge(*input).holder, *input))
        }
        NeedPlace::Flake(_, span) => {
            let place = Place::new(FileId::FLAKE, *span);
            describe.files.location(place, false).map(|(location, _)| location)
        }
    }
}

fn path(describe: &Describe<'_, '_, '_, '_>, need: Need) -> Vec<String> {
    let graph = describe.analysis.graph();
    let path = match need.place {
        NeedPlace::Node(node, _) => graph.owner_path(node),
        NeedPlace::Input(input) => graph.input_path(input),
        NeedPlace::Flake(path, _) => return path,
    };
    path.names().iter().map(|&name| name.to_owned()).collect()
}
