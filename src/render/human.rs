//! Reports for people: rustc's look, by annotate-snippets.
//!
//! Every text is escaped before it gets there: names come from the lock.

mod instances;
mod outputs;

use std::collections::BTreeSet;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level as Loudness, Origin, Renderer, Snippet};

use super::words;
use crate::audit::{Error, Report, Reported, Sources};
use crate::change::Applicability;
use crate::finding::Level;
use crate::text::Visible;

/// How much is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct Show {
    /// With terminal colours.
    pub color: bool,
    /// Findings only, no lists.
    pub quiet: bool,
    /// Everything: exempted findings, and the instances of clean locks.
    pub verbose: bool,
}

/// Writes a report: its error or its findings, then the instances.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, show: Show, out: &mut impl Write) -> io::Result<()> {
    if let Some(error) = &report.error {
        let group = error_group(&report.lock_file, error);
        return writeln!(out, "{}\n", renderer(show).render(&[group]));
    }
    let any = write_findings(&report.findings, show, out)?;
    if (any && !show.quiet) || show.verbose {
        instances::write(report, show.color, out)?;
        if show.verbose {
            outputs::write(report, out)?;
        }
        write_sources(report, out)?;
    }
    if !show.quiet && !show.verbose {
        outputs::write_in_part(report, out)?;
    }
    Ok(())
}

/// Writes findings; whether there was any to be shown.
///
/// # Errors
/// Those of the sink.
pub fn write_findings<'r, 'a: 'r>(
    findings: impl IntoIterator<Item = &'r Reported<'a>>,
    show: Show,
    out: &mut impl Write,
) -> io::Result<bool> {
    let renderer = renderer(show);
    let mut any = false;
    let mut said: BTreeSet<&str> = BTreeSet::new();
    for finding in findings.into_iter().filter(|f| show.verbose || f.exempted.is_none()) {
        any = true;
        writeln!(out, "{}\n", renderer.render(&[finding_group(finding, &mut said)]))?;
    }
    Ok(any)
}

fn renderer(show: Show) -> Renderer {
    if show.color { Renderer::styled() } else { Renderer::plain() }
}

/// What was not read, and how to get it: said only where sources are looked for at all.
fn write_sources(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    let Sources { read, total, root, .. } = report.sources;
    if !root || read == total {
        return Ok(());
    }
    let file = Visible(&report.lock_file);
    let sources = if total == 1 { "source" } else { "sources" };
    writeln!(
        out,
        "read: flake.nix and {read} of {total} locked {sources} of {file}; what the others do is \
         not known (`nix flake archive` or `nix flake prefetch-inputs` brings them)\n"
    )
}

fn error_group(lock_file: &str, error: &Error) -> Group<'static> {
    let file = match &error.file {
        Some(file) => file.to_string_lossy().into_owned(),
        None => lock_file.to_owned(),
    };
    let mut origin = Origin::path(Visible(&file).to_string());
    if let Some(position) = error.position {
        origin = origin.line(position.line).char_column(position.column);
    }
    Loudness::ERROR.primary_title(error.message.clone()).element(origin)
}

fn finding_group<'r>(finding: &'r Reported<'_>, said: &mut BTreeSet<&'r str>) -> Group<'r> {
    let loudness = match finding.level {
        Level::Deny => Loudness::ERROR,
        Level::Warn => Loudness::WARNING,
        Level::Allow => Loudness::INFO,
    };
    let title = loudness.primary_title(Visible(&finding.message).to_string()).id(finding.rule.id);
    let mut group = Group::with_title(title);
    if let Some(location) = &finding.location {
        let file = Visible(&location.file).to_string();
        group = match &finding.excerpt {
            Some(excerpt) => group.element(
                Snippet::source(excerpt.text.as_str())
                    .line_start(excerpt.line)
                    .path(file)
                    .annotation(AnnotationKind::Primary.span(excerpt.start..excerpt.end)),
            ),
            None => group.element(
                Origin::path(file).line(location.start.line).char_column(location.start.column),
            ),
        };
    }
    if finding.chain_total > 1 {
        group = group.element(Loudness::NOTE.message(format!("chain: {}", words::chain(finding))));
    }
    // What holds for many findings is said with the first of them.
    for note in finding.notes.iter().filter(|note| said.insert(note)) {
        group = group.element(Loudness::NOTE.message(Visible(note).to_string()));
    }
    if finding.affects_total > 0 {
        group = group.element(Loudness::NOTE.message(words::affects(finding)));
    }
    if let Some(exemption) = &finding.exempted {
        let reason = Visible(&exemption.reason);
        group = group.element(Loudness::NOTE.message(format!("exempted: {reason}")));
    } else if let Some(fix) = &finding.fix {
        group = group.element(Loudness::HELP.message(words::help(fix)));
        if fix.applicability == Applicability::Unverified && said.insert(&fix.reason) {
            let reason = Visible(&fix.reason);
            group = group.element(Loudness::NOTE.message(format!("unverified: {reason}")));
        }
        if fix.is_deep && said.insert(words::TOO_DEEP) {
            group = group.element(Loudness::NOTE.message(words::TOO_DEEP));
        }
    }
    group
}
