//! The lock as written: the contents of `flake.lock`, borrowed from its text.
//!
//! [`Lock::parse`] reads versions 5, 6 and 7 as Nix does (Nix source, `src/libflake/lockfile.cc`,
//! constructor of `LockFile`). A mistake in a node is stored there and becomes an error only when
//! the node is reached, because Nix never looks at nodes that no input reaches. Following inputs is
//! the task of `graph`.

mod attributes;
mod error;
mod json_text;
mod made;
mod parse;
#[cfg(test)]
pub(crate) mod sketch;
mod source_kind;
mod spans;
mod table;
mod unescaped;

use std::collections::HashMap;
use std::sync::OnceLock;

pub use attributes::{Attribute, AttributeValue, Attributes};
pub(crate) use attributes::{relative_path, usual_name};
pub use error::{Defect, LockError, Site};
pub use made::{LockBuilder, MadeNode, MadeTarget};
pub use source_kind::{Forge, SourceKind};
pub use table::{Id, Range, Table};
pub use unescaped::Unescaped;

/// Tag of [`NodeId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeTag {}
/// Tag of [`InputId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InputTag {}
/// A node of one lock, in the order of its file.
pub type NodeId = Id<NodeTag>;
/// An input (edge) of one lock. The inputs of a node are consecutive and sorted by name.
pub type InputId = Id<InputTag>;

/// Hash map with names from a lock as keys. Seeded at random because the names are untrusted.
pub(crate) type NameMap<'a, T> = HashMap<&'a str, T, foldhash::fast::RandomState>;

/// A parsed `flake.lock`.
#[derive(Debug)]
pub struct Lock<'a> {
    text: &'a str,
    version: u64,
    root: NodeId,
    nodes: Table<NodeTag, Node<'a>>,
    inputs: Table<InputTag, Input<'a>>,
    attributes: Vec<Attribute<'a>>,
    names: Vec<&'a str>,
    keys: NameMap<'a, NodeId>,
    escaped: OnceLock<spans::EscapedSpans>,
}

/// An entry of `nodes`.
#[derive(Debug)]
pub struct Node<'a> {
    /// Its name in `nodes`: a label that Nix invents, never a fact about the input.
    pub key: &'a str,
    /// Its inputs, in name order.
    pub inputs: Range<InputTag>,
    /// False where the lock says `"flake": false`.
    pub flake: bool,
    /// True where the lock says `"buildTime": true`: the source is fetched only when something is
    /// built from it. Only Determinate Nix knows it; other versions ignore it.
    pub build_time: bool,
    /// Mistakes in it, in the order of the file: few nodes have any.
    defects: Option<Box<Defects<'a>>>,
    locked: Option<attributes::Slice>,
    original: Option<attributes::Slice>,
    parent: Option<attributes::Slice>,
    /// Position among the members of `nodes` in the file.
    ordinal: u32,
}

/// An input of a node: a named edge.
#[derive(Debug)]
pub struct Input<'a> {
    /// The input's name.
    pub name: &'a str,
    /// Where it leads, as written.
    target: WrittenTarget<'a>,
    /// The node with the key that it names, if there is one.
    node: Option<NodeId>,
    /// Position among the members of the node's `inputs` in the file.
    ordinal: u32,
}

#[derive(Debug, Clone, Copy)]
enum WrittenTarget<'a> {
    Direct(&'a str),
    Follows(attributes::Slice),
}

/// Where an input leads, as the lock says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'l, 'a> {
    /// A node key.
    Direct(&'a str),
    /// A follows path, from the lock's root; empty for the root itself.
    Follows(&'l [&'a str]),
}

#[derive(Debug, Default)]
struct Defects<'a>(Vec<Defect<'a>>);

impl<'a> Lock<'a> {
    /// The text that was parsed, without its byte order mark.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The lock's version: 5, 6 or 7.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The node that the lock's `root` names.
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// All nodes, unreachable ones too, in the order of the file.
    pub fn nodes(&self) -> &Table<NodeTag, Node<'a>> {
        &self.nodes
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> &Node<'a> {
        self.nodes.at(id)
    }

    /// What keeps Nix from reading a node, if anything. Of the root Nix reads only the inputs.
    pub fn defect(&self, id: NodeId) -> Option<&Defect<'a>> {
        let defects = self.node(id).defects.as_ref();
        defects.into_iter().flat_map(|defects| &defects.0).find(|defect| match defect.site {
            Site::Node => true,
            Site::Member(member) | Site::Inner(member, _) => match member {
                "inputs" => true,
                _ => id != self.root,
            },
        })
    }

    /// All inputs of all nodes.
    pub fn inputs(&self) -> &Table<InputTag, Input<'a>> {
        &self.inputs
    }

    /// One input.
    pub fn input(&self, id: InputId) -> &Input<'a> {
        self.inputs.at(id)
    }

    /// Where an input leads, as written.
    pub fn target(&self, id: InputId) -> Target<'_, 'a> {
        match self.input(id).target {
            WrittenTarget::Direct(key) => Target::Direct(key),
            WrittenTarget::Follows(path) => Target::Follows(self.path(path)),
        }
    }

    /// The node that an input names directly, as written; `None` if it follows another, or if there
    /// is no such node.
    pub fn direct_end(&self, id: InputId) -> Option<NodeId> {
        self.input(id).node
    }

    /// The input of a node that has this name.
    pub fn input_named(&self, node: NodeId, name: &str) -> Option<InputId> {
        /// Among few a name is found sooner without order: only those of its length are looked at,
        /// and what a large lock has in its text is far away.
        const FEW: usize = 16;
        let range = self.node(node).inputs;
        let inputs = self.inputs.slice(range);
        let at = if inputs.len() <= FEW {
            inputs.iter().position(|input| input.name == name)?
        } else {
            inputs.binary_search_by(|input| input.name.cmp(name)).ok()?
        };
        range.nth(at)
    }

    /// The node at an input path from the root, if none of its inputs follows another.
    pub fn node_at(&self, path: &[&str]) -> Option<NodeId> {
        path.iter().try_fold(self.root, |node, name| self.direct_end(self.input_named(node, name)?))
    }

    /// The node with this key.
    pub fn node_keyed(&self, key: &str) -> Option<NodeId> {
        self.keys.get(key).copied()
    }

    /// The attributes of the locked reference (in version 5 with `info` merged into them).
    pub fn locked(&self, id: NodeId) -> Option<Attributes<'_, 'a>> {
        self.attributes(self.node(id).locked)
    }

    /// When a node's source was last changed: seconds since 1970.
    pub fn last_modified(&self, id: NodeId) -> Option<u64> {
        self.locked(id)?.number("lastModified")
    }

    /// The original reference's attributes.
    pub fn original(&self, id: NodeId) -> Option<Attributes<'_, 'a>> {
        self.attributes(self.node(id).original)
    }

    /// `parent` of a relative path input: the input path of the node whose tree the path is
    /// relative to.
    pub fn parent(&self, id: NodeId) -> Option<&[&'a str]> {
        self.node(id).parent.map(|path| self.path(path))
    }

    fn attributes(&self, slice: Option<attributes::Slice>) -> Option<Attributes<'_, 'a>> {
        slice.map(|slice| Attributes::new(&self.attributes, slice))
    }

    fn path(&self, slice: attributes::Slice) -> &[&'a str] {
        self.names.get(slice.range()).unwrap_or_default()
    }
}
