//! What the findings of a run are compared with: a baseline file, or the flake at another revision.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};

use super::super::args::Check;
use super::super::load_one::ReadLock;
use super::super::output::errors;
use super::{config_finder, declared, stores};
use crate::audit::{Levels, Report, Setup, SourceWarning, audit};
use crate::baseline::{self, Audited, Baseline, BaselineEntry, KnownFindings};
use crate::config::{Config, ConfigFinder};
use crate::history::{History, HistoryError};
use crate::load::{LockFile, create};
use crate::rules::RULES;
use crate::text::Visible;

/// What findings are compared with.
#[derive(Debug)]
pub(super) enum ComparedWith {
    /// Nothing, so all count.
    Nothing,
    /// A baseline file.
    Baseline(Recorded),
    /// The flake at another revision.
    Since(Box<Since>),
}

/// A baseline file, and the current findings.
#[derive(Debug)]
pub(super) struct Recorded {
    file: PathBuf,
    baseline: Baseline,
    /// Whether to write it.
    is_written: bool,
    found: Mutex<BTreeMap<String, Audited>>,
}

/// The flake at another revision, and how to audit it.
#[derive(Debug)]
pub(super) struct Since {
    history: History,
    finder: ConfigFinder,
    setup: Setup,
}

impl ComparedWith {
    /// The comparison that the arguments ask for.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn with(check: &Check) -> Result<Self> {
        if let Some(revision) = &check.since {
            let finder = config_finder(check.audit.config.as_deref());
            let setup = Setup {
                configured: declared(&check.audit.configured),
                // A finding that counts now need not have counted before.
                include_allowed: true,
                stores: stores(&check.audit.source),
                ..Setup::default()
            };
            let history = History::new(revision);
            return Ok(Self::Since(Box::new(Since { history, finder, setup })));
        }
        let (file, is_written) = match (&check.baseline, &check.write_baseline) {
            (Some(file), _) => (file, false),
            (None, Some(file)) => (file, true),
            (None, None) => return Ok(Self::Nothing),
        };
        let baseline = if is_written { Baseline::read_or_new(file) } else { Baseline::read(file) }?;
        let found = Mutex::default();
        Ok(Self::Baseline(Recorded { file: file.clone(), baseline, is_written, found }))
    }

    /// Whether findings are compared at all.
    pub(super) fn compares(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Baseline(recorded) => !recorded.is_written,
            Self::Since(_) => true,
        }
    }

    /// Marks each finding of a report as new or older.
    ///
    /// # Errors
    /// The earlier state is not known.
    pub(super) fn mark(
        &self,
        report: &mut Report<'_>,
        lock: &LockFile,
        config: Option<&Config>,
        setup: &Setup,
    ) -> Result<(), Arc<HistoryError>> {
        if report.error.is_some() {
            return Ok(());
        }
        match self {
            Self::Nothing => {}
            Self::Baseline(recorded) => recorded.mark(report, lock, config, setup),
            Self::Since(since) => since.mark(report, lock)?,
        }
        Ok(())
    }

    /// Whether the run succeeds whatever it finds, because the findings were written to a file.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(super) fn end(&self, is_quiet: bool) -> Result<bool> {
        match self {
            Self::Nothing | Self::Since(_) => Ok(false),
            Self::Baseline(recorded) => recorded.end(is_quiet),
        }
    }
}

impl Recorded {
    fn mark(
        &self,
        report: &mut Report<'_>,
        lock: &LockFile,
        config: Option<&Config>,
        setup: &Setup,
    ) {
        let flake = self.baseline.name(lock);
        let levels = Levels::new(config, &setup.levels);
        let off = RULES.iter().filter(|rule| !levels.is_on(rule)).map(|rule| rule.id).collect();
        let audited = Audited { entries: BaselineEntry::of(&flake, report), off };
        if !self.is_written {
            self.baseline.known_findings(&flake).compare(report);
        }
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(flake, audited);
    }

    fn end(&self, is_quiet: bool) -> Result<bool> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let stale = self.baseline.stale(&found);
        if self.is_written {
            let entries = self.baseline.renewed(&found);
            create(&self.file, true, |out| baseline::write(&entries, out)).with_context(|| {
                format!("cannot write {}", Visible(&self.file.to_string_lossy()))
            })?;
            if !is_quiet {
                let (now, gone) = (entries.len(), stale.len());
                let file = self.file.to_string_lossy();
                let gone = if gone > 0 {
                    format!(", {gone} that no longer occur are gone")
                } else {
                    String::new()
                };
                writeln!(errors(), "{} has {now} findings{gone}", Visible(&file))?;
            }
            return Ok(true);
        }
        if !is_quiet {
            self.print_stale(&stale)?;
        }
        Ok(false)
    }

    /// Reports lines that no longer occur.
    fn print_stale(&self, stale: &[&BaselineEntry]) -> Result<()> {
        /// How many lines are listed; the rest is counted.
        const MOST: usize = 10;
        let mut errors = errors();
        let file = self.file.to_string_lossy();
        let file = Visible(&file);
        for BaselineEntry { flake, rule, input, .. } in stale.iter().take(MOST) {
            writeln!(errors, "warning: {file}: no longer occurs: {rule} {input} in {flake}")?;
        }
        if let Some(more) = stale.len().checked_sub(MOST).filter(|more| *more > 0) {
            writeln!(errors, "warning: {file}: and {more} more that no longer occur")?;
        }
        if !stale.is_empty() {
            writeln!(errors, "warning: {file}: `--write-baseline` removes what no longer occurs")?;
        }
        Ok(())
    }
}

impl Since {
    fn mark(&self, report: &mut Report<'_>, lock: &LockFile) -> Result<(), Arc<HistoryError>> {
        let folder = lock.folder().ok_or_else(|| HistoryError::NoRepository("-".into()))?;
        let checkout = self.history.of(&folder)?;
        let mut known = KnownFindings::default();
        for flake in checkout.flakes_of(&folder) {
            match self.known_findings(&flake) {
                Ok(findings) => known.extend(findings),
                Err(problem) => report.warnings.push(SourceWarning {
                    message: format!(
                        "what was found at {} is not known, so all counts as new: {problem}",
                        self.history.revision()
                    ),
                    file: report.lock_file.clone(),
                    position: None,
                }),
            }
        }
        known.compare(report);
        Ok(())
    }

    /// The findings of a flake at the other revision, by all rules; or why they are not known.
    fn known_findings(&self, folder: &Path) -> Result<KnownFindings> {
        ReadLock::at_revision(folder, &self.finder)?.looked_at(&self.setup, |source, config| {
            let report = audit(source, config, &self.setup);
            match &report.error {
                Some(error) => Err(error.clone()),
                None => Ok(KnownFindings::of(&report)),
            }
        })
    }
}
