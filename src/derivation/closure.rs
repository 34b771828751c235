//! All derivations that some derivations need.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::aterm::Derivation;
use super::error::DerivationError;
use super::members::{Members, propagated};
use super::store::DerivationStore;
use super::store_name::{Digest, digest};
use super::text::{attributes, is_text};

/// The largest closures of whole systems have some 50,000 derivations.
const MOST: usize = 2_000_000;

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A derivation of a closure: one for each set of output paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DrvId(u32);

/// What is kept of a derivation, so that its file is not read again.
#[derive(Debug)]
pub struct ClosureNode {
    /// Its `.drv`; of several with the same output paths, the first one.
    pub path: Box<str>,
    /// Whether its outputs are determined by a hash. If so, its inputs are left out here.
    pub is_fixed: bool,
    /// Whether it only writes a text file.
    pub is_text: bool,
    /// The names of its outputs and the digests of their paths, if these are known before the
    /// build.
    pub outputs: Box<[(Box<str>, Digest)]>,
    /// The derivations that it needs, each once, in the order of their `.drv`.
    pub inputs: Box<[DrvId]>,
    /// The packages that it brings together.
    pub members: Members,
    /// What comes with it wherever it is an input (`propagatedBuildInputs` and the like).
    propagated: Box<[Digest]>,
}

/// Derivations and what they need: one graph for all closures that are read into it, with one node
/// for all derivations with the same output paths.
#[derive(Debug)]
pub struct Closure {
    store: DerivationStore,
    nodes: Vec<ClosureNode>,
    by_path: Map<Box<str>, DrvId>,
    by_outputs: Map<Box<[Digest]>, DrvId>,
    /// The derivation that builds each path.
    makers: Map<Digest, DrvId>,
}

impl ClosureNode {
    /// Its name, with its version.
    pub fn name(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".drv").unwrap_or(name);
        name.get(33..).unwrap_or(name)
    }
}

impl Closure {
    /// An empty graph for a store.
    pub fn new(store: DerivationStore) -> Self {
        Self {
            store,
            nodes: Vec::new(),
            by_path: Map::default(),
            by_outputs: Map::default(),
            makers: Map::default(),
        }
    }

    /// The data of a derivation.
    ///
    /// Ids are only made by [`Closure::read`], and nothing is ever removed.
    pub fn node(&self, id: DrvId) -> Option<&ClosureNode> {
        self.nodes.get(id.0 as usize)
    }

    /// The name of a derivation, with its version.
    pub fn name(&self, id: DrvId) -> &str {
        self.node(id).map_or("", ClosureNode::name)
    }

    /// The derivations that one needs.
    pub fn inputs(&self, id: DrvId) -> &[DrvId] {
        self.node(id).map_or(&[], |node| &node.inputs)
    }

    /// Whether a derivation's outputs are determined by a hash.
    pub fn is_fixed(&self, id: DrvId) -> bool {
        self.node(id).is_some_and(|node| node.is_fixed)
    }

    /// How many derivations were read.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was read.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The store.
    pub fn store(&self) -> &DerivationStore {
        &self.store
    }

    /// The derivation that builds a path.
    pub fn maker(&self, digest: &Digest) -> Option<DrvId> {
        self.makers.get(digest).copied()
    }

    /// Reads a derivation and everything that it needs, each file once.
    ///
    /// # Errors
    /// A file that is missing or is no derivation, or a circle.
    pub fn read(&mut self, drv: &str) -> Result<DrvId, DerivationError> {
        /// A derivation whose inputs are being read.
        struct Open {
            path: Box<str>,
            node: ClosureDraft,
            inputs: Vec<Box<str>>,
            next: usize,
        }
        let mut being_read: Map<Box<str>, ()> = Map::default();
        let mut open: Vec<Open> = Vec::new();
        let mut wanted: Option<Box<str>> = Some(drv.into());
        loop {
            if let Some(path) = wanted.take().filter(|path| !self.by_path.contains_key(path)) {
                if being_read.insert(path.clone(), ()).is_some() {
                    return Err(DerivationError::Circle(path.into()));
                }
                if self.by_path.len() + open.len() >= MOST {
                    return Err(DerivationError::TooMany(MOST));
                }
                let (node, inputs) = self.draft(&path)?;
                // Another `.drv` with known output paths brings nothing new.
                match self.by_outputs.get(&node.identity) {
                    Some(known) => {
                        let known = *known;
                        being_read.remove(&path);
                        self.by_path.insert(path, known);
                    }
                    None => open.push(Open { path, node, inputs, next: 0 }),
                }
            }
            let Some(top) = open.last_mut() else { break };
            if let Some(input) = top.inputs.get(top.next) {
                top.next += 1;
                wanted = Some(input.clone());
                continue;
            }
            if let Some(Open { path, node, inputs, .. }) = open.pop() {
                being_read.remove(&path);
                self.add(path, node, &inputs);
            }
        }
        let known = self.by_path.get(drv).copied();
        known.ok_or_else(|| DerivationError::NotInStore(drv.to_owned()))
    }

    /// The data in one file, and the files that it needs.
    fn draft(&self, path: &str) -> Result<(ClosureDraft, Vec<Box<str>>), DerivationError> {
        let bytes = self.store.read(path)?;
        let derivation = Derivation::parse(&bytes)
            .map_err(|error| DerivationError::Malformed { path: path.to_owned(), error })?;
        let is_fixed = derivation.is_fixed_output();
        let prefix = self.store.prefix();
        let mut outputs = Vec::new();
        for output in &derivation.outputs {
            let name = output.path.strip_prefix(prefix.as_bytes()).and_then(digest);
            if let Some(name) = name {
                outputs.push((String::from_utf8_lossy(&output.name).into(), name));
            }
        }
        let mut identity: Vec<Digest> = outputs.iter().map(|(_, digest)| *digest).collect();
        if identity.len() < derivation.outputs.len() || identity.is_empty() {
            // If its output paths are not known before the build, its `.drv` identifies it.
            identity = path
                .strip_prefix(prefix)
                .and_then(|name| digest(name.as_bytes()))
                .into_iter()
                .collect();
        }
        identity.sort_unstable();
        let inputs = if is_fixed {
            Vec::new()
        } else {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into();
            derivation.input_derivations.iter().map(|input| text(&input.path)).collect()
        };
        let attributes = attributes(&derivation);
        let draft = ClosureDraft {
            is_fixed,
            is_text: is_text(&attributes),
            outputs: outputs.into(),
            identity: identity.into(),
            members: Members::of(&attributes, prefix),
            propagated: propagated(&attributes, prefix),
        };
        Ok((draft, inputs))
    }

    fn add(&mut self, path: Box<str>, draft: ClosureDraft, inputs: &[Box<str>]) {
        let Ok(number) = u32::try_from(self.nodes.len()) else { return };
        // Its inputs may have turned out to be equal meanwhile, but not the node itself: it was
        // open, and what it needs cannot need it.
        let id = match self.by_outputs.entry(draft.identity) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(place) => *place.insert(DrvId(number)),
        };
        if id == DrvId(number) {
            let mut seen: Map<DrvId, ()> = Map::default();
            let ids = inputs.iter().filter_map(|input| self.by_path.get(input).copied());
            let ids = ids.filter(|id| seen.insert(*id, ()).is_none()).collect();
            for (_, digest) in &draft.outputs {
                self.makers.insert(*digest, id);
            }
            self.nodes.push(ClosureNode {
                path: path.clone(),
                is_fixed: draft.is_fixed,
                is_text: draft.is_text,
                outputs: draft.outputs,
                inputs: ids,
                members: draft.members,
                propagated: draft.propagated,
            });
        }
        self.by_path.insert(path, id);
    }

    /// Everything that a derivation needs, itself included: each once, inputs before what needs
    /// them.
    pub fn below(&self, root: DrvId) -> Vec<DrvId> {
        self.below_all([root])
    }

    /// The same for several; shared inputs are there once, too.
    pub fn below_all(&self, roots: impl IntoIterator<Item = DrvId>) -> Vec<DrvId> {
        let mut seen = vec![false; self.nodes.len()];
        let mut is_new = |id: DrvId| {
            let flag = seen.get_mut(id.0 as usize).filter(|flag| !**flag);
            flag.map(|flag| *flag = true).is_some()
        };
        let mut order = Vec::new();
        let mut open = Vec::new();
        for root in roots {
            if is_new(root) {
                open.push((root, 0_usize));
            }
            while let Some((id, next)) = open.last_mut() {
                if let Some(input) = self.inputs(*id).get(*next).copied() {
                    *next += 1;
                    if is_new(input) {
                        open.push((input, 0));
                    }
                    continue;
                }
                order.push(*id);
                open.pop();
            }
        }
        order
    }

    /// The derivations that one brings together, and those that come with them.
    pub fn members(&self, id: DrvId) -> Vec<DrvId> {
        let Some(node) = self.node(id) else { return Vec::new() };
        let (listed, with_propagated) = node.members.listed();
        let mut seen: Map<DrvId, ()> = Map::default();
        let mut found = Vec::new();
        let mut open: Vec<DrvId> = listed.iter().filter_map(|at| self.maker(at)).collect();
        open.reverse();
        while let Some(member) = open.pop() {
            if seen.insert(member, ()).is_some() {
                continue;
            }
            found.push(member);
            if with_propagated && let Some(node) = self.node(member) {
                open.extend(node.propagated.iter().rev().filter_map(|at| self.maker(at)));
            }
        }
        found
    }
}

/// A node whose inputs are being read.
struct ClosureDraft {
    is_fixed: bool,
    is_text: bool,
    outputs: Box<[(Box<str>, Digest)]>,
    /// Its output paths, sorted, which identify it.
    identity: Box<[Digest]>,
    members: Members,
    propagated: Box<[Digest]>,
}
