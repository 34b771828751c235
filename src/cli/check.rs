//! `flake-audit check`.

mod compared;
mod documents;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;

use compared::ComparedWith;
use documents::Formats;

use super::args::{AuditOptions, Check, ReportFormat, Screen};
pub(super) use super::audit_options::{config_finder, declared, reader, stores};
use super::document::FormattedReport;
use super::exit::Exit;
use super::inert::ReadBy;
use super::output::{ResultOutput, errors, width};
use super::progress::Progress;
use crate::audit::{
    Error, Leftover, Levels, LockInput, Report, Reported, Setup, SourceWarning, audit_graph,
    leftovers,
};
use crate::batch;
use crate::config::{ConfigError, ConfigFinder, ConfigInScope, DeclaredInput};
use crate::finding::Level;
use crate::fix::edit::KnownEdit;
use crate::fix::{RepairSubject, fixable, show_edits};
use crate::graph::{Graph, Overrides};
use crate::load::{LockFile, PassedOver, find_locks, read, without_unlocked};
use crate::lock::{Lock, Unescaped};
use crate::render::human::{Accepting, ReportStyle, WaysOut};
use crate::render::{Remark, RunOutcome, Summary};
use crate::source::{SourceMemory, WorkTrees};
use crate::text::{Date, Position, Visible};

/// How locks are audited here, and how `fix` would do it.
#[derive(Debug, Clone, Copy)]
struct Setups<'s> {
    check: &'s Setup,
    fix: &'s Setup,
    work_trees: &'s Arc<WorkTrees>,
}

/// The report of a lock, formatted, and its counts.
struct Done {
    /// One for each document.
    written: Vec<FormattedReport>,
    summary: Summary,
    warnings: Vec<SourceWarning>,
    /// Why the lock could not be audited.
    failed: Option<Remark>,
    /// Which outputs were not fully read.
    in_part: Option<Remark>,
    /// What can be done about the findings.
    ways: WaysOut,
    /// The level of the most severe finding.
    loudest: Level,
}

pub(super) fn run(check: &Check, screen: &Screen) -> Result<Exit> {
    let mut output = ResultOutput::new(screen);
    let show = ReportStyle {
        color: output.color,
        quiet: screen.quiet,
        verbose: screen.verbose,
        width: width(),
    };
    let formats = Formats::of(check, show)?;
    if formats.on_screen() == Some(ReportFormat::Github) {
        output.is_read_by(ReadBy::GitHub);
    }
    let compared = ComparedWith::with(check)?;
    let finder = config_finder(check.audit.config.as_deref());
    let setup = Setup {
        levels: check.levels.clone(),
        configured: declared(&check.audit.configured),
        excerpts: formats.has(&[ReportFormat::Human]),
        include_allowed: false,
        stores: stores(&check.audit.source),
        lists: formats.has(&[ReportFormat::Json, ReportFormat::Ndjson]) || screen.verbose,
        ..Setup::default()
    };
    let fix = Setup {
        configured: declared(&check.audit.configured),
        stores: setup.stores.clone(),
        lists: true,
        for_repair: true,
        ..Setup::default()
    };
    let work_trees = Arc::default();
    let setups = Setups { check: &setup, fix: &fix, work_trees: &work_trees };
    let progress = Progress::new();
    let work = |buffer: &mut Vec<u8>, lock: &LockFile| {
        let done = work(lock, buffer, &finder, setups, &formats, &compared);
        progress.tick();
        done
    };
    let panicked = |lock: &LockFile| {
        let error = failure("flake-audit itself failed on this lock: please report it".into());
        done(&Report::failed(&lock.name, error), lock, 0, &formats)
    };
    let mut summary = Summary { older: compared.compares().then_some(0), ..Summary::default() };
    let mut warnings: Vec<Remark> = Vec::new();
    let (mut ways, mut loudest) = (WaysOut::default(), Level::Allow);
    let mut documents = formats.begin(show, &mut output)?;
    let locked = check.skip_unlocked.then(|| without_unlocked(&check.paths));
    let paths = locked.as_deref().unwrap_or(&check.paths);
    let passed_over = PassedOver::default();
    let result = batch::run(find_locks(paths, &passed_over), Vec::new, work, panicked, |done| {
        add(&mut summary, done.summary);
        warnings.extend(done.warnings.into_iter().map(Remark::from));
        ways.fixable += done.ways.fixable;
        ways.folders.extend(done.ways.folders);
        if done.loudest > loudest {
            (loudest, ways.first) = (done.loudest, done.ways.first);
        }
        progress.clear();
        let (failed, in_part) = (done.failed.as_ref(), done.in_part.as_ref());
        documents.add(&done.written, failed, in_part, &mut output)
    });
    progress.clear();
    result?;

    let passed_over = passed_over.into_all().into_iter();
    warnings.extend(passed_over.map(|(file, why)| Remark {
        message: format!("skipped: {why}"),
        file,
        line: 0,
        column: 0,
    }));
    let (unknown, due) = unanswered(&finder, &setup, summary.errors > 0);
    warnings.extend(due);
    let outcome = RunOutcome { summary, warnings: &warnings, unknown: &unknown };
    ways.arguments = arguments(check);
    documents.end(outcome, &ways, &mut output)?;
    // Locks that could not be audited are in no written file, and keep their lines.
    let is_accepted = compared.end(screen.quiet)?;
    let mut errors = errors();
    for Remark { message, file, line, column } in &warnings {
        let (file, message) = (Visible(file), Visible(message));
        match line {
            0 => writeln!(errors, "warning: {file}: {message}")?,
            _ => writeln!(errors, "warning: {file}:{line}:{column}: {message}")?,
        }
    }
    for message in &unknown {
        writeln!(errors, "error: {}", Visible(message))?;
    }
    Ok(if summary.errors > 0 || !unknown.is_empty() {
        Exit::Error
    } else if summary.deny > 0 && !check.exit_zero && !is_accepted {
        Exit::Denied
    } else {
        Exit::Success
    })
}

fn failure(message: String) -> Error {
    Error { message, file: None, position: None, excerpt: None }
}

/// Reads and audits a lock, and formats its report.
fn work(
    lock: &LockFile,
    buffer: &mut Vec<u8>,
    finder: &ConfigFinder,
    setups: Setups<'_>,
    formats: &Formats,
    compared: &ComparedWith,
) -> Done {
    let setup = setups.check;
    if let Err(problem) = read(lock, buffer) {
        let error = failure(Visible(&problem).to_string());
        return done(&Report::failed(&lock.name, error), lock, 0, formats);
    }
    let folder = lock.folder();
    let found = folder.as_deref().and_then(|folder| finder.for_folder(folder));
    let config = match found {
        Some(Ok(ref found)) => Some(found.in_scope()),
        None => None,
        Some(Err(error)) => {
            let message = Visible(&error.message).to_string();
            let ConfigError { file, position, excerpt, .. } = error;
            let error = Error { message, file: Some(file), position, excerpt };
            return done(&Report::failed(&lock.name, error), lock, 0, formats);
        }
    };
    let unescaped = Unescaped::new();
    let memory = Arc::new(SourceMemory::default());
    let reader = setup.stores.as_ref().and_then(|stores| reader(stores, lock, folder.clone()));
    let reader =
        reader.map(|reader| reader.with_memory(&memory).with_work_trees(setups.work_trees));
    let reader = reader.as_ref();
    let source = LockInput { name: &lock.name, bytes: buffer, unescaped: &unescaped, reader };
    let overrides = Overrides::new();
    let parsed = Lock::parse(buffer, &unescaped);
    let graph = parsed.as_ref().map_err(Clone::clone);
    let graph = graph.and_then(|parsed| Graph::build(parsed, &overrides));
    let mut report = match &graph {
        Ok(graph) => audit_graph(graph, source, config, setup),
        Err(error) => Report::failed(&lock.name, error.clone().into()),
    };
    let marked = compared.mark(&mut report, lock, config.map(|scope| scope.config), setup);
    if let Err(problem) = marked {
        let error = failure(format!("--since: {problem}"));
        return done(&Report::failed(&lock.name, error), lock, 0, formats);
    }
    let known_edit = formats.shown().and_then(|shown| show_edits(&mut report, reader, shown));
    let fixable = match folder {
        Some(folder) if formats.tell_fixable() => {
            let lock = (&**buffer, graph.as_ref().ok(), folder);
            repaired(&report, lock, config, setups, (memory, known_edit))
        }
        _ => 0,
    };
    done(&report, lock, fixable, formats)
}

/// How many findings `fix` would repair. It does not know the levels given here, and also repairs
/// findings that are silent here, which do not count.
fn repaired(
    report: &Report<'_>,
    (lock, graph, folder): (&[u8], Option<&Graph<'_, '_>>, PathBuf),
    config: Option<ConfigInScope<'_>>,
    setups: Setups<'_>,
    (memory, known_edit): (Arc<SourceMemory>, Option<KnownEdit>),
) -> usize {
    let name = &report.lock_file;
    let work_trees = setups.work_trees.clone();
    let subject = RepairSubject {
        name,
        lock,
        graph,
        folder,
        config,
        setup: setups.fix,
        memory,
        work_trees,
        known_edit,
    };
    let setup = setups.check;
    let levels = Levels::new(config.map(|scope| scope.config), &setup.levels);
    let is_loud =
        |finding: &Reported<'_>| levels.level(finding.rule, finding.strength) > Level::Allow;
    fixable(&subject, setup.levels.is_empty().then_some(report), is_loud)
}

fn done(report: &Report<'_>, lock: &LockFile, fixable: usize, formats: &Formats) -> Done {
    let written = formats.styles().map(|style| style.write(report, fixable)).collect();
    let in_part = Remark::in_part(report);
    let summary = Summary {
        locks: 1,
        errors: usize::from(report.error.is_some()),
        deny: report.count(Level::Deny),
        warn: report.count(Level::Warn),
        told_deny: report.count_told(Level::Deny),
        told_warn: report.count_told(Level::Warn),
        exempted: report.count_exempted(),
        older: report.findings.iter().any(|f| f.standing.is_some()).then(|| report.count_older()),
        fixable,
        cut_short: usize::from(report.sources.cut_short > 0),
        in_part: usize::from(in_part.is_some()),
    };
    let failed = report.error.as_ref().map(|error| Remark::error(&report.lock_file, error));
    let first = report.findings.iter().find(|finding| finding.counts());
    let ways = WaysOut {
        fixable,
        folders: (fixable > 0).then(|| folder_of(&lock.name)).into_iter().collect(),
        arguments: Vec::new(),
        first: first.map(Accepting::of),
    };
    let loudest = first.map_or(Level::Allow, |finding| finding.level);
    Done { written, summary, warnings: report.warnings.clone(), failed, in_part, ways, loudest }
}

/// The folder of a lock, for printing.
fn folder_of(lock_name: &str) -> String {
    match lock_name.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => folder.to_owned(),
        None => ".".to_owned(),
    }
}

/// The arguments that `fix` needs to find the same.
fn arguments(check: &Check) -> Vec<String> {
    let AuditOptions { configured, config, source } = &check.audit;
    let configured = configured.iter().map(|input| ("--configured", input.clone()));
    let shown = |path: &PathBuf| path.to_string_lossy().into_owned();
    let config = config.iter().map(|file| ("--config", shown(file)));
    let store = source.store.iter().map(|store| ("--store", shown(store)));
    let all = configured.chain(config).chain(store);
    all.flat_map(|(option, value)| [option.to_owned(), value]).collect()
}

fn add(sum: &mut Summary, one: Summary) {
    sum.locks += one.locks;
    sum.errors += one.errors;
    sum.deny += one.deny;
    sum.warn += one.warn;
    sum.told_deny += one.told_deny;
    sum.told_warn += one.told_warn;
    sum.exempted += one.exempted;
    if let (Some(older), Some(more)) = (&mut sum.older, one.older) {
        *older += more;
    }
    sum.fixable += one.fixable;
    sum.cut_short += one.cut_short;
    sum.in_part += one.in_part;
}

/// Warnings about the configuration after a run: declared inputs that no lock has, and exemptions
/// that match nothing or are due for review. Nothing is known if a lock could not be audited.
fn unanswered(finder: &ConfigFinder, setup: &Setup, failed: bool) -> (Vec<String>, Vec<Remark>) {
    if failed {
        return (Vec::new(), Vec::new());
    }
    let unseen = |input: &&DeclaredInput| !input.was_seen();
    let mut unknown: Vec<String> = setup
        .configured
        .iter()
        .filter(unseen)
        .map(|input| {
            let path = input.path.join("/");
            format!("--configured {path}: no lock has this input{}", input.hint())
        })
        .collect();
    let mut warnings = Vec::new();
    let today = Date::today();
    for config in finder.all() {
        let file = config.file.to_string_lossy().into_owned();
        for Leftover { message, position, is_error } in leftovers(&config, &setup.levels, today) {
            let Position { line, column } = position;
            if is_error {
                unknown.push(format!("{file}:{line}:{column}: {message}"));
            } else {
                warnings.push(Remark { message, file: file.clone(), line, column });
            }
        }
    }
    (unknown, warnings)
}
