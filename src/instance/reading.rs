//! Sources read by demand, before anything is judged: first what flakes export, where that could make
//! them a configured nixpkgs; then the root's outputs, and of other flakes what these take.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::declared::Declared;
use super::known_flakes::KnownFlake;
use super::lock_sources::{Binding, FlakeCode, LockSources, RootCode};
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
use crate::source::{Budget, Reader, RootSource, SourceId, on_deep_stacks};

impl LockSources {
    /// Reads what there is to know: first what flakes export that could be wrappers, then the
    /// root, and what it takes of the others.
    pub fn read(graph: &Graph<'_, '_>, declared: &Declared, reader: &Reader) -> Self {
        let lock = graph.lock();
        let mut code = Self { stores: reader.stores().clone(), ..Self::none(graph) };
        if !reader.sees_anything() {
            return code;
        }
        code.binding = Binding::of(graph);
        let roles = roles::plain(graph, declared);
        code.plain_roles = Some(roles.clone());
        let mut sources = reader.sources();
        for &node in graph.reachable() {
            if *roles.at(node) != Role::Flake {
                continue;
            }
            if let Some((id, files)) = reader.locked(&mut sources, lock, node) {
                code.read += 1;
                *code.flakes.at_mut(node) =
                    Some(FlakeCode { id, files, exports: None, overlays: Vec::new() });
            }
        }
        let source = reader.root_in(&mut sources);
        if source.is_none() && code.read == 0 {
            return code;
        }
        let mut world = code.world(graph, &roles, source.as_deref());
        let mut budget = Budget::default();
        let memory = reader.memory().map(|memory| &memory.evaluations);
        code.read_exports(graph, &roles, &world, memory, &mut budget);
        let Some(source) = source else { return code };
        let (roles, _) = roles::find_roles(graph, declared, &code);
        bind(graph, &roles, &mut world);
        let done = on_deep_stacks(&[&world], |world| match memory {
            Some(memory) => memory.read(world, FlakeId::ROOT),
            None => read(world, FlakeId::ROOT).map(Arc::new),
        });
        let (reading, problem) = match done.into_iter().next() {
            Some(Ok(reading)) => (reading, None),
            Some(Err((problem, _))) => (Arc::default(), Some(problem)),
            None => (Arc::default(), None),
        };
        code.cut_short.extend(reading.too_much.iter().filter_map(|at| code.binding.node(*at)));
        code.cut_short.remove(&lock.root());
        code.root = Some(RootCode { source, reading, problem });
        code.read_overlays(&world, memory, &mut budget);
        code
    }

    /// All nodes that are reached, as flakes of a world; and what is known of them.
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
            let is_known = known.is_some_and(KnownFlake::adds_nothing);
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
        bind(graph, roles, &mut world);
        world
    }

    /// What flakes export that could be wrappers: by their text, or by name and shape.
    fn read_exports(
        &mut self,
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
        world: &World,
        memory: Option<&Earlier>,
        budget: &mut Budget,
    ) {
        let mut mentioned: HashMap<SourceId, Option<bool>> = HashMap::new();
        let mut asked: Vec<(NodeId, FlakeId)> = Vec::new();
        for (at, &node) in graph.reachable().iter().enumerate() {
            let Some(code) = self.flakes.at(node).as_ref() else { continue };
            let mentions = *mentioned
                .entry(code.id)
                .or_insert_with(|| code.mentions("legacyPackages", budget));
            match mentions {
                Some(mentions) if mentions || recognition::looks_like_one(graph, roles, node) => {
                    asked.push((node, FlakeId::new(at)));
                }
                Some(_) => {}
                None => self.leave_out(node),
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
                    if let Some(code) = self.flakes.at_mut(node) {
                        code.exports = Some(reading);
                    }
                }
                // What cannot be read is not known.
                Some(None) => *self.flakes.at_mut(node) = None,
                None => self.leave_out(node),
            }
        }
    }

    /// The overlays of flakes of which the root takes a package that a GPU setting changes into what
    /// it builds with settings: what an overlay builds has these, too.
    fn read_overlays(&mut self, world: &World, memory: Option<&Earlier>, budget: &mut Budget) {
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
            let code = self.flakes.at(*node).as_ref();
            code.and_then(|code| code.mentions("overlay", budget)).unwrap_or(false)
        });
        let asked: Vec<(NodeId, FlakeId)> = asked.collect();
        let done = budget.spend(&asked, |(_, flake), limit| match memory {
            Some(memory) => memory.overlays(world, *flake, limit),
            None => overlays(world, *flake, limit),
        });
        for ((node, _), done) in asked.into_iter().zip(done) {
            if let Some(code) = self.flakes.at_mut(node) {
                code.overlays = done.unwrap_or_default();
            }
        }
    }

    /// A source that is too much counts as one that is not on disk.
    fn leave_out(&mut self, node: NodeId) {
        if self.flakes.at_mut(node).take().is_some() {
            self.read -= 1;
        }
        self.cut_short.insert(node);
    }
}

/// `owner/repo` as frameworks are known by.
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

/// Tells a world what its flakes are.
fn bind(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, world: &mut World) {
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

impl FlakeCode {
    /// A cheap look at the text of its flake.nix; `None` where it costs more than there is.
    fn mentions(&self, word: &str, budget: &mut Budget) -> Option<bool> {
        /// Bytes that are read and searched in a step of evaluation.
        const BYTES: usize = 32;
        let Ok(text) = self.files.flake_text() else { return Some(false) };
        let found = memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        budget.take((text.len() / BYTES) as u64).then_some(found)
    }
}
