//! Details of one input, one node or one output, line by line, for people.
//!
//! `why` prints them, and the explorer and the page show them beside the graph. A line may link to
//! another place. Names from the lock are in the text unescaped: it is untrusted.

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
    NamedInstance, built_from, findings_of_output, lacks, of_output, of_use, packages, taken_from,
};

use std::collections::BTreeMap;

use crate::graph::{Graph, InputPath};
use crate::instance::{Analysis, Explained};
use crate::lock::{InputId, NodeId};
use crate::needs::{Need, NeedPlace, Needed, Reason, needs};

/// The data that details are taken from.
#[derive(Debug)]
pub struct DetailContext<'f, 'g, 'l, 'a> {
    /// Roles, slots, causes.
    pub analysis: &'f Analysis<'g, 'l, 'a>,
    /// Causes by the inputs that they explain.
    pub explained: Explained,
    /// How many users of a node and steps of a chain are named; the rest is counted.
    pub shown: usize,
    /// What in the lock and flake.nix not every Nix can read, by place.
    needs: BTreeMap<Destination, Vec<(Needed, Reason)>>,
}

impl<'f, 'g, 'l, 'a> DetailContext<'f, 'g, 'l, 'a> {
    /// Lists have at most `shown` entries. Linear in the lock's size.
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

    /// Lines about the Nix that something needs.
    fn needs(&self, place: Destination) -> impl Iterator<Item = DetailLine> {
        let needs = self.needs.get(&place).into_iter().flatten();
        DetailLine::list(
            "needs",
            needs.map(|(nix, reason)| {
                let text = format!("{nix}: {}; {}", reason.words(), reason.otherwise());
                DetailLine::new("", text)
            }),
        )
    }

    fn graph(&self) -> &'g Graph<'l, 'a> {
        self.analysis.graph()
    }
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailLine {
    /// The heading: `role`, `chain`; empty if it is that of the line above.
    pub name: &'static str,
    /// Untrusted text.
    pub text: String,
    /// The place that it links to.
    pub leads_to: Option<Destination>,
}

impl DetailLine {
    fn new(name: &'static str, text: impl Into<String>) -> Self {
        Self { name, text: text.into(), leads_to: None }
    }

    fn to(self, place: Destination) -> Self {
        Self { leads_to: Some(place), ..self }
    }

    /// The lines of a list; the first has the heading.
    fn list(name: &'static str, lines: impl Iterator<Item = Self>) -> impl Iterator<Item = Self> {
        lines
            .enumerate()
            .map(move |(at, line)| Self { name: if at == 0 { name } else { "" }, ..line })
    }
}

/// A place that a line can link to.
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

/// Words from sources as a list.
fn words(names: &[&str]) -> String {
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}
