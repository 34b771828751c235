//! Inputs that others depend on: redirecting them would move more than themselves.

use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, Table, Target};

/// For each input, who depends on it.
#[derive(Debug)]
pub struct LoadBearing {
    /// A pin (an input of the root or of a flake that holds a wrapper, or anything inside a
    /// wrapper) that resolves through the input.
    pins: Table<InputTag, Option<InputId>>,
    /// An input whose follows path leads through the input to something behind it.
    passing: Table<InputTag, Option<InputId>>,
}

impl LoadBearing {
    /// Walks the paths of all pins to their ends, and every other path once.
    pub(super) fn compute(
        graph: &Graph<'_, '_>,
        holders: impl Iterator<Item = NodeId>,
        in_wrapper: impl Fn(NodeId) -> bool,
    ) -> Self {
        let lock = graph.lock();
        let mut pins: Table<InputTag, Option<InputId>> = Table::like(lock.inputs(), None);
        let mut open: Vec<(InputId, InputId)> = Vec::new();
        for holder in holders {
            open.extend(graph.inputs_of(holder).map(|input| (input, input)));
        }
        let mut passing: Table<InputTag, Option<InputId>> = Table::like(lock.inputs(), None);
        for &holder in graph.reachable() {
            for input in graph.inputs_of(holder) {
                if in_wrapper(holder) {
                    open.push((input, input));
                }
                let mut steps = Walk::new(graph, input).peekable();
                while let Some(through) = steps.next() {
                    if steps.peek().is_some() {
                        mark_chain(graph, &mut passing, through, input);
                    }
                }
            }
        }
        // Reversed, because the stack is popped from its end and the root's inputs, which are named
        // first, should win.
        open.reverse();
        while let Some((input, pin)) = open.pop() {
            for through in Walk::new(graph, input) {
                let mark = pins.at_mut(through);
                if mark.is_none() {
                    *mark = Some(pin);
                    open.push((through, pin));
                }
            }
        }
        Self { pins, passing }
    }

    /// The pin that resolves through an input.
    pub fn pin(&self, input: InputId) -> Option<InputId> {
        *self.pins.at(input)
    }

    /// An input that leads through this one to something behind it.
    pub fn passing(&self, input: InputId) -> Option<InputId> {
        *self.passing.at(input)
    }
}

/// Marks an input and everything that its own end depends on.
fn mark_chain(
    graph: &Graph<'_, '_>,
    marks: &mut Table<InputTag, Option<InputId>>,
    first: InputId,
    because_of: InputId,
) {
    let mut next = Some(first);
    while let Some(input) = next.filter(|input| marks.at(*input).is_none()) {
        *marks.at_mut(input) = Some(because_of);
        next = graph.edge(input).next;
    }
}

/// The inputs that a follows path names, in order.
struct Walk<'g, 'l, 'a> {
    graph: &'g Graph<'l, 'a>,
    path: &'l [&'a str],
    at: Option<NodeId>,
}

impl<'g, 'l, 'a> Walk<'g, 'l, 'a> {
    fn new(graph: &'g Graph<'l, 'a>, input: InputId) -> Self {
        let path = match graph.target(input) {
            Target::Direct(_) => &[],
            Target::Follows(path) => path,
        };
        Self { graph, path, at: Some(graph.lock().root()) }
    }
}

impl Iterator for Walk<'_, '_, '_> {
    type Item = InputId;

    fn next(&mut self) -> Option<InputId> {
        let (name, rest) = self.path.split_first()?;
        self.path = rest;
        let input = self.graph.lock().input_named(self.at?, name)?;
        self.at = self.graph.end(input);
        Some(input)
    }
}
