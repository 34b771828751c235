//! What is known of one input, one node or one output, line by line, for people.
//!
//! `why` prints it, and the explorer and the page show it beside the graph. Each line may name a
//! place that it is about, so that one can go there. Names from the lock stand in it as they are:
//! untrusted text.

mod finding;
mod input;
mod instance;
mod node;
mod output;

pub use finding::{findings_about, of_finding};
pub use input::of_input;
pub use instance::of_instance;
pub use node::of_node;
pub use output::{
    Named, built_from, findings_of_output, lacks, of_output, of_use, packages, taken_from,
};

use std::collections::BTreeMap;

use crate::graph::{Graph, InputPath};
use crate::instance::{Analysis, Explained};
use crate::lock::{InputId, NodeId};
use crate::needs::{Need, NeedPlace, Needed, Reason, needs};

/// What details are taken from.
#[derive(Debug)]
pub struct DetailContext<'f, 'g, 'l, 'a> {
    /// Roles, slots, causes.
    pub analysis: &'f Analysis<'g, 'l, 'a>,
    /// Causes by the inputs that they explain.
    pub explained: Explained,
    /// Users of a node and steps of a chain that are named; the rest is counted.
    pub shown: usize,
    /// What of the lock and of flake.nix not every Nix can read.
    needs: BTreeMap<Destination, Vec<(Needed, Reason)>>,
}

impl<'f, 'g, 'l, 'a> DetailContext<'f, 'g, 'l, 'a> {
    /// Lists of at most `shown` entries. Linear in the lock's size.
    pub fn new(analysis: &'f Analysis<'g, 'l, 'a>, shown: usize) -> Self {
        let mut by_place: BTreeMap<Destination, Vec<(Needed, Reason)>> = BTreeMap::new();
        for Need { nix, reason, place } in needs(analysis) {
            let place = match place {
                NeedPlace::Node(node, _) => Destination::Node(node),
                NeedPlace::Input(input) => Destination::Input(input),
                NeedPlace::Flake(path, _) => {
                    match analysis.graph().find_input(path.iter().map(String::as_str)) {
                        Some(input) => Destination::Input(input),
                        None => Destination::Node(analysis.graph().lock().root()),
                    }
                }
            };
            by_place.entry(place).or_default().push((nix, reason));
        }
        Self { analysis, explained: Explained::new(analysis), shown, needs: by_place }
    }

    /// What is said of the Nix that something needs.
    fn needs(&self, place: Destination) -> impl Iterator<Item = Line> {
        let needs = self.needs.get(&place).into_iter().flatten();
        Line::list(
            "needs",
            needs.map(|(nix, reason)| {
                let text = format!("{nix}: {}; {}", reason.words(), reason.otherwise());
                Line::new("", text)
            }),
        )
    }

    fn graph(&self) -> &'g Graph<'l, 'a> {
        self.analysis.graph()
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What the line tells: `role`, `chain`; empty where it goes on with what the line above tells.
    pub name: &'static str,
    /// Untrusted text.
    pub text: String,
    /// The place that it is about, where that is another one.
    pub leads_to: Option<Destination>,
}

impl Line {
    fn new(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, text: text.into(), leads_to: None }
    }

    fn to(self, place: Destination) -> Self {
        Self { leads_to: Some(place), ..self }
    }

    /// The lines of a list, the first of which has its name.
    fn list(name: &'static str, lines: impl Iterator<Item = Self>) -> impl Iterator<Item = Self> {
        lines
            .enumerate()
            .map(move |(at, line)| Self { name: if at == 0 { name } else { "" }, ..line })
    }
}

/// Where one can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Destination {
    /// An input.
    Input(InputId),
    /// A node.
    Node(NodeId),
}

/// An input path as Nix prints it.
fn slashed(path: &InputPath<'_>) -> String {
    path.names().join("/")
}

/// What sources say, as a list of words.
fn words(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
