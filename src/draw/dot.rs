//! Graphviz.
//!
//! Roles differ in shape and colour, verdicts in colour, width and words, so that the picture can
//! be read without colour. All labels are double-quoted strings: HTML-like ones would need another
//! kind of escaping, and no text from a lock can start one.

use std::fmt::{self, Display};
use std::io::{self, Write};

use super::caption;
use super::escaped::{Clipped, Escape, Escaped, write_lines};
use super::legend::{EdgeKind, Legend, NodeKind};
use super::verdict::{InputVerdict, VerdictKind};
use super::view::View;
use crate::flake_ref::FlakeRef;
use crate::instance::Role;
use crate::lock::{InputId, NodeId};
use crate::text::{Visible, is_hidden};

const HEAD: &str = r##"digraph "flake.lock" {
  graph [rankdir=LR, nodesep=0.25, ranksep=0.8, pad=0.3, fontname="Helvetica", fontsize=10, fontcolor="#5f6b7a", labelloc=b, labeljust=l]
  node [fontname="Helvetica", fontsize=10, fontcolor="#1f2933", penwidth=1.1]
  edge [fontname="Helvetica", fontsize=9, fontcolor="#5f6b7a", color="#7b8794", arrowsize=0.7]
"##;

const RED: &str = "#c81e1e";
const GREY: &str = "#a3abb5";

/// Writes the drawing.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    if let Some(left_out) = view.left_out() {
        writeln!(out, "  label=\"{}\"", quoted(left_out))?;
    }
    legend(&Legend::of(view), out)?;
    for (number, &id) in view.nodes().iter().enumerate() {
        node(view, number, id, out)?;
    }
    for (number, id) in view.inputs().enumerate() {
        input(view, number, id, out)?;
    }
    writeln!(out, "}}")
}

/// Text inside double quotes. Graphviz interprets backslash sequences in labels (`\N`, `\l`) and
/// entities (`&lt;`) in all strings; hidden characters are shown as `\u001b`.
fn quoted<T: Display>(text: T) -> Escaped<T> {
    const ESCAPE: Escape = Escape {
        is_plain: |c| !matches!(c, '"' | '\\' | '&' | '<' | '>') && !is_hidden(c),
        write: |out, c| match c {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            hidden => {
                let shown = Visible(hidden.encode_utf8(&mut [0; 4])).to_string();
                out.write_str(&shown.replace('\\', "\\\\"))
            }
        },
    };
    Escaped { text, escape: ESCAPE }
}

fn node(
    view: &View<'_, '_, '_, '_>,
    number: usize,
    node: NodeId,
    out: &mut dyn Write,
) -> io::Result<()> {
    let style = NodeStyle::of(NodeKind::of(view.analysis().role(node)));
    write!(out, "  n{number} [label=\"")?;
    write_lines(caption::lines(view, node), quoted, "\\n", out)?;
    let key = view.lock().node(node).key;
    write!(out, "\", tooltip=\"node {}", quoted(Clipped::name(key)))?;
    if let Some(locked) = view.lock().locked(node) {
        write!(out, "\\n{}", quoted(Clipped::reference(FlakeRef::new(locked))))?;
    }
    if let Role::Configured(id) = view.analysis().role(node) {
        let detail = &*view.analysis().wrapper(id).evidence.detail;
        write!(out, "\\n{}", quoted(Clipped::reference(detail)))?;
    }
    write!(out, "\", {style}")?;
    if !view.graph().is_reachable(node) {
        write!(out, ", style=\"dotted\", fontcolor=\"#8a94a0\"")?;
    } else if view.is_focus(node) {
        write!(out, ", penwidth=3.5")?;
    }
    writeln!(out, "]")
}

fn input(
    view: &View<'_, '_, '_, '_>,
    number: usize,
    input: InputId,
    out: &mut dyn Write,
) -> io::Result<()> {
    let edge = view.graph().edge(input);
    let Some(holder) = view.number(edge.holder) else { return Ok(()) };
    let verdict = view.verdict(input);
    let style = EdgeStyle::of(verdict.kind);
    match edge.end.node().and_then(|end| view.number(end)) {
        Some(end) => write!(out, "  n{holder} -> n{end} [")?,
        None => {
            writeln!(out, "  q{number} [{}]", NodeStyle::NOWHERE)?;
            write!(out, "  n{holder} -> q{number} [")?;
        }
    }
    write!(out, "label=\"")?;
    name(&verdict, out)?;
    write!(out, "\"")?;
    if !view.graph().is_reachable(edge.holder) {
        write!(out, ", style=dotted")?;
    } else if !view.graph().is_direct(input) {
        write!(out, ", style=dashed")?;
    }
    writeln!(out, "{style}]")
}

/// The label of an arrow: its name and the verdict.
fn name(verdict: &InputVerdict<'_, '_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    write_lines(verdict.lines(), quoted, "\\n", out)?;
    // An empty line keeps a wide arrow off the text.
    if verdict.kind.is_loud() { write!(out, "\\n ") } else { Ok(()) }
}

/// How a node is drawn; displayed as attributes.
#[derive(Clone, Copy)]
struct NodeStyle {
    shape: &'static str,
    style: &'static str,
    fill: &'static str,
    line: &'static str,
    /// The margin around the label.
    margin: &'static str,
    more: &'static str,
}

impl NodeStyle {
    const NOWHERE: &'static str = "label=\"?\", shape=circle, margin=0, width=0.22, \
        fixedsize=true, fontsize=10, fontcolor=\"#c81e1e\", color=\"#c81e1e\"";

    fn of(kind: NodeKind) -> Self {
        let style = |shape, style, fill, line| Self {
            shape,
            style,
            fill,
            line,
            margin: "0.16,0.09",
            more: "",
        };
        match kind {
            NodeKind::Root => {
                Self { more: ", penwidth=2", ..style("box", "filled", "#e4e7eb", "#1f2933") }
            }
            NodeKind::Flake => style("box", "filled,rounded", "#ffffff", "#7b8794"),
            NodeKind::Configured => Self {
                margin: "0,0.03",
                more: ", peripheries=2",
                ..style("hexagon", "filled", "#d3f5dd", "#15803d")
            },
            NodeKind::Nixpkgs => style("cylinder", "filled", "#dbeafe", "#1d4ed8"),
            NodeKind::NixpkgsLib => style("component", "filled", "#eff6ff", "#7da2d6"),
            NodeKind::Source => style("note", "filled", "#f7f7f7", "#9aa5b1"),
            NodeKind::Null => style("octagon", "filled", "#f7f7f7", GREY),
        }
    }
}

impl Display for NodeStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { shape, style, fill, line, margin, more } = self;
        write!(f, "shape={shape}, margin=\"{margin}\", style=\"{style}\", ")?;
        write!(f, "fillcolor=\"{fill}\", color=\"{line}\"{more}")
    }
}

/// How an arrow is drawn, except whether it is dashed; displayed as further attributes.
#[derive(Clone, Copy)]
struct EdgeStyle {
    /// Of line and text, unless it is the default.
    color: Option<&'static str>,
    width: Option<&'static str>,
    more: &'static str,
}

impl EdgeStyle {
    fn of(kind: VerdictKind<'_>) -> Self {
        let kind = match kind {
            VerdictKind::Plain => EdgeKind::Direct,
            VerdictKind::Configured => EdgeKind::Configured,
            VerdictKind::Unconfigured { .. } if !kind.is_loud() => {
                return Self { color: Some(RED), width: None, more: "" };
            }
            VerdictKind::Unconfigured { .. } => EdgeKind::Unconfigured,
            VerdictKind::Disabled => EdgeKind::Disabled,
            VerdictKind::Dangling { .. } | VerdictKind::Cycle { .. } => EdgeKind::Broken,
        };
        Self::of_kind(kind)
    }

    fn of_kind(kind: EdgeKind) -> Self {
        let style = |color, width, more| Self { color, width, more };
        match kind {
            EdgeKind::Direct | EdgeKind::Follows => style(None, None, ""),
            EdgeKind::Configured => style(Some("#15803d"), None, ""),
            EdgeKind::Unconfigured => style(Some(RED), Some("2.8"), ""),
            // Most lead back to the root and would distort the layout.
            EdgeKind::Disabled => style(Some(GREY), None, ", weight=0"),
            EdgeKind::Broken => style(Some(RED), None, ""),
        }
    }
}

impl Display for EdgeStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(color) = self.color {
            write!(f, ", color=\"{color}\", fontcolor=\"{color}\"")?;
        }
        if let Some(width) = self.width {
            write!(f, ", penwidth={width}, fontname=\"Helvetica-Bold\"")?;
        }
        f.write_str(self.more)
    }
}

/// A legend for the shapes and arrows that occur in this drawing.
fn legend(legend: &Legend, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  subgraph cluster_legend {{")?;
    writeln!(out, "    graph [label=\"\", color=\"#d5dae0\", style=rounded, margin=6]")?;
    writeln!(out, "    node [fontsize=8, margin=\"0.08,0.03\", height=0.2, width=0.2]")?;
    for (at, kind) in legend.nodes.iter().enumerate() {
        let style = NodeStyle { margin: "0.03,0", ..NodeStyle::of(*kind) };
        writeln!(out, "    l{at} [label=\"{}\", {style}]", kind.words())?;
    }
    if legend.has_unreachable {
        let at = legend.nodes.len();
        writeln!(out, "    l{at} [label=\"no input leads here\", shape=box, style=dotted]")?;
    }
    write!(out, "    arrows [shape=plaintext, fontcolor=\"#5f6b7a\", label=\"")?;
    for kind in &legend.edges {
        let look = match kind {
            EdgeKind::Direct => "——▸",
            EdgeKind::Follows => "– –▸",
            EdgeKind::Configured => "green:",
            EdgeKind::Unconfigured => "red, wide:",
            EdgeKind::Disabled => "grey:",
            EdgeKind::Broken => "red, to ?:",
        };
        write!(out, "{look} {}\\l", kind.words())?;
    }
    writeln!(out, "\"]")?;
    writeln!(out, "  }}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_string_or_means_more_than_itself() {
        let hostile = "a\"]\\N\\\"\n<b>&lt;{|}\u{1b}\u{202e}\u{e0041}ü";
        assert_eq!(
            quoted(hostile).to_string(),
            "a\\\"]\\\\N\\\\\\\"\\\\u000a&lt;b&gt;&amp;lt;{|}\\\\u001b\\\\u202e\\\\udb40\\\\udc41ü"
        );
    }
}
