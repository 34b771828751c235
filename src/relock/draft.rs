//! A lock under construction.

use std::rc::Rc;

pub(super) use super::draft_inputs::{DraftId, DraftInputs, DraftTag, DraftTarget};
use crate::flake_ref::OwnedRef;
use crate::lock::{Lock, NodeId, NodeTag, Table, Target};

/// Nodes without keys, which are only made when the lock is written.
#[derive(Debug)]
pub(super) struct LockDraft {
    pub(super) root: DraftId,
    pub(super) nodes: Table<DraftTag, DraftNode>,
}

/// A node.
#[derive(Debug, Clone, Default)]
pub(super) struct DraftNode {
    /// The locked and the original reference; the root has none.
    pub(super) references: Option<Rc<References>>,
    /// Whether it has `flake = false`.
    pub(super) is_source: bool,
    /// Whether its source is fetched only when something is built, which only Determinate Nix
    /// knows. Other versions drop this from the locks that they write; here it is kept.
    pub(super) build_time: bool,
    /// Its node in the old lock, if it comes from there.
    pub(super) old: Option<NodeId>,
    /// For a relative path, the input path of the flake that it is relative to.
    pub(super) parent: Option<Vec<String>>,
    /// Its inputs, by name.
    pub(super) inputs: DraftInputs,
}

/// What a node is locked to, and the reference that was asked for.
#[derive(Debug, Clone)]
pub(super) struct References {
    pub(super) locked: OwnedRef,
    pub(super) original: OwnedRef,
}

impl DraftNode {
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

    fn original(&self) -> Option<&OwnedRef> {
        self.references.as_ref().map(|references| &references.original)
    }

    /// Whether two nodes are the same, except for where their inputs lead.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let references = match (&self.references, &other.references) {
            (Some(own), Some(its)) => {
                Rc::ptr_eq(own, its)
                    || own.locked.list() == its.locked.list()
                        && own.original.list() == its.original.list()
            }
            (own, its) => own.is_none() && its.is_none(),
        };
        references
            && self.is_source == other.is_source
            && self.build_time == other.build_time
            && self.parent == other.parent
    }
}

impl LockDraft {
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
    pub(super) fn of(lock: &Lock<'_>) -> Self {
        let mut draft = Self::empty();
        draft.nodes.at_mut(draft.root).old = Some(lock.root());
        let mut made: Table<NodeTag, Option<DraftId>> = Table::like(lock.nodes(), None);
        *made.at_mut(lock.root()) = Some(draft.root);
        let mut open = vec![(lock.root(), draft.root)];
        while let Some((node, id)) = open.pop() {
            let mut inputs = Vec::with_capacity(lock.node(node).inputs.len());
            for input in lock.node(node).inputs.ids() {
                let target = match lock.target(input) {
                    Target::Follows(path) => {
                        DraftTarget::Follows(path.iter().map(|&name| name.to_owned()).collect())
                    }
                    Target::Direct(key) => {
                        // The graph has checked that it exists.
                        let Some(child) = lock.node_keyed(key) else { continue };
                        DraftTarget::Direct(*made.at_mut(child).get_or_insert_with(|| {
                            let id = draft.nodes.push(draft_node(lock, child));
                            open.push((child, id));
                            id
                        }))
                    }
                };
                inputs.push((lock.input(input).name.to_owned(), target));
            }
            draft.nodes.at_mut(id).inputs = inputs.into();
        }
        draft
    }
}

/// A node without its inputs.
fn draft_node(lock: &Lock<'_>, node: NodeId) -> DraftNode {
    let references = lock.locked(node).zip(lock.original(node));
    DraftNode {
        references: references.map(|(locked, original)| {
            Rc::new(References {
                locked: OwnedRef::from(locked).as_written(),
                original: OwnedRef::from(original).as_written(),
            })
        }),
        is_source: !lock.node(node).flake,
        build_time: lock.node(node).build_time,
        old: Some(node),
        parent: lock.parent(node).map(|path| path.iter().map(|&name| name.to_owned()).collect()),
        inputs: DraftInputs::default(),
    }
}
