//! `flake-audit graph`.

use std::io::Write;

use anyhow::Result;

use super::args::{Graph, GraphFormat, Screen};
use super::exit::Exit;
use super::one_lock::{OneLock, Subject};
use super::output::Output;
use crate::draw::{Focus, Format, Options, draw};

pub(super) fn run(graph: &Graph, screen: &Screen) -> Result<Exit> {
    let mut output = Output::new(screen);
    let lock = OneLock { path: &graph.path, options: &graph.audit };
    let format = match graph.format {
        GraphFormat::Dot => Format::Dot,
        GraphFormat::Json => Format::Json,
        GraphFormat::Tree => Format::Tree,
        GraphFormat::Mermaid => Format::Mermaid,
        GraphFormat::Svg => Format::Svg,
    };
    lock.with_facts(|facts| {
        let focus = match &graph.focus {
            None => None,
            Some(name) => Some(match Subject::named(facts.graph(), name)? {
                Subject::Input(input) => Focus::Input(input),
                Subject::Node(node) => Focus::Node(node),
            }),
        };
        let Graph { nixpkgs_only, depth, .. } = *graph;
        let options = Options { focus, nixpkgs_only, depth, most: None };
        draw(facts, None, &options, format, &mut output)?;
        output.flush()?;
        Ok(Exit::Success)
    })?
}
