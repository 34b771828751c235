//! The sources of a lock that are on disk, as flakes of an evaluation, each with what it is: a
//! wrapper is recognized by its exports.

use std::collections::HashMap;
use std::sync::Arc;

use super::declared::Declared;
use super::known_flakes::{self, KnownFlake};
use super::lock_sources::{LockSources, NodeNumbers, ReadFlake};
use super::role::{self, Role};
use super::slot::{is_disabled, is_lib_name};
use super::{recognition, roles};
use crate::flake_ref::{Repository, identifying_ref};
use crate::graph::Graph;
use crate::lock::{InputId, Lock, NodeId, NodeTag, Table};
use crate::source::evaluate::world::{FlakeId, FlakeKind, Input, Reference, References, World};
use crate::source::evaluate::{Earlier, exports, repository_of};
use crate::source::{Files, Reader, RootSource, SourceBudget, SourceId};

/// The sources of a lock, before what the root's outputs take is evaluated.
pub(super) struct Opened<'w> {
    pub(super) sources: LockSources,
    pub(super) root: Arc<RootSource>,
    /// The flakes of the lock, with what they are.
    pub(super) world: World<'w>,
}

impl<'w> Opened<'w> {
    /// Finds them, and evaluates the exports of possible wrappers. If there is no root to evaluate, that
    /// is all.
    pub(super) fn new(
        graph: &'w Graph<'_, 'w>,
        declared: &Declared,
        reader: &Reader,
        budget: &mut SourceBudget,
    ) -> Result<Self, Box<LockSources>> {
        let lock = graph.lock();
        let mut lock_sources =
            LockSources { stores: reader.stores().clone(), ..LockSources::none(graph) };
        if !reader.sees_anything() {
            return Err(lock_sources.into());
        }
        lock_sources.binding = NodeNumbers::after(0, graph);
        let roles = roles::plain(graph, declared);
        lock_sources.plain_roles = Some(roles.clone());
        let mut sources = reader.sources();
        for &node in graph.reachable() {
            if *roles.at(node) != Role::Flake {
                continue;
            }
            if let Some((id, files)) = reader.locked(&mut sources, lock, node) {
                lock_sources.read += 1;
                *lock_sources.flakes.at_mut(node) =
                    Some(Box::new(ReadFlake { id, files, exports: None, overlays: Vec::new() }));
            }
        }
        let root = reader.root_in(&mut sources);
        if root.is_none() && lock_sources.read == 0 {
            return Err(lock_sources.into());
        }
        let mut world = lock_sources.world(graph, root.as_deref());
        let memory = reader.memory().map(|memory| &memory.evaluations);
        if lock_sources.read > 0 {
            bind(graph, &roles, &mut world);
            lock_sources.read_exports(graph, &roles, &world, memory, budget);
        }
        let Some(root) = root else { return Err(lock_sources.into()) };
        let found = roles::find_roles(graph, declared, &lock_sources, Some(&root));
        bind(graph, &found.0, &mut world);
        lock_sources.found_roles = Some(found).filter(|_| !graph.is_changed());
        Ok(Self { sources: lock_sources, root, world })
    }
}

impl LockSources {
    /// All nodes that are reached, as flakes of a world that is yet to be told what they are.
    fn world<'w>(&self, graph: &'w Graph<'_, 'w>, root: Option<&RootSource>) -> World<'w> {
        let lock = graph.lock();
        let nodes = graph.reachable();
        let mut world = World::new(Repositories::new(graph), nodes.len(), lock.inputs().len());
        for &node in nodes {
            let files = match root.filter(|_| node == lock.root()) {
                Some(source) => Some(source.files.clone()),
                None => self.files(node),
            };
            world.add(files, FlakeKind::Source, self.inputs(graph, node));
        }
        world
    }

    fn files(&self, node: NodeId) -> Option<Files> {
        self.flakes.at(node).as_ref().map(|flake| flake.files.clone())
    }

    /// The inputs of a node, as a world has them.
    fn inputs<'w>(
        &self,
        graph: &'w Graph<'_, 'w>,
        node: NodeId,
    ) -> impl Iterator<Item = Input<'w>> {
        graph.inputs_of(node).map(|input| Input {
            name: graph.lock().input(input).name,
            target: graph.end(input).and_then(|end| self.binding.flake(end)),
            provides: false,
        })
    }

    /// Evaluates the exports of flakes that could be wrappers, judging by their text, or by name
    /// and shape.
    fn read_exports(
        &mut self,
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
        world: &World<'_>,
        memory: Option<&Earlier>,
        budget: &mut SourceBudget,
    ) {
        let mut mentioned: HashMap<SourceId, Option<bool>> = HashMap::new();
        let mut asked: Vec<(NodeId, FlakeId)> = Vec::new();
        for (at, &node) in graph.reachable().iter().enumerate() {
            let Some(flake) = self.flakes.at(node).as_ref() else { continue };
            let mentions = *mentioned
                .entry(flake.id)
                .or_insert_with(|| flake.mentions("legacyPackages", budget));
            match mentions {
                Some(mentions) if mentions || recognition::looks_like_one(graph, roles, node) => {
                    asked.push((node, FlakeId::new(at)));
                }
                Some(_) => {}
                None => self.drop_source(node),
            }
        }
        let done = budget.spend(&asked, |(_, flake), limit| {
            let (reading, cost) = match memory {
                Some(memory) => memory.exports(world, *flake, limit),
                None => {
                    let (reading, cost) = exports(world, *flake, limit);
                    (reading.map(Arc::new), cost)
                }
            };
            (reading.ok(), cost)
        });
        for ((node, _), done) in asked.into_iter().zip(done) {
            match done {
                Some(Some(reading)) => {
                    if reading.cut_short {
                        self.cut_short.insert(node);
                    }
                    if let Some(flake) = self.flakes.at_mut(node) {
                        flake.exports = Some(reading);
                    }
                }
                // A source that cannot be evaluated counts as not on disk.
                Some(None) => *self.flakes.at_mut(node) = None,
                None => self.drop_source(node),
            }
        }
    }

    /// Treats a source that exceeds the budget as not on disk.
    fn drop_source(&mut self, node: NodeId) {
        if self.flakes.at_mut(node).take().is_some() {
            self.read -= 1;
        }
        self.cut_short.insert(node);
    }
}

/// `owner/repo` in lower case, as frameworks are listed.
fn lower_case(owner: &str, repository: &str) -> String {
    let mut text = String::with_capacity(owner.len() + 1 + repository.len());
    for part in [owner, "/", repository] {
        text.push_str(part);
    }
    if !text.is_ascii() {
        return text.to_lowercase();
    }
    text.make_ascii_lowercase();
    text
}

/// What the repositories of a lock's nodes are known for.
#[derive(Debug)]
struct Repositories<'g, 'a> {
    lock: &'g Lock<'a>,
    /// The nodes, as a world numbers them.
    nodes: &'g [NodeId],
    /// The names of the root's inputs, by the node that each is.
    inputs: HashMap<NodeId, &'a str>,
}

impl<'g, 'a> Repositories<'g, 'a> {
    fn new(graph: &'g Graph<'_, 'a>) -> Self {
        let (lock, nodes) = (graph.lock(), graph.reachable());
        let inputs = graph.inputs_of(lock.root());
        let named = inputs.filter_map(|input| Some((graph.end(input)?, lock.input(input).name)));
        Self { lock, nodes, inputs: named.collect() }
    }
}

impl References for Repositories<'_, '_> {
    fn reference(&self, flake: FlakeId, files: Option<&Files>) -> Reference {
        let node = self.nodes.get(flake.index());
        let reference = node.and_then(|node| identifying_ref(self.lock, *node));
        let repository = reference.and_then(Repository::of);
        let known = node.and_then(|node| known_flakes::known_flake(self.lock, *node));
        let name = node.and_then(|node| self.inputs.get(node).copied());
        let own = repository.map(|Repository { owner, name, .. }| lower_case(owner, name));
        Reference {
            repository: repository_of(own, name, files),
            is_known: known.is_some_and(KnownFlake::adds_nothing),
            modified: node.and_then(|node| self.lock.last_modified(*node)),
        }
    }
}

/// Sets the kind of each flake in a world, and which of its inputs provide nixpkgs.
fn bind(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, world: &mut World<'_>) {
    for (at, &node) in graph.reachable().iter().enumerate() {
        let provides = graph.inputs_of(node).map(|input| provides(graph, roles, input));
        world.bind(FlakeId::new(at), kind(*roles.at(node)), provides);
    }
}

/// What a flake is to those that take it.
fn kind(role: Role) -> FlakeKind {
    match role {
        Role::Nixpkgs => FlakeKind::Nixpkgs,
        Role::Configured(_) => FlakeKind::Configured,
        Role::Root | Role::Flake => FlakeKind::Flake,
        Role::NixpkgsLib | Role::Null | Role::Source => FlakeKind::Source,
    }
}

/// Whether an input may provide packages of nixpkgs.
fn provides(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, input: InputId) -> bool {
    let is_nixpkgs = graph.end(input).is_some_and(|end| role::is_nixpkgs(*roles.at(end)));
    let is_lib = || is_lib_name(graph.lock().input(input).name);
    is_nixpkgs && !is_lib() && !is_disabled(graph, roles, input)
}

impl ReadFlake {
    /// A cheap search of the text of its flake.nix; `None` if the budget is too small.
    pub(super) fn mentions(&self, word: &str, budget: &mut SourceBudget) -> Option<bool> {
        /// Bytes of reading and searching that cost one step of evaluation.
        const BYTES: usize = 32;
        let Ok(text) = self.files.flake_text() else { return Some(false) };
        let found = memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        budget.take((text.len() / BYTES) as u64).then_some(found)
    }
}
