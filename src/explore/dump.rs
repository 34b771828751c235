//! What `d` draws: the current view, as DOT.

use std::fmt::{self, Display};
use std::io;

use super::label::slashed;
use super::lists::{ListKind, Lists, Search};
use super::row::Spot;
use super::scene::Scene;
use crate::draw::{Focus, Format, ViewOptions, draw, draw_leading_to};
use crate::instance::Analysis;
use crate::lock::NodeId;

/// A part of the lock to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dump {
    part: Part,
    /// Its name (untrusted text).
    name: String,
}

#[derive(Debug, Clone, Copy)]
struct Focused(Focus);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    All,
    Around(Focused),
    Matches(Vec<NodeId>),
}

impl PartialEq for Focused {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Focus::Input(one), Focus::Input(other)) => one == other,
            (Focus::Node(one), Focus::Node(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Focused {}

impl Dump {
    /// The current view: the matches of a search of the tree, else the selected node and its
    /// surroundings; everything if that is the root.
    pub(super) fn of(
        scene: &Scene<'_, '_, '_, '_>,
        lists: &Lists,
        search: Option<&Search>,
    ) -> Self {
        let graph = scene.graph();
        if let Some(search) = search
            && search.list == ListKind::Tree
            && lists.shown == ListKind::Tree
            && search.found.spots().len() > 0
        {
            let mut nodes: Vec<NodeId> =
                search.found.spots().filter_map(|spot| scene.node(spot)).collect();
            nodes.sort_unstable();
            nodes.dedup();
            let name = format!("matches of {}", search.pattern.text());
            return Self { part: Part::Matches(nodes), name };
        }
        let selected = lists.spot().unwrap_or(scene.root());
        if let (Spot::Output(_), Some(output)) = (selected, scene.output(selected)) {
            let ends = output.uses.iter().filter_map(|used| graph.end(used.input?));
            let mut nodes: Vec<NodeId> = ends.collect();
            nodes.sort_unstable();
            nodes.dedup();
            return Self { part: Part::Matches(nodes), name: output.name() };
        }
        let spot = scene.place(selected);
        let around = |focus, name| Self { part: Part::Around(Focused(focus)), name };
        match spot {
            Spot::Input(input) => around(Focus::Input(input), slashed(&graph.input_path(input))),
            Spot::Node(node) if spot != scene.root() => {
                let name = match graph.is_reachable(node) {
                    true => slashed(&graph.owner_path(node)),
                    false => graph.lock().node(node).key.to_owned(),
                };
                around(Focus::Node(node), name)
            }
            _ => Self { part: Part::All, name: "the lock".into() },
        }
    }

    /// Writes it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(
        &self,
        analysis: &Analysis<'_, '_, '_>,
        out: &mut dyn io::Write,
    ) -> io::Result<()> {
        let focus = match &self.part {
            Part::Matches(nodes) => return draw_leading_to(analysis, nodes, Format::Dot, out),
            Part::Around(focus) => Some(focus.0),
            Part::All => None,
        };
        draw(analysis, None, &ViewOptions { focus, ..ViewOptions::default() }, Format::Dot, out)
    }

    /// A name for a file, of plain characters only.
    pub fn file_name(&self) -> String {
        const LONGEST: usize = 60;
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let name: String = match &self.part {
            Part::All => "graph".into(),
            _ => self.name.chars().take(LONGEST).map(plain).collect(),
        };
        let name = name.trim_matches('-');
        format!("{}.dot", if name.is_empty() { "graph" } else { name })
    }
}

impl Display for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.part {
            Part::All | Part::Matches(_) => f.write_str(&self.name),
            Part::Around(_) => write!(f, "{} and its surroundings", self.name),
        }
    }
}
