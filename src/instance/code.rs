//! What the sources of a lock's nodes do, as far as they are on disk and it matters.
//!
//! Read once for a lock, before anything is judged: the root whole; of other flakes first what
//! they export, where that could make them a configured nixpkgs; then what those outputs do that
//! somebody takes. Plans that are tried on the graph use the same facts.

use std::collections::{BTreeMap, BTreeSet};

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
use crate::source::evaluate::{CodeFacts, Files, InputInfo, Wanted, evaluate};
use crate::source::{Reader, RootSource, Stores, on_deep_stacks};

/// The sources of a lock.
#[derive(Debug)]
pub struct Code {
    root: Option<RootCode>,
    flakes: Table<NodeTag, Option<FlakeCode>>,
    /// How many sources were read, the root not counted.
    pub read: usize,
    demands: Option<Demands>,
    /// Where sources were looked for.
    stores: Stores,
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
    files: Files,
    inputs: Vec<InputInfo>,
    /// What it does, by which outputs were looked through.
    runs: BTreeMap<Wanted, CodeFacts>,
}

impl Code {
    /// Nothing was read.
    pub fn none(graph: &Graph<'_, '_>) -> Self {
        Self {
            root: None,
            flakes: Table::from_fn(graph.lock().nodes(), || None),
            read: 0,
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
        for &node in graph.reachable() {
            if *roles.at(node) != Role::Flake {
                continue;
            }
            if let Some(files) = reader.locked(lock, node) {
                code.read += 1;
                let inputs = inputs(graph, &roles, node);
                *code.flakes.at_mut(node) =
                    Some(FlakeCode { files, inputs, runs: BTreeMap::new() });
            }
        }
        code.read_exports(graph, &roles);
        let (roles, wrappers) = role::find(graph, declared, &code);
        for &node in graph.reachable() {
            if let Some(flake) = code.flakes.at_mut(node) {
                flake.inputs = inputs(graph, &roles, node);
            }
        }
        code.root = reader.root().map(|source| {
            let inputs = inputs(graph, &roles, lock.root());
            let facts = on_deep_stacks(&[&source], |source| {
                source.files.read_ahead();
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
        let candidates = graph.reachable().iter().copied().filter(|node| {
            self.flakes.at(*node).as_ref().is_some_and(|code| {
                code.mentions("legacyPackages") || wrapper::looks_like_one(graph, roles, *node)
            })
        });
        let candidates: BTreeSet<_> = candidates.map(|node| (node, Wanted::Exports)).collect();
        self.look_through(&candidates);
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
        let new: Vec<(NodeId, Wanted)> = wanted
            .iter()
            .copied()
            .filter(|(node, wanted)| {
                self.flakes.at(*node).as_ref().is_some_and(|code| !code.runs.contains_key(wanted))
            })
            .collect();
        let done = on_deep_stacks(&new, |(node, wanted)| {
            let code = self.flakes.at(*node).as_ref()?;
            evaluate(&code.files, &code.inputs, *wanted).ok()
        });
        for ((node, wanted), facts) in new.into_iter().zip(done) {
            match (self.flakes.at_mut(node), facts) {
                (Some(code), Some(facts)) => {
                    code.runs.insert(wanted, facts);
                }
                // What cannot be read is not known.
                (slot, _) => *slot = None,
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
        self.runs.get(&wanted)
    }

    /// Everything that was looked through, exports aside.
    pub fn runs(&self) -> impl Iterator<Item = &CodeFacts> {
        self.runs.iter().filter(|(wanted, _)| **wanted != Wanted::Exports).map(|(_, facts)| facts)
    }

    /// What it exports, from whichever run knows it.
    pub fn any_run(&self) -> Option<&CodeFacts> {
        self.runs.values().next()
    }

    /// The flake's folder and files.
    pub fn files(&self) -> &Files {
        &self.files
    }

    /// A cheap look at the text of its flake.nix.
    fn mentions(&self, word: &str) -> bool {
        let text = self.files.flake_text();
        text.is_ok_and(|text| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    }
}

/// A flake's inputs, in the order of the lock: what evaluation knows them by.
fn inputs(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, flake: NodeId) -> Vec<InputInfo> {
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
