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
use crate::lock::{NodeId, NodeTag, Table};
use crate::source::evaluate::facts::{MadeInstance, PackageKind, What};
use crate::source::evaluate::world::{Flake, FlakeId, FlakeKind, Input, World};
use crate::source::evaluate::{Earlier, exports, overlays, read, repository_of};
use crate::source::{Reader, RootSource, SourceBudget, SourceId, on_deep_stacks};

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
                    Some(ReadFlake { id, files, exports: None, overlays: Vec::new() });
            }
        }
        let source = reader.root_in(&mut sources);
        if source.is_none() && lock_sources.read == 0 {
            return lock_sources;
        }
        let mut world = lock_sources.world(graph, &roles, source.as_deref());
        let mut budget = SourceBudget::default();
        let memory = reader.memory().map(|memory| &memory.evaluations);
        lock_sources.read_exports(graph, &roles, &world, memory, &mut budget);
        let Some(source) = source else { return lock_sources };
        let (roles, _) = roles::find_roles(graph, declared, &lock_sources);
        set_kinds(graph, &roles, &mut world);
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

    /// All reached nodes as flakes of an evaluation, with the known flakes among them.
    fn world(
        &mut self,
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
        root: Option<&RootSource>,
    ) -> World {
        let lock = graph.lock();
        let mut numbers: Table<NodeTag, Option<FlakeId>> = Table::like(lock.nodes(), None);
        let mut all_known = Table::like(lock.nodes(), None);
        for (at, node) in graph.reachable().iter().enumerate() {
            *numbers.at_mut(*node) = Some(FlakeId::new(at));
        }
        let flakes = graph.reachable().iter().map(|&node| {
            let files = match root.filter(|_| node == lock.root()) {
                Some(source) => Some(source.files.clone()),
                None => self.flakes.at(node).as_ref().map(|flake| flake.files.clone()),
            };
            let inputs = graph.inputs_of(node).map(|input| Input {
                name: lock.input(input).name.to_owned(),
                target: graph.end(input).and_then(|end| *numbers.at(end)),
                provides: false,
            });
            let repository = identifying_ref(lock, node).and_then(Repository::of);
            let known = match repository {
                Some(repository) => known_flakes::of_repository(&repository.lower_case()),
                None => known_flakes::known_flake(lock, node),
            };
            *all_known.at_mut(node) = known;
            let is_known = repository.is_some() && known.is_some_and(KnownFlake::adds_nothing);
            let repository =
                repository.map(|Repository { owner, name, .. }| lower_case(owner, name));
            Flake {
                inputs: inputs.collect(),
                kind: FlakeKind::Source,
                repository: repository_of(repository, files.as_ref()),
                files,
                is_known,
            }
        });
        let mut world = World::new(flakes.collect());
        self.known = Some(all_known);
        set_kinds(graph, roles, &mut world);
        world
    }

    /// Evaluates the exports of flakes that could be wrappers, judging by their text, or by name
    /// and shape.
    fn read_exports(
        &mut self,
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
        world: &World,
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

    /// Evaluates overlays, for a root that builds something with settings: of flakes from which it
    /// takes a package that a GPU setting changes. What such an overlay builds has the root's
    /// settings, so it can be offered as a remedy.
    fn read_overlays(
        &mut self,
        world: &World,
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

/// Sets the kind of each flake in a world, and which of its inputs provide nixpkgs.
fn set_kinds(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, world: &mut World) {
    let lock = graph.lock();
    for (at, &node) in graph.reachable().iter().enumerate() {
        let Some(flake) = world.flake_mut(FlakeId::new(at)) else { continue };
        flake.kind = match roles.at(node) {
            Role::Nixpkgs => FlakeKind::Nixpkgs,
            Role::Configured(_) => FlakeKind::Configured,
            Role::Root | Role::Flake => FlakeKind::Flake,
            Role::NixpkgsLib | Role::Null | Role::Source => FlakeKind::Source,
        };
        for (input, of) in graph.inputs_of(node).zip(&mut flake.inputs) {
            let is_nixpkgs = graph.end(input).is_some_and(|end| role::is_nixpkgs(*roles.at(end)));
            of.provides = is_nixpkgs
                && !is_lib_name(lock.input(input).name)
                && !is_disabled(graph, roles, input);
        }
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
