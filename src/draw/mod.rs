//! Drawing a lock: Graphviz, JSON, a tree, Mermaid, SVG, a page.
//!
//! [`View`] decides what is drawn, `InputVerdict` what is said of an input, `caption` what is said of
//! a node; each format is one file that writes them out as it goes. Nothing is judged here: the
//! facts come from [`instance`](crate::instance). Names in a lock are untrusted, and each format
//! escapes them for its own reader.
//!
//! Cost: one or two lines for each node and input in view, whatever the number of paths. What a
//! line repeats of other nodes and inputs (paths, references) is clipped, so that long names cannot
//! multiply.

mod caption;
mod dot;
mod escaped;
mod html;
mod json;
mod legend;
mod mermaid;
mod part;
mod shrink_to_fit;

mod svg;
mod tone;
mod tree;
mod verdict;
mod view;

use std::io;

pub use html::NewWrapper;
pub use view::{Focus, View, ViewOptions};

use crate::audit::Report;
use crate::instance::Analysis;
use crate::lock::NodeId;

/// What a drawing is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Graphviz.
    Dot,
    /// `schema_version` 1: all nodes and inputs with where they end.
    Json,
    /// What `nix flake metadata` prints as inputs, with the verdicts.
    Tree,
    /// A Mermaid flowchart, for a comment on GitHub.
    Mermaid,
    /// A picture, laid out here.
    Svg,
    /// A page to walk through in a browser, with findings.
    Html,
}

/// The most nodes of a picture in which people still find something.
pub const READABLE: usize = 80;

/// Draws a lock. `report` is needed by formats that show findings.
///
/// # Errors
/// Those of `out`.
pub fn draw(
    analysis: &Analysis<'_, '_, '_>,
    report: Option<&Report<'_>>,
    options: &ViewOptions,
    format: Format,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write(&View::new(analysis, options), report, format, out)
}

/// Writes the page, with what `fix --init` would bring in for inline settings, or why it would bring in
/// nothing; `None` where nobody asked it.
///
/// # Errors
/// What `out` says; nothing else fails.
pub fn draw_page(
    analysis: &Analysis<'_, '_, '_>,
    report: &Report<'_>,
    wrapper: Option<&Result<NewWrapper, String>>,
    options: &ViewOptions,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    html::write(&View::new(analysis, options), Some(report), wrapper, out)
}

/// Draws only these nodes and what leads to them from the root.
///
/// # Errors
/// Those of `out`.
pub fn draw_leading_to(
    analysis: &Analysis<'_, '_, '_>,
    nodes: &[NodeId],
    format: Format,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    write(&View::leading_to(analysis, nodes), None, format, out)
}

fn write(
    view: &View<'_, '_, '_, '_>,
    report: Option<&Report<'_>>,
    format: Format,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    match format {
        Format::Dot => dot::write(view, out),
        Format::Json => json::write(view, out),
        Format::Tree => tree::write(view, out),
        Format::Mermaid => mermaid::write(view, out),
        Format::Svg => svg::write(view, out),
        Format::Html => html::write(view, report, None, out),
    }
}
