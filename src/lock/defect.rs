//! What is wrong in a node, remembered until somebody needs the node.

/// What is wrong, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect<'a> {
    /// One line.
    pub message: String,
    /// Where.
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

impl Site<'_> {
    /// Whether Nix looks here in the root node: of that it reads the inputs alone.
    pub fn counts_in_root(self) -> bool {
        matches!(self, Site::Node | Site::Member("inputs") | Site::Inner("inputs", _))
    }
}
