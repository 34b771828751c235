//! A lock that was never written: one that is about to be, for whoever looks at it before.

use std::sync::OnceLock;

use super::attributes::Slice;
use super::{
    Attribute, Attributes, Input, InputTag, Lock, NameMap, Node, NodeId, Range, WrittenTarget,
};

/// A lock that is put together node by node, in the order of their keys. It has no text, so nothing in
/// it has a place.
#[derive(Debug)]
pub struct LockBuilder<'a> {
    nodes: Vec<Node<'a>>,
    inputs: Vec<Input<'a>>,
    attributes: Vec<Attribute<'a>>,
    names: Vec<&'a str>,
}

/// A node of such a lock.
#[derive(Debug)]
pub struct MadeNode<'m, 'a> {
    /// Its key.
    pub key: &'a str,
    /// Whether it is a flake.
    pub flake: bool,
    /// Whether it is fetched only when something is built.
    pub build_time: bool,
    /// The attributes of the locked and the original reference; the root has none.
    pub references: Option<[Attributes<'m, 'a>; 2]>,
    /// For a relative path, the input path of the flake that it is relative to.
    pub parent: Option<&'m [&'a str]>,
}

/// Where an input of such a node leads.
#[derive(Debug)]
pub enum MadeTarget<'m, 'a> {
    /// The node at this index, which has this key.
    Direct(usize, &'a str),
    /// A path from the root.
    Follows(&'m [&'a str]),
}

impl<'a> LockBuilder<'a> {
    /// Of no node yet, but of so many.
    pub fn new(nodes: usize) -> Self {
        Self {
            nodes: Vec::with_capacity(nodes),
            inputs: Vec::with_capacity(nodes * 2),
            attributes: Vec::with_capacity(nodes * 13),
            names: Vec::new(),
        }
    }

    /// Adds a node with its inputs, which are in the order of their names.
    pub fn add<'m>(
        &mut self,
        node: MadeNode<'m, 'a>,
        inputs: impl Iterator<Item = (&'a str, MadeTarget<'m, 'a>)>,
    ) where
        'a: 'm,
    {
        let start = self.inputs.len();
        for (ordinal, (name, target)) in (0..).zip(inputs) {
            let (target, node) = match target {
                MadeTarget::Direct(at, key) => (WrittenTarget::Direct(key), Some(NodeId::new(at))),
                MadeTarget::Follows(path) => (WrittenTarget::Follows(self.path(path)), None),
            };
            self.inputs.push(Input { name, target, node, ordinal });
        }
        let [locked, original] = match node.references {
            Some(references) => references.map(|of| Some(self.reference(of))),
            None => [None, None],
        };
        let made = Node {
            key: node.key,
            inputs: Range::<InputTag>::new(start, self.inputs.len()),
            flake: node.flake,
            build_time: node.build_time,
            defects: None,
            locked,
            original,
            parent: node.parent.map(|path| self.path(path)),
            ordinal: u32::try_from(self.nodes.len()).unwrap_or(u32::MAX),
        };
        self.nodes.push(made);
    }

    fn path(&mut self, path: &[&'a str]) -> Slice {
        let start = self.names.len();
        self.names.extend_from_slice(path);
        Slice::new(start, self.names.len())
    }

    fn reference(&mut self, reference: Attributes<'_, 'a>) -> Slice {
        let start = self.attributes.len();
        self.attributes.extend(reference.iter().map(|it| Attribute::new(it.name, it.value)));
        Slice::new(start, self.attributes.len())
    }

    /// The lock, whose root is the node at this index.
    pub fn finish(self, root: usize) -> Lock<'a> {
        let mut keys = NameMap::default();
        let all = self.nodes.iter().enumerate();
        keys.extend(all.map(|(at, node)| (node.key, NodeId::new(at))));
        Lock {
            text: "",
            version: 7,
            root: NodeId::new(root),
            nodes: self.nodes.into(),
            inputs: self.inputs.into(),
            attributes: self.attributes,
            names: self.names,
            keys,
            escaped: OnceLock::new(),
        }
    }
}
