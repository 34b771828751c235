//! The documents of a run: at most one on standard output, the others in files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::super::args::{Check, ChosenFormat, ReportFormat};
use super::super::document::{DocumentStyle, FormattedReport, RunDocument};
use super::super::output::ResultOutput;
use crate::fix::ShownDiffs;
use crate::load::AtomicFile;
use crate::render::human::{ReportStyle, WaysOut};
use crate::render::{Remark, RunOutcome};
use crate::text::Visible;

/// The formats of a run, each once for every file.
#[derive(Debug)]
pub(super) struct Formats(Vec<(ChosenFormat, DocumentStyle)>);

/// The documents that are being written.
#[derive(Debug)]
pub(super) struct OpenDocuments {
    all: Vec<(RunDocument, Option<(PathBuf, AtomicFile)>)>,
    show: ReportStyle,
}

impl Formats {
    /// The chosen formats. A format without a file of its own goes to `--output`, if given.
    ///
    /// # Errors
    /// Two of them go to the same place, or none goes to `--output`.
    pub(super) fn of(check: &Check, show: ReportStyle) -> Result<Self> {
        let mut all = check.format.clone();
        if let Some(output) = &check.output {
            match all.iter_mut().find(|chosen| chosen.file.is_none()) {
                Some(chosen) => chosen.file = Some(output.clone()),
                None => {
                    bail!("--output has nothing to write: every --format names a file of its own")
                }
            }
        }
        for (at, chosen) in all.iter().enumerate() {
            if all.iter().skip(at + 1).any(|other| other.file == chosen.file) {
                let place = match &chosen.file {
                    Some(file) => Visible(&file.to_string_lossy()).to_string(),
                    None => "standard output".into(),
                };
                bail!("two formats for {place}: `--format FORMAT=FILE` writes one into a file");
            }
        }
        let styled = all.into_iter().map(|chosen| {
            // Files are not read in a terminal.
            let width = show.width.filter(|_| chosen.file.is_none());
            let style =
                DocumentStyle { format: chosen.format, show: ReportStyle { width, ..show } };
            (chosen, style)
        });
        Ok(Self(styled.collect()))
    }

    /// The style of each.
    pub(super) fn styles(&self) -> impl Iterator<Item = DocumentStyle> {
        self.0.iter().map(|(_, style)| *style)
    }

    /// Whether any has one of these formats.
    pub(super) fn has(&self, formats: &[ReportFormat]) -> bool {
        self.styles().any(|style| formats.contains(&style.format))
    }

    /// The format of standard output, if that is a document.
    pub(super) fn on_screen(&self) -> Option<ReportFormat> {
        self.0.iter().find(|(chosen, _)| chosen.file.is_none()).map(|(chosen, _)| chosen.format)
    }

    /// Whether any of them, or the summary, says how many findings can be repaired.
    pub(super) fn tell_fixable(&self) -> bool {
        self.on_screen().is_none() || self.styles().any(DocumentStyle::tells_fixable)
    }

    /// Which fixes need a diff.
    pub(super) fn shown(&self) -> Option<ShownDiffs> {
        let all = self.styles().filter_map(DocumentStyle::shown);
        all.max_by_key(|shown| *shown == ShownDiffs::All)
    }

    /// Begins all of them.
    ///
    /// # Errors
    /// Those of the disk and of standard output.
    pub(super) fn begin(
        &self,
        show: ReportStyle,
        output: &mut ResultOutput,
    ) -> Result<OpenDocuments> {
        let mut all = Vec::new();
        for (chosen, style) in &self.0 {
            let file = match &chosen.file {
                Some(file) => {
                    let new = AtomicFile::begin(file).with_context(|| unwritten(file))?;
                    Some((file.clone(), new))
                }
                None => None,
            };
            all.push((RunDocument::new(*style), file));
        }
        let mut documents = OpenDocuments { all, show };
        documents.each(output, |document, out| document.begin(&mut &mut *out))?;
        Ok(documents)
    }
}

impl OpenDocuments {
    /// Adds a report to each, in that one's format.
    ///
    /// # Errors
    /// Those of the disk and of standard output.
    pub(super) fn add(
        &mut self,
        written: &[FormattedReport],
        failed: Option<&Remark>,
        in_part: Option<&Remark>,
        output: &mut ResultOutput,
    ) -> io::Result<()> {
        let mut written = written.iter();
        self.each(output, |document, out| match written.next() {
            Some(written) => document.add(written, failed, in_part, &mut &mut *out),
            None => Ok(()),
        })
    }

    /// Ends all of them, and moves files into place. If standard output is no document, the summary
    /// goes there.
    ///
    /// # Errors
    /// Those of the disk and of standard output.
    pub(super) fn end(
        self,
        outcome: RunOutcome<'_>,
        ways: &WaysOut,
        output: &mut ResultOutput,
    ) -> Result<()> {
        let mut tells_summary = !self.show.quiet;
        for (document, file) in self.all {
            match file {
                Some((file, mut new)) => {
                    let ended = document.end(outcome, ways, &mut new);
                    ended.and_then(|()| new.finish(true)).with_context(|| unwritten(&file))?;
                }
                None => {
                    tells_summary = false;
                    document.end(outcome, ways, output)?;
                }
            }
        }
        if tells_summary {
            writeln!(output, "{}", outcome.summary)?;
        }
        Ok(output.flush()?)
    }

    fn each(
        &mut self,
        output: &mut ResultOutput,
        mut write: impl FnMut(&mut RunDocument, &mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        for (document, file) in &mut self.all {
            match file {
                Some((file, new)) => write(document, new).map_err(|error| {
                    io::Error::new(error.kind(), format!("{}: {error}", unwritten(file)))
                })?,
                None => write(document, output)?,
            }
        }
        Ok(())
    }
}

fn unwritten(file: &Path) -> String {
    format!("cannot write {}", Visible(&file.to_string_lossy()))
}
