//! The outputs, what each takes in, and the path of each use to the node where it ends.

use std::collections::BTreeSet;

use super::row::{Fold, Row, Rows, Spot};
use crate::audit::{ReportedOutput, ReportedUse};
use crate::detail::DetailContext;
use crate::lock::{InputId, NodeId};

/// A step on the path of a use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UseStep {
    /// An input of its chain.
    Input(InputId),
    /// The node at its end.
    Node(NodeId),
}

/// The path of a use: the inputs of its chain, and the node where that ends; of a long one the
/// start.
pub(super) fn use_path(
    context: &DetailContext<'_, '_, '_, '_>,
    used: &ReportedUse<'_>,
) -> Vec<UseStep> {
    let graph = context.analysis.graph();
    let Some(input) = used.input else { return Vec::new() };
    let mut steps: Vec<_> = graph.chain(input).take(context.shown).map(UseStep::Input).collect();
    steps.extend(graph.end(input).map(UseStep::Node));
    steps
}

/// The outputs as a tree of three levels, with open and closed rows.
#[derive(Debug)]
pub(super) struct Outputs {
    open: BTreeSet<Spot>,
    pub(super) rows: Rows,
}

impl Outputs {
    /// The tree with all outputs closed.
    pub(super) fn new(
        context: &DetailContext<'_, '_, '_, '_>,
        outputs: &[ReportedOutput<'_>],
    ) -> Self {
        let mut made = Self { open: BTreeSet::new(), rows: Rows::default() };
        made.lay_out(context, outputs);
        made
    }

    /// Opens or closes a row.
    pub(super) fn set_open(
        &mut self,
        context: &DetailContext<'_, '_, '_, '_>,
        outputs: &[ReportedOutput<'_>],
        spot: Spot,
        open: bool,
    ) {
        if open {
            self.open.insert(spot);
        } else {
            self.open.remove(&spot);
        }
        self.lay_out(context, outputs);
        self.rows.select_spot(spot);
    }

    /// Opens or closes all outputs. The paths of their uses stay closed, because they would be most
    /// of the rows.
    pub(super) fn set_all_open(
        &mut self,
        context: &DetailContext<'_, '_, '_, '_>,
        outputs: &[ReportedOutput<'_>],
        open: bool,
    ) {
        let spot = self.rows.selected().map(|row| row.spot);
        self.open.clear();
        if open {
            self.open.extend((0..outputs.len()).map(Spot::Output));
        }
        self.lay_out(context, outputs);
        self.select(spot);
    }

    /// Selects a row, or the nearest visible one above it.
    pub(super) fn select(&mut self, spot: Option<Spot>) {
        let mut at = spot;
        while let Some(spot) = at {
            if self.rows.select_spot(spot) {
                return;
            }
            at = match spot {
                Spot::Step(output, used, _) => Some(Spot::Use(output, used)),
                Spot::Use(output, _) => Some(Spot::Output(output)),
                _ => None,
            };
        }
    }

    /// Builds the visible rows. Costs what is open.
    fn lay_out(&mut self, context: &DetailContext<'_, '_, '_, '_>, outputs: &[ReportedOutput<'_>]) {
        let mut rows = Vec::new();
        for (at, output) in outputs.iter().enumerate() {
            let spot = Spot::Output(at);
            let fold = Fold::of(!output.uses.is_empty(), self.open.contains(&spot));
            rows.push(Row { fold, ..Row::plain(spot) });
            if fold != Fold::Open {
                continue;
            }
            let above = rows.len() - 1;
            for (number, used) in output.uses.iter().enumerate() {
                let spot = Spot::Use(at, number);
                let is_last = number + 1 == output.uses.len();
                let fold = Fold::of(used.input.is_some(), self.open.contains(&spot));
                rows.push(Row { spot, depth: 1, parent: Some(above), is_last, fold });
                if fold != Fold::Open {
                    continue;
                }
                let above = rows.len() - 1;
                let steps = use_path(context, used).len();
                rows.extend((0..steps).map(|step| Row {
                    spot: Spot::Step(at, number, step),
                    depth: 2,
                    parent: Some(above),
                    is_last: step + 1 == steps,
                    fold: Fold::Leaf,
                }));
            }
        }
        self.rows.replace(rows);
    }
}
