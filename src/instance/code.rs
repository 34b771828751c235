//! What the sources of a lock's nodes do, as far as they are on disk and it matters.
//!
//! Read once for a lock, before anything is judged: the root whole; of other flakes first what
//! they export, where that could make them a configured nixpkgs; then what those outputs do that
//! somebody takes. Plans that are tried on the graph use the same facts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::facts::Declared;
use super::reach::{Demands, Reach};
use super::role::{self, Role};
use super::slot::{is_disabled, is_lib_name};
use super::wrapper;
use crate::flake_ref::{Repository, telling_reference};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, NodeTag, Table};
use crate::source::declare::Declarations;
use crate::source::evaluate::facts::{Importable, Place, Taken};
use crate::source::evaluate::{CodeFacts, Files, InputInfo, Wanted, evaluate, evaluate_within};
use crate::source::{Budget, FlakeId, Reader, RootSource, Sources, Stores, on_deep_stacks};

/// The sources of a lock.
#[derive(Debug)]
pub struct Code {
    root: Option<RootCode>,
    flakes: Table<NodeTag, Option<FlakeCode>>,
    /// How many sources were read, the root not counted.
    pub read: usize,
    /// Flakes whose source was not looked at whole, or not at all, because it is too much.
    pub cut_short: BTreeSet<NodeId>,
    /// What may still be spent on sources of others than the root.
    budget: Budget,
    /// What was looked through: flakes with the same code and the same inputs do the same.
    done: HashMap<Run, Done>,
    demands: Option<Demands>,
    /// Where sources were looked for.
    stores: Stores,
}

/// Which outputs of which code, with which inputs.
type Run = (FlakeId, Arc<[InputInfo]>, Wanted);

/// What they do.
#[derive(Debug, Clone)]
enum Done {
    Read(Arc<CodeFacts>),
    /// The source cannot be read.
    Broken,
    /// It is more than there was left for.
    TooMuch,
}

/// What the root's source says.
#[derive(Debug)]
pub struct RootCode {
    /// `flake.nix` and what it declares.
    pub source: RootSource,
    /// What the outputs do; the default where they could not be read.
    pub facts: CodeFacts,
    /// Why `flake.nix` could not be evaluated.
    pub problem: Option<String>,
}

/// What the source of another node says.
#[derive(Debug)]
pub struct FlakeCode {
    id: FlakeId,
    files: Files,
    inputs: Arc<[InputInfo]>,
    /// What it does, by which outputs were looked through.
    runs: BTreeMap<Wanted, Arc<CodeFacts>>,
}

impl Code {
    /// Nothing was read.
    pub fn none(graph: &Graph<'_, '_>) -> Self {
        Self {
            root: None,
            flakes: Table::from_fn(graph.lock().nodes(), || None),
            read: 0,
            cut_short: BTreeSet::new(),
            budget: Budget::default(),
            done: HashMap::new(),
            demands: None,
            stores: Stores::default(),
        }
    }

    /// Reads what there is to know: first what flakes export that could be wrappers, then the
    /// root, then what somebody takes of the others, where that matters.
    pub fn read(graph: &Graph<'_, '_>, declared: &Declared, reader: &Reader) -> Self {
        let lock = graph.lock();
        let mut code = Self { stores: reader.stores().clone(), ..Self::none(graph) };
        if !reader.sees_anything() {
            return code;
        }
        let roles = role::plain(graph, declared);
        let mut sources = Sources::default();
        for &node in graph.reachable() {
            if *roles.at(node) != Role::Flake {
                continue;
            }
            if let Some((id, files)) = reader.locked(&mut sources, lock, node) {
                code.read += 1;
                let inputs = inputs(graph, &roles, node);
                *code.flakes.at_mut(node) =
                    Some(FlakeCode { id, files, inputs, runs: BTreeMap::new() });
            }
        }
        code.read_exports(graph, &roles);
        let (roles, wrappers) = role::find(graph, declared, &code);
        for &node in graph.reachable() {
            if let Some(flake) = code.flakes.at_mut(node) {
                flake.inputs = inputs(graph, &roles, node);
            }
        }
        code.root = reader.root_in(&mut sources).map(|source| {
            let inputs = inputs(graph, &roles, lock.root());
            let facts = on_deep_stacks(&[&source], |source| {
            
                evaluate(&source.files, &inputs, Wanted::Everything)
            });
            match facts.into_iter().next() {
                Some(Ok(facts)) => RootCode { source, facts, problem: None },
                Some(Err((problem, _))) => {
                    RootCode { source, facts: CodeFacts::default(), problem: Some(problem) }
                }
                None => RootCode { source, facts: CodeFacts::default(), problem: None },
            }
        });
        // Without any source, the list of well-known consumers tells what there is to tell.
        let was_read = code.root.is_some() || code.read > 0;
        if was_read && (!wrappers.is_empty() || code.root_configures()) {
            code.demands = Some(Demands::find(graph, &roles, &mut code));
        }
        code
    }

    /// What flakes export that could be wrappers: by their text, or by name and shape.
    fn read_exports(&mut self, graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>) {
        // What others do is asked later, and more of it.
        let later = self.budget.half();
        let mut mentioned: HashMap<FlakeId, Option<bool>> = HashMap::new();
        let mut candidates = BTreeSet::new();
        for &node in graph.reachable() {
            let Some(code) = self.flakes.at(node).as_ref() else { continue };
            let budget = &mut self.budget;
            let mentions = *mentioned
                .entry(code.id)
                .or_insert_with(|| code.mentions("legacyPackages", budget));
            match mentions {
                Some(mentions) if mentions || wrapper::looks_like_one(graph, roles, node) => {
                    candidates.insert((node, Wanted::Exports));
                }
                Some(_) => {}
                None => self.leave_out(node),
            }
        }
        self.look_through(&candidates);
        self.budget.add(later);
    }

    /// A source that is too much counts as one that is not on disk.
    fn leave_out(&mut self, node: NodeId) {
        if self.flakes.at_mut(node).take().is_some() {
            self.read -= 1;
        }
        self.cut_short.insert(node);
    }

    /// Whether the root configures a nixpkgs of its own in a way that changes builds.
    fn root_configures(&self) -> bool {
        self.evaluated_root().is_some_and(|facts| {
            facts.instances.iter().any(|made| made.own && super::settings::changes_builds(made))
        })
    }

    /// Whether what is taken of a slot's holder reaches the slot; firmly, where that is not known.
    pub fn reach(&self, graph: &Graph<'_, '_>, slot: InputId) -> Option<Reach> {
        Some(self.demands.as_ref()?.reach(graph, self, slot))
    }

    /// What is taken of every flake, where it was looked at.
    pub fn demands(&self) -> Option<&Demands> {
        self.demands.as_ref()
    }

    /// Looks through these outputs of these flakes, where that was not done yet.
    pub(super) fn look_through(&mut self, wanted: &BTreeSet<(NodeId, Wanted)>) {
        let mut asked: Vec<(NodeId, Run)> = Vec::new();
        let mut new: Vec<(&Files, Run)> = Vec::new();
        let mut known: HashSet<Run> = HashSet::new();
        for &(node, wanted) in wanted {
            let Some(code) = self.flakes.at(node).as_ref() else { continue };
            if code.runs.contains_key(&wanted) {
                continue;
            }
            let run = (code.id, code.inputs.clone(), wanted);
            if !self.done.contains_key(&run) && known.insert(run.clone()) {
                new.push((&code.files, run.clone()));
            }
            asked.push((node, run));
        }
        let done = self.budget.spend(&new, |(files, (_, inputs, wanted)), limit| {
            let (facts, cost) = evaluate_within(files, inputs, *wanted, limit);
            (facts.map_or(Done::Broken, |facts| Done::Read(Arc::new(facts))), cost)
        });
        let runs = new.into_iter().map(|(_, run)| run);
        self.done.extend(runs.zip(done.into_iter().map(|done| done.unwrap_or(Done::TooMuch))));
        for (node, run) in asked {
            match (self.done.get(&run), self.flakes.at_mut(node)) {
                (Some(Done::Read(facts)), Some(code)) => {
                    if facts.cut_short {
                        self.cut_short.insert(node);
                    }
                    code.runs.insert(run.2, facts.clone());
                }
                // What cannot be read is not known.
                (Some(Done::Broken), slot) => *slot = None,
                (Some(Done::TooMuch), Some(_)) => self.leave_out(node),
                (None, _) | (_, None) => {}
            }
        }
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

    /// The root's source, if its outputs could be evaluated.
    pub fn evaluated_root(&self) -> Option<&CodeFacts> {
        let root = self.root.as_ref()?;
        root.problem.is_none().then_some(&root.facts)
    }

    /// What `import` of a flake's source gives, where it was read for what it exports.
    pub fn importable(&self, node: NodeId) -> Option<Importable> {
        Some(self.flake(node)?.run(Wanted::Exports)?.exports.import)
    }

    /// Another flake's source, if it was read.
    pub fn flake(&self, node: NodeId) -> Option<&FlakeCode> {
        self.flakes.at(node).as_ref()
    }
}

impl RootCode {
    /// The file and text that a place is in.
    pub fn file(&self, place: Place) -> Option<(&str, &str)> {
        let file = self.facts.files.get(place.file as usize)?;
        Some((file.path.as_str(), &file.text))
    }
}

impl FlakeCode {
    /// What outputs of one kind do, if they were looked through.
    pub fn run(&self, wanted: Wanted) -> Option<&CodeFacts> {
        self.runs.get(&wanted).map(|facts| &**facts)
    }

    /// Everything that was looked through, exports aside.
    pub fn runs(&self) -> impl Iterator<Item = &CodeFacts> {
        self.runs
            .iter()
            .filter(|(wanted, _)| **wanted != Wanted::Exports)
            .map(|(_, facts)| &**facts)
    }

    /// What it exports, from whichever run knows it.
    pub fn any_run(&self) -> Option<&CodeFacts> {
        self.runs.values().next().map(|facts| &**facts)
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

/// A flake's inputs, in the order of the lock: what evaluation knows them by.
fn inputs(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, flake: NodeId) -> Arc<[InputInfo]> {
    let lock = graph.lock();
    let of = |input: InputId| {
        let end = graph.end(input);
        let name = lock.input(input).name;
        let reference = end.and_then(|end| telling_reference(lock, end));
        let repository = reference
            .and_then(Repository::of)
            .map(|repository| format!("{}/{}", repository.owner, repository.name).to_lowercase());
        let is_nixpkgs = end.is_some_and(|end| role::is_nixpkgs(*roles.at(end)))
            && !is_lib_name(name)
            && !is_disabled(graph, roles, input);
        InputInfo { name: name.to_owned(), is_nixpkgs, repository: repository.unwrap_or_default() }
    };
    graph.inputs_of(flake).map(of).collect()
}

/// Whether outputs of this kind are taken as something that is built.
pub(super) fn is_built(taken: Taken) -> bool {
    matches!(taken, Taken::Packages | Taken::Apps | Taken::Shells | Taken::Checks | Taken::Unknown)
}
