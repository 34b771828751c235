//! What the sources of a lock's nodes do, as far as they are on disk and it matters.
//!
//! Read once for a lock, before anything is judged: first what flakes export, where that could make
//! them a configured nixpkgs; then the root's outputs, and of other flakes what these take. Plans
//! that are tried on the graph use the same facts.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::facts::Declared;
use super::known_flakes::{self, KnownFlake};
use super::role::{self, Role};
use super::slot::{is_disabled, is_lib_name};
use super::wrapper;
use crate::flake_ref::{Repository, telling_reference};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, NodeTag, Table};
use crate::source::declare::Declarations;
use crate::source::evaluate::facts::{Exports, FlakeFacts, Importable, Place, Reading};
use crate::source::evaluate::world::{Flake, FlakeId, FlakeKind, Input, Slot, World};
use crate::source::evaluate::{exports, read};
use crate::source::{Budget, Files, Reader, RootSource, SourceId, Sources, Stores, on_deep_stacks};

/// The sources of a lock.
#[derive(Debug)]
pub struct Code {
    root: Option<RootCode>,
    flakes: Table<NodeTag, Option<FlakeCode>>,
    /// How many sources were read, the root not counted.
    pub read: usize,
    /// Flakes whose source was not looked at whole, or not at all, because it is too much.
    pub cut_short: BTreeSet<NodeId>,
    binding: Binding,
    /// Where sources were looked for.
    stores: Stores,
}

/// What the root's source says.
#[derive(Debug)]
pub struct RootCode {
    /// `flake.nix` and what it declares.
    pub source: RootSource,
    /// What the outputs do; the default where they could not be read.
    pub facts: Reading,
    /// Why `flake.nix` could not be evaluated.
    pub problem: Option<String>,
}

/// What the source of another node says.
#[derive(Debug)]
pub struct FlakeCode {
    id: SourceId,
    files: Files,
    /// What it exports, where that was asked for.
    exports: Option<Arc<Reading>>,
}

/// The nodes of a lock as flakes of a world, which are numbered as they are reached.
#[derive(Debug, Default)]
struct Binding {
    nodes: Vec<NodeId>,
}

impl Binding {
    fn of(graph: &Graph<'_, '_>) -> Self {
        Self { nodes: graph.reachable().to_vec() }
    }

    fn node(&self, flake: FlakeId) -> Option<NodeId> {
        self.nodes.get(flake.index()).copied()
    }
}

impl Code {
    /// Nothing was read.
    pub fn none(graph: &Graph<'_, '_>) -> Self {
        Self {
            root: None,
            flakes: Table::from_fn(graph.lock().nodes(), || None),
            read: 0,
            cut_short: BTreeSet::new(),
            binding: Binding::default(),
            stores: Stores::default(),
        }
    }

    /// Reads what there is to know: first what flakes export that could be wrappers, then the
    /// root, and what it takes of the others.
    pub fn read(graph: &Graph<'_, '_>, declared: &Declared, reader: &Reader) -> Self {
        let lock = graph.lock();
        let mut code = Self { stores: reader.stores().clone(), ..Self::none(graph) };
        if !reader.sees_anything() {
            return code;
        }
        code.binding = Binding::of(graph);
        let roles = role::plain(graph, declared);
        let mut sources = Sources::default();
        for &node in graph.reachable() {
            if *roles.at(node) != Role::Flake {
                continue;
            }
            if let Some((id, files)) = reader.locked(&mut sources, lock, node) {
                code.read += 1;
                *code.flakes.at_mut(node) = Some(FlakeCode { id, files, exports: None });
            }
        }
        let source = reader.root_in(&mut sources);
        if source.is_none() && code.read == 0 {
            return code;
        }
        let mut world = code.world(graph, &roles, source.as_ref());
        code.read_exports(graph, &roles, &world);
        let Some(source) = source else { return code };
        let (roles, _) = role::find(graph, declared, &code);
        bind(graph, &roles, &mut world);
        let done = on_deep_stacks(&[&world], |world| read(world, FlakeId::new(0)));
        let (facts, problem) = match done.into_iter().next() {
            Some(Ok(facts)) => (facts, None),
            Some(Err((problem, _))) => (Reading::default(), Some(problem)),
            None => (Reading::default(), None),
        };
        code.cut_short.extend(facts.too_much.iter().filter_map(|at| code.binding.node(*at)));
        code.cut_short.remove(&lock.root());
        code.root = Some(RootCode { source, facts, problem });
        code
    }

    /// All nodes that are reached, as flakes of a world.
    fn world(
        &self,
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
        root: Option<&RootSource>,
    ) -> World {
        let lock = graph.lock();
        let mut numbers: Table<NodeTag, Option<FlakeId>> = Table::like(lock.nodes(), None);
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
            let repository = telling_reference(lock, node).and_then(Repository::of);
            let repository = repository.map(|repository| {
                format!("{}/{}", repository.owner, repository.name).to_lowercase()
            });
            Flake {
                files,
                inputs: inputs.collect(),
                kind: FlakeKind::Source,
                repository: repository.unwrap_or_default(),
                is_known: known_flakes::find(lock, node).is_some_and(KnownFlake::adds_nothing),
            }
        });
        let mut world = World::new(flakes.collect());
        bind(graph, roles, &mut world);
        world
    }

    /// What flakes export that could be wrappers: by their text, or by name and shape.
    fn read_exports(&mut self, graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, world: &World) {
        let mut budget = Budget::default();
        let mut mentioned: HashMap<SourceId, Option<bool>> = HashMap::new();
        let mut asked: Vec<(NodeId, FlakeId)> = Vec::new();
        for (at, &node) in graph.reachable().iter().enumerate() {
            let Some(code) = self.flakes.at(node).as_ref() else { continue };
            let mentions = *mentioned
                .entry(code.id)
                .or_insert_with(|| code.mentions("legacyPackages", &mut budget));
            match mentions {
                Some(mentions) if mentions || wrapper::looks_like_one(graph, roles, node) => {
                    asked.push((node, FlakeId::new(at)));
                }
                Some(_) => {}
                None => self.leave_out(node),
            }
        }
        let done = budget.spend(&asked, |(_, flake), limit| {
            let (facts, cost) = exports(world, *flake, limit);
            (facts.ok().map(Arc::new), cost)
        });
        for ((node, _), done) in asked.into_iter().zip(done) {
            match done {
                Some(Some(facts)) => {
                    if facts.cut_short {
                        self.cut_short.insert(node);
                    }
                    if let Some(code) = self.flakes.at_mut(node) {
                        code.exports = Some(facts);
                    }
                }
                // What cannot be read is not known.
                Some(None) => *self.flakes.at_mut(node) = None,
                None => self.leave_out(node),
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

    /// The root's source, if it was read.
    pub fn root(&self) -> Option<&RootCode> {
        self.root.as_ref()
    }

    /// Where sources were looked for.
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// What flake.nix declares, if it can be read.
    pub fn declarations(&self) -> Option<&Declarations> {
        self.root.as_ref()?.source.declarations.as_ref().ok()
    }

    /// What the root's outputs do, if they could be evaluated.
    pub fn evaluated_root(&self) -> Option<&Reading> {
        let root = self.root.as_ref()?;
        root.problem.is_none().then_some(&root.facts)
    }

    /// What people build of the root, if it was read and builds anything: then it is judged by
    /// that, else by what is expected of its lock.
    pub fn outputs(&self) -> Option<&Reading> {
        self.evaluated_root().filter(|reading| !reading.builds_nothing)
    }

    /// What the code of a flake does with its inputs, where any of it was evaluated.
    pub fn done_by(&self, node: NodeId) -> Option<&FlakeFacts> {
        let at = self.binding.nodes.iter().position(|known| *known == node)?;
        self.evaluated_root()?.flake(FlakeId::new(at))
    }

    /// The flakes of which something is taken: by what the code of each does that was read; one
    /// that was not may take of all its inputs.
    pub(super) fn taken_nodes(
        &self,
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
    ) -> BTreeSet<NodeId> {
        let mut taken = BTreeSet::new();
        let mut open = vec![graph.lock().root()];
        while let Some(node) = open.pop() {
            let facts = self.done_by(node).filter(|facts| !facts.is_partial);
            for (at, input) in graph.inputs_of(node).enumerate() {
                let is_taken = facts
                    .is_none_or(|facts| facts.taken.keys().any(|(input, _)| input.index() == at));
                let end = graph.end(input).filter(|end| *roles.at(*end) == Role::Flake);
                if let Some(end) = end.filter(|_| is_taken)
                    && taken.insert(end)
                {
                    open.push(end);
                }
            }
        }
        taken
    }

    /// The node that a flake of the evaluation is.
    pub fn node(&self, flake: FlakeId) -> Option<NodeId> {
        self.binding.node(flake)
    }

    /// Whether a place is in a file of the root's own.
    pub fn is_of_root(&self, place: Place) -> bool {
        self.root.as_ref().is_some_and(|root| root.file(place).is_some())
    }

    /// The slot of the evaluation that an input is.
    pub fn slot(&self, graph: &Graph<'_, '_>, input: InputId) -> Option<Slot> {
        let holder = graph.edge(input).holder;
        let at = self.binding.nodes.iter().position(|known| *known == holder)?;
        Some(Slot { flake: FlakeId::new(at), input: super::uses::position(graph, input) })
    }

    /// The input that a slot of the evaluation is.
    pub fn input(&self, graph: &Graph<'_, '_>, slot: Slot) -> Option<InputId> {
        let node = self.binding.node(slot.flake)?;
        graph.inputs_of(node).nth(slot.input.index())
    }

    /// What `import` of a flake's source gives, where it was read for what it exports.
    pub fn importable(&self, node: NodeId) -> Option<Importable> {
        Some(self.flake(node)?.exports()?.import)
    }

    /// Another flake's source, if it was read.
    pub fn flake(&self, node: NodeId) -> Option<&FlakeCode> {
        self.flakes.at(node).as_ref()
    }
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

impl RootCode {
    /// The file and text that a place is in, if it is one of the root's own.
    pub fn file(&self, place: Place) -> Option<(&str, &str)> {
        let file = self.facts.files.get(place.file as usize)?;
        (file.flake.index() == 0).then_some((file.path.as_str(), &*file.text))
    }
}

impl FlakeCode {
    /// What it exports, where that was asked for.
    pub fn exports(&self) -> Option<&Exports> {
        self.exports.as_ref().map(|reading| &reading.exports)
    }

    /// The same, with the instances that it makes of them.
    pub fn exported(&self) -> Option<&Reading> {
        self.exports.as_deref()
    }

    /// The flake's folder and files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// A cheap look at the text of its flake.nix; `None` where it costs more than there is.
    fn mentions(&self, word: &str, budget: &mut Budget) -> Option<bool> {
        /// Bytes that are read and searched in a step of evaluation.
        const BYTES: usize = 32;
        let Ok(text) = self.files.flake_text() else { return Some(false) };
        let found = memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some();
        budget.take((text.len() / BYTES) as u64).then_some(found)
    }
}
