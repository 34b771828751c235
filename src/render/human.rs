//! Reports for people: what is wrong, where, what to do, and why, each in a line or two.
//!
//! Every text is escaped before it gets here, because names come from the lock. A sentence that
//! applies to several findings of a run is printed once, so a report is made of pieces, and
//! repeated ones are dropped when it is written.

mod finding;
mod instances;
mod layout;
mod needs;
mod outputs;
mod ways_out;

use std::collections::BTreeSet;
use std::io::{self, Write};

pub use ways_out::{Accepting, WaysOut};

use super::words::{self, FindingGroup};
use crate::audit::{Error, Report, Reported, Sources, gather};
use crate::text::Visible;
use layout::{Layout, TextTone};

/// How much is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct ReportStyle {
    /// With terminal colours.
    pub color: bool,
    /// Findings only, without lists.
    pub quiet: bool,
    /// Everything: evidence, exempted findings, and the instances of clean locks.
    pub verbose: bool,
    /// Columns to wrap text at, if it is wrapped.
    pub width: Option<usize>,
}

/// A report laid out for reading.
#[derive(Debug, Default)]
pub struct Page {
    pieces: Vec<Piece>,
}

/// Some lines of a page.
#[derive(Debug)]
struct Piece {
    text: String,
    /// Identifies it, if it is dropped once it was printed before.
    says: Option<String>,
}

impl Page {
    /// A page for a report: its error or its findings; with `-v` also what was read.
    pub fn new(report: &Report<'_>, show: ReportStyle) -> Self {
        let mut page = Self::default();
        if let Some(error) = &report.error {
            page.add(error_lines(&report.lock_file, error, show) + "\n");
            return page;
        }
        FindingGroup::all(report).for_each(|group| page.add_group(&group, show));
        if show.verbose {
            let layout = Layout::new(show);
            page.add(instances::instance_list(report, &layout));
            page.add(outputs::output_list(report, &layout));
            page.add(needs::needs_list(report, &layout));
            page.add(sources(report, &layout));
        } else if let Some(in_part) = words::first_in_part(report).filter(|_| !show.quiet) {
            page.add(Layout::new(show).paragraph("", TextTone::Plain, &in_part) + "\n");
        }
        page
    }

    /// A page for findings.
    pub fn of_findings<'r, 'a: 'r>(
        findings: impl IntoIterator<Item = &'r Reported<'a>>,
        show: ReportStyle,
    ) -> Self {
        let findings: Vec<&Reported<'a>> = findings.into_iter().collect();
        let mut page = Self::default();
        let groups = gather(findings.iter().copied());
        let shown_groups = groups.iter().filter_map(|group| FindingGroup::new(group, &findings));
        shown_groups.for_each(|group| page.add_group(&group, show));
        page
    }

    /// Whether there is nothing on it.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Writes it without pieces that are in `written`, and adds its own to `written`.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write(&self, written: &mut BTreeSet<String>, out: &mut impl Write) -> io::Result<()> {
        for piece in &self.pieces {
            let is_new = piece.says.as_ref().is_none_or(|says| written.insert(says.clone()));
            if is_new {
                out.write_all(piece.text.as_bytes())?;
            }
        }
        Ok(())
    }

    fn add_group(&mut self, group: &FindingGroup<'_, '_>, show: ReportStyle) {
        if show.verbose || group.first.counts() {
            finding::add_finding(self, group, show);
            self.add("\n".to_owned());
        }
    }

    fn add(&mut self, text: String) {
        self.pieces.push(Piece { text, says: None });
    }

    fn add_once(&mut self, text: String, says: &str) {
        self.pieces.push(Piece { text, says: Some(says.to_owned()) });
    }
}

/// What was not read and how to get it; empty unless sources are looked for.
fn sources(report: &Report<'_>, layout: &Layout) -> String {
    let Sources { read, total, root, .. } = report.sources;
    if !root || read == total {
        return String::new();
    }
    let file = Visible(&report.lock_file);
    let sources = if total == 1 { "source" } else { "sources" };
    let sentence = format!(
        "flake.nix and {read} of {total} locked {sources} of {file}; the others are not on disk \
         (`nix flake archive` or `nix flake prefetch-inputs` fetches them)"
    );
    layout.paragraph("read: ", TextTone::Plain, &sentence) + "\n"
}

/// An error that is not about a file.
pub fn error_line(message: &str, show: ReportStyle) -> String {
    Layout::new(show).title(TextTone::Error, "error", message)
}

/// An error about a file, with the line if it is known.
pub fn error_lines(lock_file: &str, error: &Error, show: ReportStyle) -> String {
    let file = match &error.file {
        Some(file) => file.to_string_lossy().into_owned(),
        None => lock_file.to_owned(),
    };
    let mut layout = Layout::new(show);
    let title = layout.title(TextTone::Error, "error", &error.message);
    match (&error.excerpt, error.position) {
        (Some(excerpt), _) => {
            layout.make_room_for(excerpt.line);
            title + &layout.snippet(&Visible(&file).to_string(), excerpt, TextTone::Error, None)
        }
        (None, at) => title + &layout.place(&Visible(&file).to_string(), at),
    }
}
