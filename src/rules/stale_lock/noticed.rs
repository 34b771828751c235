//! What Nix notices besides, when it locks again: what flakes other than the root's say, and the
//! form of the lock.

use std::collections::BTreeSet;

use super::{LOCK_AGAIN, RULE, lock_again, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Subject};
use crate::flake_ref::FlakeRef;
use crate::graph::{Graph, InputPath};
use crate::lock::{InputId, NodeId, NodeTag, Table, Target};
use crate::relock::{LockDifference, Sayer, What};

/// What Nix would lock otherwise.
#[derive(Debug)]
pub(super) struct Noticed<'r, 'l, 'a> {
    pub(super) graph: &'r Graph<'l, 'a>,
    differences: &'r [LockDifference],
    /// The inputs that it is about, as far as the lock has them.
    inputs: BTreeSet<InputId>,
    /// Whether it would fetch nothing for it.
    pub(super) is_mended: bool,
}

impl<'r, 'l, 'a> Noticed<'r, 'l, 'a> {
    pub(super) fn new(
        graph: &'r Graph<'l, 'a>,
        differences: &'r [LockDifference],
        is_mended: bool,
    ) -> Self {
        let inputs = differences.iter().filter_map(|it| input(graph, it)).collect();
        Self { graph, differences, inputs, is_mended }
    }

    /// Whether it would lock this input otherwise.
    pub(super) fn has(&self, input: InputId) -> bool {
        self.inputs.contains(&input)
    }

    /// What to do.
    pub(super) fn fix(&self) -> Fix<'a> {
        if self.is_mended { Fix::relock(LOCK_AGAIN) } else { lock_again() }
    }

    /// Tells what is not `told` yet, but for what is below nodes that are `outdated`.
    pub(super) fn tell(
        &self,
        told: &BTreeSet<Subject>,
        outdated: &BTreeSet<NodeId>,
        findings: &mut Vec<Finding<'a>>,
    ) {
        let mut seen = BTreeSet::new();
        let below = self.below(outdated);
        for difference in self.differences {
            let input = input(self.graph, difference);
            let is_told = input.is_some_and(|input| told.contains(&Subject::Input(input)));
            if is_told || *below.at(difference.holder) {
                continue;
            }
            // Of an input of its own that the lock does not have the rule has told.
            let is_root = difference.by.as_ref().is_some_and(|by| by.flake.is_empty());
            if is_root && input.is_none() && difference.holder == self.graph.lock().root() {
                continue;
            }
            // A shared node is met on each way to it.
            if seen.insert((difference.holder, &difference.name)) {
                findings.extend(self.finding(difference, input));
            }
        }
    }

    /// Which nodes are at or below these.
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
            What::Form => self.form(input?, &path),
            // Of what the root says of a node that is there versions of Nix think differently.
            What::Refers(_) if is_root && input.is_some() => return None,
            What::Refers(told) => match input {
                Some(input) => {
                    format!("{says} wants {path} to be `{told}`, {}", self.locked(input))
                }
                None => format!("{says} declares the input {path}, which flake.lock does not have"),
            },
            What::Follows(follows) => {
                let wants = format!("{says} wants {path} to follow {}", words::followed(follows));
                match input {
                    Some(input) => format!("{wants}, {}", self.locked(input)),
                    None => format!("{wants}, which flake.lock does not have"),
                }
            }
            What::Undeclared if is_root => return None,
            What::Undeclared => {
                format!("flake.lock has an input {path}, which {says} does not declare")
            }
            What::Spelled(_) | What::Freed => return None,
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

    /// A folder that is locked in an old form.
    fn form(&self, input: InputId, path: &str) -> String {
        let node = self.graph.end(input);
        let told = match node.and_then(|node| self.graph.lock().parent(node)) {
            None => {
                "does not say which flake it is relative to (`parent`), as Nix before 2.26 wrote it"
            }
            Some(_) => "says that it is relative to another flake (`parent`)",
        };
        format!("{path} is a relative path, and flake.lock {told}")
    }

    /// What the lock has for an input.
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

/// The input that it is about, if the lock has it.
fn input(graph: &Graph<'_, '_>, difference: &LockDifference) -> Option<InputId> {
    graph.lock().input_named(difference.holder, &difference.name)
}

/// A flake's own file.
fn flake(by: &Sayer) -> String {
    match by.flake.as_slice() {
        [] => "flake.nix".to_owned(),
        path => format!("the flake.nix of {}", words::followed(path)),
    }
}
