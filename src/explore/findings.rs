//! Where in the tree findings show: at inputs, and below nodes that are closed.

use crate::audit::Report;
use crate::finding::{Level, Subject};
use crate::instance::Analysis;
use crate::lock::{InputTag, NodeTag, Table};

/// The loudest finding about each input, about the node that it owns, or about the whole flake
/// because of it: its position.
pub(super) fn of_inputs(
    analysis: &Analysis<'_, '_, '_>,
    report: &Report<'_>,
) -> Table<InputTag, Option<usize>> {
    let graph = analysis.graph();
    let mut findings = Table::like(graph.lock().inputs(), None);
    for (position, finding) in report.findings.iter().enumerate() {
        if finding.exempted.is_some() {
            continue;
        }
        let own = match finding.subject {
            Subject::Input(input) => Some(input),
            Subject::Node(node) => graph.place(node).and_then(|place| place.owner),
            Subject::Flake(_) => None,
        };
        // What is said of the flake as a whole shows at the inputs that it names.
        let named = finding.affects.iter().filter(|_| matches!(finding.subject, Subject::Flake(_)));
        let named = named.filter_map(|path| graph.find_input(path.whole()?.iter().copied()));
        for input in own.into_iter().chain(named) {
            // Findings are sorted, the loudest first.
            findings.at_mut(input).get_or_insert(position);
        }
    }
    findings
}

/// What is found at the inputs below a node: how much, and how loud the loudest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inside {
    pub(super) count: usize,
    pub(super) level: Level,
}

/// What is found below each node: what its row tells while it is closed.
pub(super) fn inside_of_nodes(
    analysis: &Analysis<'_, '_, '_>,
    report: &Report<'_>,
    findings: &Table<InputTag, Option<usize>>,
) -> Table<NodeTag, Option<Inside>> {
    let graph = analysis.graph();
    let mut inside = Table::like(graph.lock().nodes(), None);
    let add = |all: &mut Option<Inside>, more: Inside| {
        let sum = all.map_or(more, |all| Inside {
            count: all.count + more.count,
            level: all.level.max(more.level),
        });
        *all = Some(sum);
    };
    // Each node comes after the one that holds it.
    for &node in graph.reachable().iter().rev() {
        for input in graph.inputs_of(node) {
            let finding = findings.at(input).and_then(|at| report.findings.get(at));
            if let Some(finding) = finding {
                add(inside.at_mut(node), Inside { count: 1, level: finding.level });
            }
        }
        if let (Some(place), Some(found)) = (graph.place(node), *inside.at(node))
            && place.owner.is_some()
        {
            add(inside.at_mut(place.parent), found);
        }
    }
    inside
}
