//! The reports of a run as one document, with what comes before, between and after them.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::args::ReportFormat;
use super::output::errors;
use crate::audit::Report;
use crate::fix::ShownDiffs;
use crate::render::human::{Page, ReportStyle, WaysOut};
use crate::render::{Remark, RunOutcome, concise, github, gitlab, json, markdown, sarif};

/// How reports are written; the same for all reports of a run.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentStyle {
    pub(super) format: ReportFormat,
    pub(super) show: ReportStyle,
}

/// A formatted report: bytes, or a page for people, from which repeated sentences are dropped.
#[derive(Debug)]
pub(super) enum FormattedReport {
    Page(Page),
    Bytes(Vec<u8>),
}

/// A document that is being written.
#[derive(Debug)]
pub(super) struct RunDocument {
    style: DocumentStyle,
    is_first: bool,
    /// Locks that could not be audited, for formats that report them at the end.
    failed: Vec<Remark>,
    /// Locks with outputs that were not fully read, for the same.
    in_part: Vec<Remark>,
    /// Bytes that are left, if there is a limit.
    room: usize,
    /// What is left of GitHub's limits for SARIF.
    sarif_room: sarif::Room,
    /// How many reports did not fit.
    left_out: usize,
    /// Sentences that were already printed for people.
    written: BTreeSet<String>,
}

/// Bytes of Markdown without the end: GitHub refuses a step's summary that is longer than 1 MiB.
const ROOM: usize = 900 << 10;

impl DocumentStyle {
    /// Whether it says how many findings can be repaired.
    pub(super) fn tells_fixable(self) -> bool {
        match self.format {
            ReportFormat::Human
            | ReportFormat::Json
            | ReportFormat::Ndjson
            | ReportFormat::Markdown => true,
            ReportFormat::Github
            | ReportFormat::Sarif
            | ReportFormat::Concise
            | ReportFormat::Gitlab => false,
        }
    }

    /// Which fixes it shows with a diff, if any.
    pub(super) fn shown(self) -> Option<ShownDiffs> {
        match self.format {
            ReportFormat::Human | ReportFormat::Markdown | ReportFormat::Github => {
                Some(ShownDiffs::Groups)
            }
            ReportFormat::Json | ReportFormat::Ndjson | ReportFormat::Sarif => {
                Some(ShownDiffs::All)
            }
            ReportFormat::Concise | ReportFormat::Gitlab => None,
        }
    }

    /// Formats a report.
    pub(super) fn write(self, report: &Report<'_>, fixable: usize) -> FormattedReport {
        if self.format == ReportFormat::Human {
            return FormattedReport::Page(Page::new(report, self.show));
        }
        let mut written = Vec::new();
        // Writing to memory does not fail.
        let _ = self.write_bytes(report, fixable, &mut written);
        FormattedReport::Bytes(written)
    }

    fn write_bytes(self, report: &Report<'_>, fixable: usize, out: &mut Vec<u8>) -> io::Result<()> {
        match self.format {
            ReportFormat::Human => Ok(()),
            ReportFormat::Json | ReportFormat::Ndjson => json::write_report(report, fixable, out),
            ReportFormat::Github => github::write_report(report, out),
            ReportFormat::Markdown => markdown::write_report(report, out),
            ReportFormat::Sarif => sarif::write_report(report, out),
            ReportFormat::Concise => concise::write_report(report, out),
            ReportFormat::Gitlab => gitlab::write_report(report, out),
        }
    }
}

impl RunDocument {
    pub(super) fn new(style: DocumentStyle) -> Self {
        Self {
            style,
            is_first: true,
            failed: Vec::new(),
            in_part: Vec::new(),
            room: ROOM,
            sarif_room: sarif::Room::new(),
            left_out: 0,
            written: BTreeSet::new(),
        }
    }

    /// Writes the start.
    pub(super) fn begin(&self, out: &mut impl Write) -> io::Result<()> {
        match self.style.format {
            ReportFormat::Json => json::write_head(out),
            ReportFormat::Sarif => sarif::write_head(out),
            ReportFormat::Gitlab => gitlab::write_head(out),
            _ => Ok(()),
        }
    }

    /// Adds a formatted report; `failed` if its lock could not be audited, `in_part` if some
    /// outputs were not fully read.
    pub(super) fn add(
        &mut self,
        written: &FormattedReport,
        failed: Option<&Remark>,
        in_part: Option<&Remark>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let format = self.style.format;
        let written = match written {
            // For people, a failure goes to standard error instead.
            FormattedReport::Page(page) if failed.is_some() => {
                out.flush()?;
                return page.write(&mut self.written, &mut errors());
            }
            FormattedReport::Page(page) => return page.write(&mut self.written, out),
            FormattedReport::Bytes(written) => written,
        };
        let mut written = written.as_slice();
        if format == ReportFormat::Sarif {
            self.failed.extend(failed.cloned());
            self.in_part.extend(in_part.cloned());
            written = self.sarif_room.take(written);
        }
        if written.is_empty() {
            return Ok(());
        }
        if format == ReportFormat::Markdown {
            let Some(room) = self.room.checked_sub(written.len()) else {
                self.left_out += 1;
                return Ok(());
            };
            self.room = room;
        }
        if !std::mem::take(&mut self.is_first)
            && matches!(format, ReportFormat::Json | ReportFormat::Sarif | ReportFormat::Gitlab)
        {
            out.write_all(b",\n")?;
        }
        out.write_all(written)?;
        if format == ReportFormat::Ndjson {
            out.write_all(b"\n")?;
            out.flush()?;
        }
        Ok(())
    }

    /// Writes the end.
    pub(super) fn end(
        self,
        outcome: RunOutcome<'_>,
        ways: &WaysOut,
        out: &mut impl Write,
    ) -> io::Result<()> {
        match self.style.format {
            ReportFormat::Json => {
                if !self.is_first {
                    out.write_all(b"\n")?;
                }
                json::write_tail(outcome, out)
            }
            ReportFormat::Sarif => {
                sarif::write_tail(outcome, &self.failed, &self.in_part, &self.sarif_room, out)
            }
            ReportFormat::Github => github::write_tail(outcome, out),
            ReportFormat::Markdown => markdown::write_tail(outcome, self.left_out, out),
            ReportFormat::Human => {
                if !self.style.show.quiet {
                    writeln!(out, "{}", outcome.summary)?;
                }
                out.write_all(ways.text(self.style.show).as_bytes())
            }
            ReportFormat::Gitlab => gitlab::write_tail(out),
            ReportFormat::Ndjson | ReportFormat::Concise => Ok(()),
        }
    }
}
