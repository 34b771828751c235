//! Boxes in layers, and the paths of arrows through the layers in between.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::{greedy_feedback_arc_set, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use super::super::tone::InputTone;
use super::super::view::View;
use super::node_box::NodeBox;
use crate::lock::InputId;

/// The most points to place in a picture, boxes and bends together.
const MOST_POINTS: usize = 2500;
/// The most steps from layer to layer.
const MOST_STEPS: usize = 3000;
/// The most bends of all arrows together, because many inputs of one box may take the same long
/// path.
const MOST_BENDS: usize = 50_000;

/// What has to be placed: boxes by number, then bends.
#[derive(Debug)]
pub(super) struct Layers {
    /// The number of points.
    pub(super) points: usize,
    /// Pairs of points in neighbouring layers, each once.
    pub(super) steps: BTreeSet<(usize, usize)>,
    pub(super) arrows: Vec<LayerArrow>,
}

/// An input's path from its holder to its end.
#[derive(Debug)]
pub(super) struct LayerArrow {
    pub(super) input: InputId,
    pub(super) tone: InputTone,
    pub(super) is_direct: bool,
    pub(super) holder: usize,
    /// The row of the holder.
    pub(super) row: usize,
    pub(super) end: usize,
    /// The points on the path.
    pub(super) bends: Vec<usize>,
    /// Whether it goes back, from right to left.
    pub(super) is_back: bool,
}

impl Layers {
    /// `None` if a limit is exceeded.
    pub(super) fn new(view: &View<'_, '_, '_, '_>, sheets: &[NodeBox]) -> Option<Self> {
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
        // Arrows of a kind to one box share their bends.
        let mut shared: BTreeMap<(usize, usize, InputTone, bool), usize> = BTreeMap::new();
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

/// The inputs that lead to another box. A disabled one is only shown in its row.
fn arrows(view: &View<'_, '_, '_, '_>, sheets: &[NodeBox]) -> Vec<LayerArrow> {
    let mut arrows = Vec::new();
    // No arrow leads to flakes that share a box.
    let numbers: BTreeMap<_, _> = sheets.iter().map(|sheet| sheet.node).zip(0..).collect();
    for (holder, sheet) in sheets.iter().enumerate() {
        for (row, entry) in sheet.rows.iter().enumerate() {
            let mut known = BTreeSet::new();
            for &(input, tone) in &entry.inputs {
                let end = view.graph().end(input).and_then(|end| numbers.get(&end).copied());
                let Some(end) = end else { continue };
                let is_direct = view.graph().is_direct(input);
                // Arrows that would cover each other are drawn once.
                if end == holder
                    || tone == InputTone::Disabled
                    || !known.insert((end, tone, is_direct))
                {
                    continue;
                }
                let (bends, is_back) = (Vec::new(), false);
                arrows.push(LayerArrow {
                    input,
                    tone,
                    is_direct,
                    holder,
                    row,
                    end,
                    bends,
                    is_back,
                });
            }
        }
    }
    arrows
}

/// The layer of each box: the longest path to it.
fn ranks(sheets: usize, arrows: &[LayerArrow]) -> Vec<usize> {
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
