//! Follows chains: from an input through any number of follows to the node where it ends.

use super::Graph;
use crate::lock::InputId;

/// The inputs of a chain in order, up to where it ends, breaks, or returns to an input of a cycle.
#[derive(Debug)]
pub struct Chain<'g, 'l, 'a> {
    graph: &'g Graph<'l, 'a>,
    next: Option<InputId>,
    left: u32,
}

impl Iterator for Chain<'_, '_, '_> {
    type Item = InputId;

    fn next(&mut self) -> Option<InputId> {
        let input = self.next?;
        self.left = self.left.checked_sub(1)?;
        self.next = self.graph.edge(input).next;
        Some(input)
    }
}

impl<'l, 'a> Graph<'l, 'a> {
    /// The chain that starts at an input.
    pub fn chain(&self, input: InputId) -> Chain<'_, 'l, 'a> {
        Chain { graph: self, next: Some(input), left: self.chain_length(input) }
    }

    /// How many inputs the chain has; a cycle counts each member once.
    pub fn chain_length(&self, input: InputId) -> u32 {
        self.edge(input).steps
    }
}
