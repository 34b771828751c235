//! A lock under construction: names, paths and references are those of the lock that it comes from,
//! or of whoever declares them.

use std::borrow::Cow;

pub(super) use super::draft_inputs::{DraftId, DraftInputs, DraftPath, DraftTag, DraftTarget};
use crate::flake_ref::OwnedRef;
use crate::lock::{Attribute, Attributes, Lock, NodeId, NodeTag, Table, Target};

/// Nodes without keys, which are only made when the lock is written.
#[derive(Debug)]
pub(super) struct LockDraft<'d> {
    pub(super) root: DraftId,
    pub(super) nodes: Table<DraftTag, DraftNode<'d>>,
}

/// A node.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftNode<'d> {
    /// The locked and the original reference; the root has none.
    pub(super) references: Option<References<'d>>,
    /// Whether it has `flake = false`.
    pub(super) is_source: bool,
    /// Whether its source is fetched only when something is built, which only Determinate Nix
    /// knows. Other versions drop this from the locks that they write; here it is kept.
    pub(super) build_time: bool,
    /// Its node in the old lock, if it comes from there.
    pub(super) old: Option<NodeId>,
    /// For a relative path, the input path of the flake that it is relative to.
    pub(super) parent: Option<DraftPath<'d>>,
    /// Its inputs, by name.
    pub(super) inputs: DraftInputs<'d>,
}

/// What a node is locked to, and the reference that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct References<'d> {
    pub(super) locked: Reference<'d>,
    pub(super) original: Reference<'d>,
}

/// Attributes as Nix writes them: in the order of their names.
#[derive(Debug, Clone)]
pub(super) struct Reference<'d>(Cow<'d, [Attribute<'d>]>);

impl<'d> Reference<'d> {
    /// One that does not stand in a lock.
    pub(super) fn made(reference: &'d OwnedRef) -> Self {
        Self(reference.list().into())
    }

    /// Its attributes.
    pub(super) fn attributes(&self) -> Attributes<'_, 'd> {
        Attributes::of(&self.0)
    }

    /// The same for whoever changes or compares it.
    pub(super) fn to_owned_ref(&self) -> OwnedRef {
        self.attributes().into()
    }
}

impl PartialEq for Reference<'_> {
    fn eq(&self, other: &Self) -> bool {
        // Most stand in one lock, and need not be read.
        std::ptr::eq(&*self.0, &*other.0) || self.0 == other.0
    }
}
impl Eq for Reference<'_> {}

impl<'d> DraftNode<'d> {
    /// The node without its inputs.
    pub(super) fn without_inputs(&self) -> Self {
        Self {
            references: self.references.clone(),
            is_source: self.is_source,
            build_time: self.build_time,
            parent: self.parent.clone(),
            ..Self::default()
        }
    }

    /// Whether both were locked for the same reference in flake.nix.
    pub(super) fn is_asked_as(&self, other: &Self) -> bool {
        self.original() == other.original()
            && self.is_source == other.is_source
            && self.build_time == other.build_time
            && self.parent == other.parent
    }

    fn original(&self) -> Option<&Reference<'d>> {
        self.references.as_ref().map(|references| &references.original)
    }

    /// Whether two nodes are the same, except for where their inputs lead.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.references == other.references
            && self.is_source == other.is_source
            && self.build_time == other.build_time
            && self.parent == other.parent
    }
}

impl<'d> LockDraft<'d> {
    /// A lock with only a root.
    pub(super) fn empty() -> Self {
        let mut nodes = Table::from(Vec::new());
        let root = nodes.push(DraftNode::default());
        Self { root, nodes }
    }

    /// Whether both would be written as the same text: the same nodes are reached, and shared
    /// alike. Keys follow from that.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let mut partner: Table<DraftTag, Option<DraftId>> = Table::like(&self.nodes, None);
        let mut taken: Table<DraftTag, bool> = Table::like(&other.nodes, false);
        let mut open = vec![(self.root, other.root)];
        while let Some((own, its)) = open.pop() {
            match partner.at(own) {
                Some(known) if *known == its => continue,
                None if !*taken.at(its) => {}
                _ => return false,
            }
            *partner.at_mut(own) = Some(its);
            *taken.at_mut(its) = true;
            let (own, its) = (self.nodes.at(own), other.nodes.at(its));
            if !own.says_the_same(its) || own.inputs.len() != its.inputs.len() {
                return false;
            }
            for ((name, own), (its_name, its)) in own.inputs.iter().zip(its.inputs.iter()) {
                match (own, its) {
                    _ if name != its_name => return false,
                    (DraftTarget::Direct(own), DraftTarget::Direct(its)) => open.push((*own, *its)),
                    (own, its) if own == its => {}
                    _ => return false,
                }
            }
        }
        true
    }

    /// An existing lock, without its unreachable nodes.
    pub(super) fn of(lock: &'d Lock<'_>) -> Self {
        let mut draft = Self::empty();
        draft.nodes.at_mut(draft.root).old = Some(lock.root());
        let mut made: Table<NodeTag, Option<DraftId>> = Table::like(lock.nodes(), None);
        *made.at_mut(lock.root()) = Some(draft.root);
        let mut open = vec![(lock.root(), draft.root)];
        while let Some((node, id)) = open.pop() {
            let mut inputs = Vec::with_capacity(lock.node(node).inputs.len());
            for input in lock.node(node).inputs.ids() {
                let target = match lock.target(input) {
                    Target::Follows(path) => DraftTarget::Follows(path.into()),
                    Target::Direct(_) => {
                        // The graph has checked that it exists.
                        let Some(child) = lock.direct_end(input) else { continue };
                        DraftTarget::Direct(*made.at_mut(child).get_or_insert_with(|| {
                            let id = draft.nodes.push(draft_node(lock, child));
                            open.push((child, id));
                            id
                        }))
                    }
                };
                inputs.push((lock.input(input).name, target));
            }
            draft.nodes.at_mut(id).inputs = inputs.into();
        }
        draft
    }
}

/// A node without its inputs.
fn draft_node<'d>(lock: &'d Lock<'_>, node: NodeId) -> DraftNode<'d> {
    let references = lock.locked(node).zip(lock.original(node));
    DraftNode {
        references: references.map(|(locked, original)| References {
            locked: Reference(locked.as_written()),
            original: Reference(original.as_written()),
        }),
        is_source: !lock.node(node).flake,
        build_time: lock.node(node).build_time,
        old: Some(node),
        parent: lock.parent(node).map(Cow::from),
        inputs: DraftInputs::default(),
    }
}
