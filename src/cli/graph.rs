//! `flake-audit graph`.

use std::io::Write;

use anyhow::{Context, Result, bail};

use super::args::{Graph, GraphFormat, Screen};
use super::exit::Exit;
use super::fix::new_wrapper;
use super::inert::ReadBy;
use super::load_one::{NamedInLock, OneLock};
use super::output::{ResultOutput, errors};
use crate::audit::{Report, Reported};
use crate::draw::{Focus, Format, READABLE, ViewOptions, draw, draw_page};
use crate::instance::Analysis;
use crate::rules;
use crate::text::Visible;

pub(super) fn run(graph: &Graph, screen: &Screen) -> Result<Exit> {
    let lock = OneLock { path: &graph.path, options: &graph.audit };
    let mut output = ResultOutput::new(screen);
    let format = match graph.format {
        None | Some(GraphFormat::Html) if graph.open => return open(graph, lock),
        Some(_) if graph.open => {
            bail!("only the page can be opened: --open goes with --format html")
        }
        None | Some(GraphFormat::Dot) => Format::Dot,
        Some(GraphFormat::Json) => Format::Json,
        Some(GraphFormat::Tree) => Format::Tree,
        Some(GraphFormat::Mermaid) => Format::Mermaid,
        Some(GraphFormat::Svg) => Format::Svg,
        Some(GraphFormat::Html) => Format::Html,
    };
    if format == Format::Dot {
        output.is_read_by(ReadBy::Graphviz);
    }
    // Only the page shows findings.
    if format == Format::Html {
        lock.with_report(|analysis, report| write_page(graph, analysis, report, &mut output))??;
    } else {
        lock.with_analysis(|analysis| write(graph, format, analysis, &mut output))??;
    }
    output.flush()?;
    Ok(Exit::Success)
}

fn write(
    graph: &Graph,
    format: Format,
    analysis: &Analysis<'_, '_, '_>,
    out: &mut dyn Write,
) -> Result<()> {
    Ok(draw(analysis, None, &options(graph, format, analysis)?, format, out)?)
}

/// Writes the page. Where a finding is about inline settings, it shows the flake with a wrapper, too.
fn write_page(
    graph: &Graph,
    analysis: &Analysis<'_, '_, '_>,
    report: &Report<'_>,
    out: &mut dyn Write,
) -> Result<()> {
    let is_inline = |finding: &Reported<'_>| rules::is_about_inline_settings(finding.rule);
    let wrapper =
        report.findings.iter().any(is_inline).then(|| new_wrapper(&graph.path, &graph.audit));
    let options = options(graph, Format::Html, analysis)?;
    Ok(draw_page(analysis, report, wrapper.as_ref(), &options, out)?)
}

fn options(graph: &Graph, format: Format, analysis: &Analysis<'_, '_, '_>) -> Result<ViewOptions> {
    let focus = match &graph.focus {
        None => None,
        Some(name) => Some(match NamedInLock::require_in(analysis.graph(), name)? {
            NamedInLock::Input(input) => Focus::Input(input),
            NamedInLock::Node(node) => Focus::Node(node),
        }),
    };
    let Graph { depth, .. } = *graph;
    let nixpkgs_only = graph.nixpkgs_only || is_too_large(graph, format, analysis)?;
    Ok(ViewOptions { focus, nixpkgs_only, depth, most: None })
}

/// Whether to draw only what concerns nixpkgs, because a picture of everything could not be read;
/// says so on standard error. Does not apply if a part is asked for, nor to the page, trees and
/// data.
fn is_too_large(graph: &Graph, format: Format, analysis: &Analysis<'_, '_, '_>) -> Result<bool> {
    let is_picture = matches!(format, Format::Dot | Format::Svg | Format::Mermaid);
    let is_asked_for = graph.all || graph.focus.is_some() || graph.depth.is_some();
    let nodes = analysis.graph().lock().nodes().len();
    let is_too_large = is_picture && !is_asked_for && nodes > READABLE;
    if is_too_large {
        writeln!(
            errors(),
            "note: the lock has {nodes} nodes, so only nixpkgs and who gets it are drawn (--nixpkgs-only); \
             --all draws everything"
        )?;
    }
    Ok(is_too_large)
}

/// Writes the page into a new file that only its owner can read, and opens it in the browser. The
/// file is kept, because the browser may load it at any time.
fn open(graph: &Graph, lock: OneLock<'_>) -> Result<Exit> {
    let mut page = Vec::new();
    lock.with_report(|analysis, report| write_page(graph, analysis, report, &mut page))??;
    let name = tempfile::Builder::new().prefix("flake-audit-").suffix(".html").tempfile();
    let mut file = name.context("no file for the page")?;
    file.write_all(&page)?;
    let (_, path) = file.keep().context("no file for the page")?;
    writeln!(errors(), "the page is {}", Visible(&path.to_string_lossy()))?;
    opener::open_browser(&path).with_context(|| format!("{} was not opened", path.display()))?;
    Ok(Exit::Success)
}
