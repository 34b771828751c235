//! Wording that rules share: names of inputs and nodes.

use std::collections::BTreeMap;

use crate::change::Fix;
use crate::finding::Finding;
use crate::flake_ref::source_of;
use crate::graph::{End, Graph, InputPath};
use crate::lock::{InputId, NodeId};
use crate::text::{did_you_mean, nearest};

/// An input path in backticks: `` `a/nixpkgs` ``.
pub(super) fn input(graph: &Graph<'_, '_>, input: InputId) -> String {
    path(&graph.input_path(input))
}

/// An input with its flake, because flakes often have inputs of the same name.
pub(super) fn whose(graph: &Graph<'_, '_>, id: InputId) -> String {
    let is_own = graph.edge(id).holder == graph.lock().root();
    if is_own { format!("this flake's {}", input(graph, id)) } else { input(graph, id) }
}

/// A node by its owner path, in backticks; the root as "this flake".
pub(super) fn node(graph: &Graph<'_, '_>, node: NodeId) -> String {
    if node == graph.lock().root() {
        return "this flake".into();
    }
    if !graph.is_reachable(node) {
        return format!("`{}`", graph.lock().node(node).key);
    }
    path(&graph.owner_path(node))
}

fn path(path: &InputPath<'_>) -> String {
    format!("`{}`", path.names().join("/"))
}

/// What a follows path leads to, in words.
pub(super) fn followed<N: AsRef<str>>(names: &[N]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    if names.is_empty() { "this flake itself".into() } else { path(&InputPath::new(&names)) }
}

/// A node's source: locked reference, branch, day.
pub(super) fn source(graph: &Graph<'_, '_>, node: NodeId) -> String {
    source_of(graph.lock(), node)
}

/// Inputs that end nowhere, grouped by the input at fault, in the order of input paths.
pub(super) fn broken(
    graph: &Graph<'_, '_>,
    blame: impl Fn(End) -> Option<InputId>,
) -> Vec<(InputId, Vec<InputId>)> {
    let mut causes: BTreeMap<(u32, InputId), (InputId, Vec<InputId>)> = BTreeMap::new();
    for &holder in graph.reachable() {
        for input in graph.inputs_of(holder) {
            let Some(cause) = blame(graph.edge(input).end) else { continue };
            let entry = causes.entry(graph.input_order(cause));
            let (_, affects) = entry.or_insert_with(|| (cause, Vec::new()));
            if input != cause {
                affects.push(input);
            }
        }
    }
    causes.into_values().collect()
}

/// A step of a followed path that leads nowhere.
#[derive(Debug)]
pub(super) struct MissingStep<'n> {
    place: String,
    missing: &'n str,
    meant: Option<&'n str>,
}

impl<'n> MissingStep<'n> {
    /// `before` leads to the flake whose inputs have these names, and no other.
    pub(super) fn new(
        before: &[&str],
        missing: &'n str,
        names: impl Iterator<Item = &'n str>,
    ) -> Self {
        let place = match before {
            [] => "this flake".to_owned(),
            names => path(&InputPath::new(names)),
        };
        Self { place, missing, meant: nearest(missing, names) }
    }

    /// That it is missing, and what was probably meant.
    pub(super) fn told(&self) -> String {
        let Self { place, missing, meant } = self;
        format!("{place} has no input `{missing}`{}", did_you_mean(*meant))
    }

    /// Adds to a finding why it matters, and what to write in flake.nix.
    pub(super) fn complete<'a>(&self, finding: Finding<'a>) -> Finding<'a> {
        let fix = match self.meant {
            Some(meant) => format!(
                "write `{meant}` instead of `{}` in flake.nix, then run `nix flake lock`",
                self.missing
            ),
            None => "let it follow an input that exists, then run `nix flake lock`".to_owned(),
        };
        finding
            .label("leads nowhere")
            .why("Nix refuses to lock it: `follows a non-existent input`")
            .fix(Fix::manual(fix))
    }
}
