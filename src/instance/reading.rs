//! Sources are read on demand, before anything is judged: first the exports of flakes that could be
//! wrappers; then the root's outputs, and of other flakes whatever those take.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::declared::Declared;
use super::known_flakes::KnownFlake;
use super::lock_sources::{LockSources, NodeNumbers, ReadFlake, ReadRoot};
use super::recognition;
use super::role::{self, Role};
use super::slot::{is_disabled, is_lib_name};
use super::{known_flakes, roles, settings};
use crate::flake_ref::{Repository, identifying_ref};
use crate::graph::Graph;
use crate::lock::{Lock, NodeId, NodeTag, Table};
use crate::source::evaluate::facts::{MadeInstance, PackageKind, What};
use crate::source::evaluate::world::{FlakeId, FlakeKind, Input, Reference, References, World};
use crate::source::evaluate::{Earlier, exports, overlays, read, repository_of};
use crate::source::{Files, Reader, RootSource, SourceBudget, SourceId, on_deep_stacks};

impl LockSources {
    /// Reads everything that is needed: first the exports of possible wrappers, then the root, and
    /// what it takes of the others.
    pub fn read(graph: &Graph<'_, '_>, declared: &Declared, reader: &Reader) -> Self {
        let lock = graph.lock();
        let mut lock_sources = Self { stores: reader.stores().clone(), ..Self::none(graph) };
        if !reader.sees_anything() {
            return lock_sources;
        }
        lock_sources.binding = NodeNumbers::of(graph);
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
        let source = reader.root_in(&mut sources);
        if source.is_none() && lock_sources.read == 0 {
            return lock_sources;
        }
        let mut world = lock_sources.world(graph, source.as_deref());
        let mut budget = SourceBudget::default();
        let memory = reader.memory().map(|memory| &memory.evaluations);
        if lock_sources.read > 0 {
            bind(graph, &roles, &mut world);
            lock_sources.read_exports(graph, &roles, &world, memory, &mut budget);
        }
        let Some(source) = source else { return lock_sources };
        let found = roles::find_roles(graph, declared, &lock_sources);
        bind(graph, &found.0, &mut world);
        lock_sources.found_roles = Some(found).filter(|_| !graph.is_changed());
        let done = on_deep_stacks(&[&world], |world| match memory {
            Some(memory) => memory.read(world, FlakeId::ROOT),
            None => read(world, FlakeId::ROOT).map(Arc::new),
        });
        let (reading, problem) = match done.into_iter().next() {
            Some(Ok(reading)) => (reading, None),
            Some(Err((problem, _))) => (Arc::default(), Some(problem)),
            None => (Arc::default(), None),
        };
        lock_sources
            .cut_short
            .extend(reading.too_much.iter().filter_map(|at| lock_sources.binding.node(*at)));
        lock_sources.cut_short.remove(&lock.root());
        lock_sources.root = Some(ReadRoot { source, reading, problem });
        lock_sources.read_overlays(&world, memory, &mut budget);
        lock_sources
    }

    /// All nodes that are reached, as flakes of a world that is yet to be told what they are.
    fn world<'w>(&self, graph: &'w Graph<'_, 'w>, root: Option<&RootSource>) -> World<'w> {
        let lock = graph.lock();
        let nodes = graph.reachable();
        let mut numbers: Table<NodeTag, Option<FlakeId>> = Table::like(lock.nodes(), None);
        for (at, node) in nodes.iter().enumerate() {
            *numbers.at_mut(*node) = Some(FlakeId::new(at));
        }
        let mut world =
            World::new(Repositories::new(graph, nodes), nodes.len(), lock.inputs().len());
        for &node in nodes {
            let files = match root.filter(|_| node == lock.root()) {
                Some(source) => Some(source.files.clone()),
                None => self.flakes.at(node).as_ref().map(|flake| flake.files.clone()),
            };
            let inputs = graph.inputs_of(node).map(|input| Input {
                name: lock.input(input).name,
                target: graph.end(input).and_then(|end| *numbers.at(end)),
                provides: false,
            });
            world.add(files, FlakeKind::Source, inputs);
        }
        world
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

    /// The overlays of flakes of which the root takes a package that a GPU setting changes into what
    /// it builds with settings: what an overlay builds has these, too.
    fn read_overlays(
        &mut self,
        world: &World<'_>,
        memory: Option<&Earlier>,
        budget: &mut SourceBudget,
    ) {
        let Some(reading) = self.outputs() else { return };
        let is_configured = |made: &MadeInstance| made.used && settings::changes_builds(made);
        if !reading.instances.iter().any(is_configured) {
            return;
        }
        let uses = reading.outputs.iter().flat_map(|output| &output.uses);
        let flakes = uses.filter_map(|taking| match &taking.what {
            What::Package { instance, kind: PackageKind::Changed(_), .. } => {
                Some(reading.instance(*instance)?.base?.flake)
            }
            What::Package { .. } | What::Opaque { .. } => None,
        });
        let flakes: BTreeSet<FlakeId> = flakes.filter(|flake| !flake.is_root()).collect();
        let nodes = flakes.into_iter().filter_map(|flake| Some((self.binding.node(flake)?, flake)));
        let asked = nodes.filter(|(node, _)| {
            let flake = self.flakes.at(*node).as_ref();
            flake.and_then(|flake| flake.mentions("overlay", budget)).unwrap_or(false)
        });
        let asked: Vec<(NodeId, FlakeId)> = asked.collect();
        let done = budget.spend(&asked, |(_, flake), limit| match memory {
            Some(memory) => memory.overlays(world, *flake, limit),
            None => overlays(world, *flake, limit),
        });
        for ((node, _), done) in asked.into_iter().zip(done) {
            if let Some(flake) = self.flakes.at_mut(node) {
                flake.overlays = done.unwrap_or_default();
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
    fn new(graph: &'g Graph<'_, 'a>, nodes: &'g [NodeId]) -> Self {
        let lock = graph.lock();
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
    let lock = graph.lock();
    for (at, &node) in graph.reachable().iter().enumerate() {
        let kind = match roles.at(node) {
            Role::Nixpkgs => FlakeKind::Nixpkgs,
            Role::Configured(_) => FlakeKind::Configured,
            Role::Root | Role::Flake => FlakeKind::Flake,
            Role::NixpkgsLib | Role::Null | Role::Source => FlakeKind::Source,
        };
        let provides = graph.inputs_of(node).map(|input| {
            let is_nixpkgs = graph.end(input).is_some_and(|end| role::is_nixpkgs(*roles.at(end)));
            is_nixpkgs && !is_lib_name(lock.input(input).name) && !is_disabled(graph, roles, input)
        });
        world.bind(FlakeId::new(at), kind, provides);
    }
}

impl ReadFlake {
    /// A cheap search of the text of its flake.nix; `None` if the budget is too small.
    fn mentions(&self, word: &str, budget: &mut SourceBudget) -> Option<bool> {
        /// Bytes of reading and searching that cost one step of evaluation.
        const BYTES: usize = 32;
        let Ok(text) = self.files.flake_text() else { return Some(false) };
        let found = memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        budget.take((text.len() / BYTES) as u64).then_some(found)
    }
}
