//! Mermaid, to paste into a comment on GitHub between lines of ```` ```mermaid ```` and ```` ```
//! ````.
//!
//! Mermaid refuses flowcharts above a size, and GitHub keeps the default limits. What is too big is
//! drawn as with `--nixpkgs-only`; if that is still too big, only as many nodes as fit, those
//! nearest to the root. The picture says what it leaves out.

use std::fmt::Display;
use std::io::{self, Write};

use super::escaped::{Escape, Escaped, write_lines};
use super::legend::{Legend, NodeKind};
use super::verdict::VerdictKind;
use super::view::View;
use super::{caption, shrink_to_fit};
use crate::lock::{InputId, NodeId};
use crate::text::{Visible, is_hidden};

/// `maxEdges` of Mermaid's configuration.
const MOST_EDGES: usize = 500;
/// `maxTextSize` of Mermaid's configuration, in UTF-16 units; counted here in bytes, which are
/// never fewer.
const LONGEST: usize = 50_000;

/// Writes the drawing.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    // Every node takes more than 25 bytes.
    let text = shrink_to_fit::fitting(view, LONGEST / 25, whole).unwrap_or_default();
    out.write_all(&text)
}

/// The drawing, unless it exceeds Mermaid's limits.
fn whole(view: &View<'_, '_, '_, '_>) -> Option<Vec<u8>> {
    let mut text = Bounded(Vec::new());
    (view.input_count() <= MOST_EDGES).then(|| flowchart(view, &mut text).ok())??;
    Some(text.0)
}

/// A buffer that refuses to grow beyond [`LONGEST`].
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn flowchart(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "flowchart LR")?;
    if let Some(left_out) = view.left_out() {
        writeln!(out, "  leftOut[\"{}\"]:::said", quoted(left_out))?;
        writeln!(out, "  classDef said fill:none,stroke:none")?;
    }
    for (number, &id) in view.nodes().iter().enumerate() {
        node(view, number, id, out)?;
    }
    for (number, id) in view.inputs().enumerate() {
        input(view, number, id, out)?;
    }
    styles(view, out)
}

/// Text inside double quotes, with everything that has a meaning in Mermaid, Markdown or HTML as
/// entity codes (Mermaid manual, "Entity codes to escape characters").
fn quoted<T: Display>(text: T) -> Escaped<T> {
    const ESCAPE: Escape = Escape {
        is_plain: |c| match c {
            ' ' | '-' | '_' | '.' | ',' | ':' | '/' => true,
            c if c.is_ascii() => c.is_ascii_alphanumeric(),
            c => !is_hidden(c),
        },
        write: |out, c| {
            if is_hidden(c) {
                let shown = Visible(c.encode_utf8(&mut [0; 4])).to_string();
                out.write_str(&shown.replace('\\', "#92;"))
            } else {
                write!(out, "#{};", u32::from(c))
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
    let kind = NodeKind::of(view.analysis().role(node));
    let (open, close) = shape(kind);
    write!(out, "  n{number}{open}\"")?;
    write_lines(caption::lines(view, node), quoted, "<br/>", out)?;
    let class = if view.graph().is_reachable(node) { class(kind) } else { "unreachable" };
    writeln!(out, "\"{close}:::{class}")?;
    if view.focus() == Some(node) {
        writeln!(out, "  style n{number} stroke-width:4px")?;
    }
    Ok(())
}

fn input(
    view: &View<'_, '_, '_, '_>,
    number: usize,
    input: InputId,
    out: &mut dyn Write,
) -> io::Result<()> {
    let edge = view.graph().edge(input);
    let Some(holder) = view.number(edge.holder) else { return Ok(()) };
    let arrow = if view.graph().is_direct(input) { "-->" } else { "-.->" };
    write!(out, "  n{holder} {arrow}")?;
    // Its name and the verdict; Mermaid refuses an empty label.
    let lines = view.verdict(input).lines();
    if !lines.is_empty() {
        write!(out, "|\"")?;
        write_lines(lines, quoted, "<br/>", out)?;
        write!(out, "\"|")?;
    }
    match edge.end.node().and_then(|end| view.number(end)) {
        Some(end) => writeln!(out, " n{end}"),
        None => writeln!(out, " q{number}((\"?\")):::nowhere"),
    }
}

/// The brackets around a label.
fn shape(kind: NodeKind) -> (&'static str, &'static str) {
    match kind {
        NodeKind::Root => ("[[", "]]"),
        NodeKind::Flake => ("(", ")"),
        NodeKind::Configured => ("{{", "}}"),
        NodeKind::Nixpkgs => ("[(", ")]"),
        NodeKind::NixpkgsLib => ("[/", "/]"),
        NodeKind::Source => ("[", "]"),
        NodeKind::Null => ("([", "])"),
    }
}

fn class(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Root => "root",
        NodeKind::Flake => "flake",
        NodeKind::Configured => "configured",
        NodeKind::Nixpkgs => "nixpkgs",
        NodeKind::NixpkgsLib => "nixpkgsLib",
        NodeKind::Source => "source",
        NodeKind::Null => "null",
    }
}

/// Colours that suit light and dark pages.
fn colors(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::Root => "fill:#e4e7eb,stroke:#1f2933,color:#1f2933,stroke-width:2px",
        NodeKind::Flake => "fill:#ffffff,stroke:#7b8794,color:#1f2933",
        NodeKind::Configured => "fill:#d3f5dd,stroke:#15803d,color:#1f2933,stroke-width:3px",
        NodeKind::Nixpkgs => "fill:#dbeafe,stroke:#1d4ed8,color:#1f2933",
        NodeKind::NixpkgsLib => "fill:#eff6ff,stroke:#7da2d6,color:#1f2933",
        NodeKind::Source | NodeKind::Null => "fill:#f7f7f7,stroke:#9aa5b1,color:#1f2933",
    }
}

fn styles(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    let legend = Legend::of(view);
    for kind in legend.nodes {
        writeln!(out, "  classDef {} {}", class(kind), colors(kind))?;
    }
    if legend.has_unreachable {
        writeln!(out, "  classDef unreachable stroke-dasharray:2 3")?;
    }
    if view.inputs().any(|input| view.verdict(input).kind.is_broken()) {
        writeln!(out, "  classDef nowhere fill:#ffffff,stroke:#c81e1e,color:#c81e1e")?;
    }
    links(view, out, |kind| kind.is_loud(), "stroke:#c81e1e,color:#c81e1e,stroke-width:4px")?;
    let quiet = |kind: VerdictKind<'_>| {
        kind.is_broken() || (matches!(kind, VerdictKind::Unconfigured { .. }) && !kind.is_loud())
    };
    links(view, out, quiet, "stroke:#c81e1e,color:#c81e1e")?;
    links(view, out, |kind| matches!(kind, VerdictKind::Configured), "stroke:#15803d")?;
    links(view, out, |kind| matches!(kind, VerdictKind::Disabled), "stroke:#b4bac2,color:#8a94a0")
}

/// Styles all arrows of one kind, which Mermaid identifies by number.
fn links(
    view: &View<'_, '_, '_, '_>,
    out: &mut dyn Write,
    is_kind: impl Fn(VerdictKind<'_>) -> bool,
    style: &str,
) -> io::Result<()> {
    let of_kind = view
        .inputs()
        .enumerate()
        .filter(|(_, input)| is_kind(view.verdict(*input).kind))
        .map(|(number, _)| number);
    let mut separator = "  linkStyle ";
    for number in of_kind {
        write!(out, "{separator}{number}")?;
        separator = ",";
    }
    if separator == "," { writeln!(out, " {style}") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_characters_are_written_as_they_are() {
        let hostile = "a\"]`<b>#quot;&amp;\n%%{\u{1b}\u{e0041}\\nü";
        assert_eq!(
            quoted(hostile).to_string(),
            "a#34;#93;#96;#60;b#62;#35;quot#59;#38;amp#59;#92;u000a#37;#37;#123;\
             #92;u001b#92;udb40#92;udc41#92;nü"
        );
    }
}
