//! The places of a lock's parts in its text.

use super::json_text::{self, Member};
use super::{Defect, InputId, Lock, LockError, NodeId, Site};
use crate::text::Span;

/// Spans of all keys, by position in the file. Names with an escape are no slices of the text, so
/// the text is walked once if one of them has to be located.
#[derive(Debug)]
pub(super) struct EscapedSpans {
    nodes: Vec<NodeKeys>,
    inputs: Vec<Span>,
}

#[derive(Debug)]
struct NodeKeys {
    key: Span,
    first_input: usize,
}

impl EscapedSpans {
    fn new(text: &str) -> Self {
        let mut spans = Self { nodes: Vec::new(), inputs: Vec::new() };
        let Some(nodes) = json_text::member(text, json_text::document(text), "nodes") else {
            return spans;
        };
        for node in json_text::members(text, nodes.value) {
            spans.nodes.push(NodeKeys { key: node.key, first_input: spans.inputs.len() });
            if let Some(inputs) = json_text::member(text, node.value, "inputs") {
                spans.inputs.extend(json_text::members(text, inputs.value).map(|m| m.key));
            }
        }
        spans
    }
}

/// The span of a string that was borrowed from the text, with its quotes.
fn quoted(name: &str, text: &str) -> Option<Span> {
    let inner = Span::of(name, text)?;
    Some(Span { start: inner.start.checked_sub(1)?, end: inner.end + 1 })
}

impl Lock<'_> {
    fn escaped_spans(&self) -> &EscapedSpans {
        self.escaped.get_or_init(|| EscapedSpans::new(self.text))
    }

    /// The span of a node's key in `nodes`, with its quotes.
    pub fn node_key_span(&self, id: NodeId) -> Span {
        let node = self.node(id);
        quoted(node.key, self.text)
            .or_else(|| Some(self.escaped_spans().nodes.get(node.ordinal as usize)?.key))
            .unwrap_or(Span { start: 0, end: 0 })
    }

    /// The span of an input's name, with its quotes, in the node `holder`. If `inputs` is an array
    /// and has no names, the span of the node's key.
    pub fn input_name_span(&self, holder: NodeId, id: InputId) -> Span {
        let input = self.input(id);
        quoted(input.name, self.text)
            .or_else(|| {
                let spans = self.escaped_spans();
                let ordinal = self.node(holder).ordinal as usize;
                let next = spans.nodes.get(ordinal + 1);
                let end = next.map_or(spans.inputs.len(), |next| next.first_input);
                let own = spans.inputs.get(spans.nodes.get(ordinal)?.first_input..end)?;
                own.get(input.ordinal as usize).copied()
            })
            .unwrap_or_else(|| self.node_key_span(holder))
    }

    /// The span of an input's target, as written.
    pub fn input_target_span(&self, holder: NodeId, id: InputId) -> Span {
        json_text::value_of_key(self.text, self.input_name_span(holder, id))
    }

    /// The span of an input, from its name to the end of its target.
    pub fn input_span(&self, holder: NodeId, id: InputId) -> Span {
        let name = self.input_name_span(holder, id);
        Span { start: name.start, end: json_text::value_of_key(self.text, name).end }
    }

    /// The span of a place inside a node: a member with its name, or the node's own value. For a
    /// missing member, the place where it would be.
    pub fn site_span(&self, id: NodeId, site: Site<'_>) -> Span {
        let found = self.site(id, site);
        Span { start: found.key.start, end: found.value.end }
    }

    /// The error that a defect becomes once the node is needed.
    pub fn defect_error(&self, id: NodeId, defect: &Defect<'_>) -> LockError {
        LockError::new(self.text, self.site(id, defect.site).value, defect.message.clone())
    }

    fn site(&self, id: NodeId, site: Site<'_>) -> Member {
        let key = self.node_key_span(id);
        let node = Member { key, value: json_text::value_of_key(self.text, key) };
        let member = |value, name| json_text::member(self.text, value, name);
        let found = match site {
            Site::Node => None,
            Site::Member(name) => member(node.value, name),
            Site::Inner(outer, name) => {
                member(node.value, outer).map(|outer| member(outer.value, name).unwrap_or(outer))
            }
        };
        found.unwrap_or(node)
    }
}
