//! Sheets in layers, and the ways that arrows take through the layers in between.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::{greedy_feedback_arc_set, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::super::tone::Tone;
use super::super::view::View;
use super::sheet::Sheet;
use crate::lock::InputId;

/// Points that a picture has to place, sheets and bends together.
const MOST_POINTS: usize = 2500;
/// Steps from layer to layer that are laid out.
const MOST_STEPS: usize = 3000;
/// Bends of all arrows together: many inputs of one sheet may take the same long way.
const MOST_BENDS: usize = 50_000;

/// What is to be placed: sheets by number, then bends.
#[derive(Debug)]
pub(super) struct Layers {
    /// How many points there are.
    pub(super) points: usize,
    /// From one layer to the next: pairs of points, each once.
    pub(super) steps: BTreeSet<(usize, usize)>,
    pub(super) arrows: Vec<Arrow>,
}

/// An input's way from its holder to its end.
#[derive(Debug)]
pub(super) struct Arrow {
    pub(super) input: InputId,
    pub(super) tone: Tone,
    pub(super) is_direct: bool,
    pub(super) holder: usize,
    /// Which row of the holder.
    pub(super) row: usize,
    pub(super) end: usize,
    /// Points on the way.
    pub(super) bends: Vec<usize>,
    /// Whether it goes back, from right to left.
    pub(super) is_back: bool,
}

impl Layers {
    /// `None` where there would be too much of anything to lay out.
    pub(super) fn new(view: &View<'_, '_, '_, '_>, sheets: &[Sheet]) -> Option<Self> {
        let mut arrows = arrows(view, sheets);
        let pairs: BTreeSet<_> = arrows.iter().map(|arrow| (arrow.holder, arrow.end)).collect();
        if pairs.len() > MOST_STEPS {
            return None;
        }
        let ranks = ranks(sheets.len(), &arrows);
        let rank = |point: usize| ranks.get(point).copied().unwrap_or_default();
        let mut points = sheets.len();
        let mut bends = 0;
        let mut steps = BTreeSet::new();
        // Arrows of a kind to one sheet share their bends.
        let mut shared: BTreeMap<(usize, usize, Tone, bool), usize> = BTreeMap::new();
        for arrow in &mut arrows {
            let (from, to) = if rank(arrow.holder) <= rank(arrow.end) {
                (arrow.holder, arrow.end)
            } else {
                arrow.is_back = true;
                (arrow.end, arrow.holder)
            };
            let mut at = from;
            for layer in rank(from) + 1..rank(to) {
                let key = (arrow.end, layer, arrow.tone, arrow.is_direct);
                let bend = *shared.entry(key).or_insert_with(|| {
                    points += 1;
                    points - 1
                });
                bends += 1;
                if points > MOST_POINTS || bends > MOST_BENDS || steps.len() > MOST_STEPS {
                    return None;
                }
                arrow.bends.push(bend);
                steps.insert((at, bend));
                at = bend;
            }
            steps.insert((at, to));
            if arrow.is_back {
                arrow.bends.reverse();
            }
        }
        Some(Self { points, steps, arrows })
    }
}

/// The inputs that lead to another sheet. One that is disabled is a matter of its row.
fn arrows(view: &View<'_, '_, '_, '_>, sheets: &[Sheet]) -> Vec<Arrow> {
    let mut arrows = Vec::new();
    // Nothing leads to flakes that share a sheet.
    let numbers: BTreeMap<_, _> = sheets.iter().map(|sheet| sheet.node).zip(0..).collect();
    for (holder, sheet) in sheets.iter().enumerate() {
        for (row, entry) in sheet.rows.iter().enumerate() {
            let mut known = BTreeSet::new();
            for &(input, tone) in &entry.inputs {
                let end = view.graph().end(input).and_then(|end| numbers.get(&end).copied());
                let Some(end) = end else { continue };
                let is_direct = view.graph().is_direct(input);
                // Arrows that would lie on each other are one.
                if end == holder || tone == Tone::Disabled || !known.insert((end, tone, is_direct))
                {
                    continue;
                }
                let (bends, is_back) = (Vec::new(), false);
                arrows.push(Arrow { input, tone, is_direct, holder, row, end, bends, is_back });
            }
        }
    }
    arrows
}

/// The layer of each sheet: the longest way to it.
fn ranks(sheets: usize, arrows: &[Arrow]) -> Vec<usize> {
    let mut graph: DiGraph<(), ()> = DiGraph::new();
    for _ in 0..sheets {
        graph.add_node(());
    }
    for arrow in arrows {
        graph.update_edge(NodeIndex::new(arrow.holder), NodeIndex::new(arrow.end), ());
    }
    // Arrows that close a circle go back.
    let back: BTreeSet<_> = greedy_feedback_arc_set(&graph).map(|edge| edge.id()).collect();
    graph.retain_edges(|_, edge| !back.contains(&edge));
    let mut ranks = vec![0; sheets];
    for node in toposort(&graph, None).unwrap_or_default() {
        let next = ranks.get(node.index()).map_or(0, |rank| rank + 1);
        for end in graph.neighbors(node) {
            if let Some(rank) = ranks.get_mut(end.index()) {
                *rank = next.max(*rank);
            }
        }
    }
    ranks
}
