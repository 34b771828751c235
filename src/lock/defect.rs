//! What is wrong in a node; it becomes an error only when the node is needed.

/// What is wrong, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect<'a> {
    /// The message, one line.
    pub message: String,
    /// Its place.
    pub site: Site<'a>,
}

/// A place inside a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Site<'a> {
    /// The node's own value.
    Node,
    /// A member: `flake`, `inputs`, …
    Member(&'static str),
    /// A member of a member: one input, one attribute.
    Inner(&'static str, &'a str),
}
