//! What else Nix changes when it locks again: declarations of flakes other than the root, and the
//! form of the lock.

use std::collections::BTreeSet;

use super::{LOCK_AGAIN, RULE, lock_again, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Subject};
use crate::flake_ref::FlakeRef;
use crate::graph::{Graph, InputPath};
use crate::lock::{InputId, NodeId, NodeTag, Table, Target};
use crate::relock::{DeclaringFlake, DifferenceKind, LockDifference};

/// What Nix would lock differently.
#[derive(Debug)]
pub(super) struct RelockDifferences<'r, 'l, 'a> {
    pub(super) graph: &'r Graph<'l, 'a>,
    differences: &'r [LockDifference],
    /// The inputs concerned, if the lock has them.
    inputs: BTreeSet<InputId>,
    /// Whether that needs no fetching.
    pub(super) is_mended: bool,
}

impl<'r, 'l, 'a> RelockDifferences<'r, 'l, 'a> {
    pub(super) fn new(
        graph: &'r Graph<'l, 'a>,
        differences: &'r [LockDifference],
        is_mended: bool,
    ) -> Self {
        let inputs = differences.iter().filter_map(|it| input(graph, it)).collect();
        Self { graph, differences, inputs, is_mended }
    }

    /// Whether Nix would lock this input differently.
    pub(super) fn has(&self, input: InputId) -> bool {
        self.inputs.contains(&input)
    }

    /// The fix.
    pub(super) fn fix(&self) -> Fix<'a> {
        if self.is_mended { Fix::relock(LOCK_AGAIN) } else { lock_again() }
    }

    /// Reports what is not in `reported` yet, except below nodes that are `outdated`.
    pub(super) fn push_findings(
        &self,
        reported: &BTreeSet<Subject>,
        outdated: &BTreeSet<NodeId>,
        findings: &mut Vec<Finding<'a>>,
    ) {
        let mut seen = BTreeSet::new();
        let below = self.below(outdated);
        for difference in self.differences {
            let input = input(self.graph, difference);
            let is_told = input.is_some_and(|input| reported.contains(&Subject::Input(input)));
            if is_told || *below.at(difference.holder) {
                continue;
            }
            // The rule itself reports inputs of the root that the lock does not have.
            let is_root = difference.by.as_ref().is_some_and(|by| by.flake.is_empty());
            if is_root && input.is_none() && difference.holder == self.graph.lock().root() {
                continue;
            }
            // A shared node is visited once for each of its paths.
            if seen.insert((difference.holder, &difference.name)) {
                findings.extend(self.finding(difference, input));
            }
        }
    }

    /// Marks the nodes at or below these.
    fn below(&self, outdated: &BTreeSet<NodeId>) -> Table<NodeTag, bool> {
        let mut below = Table::like(self.graph.lock().nodes(), false);
        for &node in self.graph.reachable() {
            let above = self.graph.place(node).is_some_and(|place| *below.at(place.parent));
            *below.at_mut(node) = above || outdated.contains(&node);
        }
        below
    }

    fn finding(&self, difference: &LockDifference, input: Option<InputId>) -> Option<Finding<'a>> {
        let by = difference.by.as_ref();
        let is_root = by.is_none_or(|by| by.flake.is_empty());
        let says = by.map_or_else(|| "flake.nix".to_owned(), flake);
        let path = self.path(difference);
        let message = match &difference.what {
            DifferenceKind::Form => self.form(input?, &path),
            // Versions of Nix disagree about the root's references to existing nodes.
            DifferenceKind::Refers(_) if is_root && input.is_some() => return None,
            DifferenceKind::Refers(told) => match input {
                Some(input) => {
                    format!("{says} wants {path} to be `{told}`, {}", self.locked(input))
                }
                None => format!("{says} declares the input {path}, which flake.lock does not have"),
            },
            DifferenceKind::Follows(follows) => {
                let wants = format!("{says} wants {path} to follow {}", words::followed(follows));
                match input {
                    Some(input) => format!("{wants}, {}", self.locked(input)),
                    None => format!("{wants}, which flake.lock does not have"),
                }
            }
            DifferenceKind::Undeclared if is_root => return None,
            DifferenceKind::Undeclared => {
                format!("flake.lock has an input {path}, which {says} does not declare")
            }
            DifferenceKind::Spelled(_) | DifferenceKind::Freed => return None,
        };
        let subject = match input {
            Some(input) => Subject::Input(input),
            None => Subject::Node(difference.holder),
        };
        let finding = Finding::new(&RULE, subject, message)
            .node(input.and_then(|input| self.graph.end(input)))
            .fix(self.fix());
        let finding = match input {
            Some(_) => finding,
            None => finding.discriminator(Discriminator::Input(difference.name.clone())),
        };
        let Some(by) = by else { return Some(finding) };
        Some(match is_root {
            true => finding.at(Some(by.span)),
            false => finding.in_file(by.file.clone().map(|file| (file, by.span))),
        })
    }

    /// How a folder is locked in an old form.
    fn form(&self, input: InputId, path: &str) -> String {
        let node = self.graph.end(input);
        let problem = match node.and_then(|node| self.graph.lock().parent(node)) {
            None => {
                "does not say which flake it is relative to (`parent`), as Nix before 2.26 wrote it"
            }
            Some(_) => "says that it is relative to another flake (`parent`)",
        };
        format!("{path} is a relative path, and flake.lock {problem}")
    }

    /// The lock's entry for an input.
    fn locked(&self, input: InputId) -> String {
        let graph = self.graph;
        match graph.target(input) {
            Target::Follows(path) => {
                format!("but in flake.lock it follows {}", words::followed(path))
            }
            Target::Direct(_) => {
                let original = graph.end(input).and_then(|node| graph.lock().original(node));
                let original = original.map(|original| FlakeRef::new(original).to_string());
                format!("but in flake.lock it is `{}`", original.unwrap_or_default())
            }
        }
    }

    fn path(&self, difference: &LockDifference) -> String {
        let owner = self.graph.owner_path(difference.holder);
        let names = owner.names().iter().copied().chain([&*difference.name]);
        format!("`{}`", InputPath::new(&names.collect::<Vec<_>>()).names().join("/"))
    }
}

/// The input concerned, if the lock has it.
fn input(graph: &Graph<'_, '_>, difference: &LockDifference) -> Option<InputId> {
    graph.lock().input_named(difference.holder, &difference.name)
}

/// The name of a flake's own file.
fn flake(by: &DeclaringFlake) -> String {
    match by.flake.as_slice() {
        [] => "flake.nix".to_owned(),
        path => format!("the flake.nix of {}", words::followed(path)),
    }
}
