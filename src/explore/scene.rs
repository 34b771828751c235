//! What is explored: everything about one lock that is looked up often.

use std::cell::OnceCell;

use super::findings::{self, Inside};
use super::outputs::{self, UseStep};
use super::row::Spot;
use super::search::{Matches, SearchPattern};
use super::tree;
use crate::audit::{Report, ReportedOutput, ReportedUse};
use crate::detail::DetailContext;
use crate::finding::Subject;
use crate::graph::Graph;
use crate::instance::{Analysis, Instance};
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};

/// How many entries of a list are named in the details; the rest is counted.
const SHOWN: usize = 100;

/// A lock, its analysis, and its report.
#[derive(Debug)]
pub struct Scene<'f, 'g, 'l, 'a> {
    /// Roles, slots, causes.
    pub analysis: &'f Analysis<'g, 'l, 'a>,
    /// The report.
    pub report: &'f Report<'f>,
    pub(super) context: DetailContext<'f, 'g, 'l, 'a>,
    /// The instances in the report's order.
    pub(super) instances: Vec<Instance>,
    /// The most severe finding about each input, by index.
    pub(super) findings: Table<InputTag, Option<usize>>,
    /// The findings below each node.
    pub(super) inside: Table<NodeTag, Option<Inside>>,
    order: OnceCell<Order>,
}

/// The inputs in the order of the tree if everything is open.
#[derive(Debug)]
struct Order {
    inputs: Vec<InputId>,
    positions: Table<InputTag, usize>,
    /// Unreachable nodes, which come last.
    unreachable: Vec<NodeId>,
}

impl<'f, 'g, 'l, 'a> Scene<'f, 'g, 'l, 'a> {
    /// Computes what is looked up often. Linear in the lock's size.
    pub fn new(analysis: &'f Analysis<'g, 'l, 'a>, report: &'f Report<'f>) -> Self {
        let known = DetailContext::new(analysis, SHOWN);
        let instances = analysis.instances();
        let findings = findings::of_inputs(analysis, report);
        let inside = findings::inside_of_nodes(analysis, report, &findings);
        Self {
            analysis,
            report,
            context: known,
            instances,
            findings,
            inside,
            order: OnceCell::new(),
        }
    }

    pub(super) fn graph(&self) -> &'g Graph<'l, 'a> {
        self.analysis.graph()
    }

    /// The row of the tree for something: an input or a node.
    pub(super) fn place(&self, spot: Spot) -> Spot {
        match spot {
            Spot::Node(_) | Spot::Input(_) => spot,
            Spot::Instance(position) => self
                .instances
                .get(position)
                .map_or(self.root(), |instance| Spot::Node(instance.node)),
            Spot::Output(_) => self.root(),
            Spot::Use(..) => {
                let input = self.used(spot).and_then(|used| used.input);
                input.map_or(self.root(), Spot::Input)
            }
            Spot::Step(..) => match self.step(spot) {
                Some(UseStep::Input(input)) => Spot::Input(input),
                Some(UseStep::Node(node)) => Spot::Node(node),
                None => self.root(),
            },
            Spot::Finding(position) => {
                match self.report.findings.get(position).map(|finding| finding.subject) {
                    Some(Subject::Input(input)) => Spot::Input(input),
                    Some(Subject::Node(node) | Subject::Flake(Some(node))) => Spot::Node(node),
                    Some(Subject::Flake(None)) | None => self.root(),
                }
            }
        }
    }

    /// The output of a row, or the one that the row belongs to.
    pub(super) fn output(&self, spot: Spot) -> Option<&'f ReportedOutput<'f>> {
        match spot {
            Spot::Output(at) | Spot::Use(at, _) | Spot::Step(at, ..) => self.report.outputs.get(at),
            _ => None,
        }
    }

    /// The use of a row, or the one that the row is a step of.
    pub(super) fn used(&self, spot: Spot) -> Option<&'f ReportedUse<'f>> {
        match spot {
            Spot::Use(_, at) | Spot::Step(_, at, _) => self.output(spot)?.uses.get(at),
            _ => None,
        }
    }

    /// The step of a row.
    pub(super) fn step(&self, spot: Spot) -> Option<UseStep> {
        let Spot::Step(.., at) = spot else { return None };
        outputs::use_path(&self.context, self.used(spot)?).get(at).copied()
    }

    /// The node of a row: of an input the one where it ends, if any; of an output the nixpkgs that
    /// it is built from.
    pub(super) fn node(&self, spot: Spot) -> Option<NodeId> {
        if let Spot::Output(_) = spot {
            let output = self.output(spot)?;
            return output.outer.iter().find_map(|id| {
                self.analysis.base_of(self.analysis.sources().evaluated_root()?.instance(*id)?)
            });
        }
        match self.place(spot) {
            Spot::Input(input) => self.graph().end(input),
            Spot::Node(node) => Some(node),
            _ => None,
        }
    }

    pub(super) fn root(&self) -> Spot {
        Spot::Node(self.graph().lock().root())
    }

    /// Everything that matches a pattern.
    pub(super) fn search(&self, pattern: &SearchPattern) -> Matches {
        let (graph, order) = (self.graph(), self.order());
        let inputs = order.inputs.iter().filter(|input| pattern.is_of(graph, **input));
        let nodes = order.unreachable.iter().filter(|node| pattern.is_of_node(graph, **node));
        let spots =
            inputs.map(|input| Spot::Input(*input)).chain(nodes.map(|node| Spot::Node(*node)));
        Matches::new(spots.map(|spot| (self.position(spot), spot)).collect())
    }

    /// The index in the tree if everything is open. The root comes first.
    pub(super) fn position(&self, spot: Spot) -> usize {
        let order = self.order();
        match spot {
            Spot::Input(input) => *order.positions.at(input) + 1,
            Spot::Node(node) => match order.unreachable.binary_search(&node) {
                Ok(at) => 1 + order.inputs.len() + at,
                Err(_) => 0,
            },
            _ => 0,
        }
    }

    fn order(&self) -> &Order {
        self.order.get_or_init(|| {
            let inputs = tree::in_order(self.graph());
            let positions = tree::positions(self.graph(), &inputs);
            let unreachable = tree::unreachable(self.graph()).collect();
            Order { inputs, positions, unreachable }
        })
    }
}
