//! What is drawn: the nodes and inputs of a lock, or a part of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use petgraph::visit::Reversed;

use super::escaped::Clipped;
use super::part::{enabled, keep_nixpkgs, reach, surroundings};
use crate::graph::Graph;
use crate::instance::{Analysis, Cause, Explained};
use crate::lock::{InputId, InputTag, Lock, NodeId, NodeTag, Table};

/// Which part of a lock is drawn; all of it by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct ViewOptions {
    /// Only one node and its surroundings.
    pub focus: Option<Focus>,
    /// Only how nixpkgs is passed on: the root, each nixpkgs, each consumer with a slot, and the
    /// inputs between them.
    pub nixpkgs_only: bool,
    /// The largest distance from the focus in inputs, in either direction; without a focus, from
    /// the root.
    pub depth: Option<u32>,
    /// The most nodes, those nearest to the root first, for formats with a limited size.
    pub most: Option<usize>,
}

/// The centre of a drawing: a node, what leads to it and what it leads to.
#[derive(Debug, Clone, Copy)]
pub enum Focus {
    /// The node where this input ends; its holder if it ends nowhere.
    Input(InputId),
    /// This node.
    Node(NodeId),
}

/// The nodes and inputs that are drawn.
#[derive(Debug)]
pub struct View<'f, 'g, 'l, 'a> {
    analysis: &'f Analysis<'g, 'l, 'a>,
    options: ViewOptions,
    focus: Option<NodeId>,
    /// Nodes to draw with everything that leads to them, sorted; instead of a focus.
    targets: Option<Vec<NodeId>>,
    /// In the order in which they are drawn.
    nodes: Vec<NodeId>,
    /// Indices in `nodes`.
    numbers: Table<NodeTag, Option<u32>>,
    inputs: Table<InputTag, bool>,
    input_count: usize,
    /// The cause of each unconfigured slot.
    causes: Explained,
    /// The root's settings for its own instances, by the nixpkgs that they are made from.
    settings: BTreeMap<NodeId, BTreeSet<String>>,
}

impl<'f, 'g, 'l, 'a> View<'f, 'g, 'l, 'a> {
    /// Chooses what is drawn. Linear in the lock's size.
    pub fn new(analysis: &'f Analysis<'g, 'l, 'a>, options: &ViewOptions) -> Self {
        let graph = analysis.graph();
        let lock = graph.lock();
        let focus = options.focus.map(|focus| match focus {
            Focus::Input(input) => graph.end(input).unwrap_or(graph.edge(input).holder),
            Focus::Node(node) => node,
        });
        let nodes = match (focus, options.depth) {
            (None, None) => Table::like(lock.nodes(), true),
            (focus, depth) => surroundings(analysis, focus.unwrap_or(lock.root()), depth),
        };
        Self::of(analysis, options, focus, nodes)
    }

    /// Only these nodes, and what leads to them from the root.
    pub fn leading_to(analysis: &'f Analysis<'g, 'l, 'a>, targets: &[NodeId]) -> Self {
        let mut targets = targets.to_vec();
        targets.sort_unstable();
        targets.dedup();
        let mut nodes = Table::like(analysis.graph().lock().nodes(), false);
        reach(Reversed(&enabled(analysis)), &targets, None, &mut nodes);
        let view = Self::of(analysis, &ViewOptions::default(), None, nodes);
        Self { targets: Some(targets), ..view }
    }

    fn of(
        analysis: &'f Analysis<'g, 'l, 'a>,
        options: &ViewOptions,
        focus: Option<NodeId>,
        mut nodes: Table<NodeTag, bool>,
    ) -> Self {
        let graph = analysis.graph();
        let lock = graph.lock();
        let mut inputs = Table::like(lock.inputs(), true);
        if options.nixpkgs_only {
            keep_nixpkgs(analysis, &mut nodes, &mut inputs);
        }
        // A focus is always shown; and the root, unless it is too far away.
        let root = (focus.is_none() || options.depth.is_none()).then_some(lock.root());
        for node in focus.into_iter().chain(root) {
            *nodes.at_mut(node) = true;
        }
        let nodes = first(in_order(graph, &nodes), focus, options.most);
        let mut numbers = Table::like(lock.nodes(), None);
        for (number, node) in nodes.iter().enumerate() {
            *numbers.at_mut(*node) = u32::try_from(number).ok();
        }
        let mut input_count = 0;
        for input in lock.inputs().ids() {
            let edge = graph.edge(input);
            let shown = *inputs.at(input)
                && numbers.at(edge.holder).is_some()
                && edge.end.node().is_none_or(|end| numbers.at(end).is_some());
            *inputs.at_mut(input) = shown;
            input_count += usize::from(shown);
        }
        let causes = Explained::new(analysis);
        let settings = analysis.settings_of_root();
        Self {
            analysis,
            options: *options,
            focus,
            targets: None,
            nodes,
            numbers,
            inputs,
            input_count,
            causes,
            settings,
        }
    }

    /// The root's settings for instances that it makes from this node.
    pub fn settings(&self, node: NodeId) -> impl Iterator<Item = &String> {
        self.settings.get(&node).into_iter().flatten()
    }

    /// The options.
    pub fn options(&self) -> ViewOptions {
        self.options
    }

    /// The analysis of the lock.
    pub fn analysis(&self) -> &'f Analysis<'g, 'l, 'a> {
        self.analysis
    }

    /// The lock as a graph.
    pub fn graph(&self) -> &'g Graph<'l, 'a> {
        self.analysis.graph()
    }

    /// The lock.
    pub fn lock(&self) -> &'l Lock<'a> {
        self.graph().lock()
    }

    /// The nodes, by depth and then by owner path; then unreachable ones, by key.
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }

    /// A node's index in [`nodes`](Self::nodes).
    pub fn number(&self, node: NodeId) -> Option<u32> {
        *self.numbers.at(node)
    }

    /// Whether a node is drawn.
    pub fn has_node(&self, node: NodeId) -> bool {
        self.number(node).is_some()
    }

    /// Whether an input is drawn.
    pub fn has_input(&self, input: InputId) -> bool {
        *self.inputs.at(input)
    }

    /// The inputs that are drawn, by holder and name.
    pub fn inputs(&self) -> impl Iterator<Item = InputId> {
        self.nodes
            .iter()
            .flat_map(|node| self.graph().inputs_of(*node))
            .filter(|input| self.has_input(*input))
    }

    /// How many inputs are drawn.
    pub fn input_count(&self) -> usize {
        self.input_count
    }

    /// The node at the centre of the drawing.
    pub fn focus(&self) -> Option<NodeId> {
        self.focus
    }

    /// Whether this node is the centre of the drawing.
    pub fn is_focus(&self, node: NodeId) -> bool {
        let is_target = |targets: &Vec<NodeId>| targets.binary_search(&node).is_ok();
        self.focus == Some(node) || self.targets.as_ref().is_some_and(is_target)
    }

    /// Why a slot is unconfigured, and whether overriding this slot cures it.
    pub(super) fn cause(&self, input: InputId) -> Option<(&'f Cause, bool)> {
        self.causes.cause(self.analysis, input)
    }

    /// How much was left out, if anything was.
    pub fn left_out(&self) -> Option<LeftOutOfView<'_, 'f, 'g, 'l, 'a>> {
        let ViewOptions { focus, nixpkgs_only, depth, most } = self.options;
        let is_around = focus.is_some() || self.targets.is_some();
        let is_part = is_around || nixpkgs_only || depth.is_some() || most.is_some();
        is_part.then_some(LeftOutOfView(self))
    }
}

/// What was left out of a drawing; displayed as a sentence (untrusted text, like all names).
#[derive(Debug, Clone, Copy)]
pub struct LeftOutOfView<'v, 'f, 'g, 'l, 'a>(&'v View<'f, 'g, 'l, 'a>);

impl LeftOutOfView<'_, '_, '_, '_, '_> {
    /// How many nodes are not drawn.
    pub fn nodes(self) -> usize {
        self.0.lock().nodes().len() - self.0.nodes.len()
    }

    /// How many inputs are not drawn.
    pub fn inputs(self) -> usize {
        self.0.lock().inputs().len() - self.0.input_count
    }
}

impl Display for LeftOutOfView<'_, '_, '_, '_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ViewOptions { nixpkgs_only, depth, most, .. } = self.0.options;
        f.write_str("Shown: ")?;
        let mut separator = "";
        if let Some(targets) = &self.0.targets {
            let nodes = if targets.len() == 1 { "node" } else { "nodes" };
            write!(f, "{} {nodes} and what leads there", targets.len())?;
        } else if self.0.focus.is_some() || depth.is_some() {
            f.write_str("what leads to or from ")?;
            self.center(f)?;
            separator = ", ";
        }
        if let Some(depth) = depth {
            let inputs = if depth == 1 { "input" } else { "inputs" };
            write!(f, "{separator}at most {depth} {inputs} away")?;
        }
        if nixpkgs_only {
            let of_that = if separator.is_empty() { "" } else { ", and of that " };
            write!(f, "{of_that}only how nixpkgs is handed on")?;
            separator = ", ";
        }
        if most.is_some() {
            let of_that = if separator.is_empty() { "" } else { ", and of that " };
            write!(f, "{of_that}the {} nodes nearest to this flake", self.0.nodes.len())?;
        }
        let (lock, nodes, inputs) = (self.0.lock(), self.nodes(), self.inputs());
        let (all_nodes, all_inputs) = (lock.nodes().len(), lock.inputs().len());
        write!(f, ". Left out: {nodes} of {all_nodes} nodes, {inputs} of {all_inputs} inputs.")
    }
}

impl LeftOutOfView<'_, '_, '_, '_, '_> {
    /// Writes what the drawing is about.
    fn center(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let graph = self.0.graph();
        match self.0.focus {
            None => f.write_str("this flake"),
            Some(focus) if focus == graph.lock().root() => f.write_str("this flake"),
            Some(focus) if graph.is_reachable(focus) => {
                Clipped::path(graph.owner_path(focus).names()).fmt(f)
            }
            Some(focus) => Clipped::name(graph.lock().node(focus).key).fmt(f),
        }
    }
}

fn in_order(graph: &Graph<'_, '_>, shown: &Table<NodeTag, bool>) -> Vec<NodeId> {
    let lock = graph.lock();
    let mut nodes: Vec<_> =
        graph.reachable().iter().copied().filter(|node| *shown.at(*node)).collect();
    let unreachable = lock.nodes().ids().filter(|node| !graph.is_reachable(*node));
    let mut unreachable: Vec<_> = unreachable.filter(|node| *shown.at(*node)).collect();
    unreachable.sort_by_key(|node| lock.node(*node).key);
    nodes.append(&mut unreachable);
    nodes
}

/// The first nodes, including the focus.
fn first(mut nodes: Vec<NodeId>, focus: Option<NodeId>, most: Option<usize>) -> Vec<NodeId> {
    let most = most.unwrap_or(usize::MAX);
    if nodes.len() > most {
        let at = focus.and_then(|focus| nodes.iter().position(|node| *node == focus));
        if let Some(at) = at.filter(|at| *at >= most) {
            nodes.swap(at, most.saturating_sub(1));
        }
        nodes.truncate(most);
    }
    nodes
}
