//! `flake-audit fix`.

mod summary;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use super::args::{AuditOptions, Fix, Screen, SourceOptions};
use super::check::{declared, stores};
use super::evaluating::Evaluating;
use super::exit::Exit;
use super::git::{path_prefix, unseen};
use super::init::settings_from_arguments;
use super::load_one::{ReadLock, all_seen};
use super::output::{ResultOutput, errors};
use super::proof::{Proof, Prover};
use super::{failed, git, patch};
use crate::audit::{Levels, Reported, Setup};
use crate::config::PathPattern;
use crate::draw::NewWrapper;
use crate::finding::Level;
use crate::fix::wrapper::WrapperSettings;
use crate::fix::write::{Replacement, WriteError, examine, replace};
use crate::fix::{
    Choice, Hindrance, Repair, RepairSubject, WantedWrapper, repair, repair_with_wrapper,
};
use crate::load::{distinct, single, without_unlocked};
use crate::rules;
use crate::text::{Visible, did_you_mean};
use crate::twice::TwicePlan;
use crate::verify::Nix;
use crate::verify::interrupts::deferred;

/// Repairs flake after flake; an error in one does not stop the others.
pub(super) fn run(fix: &Fix, screen: &Screen) -> Exit {
    let locked = fix.skip_unlocked.then(|| without_unlocked(&fix.paths));
    let flakes = distinct(locked.as_deref().unwrap_or(&fix.paths));
    let is_one_of_many = flakes.len() > 1;
    let exits = flakes.into_iter().map(|path| {
        let label = match is_one_of_many {
            true => format!("{}: ", Visible(&single(path).name)),
            false => String::new(),
        };
        repair_one(fix, screen, path, &label).unwrap_or_else(|error| failed(&error))
    });
    exits.max().unwrap_or(Exit::Success)
}

/// Repairs the flake at a path; `label` names it if there are several.
fn repair_one(fix: &Fix, screen: &Screen, path: &Path, label: &str) -> Result<Exit> {
    let given = Given::new(fix)?;
    let read = ReadLock::new(path, given.file)?;
    let Some(folder) = read.lock.folder() else {
        bail!("{}: only a flake in a folder can be repaired", read.lock.name)
    };
    let mut setup = repair_setup(&fix.configured, &fix.source);
    // A rule that is named is on, whatever its level.
    let config = read.config();
    for rule in fix.rule.iter().filter_map(|id| rules::rule_named(id)) {
        if !Levels::new(config.map(|scope| scope.config), &setup.levels).is_on(rule) {
            setup.levels.push((rule.id, Level::Warn));
        }
    }
    let choice = Choice {
        rules: fix.rule.clone(),
        inputs: fix.input.iter().map(|input| PathPattern::new(names(input))).collect(),
        safe_only: fix.safe_only,
        ..Choice::default()
    };
    let subject = read.repair_subject(folder, &setup);
    let finish = |repair: &Repair<'_>| {
        if let Some(error) = &repair.before.error {
            return Err(read.not_audited(error));
        }
        all_seen(&setup.configured).map_err(|error| anyhow!("{label}{error}"))?;
        if let Some(unmatched) = choice.unmatched(&read.bytes, repair.before) {
            let input = fix.input.get(unmatched.number).map(String::as_str).unwrap_or_default();
            let hint = did_you_mean(unmatched.nearest(input));
            bail!("{label}--input {input}: the lock has no such input{hint}");
        }
        finish(fix, screen, label, &read, &subject, repair)
    };
    let result = match &fix.init {
        None => repair(&subject, &choice, !fix.no_lock, finish),
        Some(dir) => {
            for note in &given.notes {
                writeln!(io::stderr(), "note: {label}{}", Visible(note))?;
            }
            let wanted =
                WantedWrapper { dir: dir.clone(), importable: !fix.bare, settings: given.settings };
            repair_with_wrapper(&subject, &wanted, &choice, finish)
        }
    };
    result
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("{}flake.nix", path_prefix(subject.name)))?
}

/// How `fix` audits.
pub(super) fn repair_setup(configured: &[String], source: &SourceOptions) -> Setup {
    Setup {
        configured: declared(configured),
        excerpts: true,
        stores: stores(source),
        lists: true,
        ..Setup::default()
    }
}

/// Applies the chosen fixes, with all checks and without output; returns the result in a sentence.
///
/// # Errors
/// Why nothing was written.
pub(super) fn make(path: &Path, options: &AuditOptions, choice: &Choice) -> Result<String> {
    let read = ReadLock::new(path, options.config.as_deref())?;
    let Some(folder) = read.lock.folder() else {
        bail!("only a flake in a folder can be repaired")
    };
    let setup = repair_setup(&options.configured, &options.source);
    let subject = read.repair_subject(folder, &setup);
    let made = repair(&subject, choice, true, |repair| {
        if let Some(error) = &repair.before.error {
            return Err(read.not_audited(error));
        }
        match &repair.hindrance {
            Some(Hindrance::Lock(reason)) => bail!(
                "nothing was written: flake.lock cannot be brought up to date without Nix: {reason}"
            ),
            Some(Hindrance::Refused(reason) | Hindrance::ByHand(reason)) => {
                bail!("nothing was written: {reason}")
            }
            None => {}
        }
        let in_subject = |error: WriteError| anyhow!("{}", error.below(path_prefix(subject.name)));
        examine(&subject.folder, &repair.files).map_err(in_subject)?;
        replace(&subject.folder, &repair.files).map_err(in_subject)?;
        let written = repair.files.iter().filter(|file| file.changes());
        let written: Vec<String> = written.map(|file| file.name.to_string()).collect();
        Ok(match (written.as_slice(), repair.repaired().len()) {
            ([], _) => "nothing was written: there is nothing to repair".to_owned(),
            (files, 1) => format!("1 finding repaired, wrote {}", files.join(", ")),
            (files, more) => format!("{more} findings repaired, wrote {}", files.join(", ")),
        })
    });
    made.map_err(anyhow::Error::msg)?
}

/// The wrapper that `--init` would bring in for a flake's inline settings. Nothing is written.
///
/// # Errors
/// It would bring in none, and why.
pub(super) fn new_wrapper(path: &Path, options: &AuditOptions) -> Result<NewWrapper, String> {
    /// What the help of a finding calls it.
    const NAME: &str = "nixpkgs-gpu";
    let words = |error: anyhow::Error| format!("{error:#}");
    let read = ReadLock::new(path, options.config.as_deref()).map_err(words)?;
    let folder = read.lock.folder().ok_or("only a flake in a folder can be repaired")?;
    let setup = repair_setup(&options.configured, &options.source);
    let subject = read.repair_subject(folder, &setup);
    let wanted = WantedWrapper {
        dir: NAME.to_owned(),
        importable: true,
        settings: WrapperSettings::default(),
    };
    repair_with_wrapper(&subject, &wanted, &Choice::default(), |repair| {
        match (&repair.hindrance, &repair.introduced) {
            (Some(Hindrance::Lock(reason)), _) => {
                Err(format!("flake.lock cannot be brought up to date without Nix: {reason}"))
            }
            (Some(Hindrance::Refused(reason) | Hindrance::ByHand(reason)), _) => {
                Err(reason.clone())
            }
            (None, None) => Err("no wrapper would be added".to_owned()),
            (None, Some(introduced)) => Ok(NewWrapper {
                name: introduced.name.clone(),
                sets: introduced.sets.clone(),
                base: introduced.base.clone(),
                followers: repair.followers_of(&introduced.name),
            }),
        }
    })?
}

/// What `--config` gives: a file, and with `--init` settings of the wrapper.
struct Given<'f> {
    file: Option<&'f Path>,
    settings: WrapperSettings,
    notes: Vec<String>,
}

impl<'f> Given<'f> {
    fn new(fix: &'f Fix) -> Result<Self> {
        let is_init = fix.init.is_some();
        let name = |argument: &Path| -> Option<String> {
            let (name, _) = argument.to_str()?.split_once('=')?;
            // A folder's name may hold a `=`, but the name of a setting contains no slash.
            (!name.contains('/')).then(|| name.to_owned())
        };
        let is_setting = |argument: &&Path| is_init && name(argument).is_some();
        let (settings, files): (Vec<&Path>, Vec<_>) =
            fix.config.iter().map(PathBuf::as_path).partition(is_setting);
        if let [_, second, ..] = files.as_slice() {
            let hint = match name(second) {
                Some(_) if !is_init => ": NAME=VALUE is for --init",
                _ => "",
            };
            bail!("--config {}: there is one configuration only{hint}", second.display());
        }
        let mut notes = Vec::new();
        let settings =
            settings_from_arguments(settings.into_iter().filter_map(Path::to_str), &mut notes)?;
        Ok(Self { file: files.first().copied(), settings, notes })
    }
}

fn writes(fix: &Fix) -> bool {
    !fix.diff && !fix.dry_run
}

fn names(input: &str) -> impl Iterator<Item = &str> {
    input.split('/').filter(|name| !name.is_empty())
}

/// Writes the files and reports.
fn finish(
    fix: &Fix,
    screen: &Screen,
    label: &str,
    read: &ReadLock,
    subject: &RepairSubject<'_>,
    repair: &Repair<'_>,
) -> Result<Exit> {
    let mut output = ResultOutput::new(screen);
    let above = path_prefix(subject.name);
    if let Some(hindrance) = &repair.hindrance {
        return hindered(fix, label, hindrance, repair, screen, &mut output);
    }
    let in_subject = |error: WriteError| anyhow!("{}", error.below(above));
    // Check first whether the files can be written.
    examine(&subject.folder, &repair.files).map_err(in_subject)?;
    let mut is_proved = false;
    if fix.verify && !repair.files.is_empty() {
        let mut found = proved(fix, screen, read, subject, repair)?;
        found.print(label, &mut errors())?;
        if let Some(reason) = found.breaks.take() {
            let hindrance = Hindrance::Refused(reason);
            return hindered(fix, label, &hindrance, repair, screen, &mut output);
        }
        is_proved = !found.is_partial();
    }
    if writes(fix) {
        replace(&subject.folder, &repair.files).map_err(in_subject)?;
    }
    let printed = print_repair(fix, screen, label, subject, repair, is_proved, &mut output);
    // If the report cannot be printed, the error at least says whether files were written.
    printed.with_context(|| {
        match writes(fix) && repair.files.iter().any(Replacement::changes) {
            true => format!("{label}the files are written, but the report is not"),
            false => format!("{label}the report cannot be written"),
        }
    })?;
    Ok(exit(&repair.left))
}

fn print_repair(
    fix: &Fix,
    screen: &Screen,
    label: &str,
    subject: &RepairSubject<'_>,
    repair: &Repair<'_>,
    is_proved: bool,
    output: &mut ResultOutput,
) -> io::Result<()> {
    let above = path_prefix(subject.name);
    if fix.diff {
        let above = git::in_patches(above, &subject.folder);
        for file in repair.files.iter().filter(|file| file.changes()) {
            patch::write(&above, file, output.color, output)?;
        }
        output.flush()?;
        if !screen.quiet {
            summary::summary(fix, label, repair, &mut errors())?;
        }
    } else {
        if !screen.quiet {
            summary::done(fix, repair, above, output)?;
        }
        summary::left(&repair.left, screen, output)?;
        if !screen.quiet {
            summary::summary(fix, label, repair, output)?;
        }
        output.flush()?;
    }
    summary::notes(fix, label, repair, is_proved, screen)?;
    let is_new = |file: &&Replacement<'_>| file.before.is_none() || !file.changes();
    for file in repair.files.iter().filter(|file| writes(fix) && is_new(file)) {
        let path = format!("{above}{}", file.name);
        git::tell_new(&subject.folder.join(file.name.as_str()), &path)?;
    }
    Ok(())
}

/// Evaluates a repair with Nix before it is written.
fn proved(
    fix: &Fix,
    screen: &Screen,
    read: &ReadLock,
    subject: &RepairSubject<'_>,
    repair: &Repair<'_>,
) -> Result<Proof> {
    let plan = read.with_analysis(subject.setup, TwicePlan::of)?.context("Nix is not asked")?;
    let progress = Evaluating::new(screen);
    let proof = deferred(|interrupts| {
        let nix = Nix::within(&fix.nix, Duration::from_secs(fix.timeout), interrupts);
        unseen(&subject.folder, path_prefix(subject.name), &nix)?;
        let store = fix.source.store.as_deref();
        let asked = Prover { nix: &nix, plan: &plan, store, progress: &progress };
        asked.prove(&subject.folder, repair)
    });
    progress.end();
    proof?
}

fn exit(left: &[&Reported<'_>]) -> Exit {
    if summary::count(left, Level::Deny) > 0 { Exit::Denied } else { Exit::Success }
}

/// Explains why nothing was written, and what a person can do.
fn hindered(
    fix: &Fix,
    label: &str,
    hindrance: &Hindrance,
    repair: &Repair<'_>,
    screen: &Screen,
    output: &mut ResultOutput,
) -> Result<Exit> {
    let all: Vec<_> = repair.before.findings.iter().collect();
    match hindrance {
        Hindrance::Lock(reason) => bail!(
            "{label}flake.lock cannot be brought up to date without Nix: {reason}; run \
             `nix flake lock` first, or edit flake.nix alone with --no-lock"
        ),
        Hindrance::Refused(reason) => {
            let mut errors = errors();
            writeln!(
                errors,
                "{label}nothing was written, the plan was refused: {}",
                Visible(reason)
            )?;
            if !fix.diff {
                summary::left(&all, screen, output)?;
            }
        }
        Hindrance::ByHand(reason) => {
            let mut errors = errors();
            writeln!(errors, "{label}nothing was written: {}", Visible(reason))?;
            // Nothing but the diff may be on standard output.
            if fix.diff {
                summary::by_hand(fix, label, repair, &mut errors)?;
            } else {
                summary::by_hand(fix, label, repair, output)?;
                summary::left(&repair.plan.remaining(repair.before), screen, output)?;
            }
        }
    }
    output.flush()?;
    Ok(exit(&all))
}
