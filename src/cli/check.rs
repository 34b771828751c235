//! `flake-audit check`.

use std::io::{self, Write};
use std::path::Path;

use anyhow::Result;

use super::args::{Check, ReportFormat, Screen, SourceOptions};
use super::exit::Exit;
use super::output::Output;
use super::progress::Progress;
use crate::audit::{Error, Levels, Report, Setup, Source, SourceWarning, audit};
use crate::batch;
use crate::config::{ConfigFinder, DeclaredInput};
use crate::finding::Level;
use crate::load::{LockFile, find, read};
use crate::lock::Unescaped;
use crate::render::json::{Summary, Warning};
use crate::render::{human, json};
use crate::rules::{self, RULES};
use crate::source::{Reader, Stores};
use crate::text::{Date, Position, Visible};

/// A lock's report, written, and what counts of it.
struct Done {
    written: Vec<u8>,
    summary: Summary,
    warnings: Vec<SourceWarning>,
}

pub(super) fn run(check: &Check, screen: &Screen) -> Result<Exit> {
    let mut output = Output::new(screen);
    let finder = config_finder(check.audit.config.as_deref());
    let setup = Setup {
        levels: check.levels.clone(),
        configured: declared(&check.audit.configured),
        excerpts: check.format == ReportFormat::Human,
        silent: false,
        stores: stores(&check.audit.source),
        lists: check.format != ReportFormat::Human || screen.verbose,
    };
    let show = human::Show { color: output.color, quiet: screen.quiet, verbose: screen.verbose };
    let progress = Progress::new();
    let write = |report: &Report<'_>, out: &mut Vec<u8>| match check.format {
        ReportFormat::Human => human::write_report(report, show, out),
        ReportFormat::Json | ReportFormat::Ndjson => json::write_report(report, out),
    };
    let work = |buffer: &mut Vec<u8>, lock: &LockFile| {
        let done = work(lock, buffer, &finder, &setup, write);
        progress.tick();
        done
    };
    let panicked = |lock: &LockFile| {
        let error = failure("flake-audit itself failed on this lock: please report it".into());
        done(&Report::failed(&lock.name, error), write)
    };
    let mut summary = Summary::default();
    let mut found = Vec::new();
    let mut first = true;
    if check.format == ReportFormat::Json {
        json::write_head(&mut output)?;
    }
    let told = batch::run(find(&check.paths), Vec::new, work, panicked, |done| {
        add(&mut summary, done.summary);
        found.extend(done.warnings.into_iter().map(warning));
        progress.clear();
        if check.format == ReportFormat::Json && !first {
            output.write_all(b",\n")?;
        }
        first = false;
        // For people, what could not be audited is no result.
        if check.format == ReportFormat::Human && done.summary.errors > 0 {
            output.flush()?;
            return io::stderr().write_all(&done.written);
        }
        output.write_all(&done.written)?;
        if check.format == ReportFormat::Ndjson {
            output.write_all(b"\n")?;
            output.flush()?;
        }
        Ok::<_, io::Error>(())
    });
    progress.clear();
    told?;

    let (unknown, mut warnings) = leftovers(&finder, &setup, summary.errors > 0);
    found.append(&mut warnings);
    let warnings = found;
    match check.format {
        ReportFormat::Json => {
            if !first {
                output.write_all(b"\n")?;
            }
            json::write_tail(summary, &warnings, &mut output)?;
        }
        ReportFormat::Human if !screen.quiet => write_summary(summary, &mut output)?,
        ReportFormat::Human | ReportFormat::Ndjson => {}
    }
    output.flush()?;
    let mut errors = io::stderr().lock();
    for Warning { message, file, line, column } in &warnings {
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
    } else if summary.deny > 0 {
        Exit::Denied
    } else {
        Exit::Success
    })
}

/// Looks for configurations, or takes the one that was named.
pub(super) fn config_finder(named: Option<&Path>) -> ConfigFinder {
    let rules = RULES.iter().map(|rule| rule.id).collect();
    match named {
        Some(file) => ConfigFinder::fixed(rules, file),
        None => ConfigFinder::new(rules),
    }
}

/// Inputs given by `--configured`.
pub(super) fn declared(inputs: &[String]) -> Vec<DeclaredInput> {
    let declare = |input: &String| {
        let path = input.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        DeclaredInput::new(path, Position { line: 1, column: 1 })
    };
    inputs.iter().map(declare).collect()
}

/// The stores in which sources are looked for, if they are wanted.
pub(super) fn stores(options: &SourceOptions) -> Option<Stores> {
    let named = std::env::var_os("NIX_STORE_DIR");
    options.enabled.then(|| Stores::new(options.store.as_deref(), named.as_deref()))
}

/// Where the sources of a lock are looked for; one from standard input has none.
pub(super) fn reader(stores: &Stores, lock: &LockFile) -> Option<Reader> {
    lock.path.as_ref()?;
    Some(Reader::new(stores.clone(), lock.folder()))
}

fn failure(message: String) -> Error {
    Error { message, file: None, position: None }
}

/// Reads and audits a lock and writes its report.
fn work(
    lock: &LockFile,
    buffer: &mut Vec<u8>,
    finder: &ConfigFinder,
    setup: &Setup,
    write: impl Fn(&Report<'_>, &mut Vec<u8>) -> io::Result<()>,
) -> Done {
    if let Err(problem) = read(lock, buffer) {
        let error = failure(Visible(&problem).to_string());
        return done(&Report::failed(&lock.name, error), write);
    }
    let found = lock.folder().and_then(|folder| finder.find(&folder));
    let config = match found {
        Some(Ok(ref found)) => Some((&*found.config, found.beside)),
        None => None,
        Some(Err(error)) => {
            let message = Visible(&error.message).to_string();
            let error = Error { message, file: Some(error.file), position: error.position };
            return done(&Report::failed(&lock.name, error), write);
        }
    };
    let unescaped = Unescaped::new();
    let reader = setup.stores.as_ref().and_then(|stores| reader(stores, lock));
    let reader = reader.as_ref();
    let source = Source { name: &lock.name, bytes: buffer, unescaped: &unescaped, reader };
    done(&audit(source, config, setup), write)
}

fn done(report: &Report<'_>, write: impl Fn(&Report<'_>, &mut Vec<u8>) -> io::Result<()>) -> Done {
    let mut written = Vec::new();
    // Writing to memory does not fail.
    let _ = write(report, &mut written);
    let summary = Summary {
        locks: 1,
        errors: usize::from(report.error.is_some()),
        deny: report.count(Level::Deny),
        warn: report.count(Level::Warn),
        exempted: report.count_exempted(),
        fixable: report.count_fixable(),
    };
    Done { written, summary, warnings: report.warnings.clone() }
}

fn add(sum: &mut Summary, one: Summary) {
    sum.locks += one.locks;
    sum.errors += one.errors;
    sum.deny += one.deny;
    sum.warn += one.warn;
    sum.exempted += one.exempted;
    sum.fixable += one.fixable;
}

fn warning(source: SourceWarning) -> Warning {
    let Position { line, column } = source.position.unwrap_or(Position { line: 0, column: 0 });
    Warning { message: source.message, file: source.file, line, column }
}

/// What no lock of the run answered to: declared inputs that none has, and exemptions that match
/// nothing or are due for review. Where a lock could not be audited, nobody knows.
fn leftovers(finder: &ConfigFinder, setup: &Setup, failed: bool) -> (Vec<String>, Vec<Warning>) {
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
        for input in config.configured.iter().chain(&config.nixpkgs).filter(unseen) {
            let Position { line, column } = input.position;
            let (path, hint) = (input.path.join("/"), input.hint());
            unknown.push(format!("{file}:{line}:{column}: no lock has an input `{path}`{hint}"));
        }
        let levels = Levels::new(Some(&config), &setup.levels);
        let is_on = |id: &str| rules::find(id).is_some_and(|rule| levels.is_on(rule));
        // Nobody knows what a rule that is off would have found.
        for exemption in config.exempt.iter().filter(|exemption| is_on(&exemption.rule)) {
            if let Some(message) = today.and_then(|today| exemption.warning(today)) {
                let Position { line, column } = exemption.position;
                warnings.push(Warning { message, file: file.clone(), line, column });
            }
        }
    }
    (unknown, warnings)
}

fn write_summary(summary: Summary, out: &mut impl Write) -> io::Result<()> {
    let count = |number: usize, what: &str| match number {
        0 => None,
        1 => Some(format!("1 {what}")),
        more => Some(format!("{more} {what}s")),
    };
    let locks = count(summary.locks, "lock").unwrap_or_else(|| "no lock".into());
    let exempted = (summary.exempted > 0).then(|| format!("{} exempted", summary.exempted));
    let found: Vec<_> = [
        (summary.errors > 0).then(|| format!("{} not audited", summary.errors)),
        count(summary.deny, "error"),
        count(summary.warn, "warning"),
        exempted,
    ]
    .into_iter()
    .flatten()
    .collect();
    let found = if found.is_empty() { "nothing found".into() } else { found.join(", ") };
    let fixable = match summary.fixable {
        0 => String::new(),
        number => format!(" (`flake-audit fix` repairs {number})"),
    };
    writeln!(out, "{locks}: {found}{fixable}")
}
