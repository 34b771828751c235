//! Findings in the tree: at inputs, and at closed nodes with findings below them.

use crate::audit::Report;
use crate::finding::{Level, Subject};
use crate::instance::Analysis;
use crate::lock::{InputTag, NodeTag, Table};

/// For each input, the index of the most severe finding about it, about the node that it owns, or
/// about the whole flake because of it.
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
        // Findings about the whole flake are shown at the inputs that they name.
        let named = finding.affects.iter().filter(|_| matches!(finding.subject, Subject::Flake(_)));
        let named = named.filter_map(|path| graph.find_input(path.whole()?.iter().copied()));
        for input in own.into_iter().chain(named) {
            // The most severe finding comes first.
            findings.at_mut(input).get_or_insert(position);
        }
    }
    findings
}

/// The findings at inputs below a node: how many, and the level of the most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Inside {
    pub(super) count: usize,
    pub(super) level: Level,
}

/// The findings below each node, which its row shows while it is closed.
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
    // Each node comes after its holder.
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
