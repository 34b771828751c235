//! What the sources of a lock's nodes show, as far as they are on disk and needed.
//!
//! Read once for a lock (`reading.rs`): plans that are tried on the graph use the same facts.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::known_flakes::{self, KnownFlake};
use super::role::Role;
use super::wrapper::{Wrapper, WrapperTag};
use crate::graph::Graph;
use crate::lock::{InputId, Lock, NodeId, NodeTag, Table};
use crate::source::declare::Declarations;
use crate::source::evaluate::facts::{Exports, FlakeFacts, Importable, Overlay, Place, Reading};
use crate::source::evaluate::world::{FlakeId, FlakeInput, InputIndex};
use crate::source::{Files, RootSource, SourceId, Stores, TreePath};

/// The sources of a lock.
#[derive(Debug)]
pub struct LockSources {
    pub(super) root: Option<ReadRoot>,
    /// Prefix for names of the root's files in output: `folder/`, or empty.
    pub(super) above: String,
    pub(super) flakes: Table<NodeTag, Option<Box<ReadFlake>>>,
    /// How many sources were read, not counting the root.
    pub read: usize,
    /// Flakes whose source exceeded the budget, so that it was not read completely or at all.
    pub cut_short: BTreeSet<NodeId>,
    pub(super) binding: NodeNumbers,
    /// The roles of nodes by their references and the user's declarations alone; `None` if no
    /// source was to be read.
    pub(super) plain_roles: Option<Table<NodeTag, Role>>,
    /// The roles of all nodes and the wrappers among them, where these were asked for, of the lock as
    /// it is.
    pub(super) found_roles: Option<(Table<NodeTag, Role>, Table<WrapperTag, Wrapper>)>,
    /// What is known of nodes in place of their source, once that was asked for.
    pub(super) known: OnceLock<Table<NodeTag, OnceLock<Option<&'static KnownFlake>>>>,
    /// Where sources were looked for.
    pub(super) stores: Stores,
}

/// What was read of the root.
#[derive(Debug)]
pub struct ReadRoot {
    /// `flake.nix` and what it declares.
    pub source: Arc<RootSource>,
    /// What the outputs do; empty if they could not be evaluated.
    pub reading: Arc<Reading>,
    /// Why `flake.nix` could not be evaluated.
    pub problem: Option<String>,
    /// The tree that was evaluated, and the folder of this flake in it. If a partition of another
    /// flake has its inputs, that is the other flake's.
    pub evaluated: Files,
}

/// What was read of another node.
#[derive(Debug)]
pub struct ReadFlake {
    pub(super) id: SourceId,
    pub(super) files: Files,
    /// Its exports, if they were evaluated.
    pub(super) exports: Option<Arc<Reading>>,
    /// Its overlays, if they were evaluated.
    pub(super) overlays: Vec<Overlay>,
}

/// Translates between nodes of a lock and flakes of an evaluation, which are numbered in order of
/// reachability.
#[derive(Debug, Default)]
pub(super) struct NodeNumbers {
    /// How many flakes of another lock come before them.
    before: usize,
    nodes: Vec<NodeId>,
    /// By index of the node.
    flakes: Vec<Option<FlakeId>>,
}

impl NodeNumbers {
    /// Of an evaluation in which so many flakes of another lock come first.
    pub(super) fn after(before: usize, graph: &Graph<'_, '_>) -> Self {
        let nodes = graph.reachable().to_vec();
        let mut flakes = vec![None; graph.lock().nodes().len()];
        for (at, node) in nodes.iter().enumerate() {
            if let Some(flake) = flakes.get_mut(node.index()) {
                *flake = Some(FlakeId::new(before + at));
            }
        }
        Self { before, nodes, flakes }
    }

    pub(super) fn node(&self, flake: FlakeId) -> Option<NodeId> {
        self.nodes.get(flake.index().checked_sub(self.before)?).copied()
    }

    pub(super) fn flake(&self, node: NodeId) -> Option<FlakeId> {
        *self.flakes.get(node.index())?
    }
}

impl LockSources {
    /// For a lock of which nothing was read.
    pub fn none(graph: &Graph<'_, '_>) -> Self {
        Self {
            above: String::new(),
            root: None,
            flakes: Table::from_fn(graph.lock().nodes(), || None),
            read: 0,
            cut_short: BTreeSet::new(),
            binding: NodeNumbers::default(),
            plain_roles: None,
            found_roles: None,
            known: OnceLock::new(),
            stores: Stores::default(),
        }
    }

    /// The root's source, if it was read.
    pub fn root(&self) -> Option<&ReadRoot> {
        self.root.as_ref()
    }

    /// The same for a lock with this path, which prefixes the names of the root's files.
    pub fn named_after(self, lock_name: &str) -> Self {
        let above = lock_name.rfind('/').and_then(|at| lock_name.get(..=at)).unwrap_or_default();
        Self { above: above.to_owned(), ..self }
    }

    /// A file of the root's source, as the user would name it.
    pub fn shown(&self, path: &TreePath) -> String {
        match &self.root {
            Some(root) => root.shown(&self.above, path),
            None => path.to_string(),
        }
    }

    /// The known flake that describes a node.
    pub(super) fn known_flake(&self, lock: &Lock<'_>, node: NodeId) -> Option<&'static KnownFlake> {
        let all = self.known.get_or_init(|| Table::from_fn(lock.nodes(), OnceLock::new));
        *all.at(node).get_or_init(|| known_flakes::known_flake(lock, node))
    }

    /// Where sources were looked for.
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// What flake.nix declares, if it can be read.
    pub fn declarations(&self) -> Option<&Declarations> {
        self.root.as_ref()?.source.declared()
    }

    /// What the root's outputs do, if they could be evaluated.
    pub fn evaluated_root(&self) -> Option<&Reading> {
        let root = self.root.as_ref()?;
        root.problem.is_none().then_some(&root.reading)
    }

    /// The evaluated outputs of the root, if there are any: then it is judged by them, else by what
    /// is expected of its lock.
    pub fn outputs(&self) -> Option<&Reading> {
        self.evaluated_root().filter(|reading| !reading.builds_nothing)
    }

    /// What the code of a flake does with its inputs, if any of it was evaluated.
    pub fn flake_facts(&self, node: NodeId) -> Option<&FlakeFacts> {
        self.evaluated_root()?.flake(self.binding.flake(node)?)
    }

    /// The flakes of which something is taken: those that evaluated code takes from, and all inputs
    /// of a taken flake that was not read.
    pub(super) fn taken_nodes(
        &self,
        graph: &Graph<'_, '_>,
        roles: &Table<NodeTag, Role>,
    ) -> BTreeSet<NodeId> {
        let mut taken = BTreeSet::new();
        let mut open = vec![graph.lock().root()];
        while let Some(node) = open.pop() {
            let done = self.flake_facts(node).filter(|done| !done.is_partial);
            let of_it: Option<BTreeSet<usize>> =
                done.map(|done| done.taken.keys().map(|(input, _)| input.index()).collect());
            for (at, input) in graph.inputs_of(node).enumerate() {
                let is_taken = of_it.as_ref().is_none_or(|taken| taken.contains(&at));
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

    /// The node of a flake in the evaluation.
    pub fn node(&self, flake: FlakeId) -> Option<NodeId> {
        self.binding.node(flake)
    }

    /// Whether a flake of the evaluation is the root, or stands for it.
    pub fn is_root(&self, flake: FlakeId) -> bool {
        flake.is_root() || flake.index() == self.binding.before
    }

    /// Whether a place is in a file of the root.
    pub fn is_of_root(&self, place: Place) -> bool {
        self.root.as_ref().is_some_and(|root| root.file(place).is_some())
    }

    /// The evaluation's name for an input.
    pub fn slot(&self, graph: &Graph<'_, '_>, input: InputId) -> Option<FlakeInput> {
        let holder = graph.edge(input).holder;
        Some(FlakeInput { flake: self.binding.flake(holder)?, input: input_index(graph, input) })
    }

    /// The input that the evaluation names so.
    pub fn input(&self, graph: &Graph<'_, '_>, slot: FlakeInput) -> Option<InputId> {
        let node = self.binding.node(slot.flake)?;
        graph.lock().node(node).inputs.nth(slot.input.index())
    }

    /// What `import` of a flake's source yields, if its exports were evaluated.
    pub fn importable(&self, node: NodeId) -> Option<Importable> {
        Some(self.flake(node)?.exports()?.import)
    }

    /// Another flake's source, if it was read.
    pub fn flake(&self, node: NodeId) -> Option<&ReadFlake> {
        self.flakes.at(node).as_deref()
    }
}

/// The index of an input among those of its holder, which is how the evaluation numbers it.
pub fn input_index(graph: &Graph<'_, '_>, input: InputId) -> InputIndex {
    let holder = graph.edge(input).holder;
    // The inputs of a node are consecutive.
    let first = graph.inputs_of(holder).next().map_or(0, InputId::index);
    InputIndex::new(input.index().saturating_sub(first))
}

impl ReadRoot {
    /// A file of the root, as seen from where the user is; `above` is the path from there to the
    /// flake's folder.
    pub fn shown(&self, above: &str, path: &TreePath) -> String {
        let names: Vec<&str> = self.evaluated.flake().names().collect();
        let shared = names.iter().zip(path.names()).take_while(|(of, name)| **of == *name).count();
        let (mut above, mut up) = (above, names.len() - shared);
        // Not `dev/../flake.nix`, but `flake.nix`.
        for name in names.iter().rev().take(up) {
            let rest = above.strip_suffix('/').and_then(|above| above.strip_suffix(name));
            let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.ends_with('/')) else {
                break;
            };
            (above, up) = (rest, up - 1);
        }
        let below: Vec<&str> = path.names().skip(shared).collect();
        format!("{above}{}{}", "../".repeat(up), below.join("/"))
    }

    /// The file and text of a place, if it is in a file of the root.
    pub fn file(&self, place: Place) -> Option<(&str, &str)> {
        let file = self.reading.file(place.file)?;
        file.flake.is_root().then_some((file.path.as_str(), &*file.text))
    }
}

impl ReadFlake {
    /// Its exports, if they were evaluated.
    pub fn exports(&self) -> Option<&Exports> {
        self.exports.as_ref().map(|reading| &reading.exports)
    }

    /// The same with the instances that it makes for them.
    pub fn exported(&self) -> Option<&Reading> {
        self.exports.as_deref()
    }

    /// Its overlays that build from the nixpkgs they are given, if they were evaluated.
    pub fn overlays(&self) -> &[Overlay] {
        &self.overlays
    }

    /// The flake's folder and files.
    pub fn files(&self) -> &Files {
        &self.files
    }
}
