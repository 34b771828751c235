//! `flake-audit fix`.

use std::io::{self, Write};

use anyhow::{Context, Result, bail};

use super::args::{Fix, Screen};
use super::check::{declared, stores};
use super::exit::Exit;
use super::one_lock::{ReadLock, all_seen};
use super::output::Output;
use super::proof::{Proof, prove};
use super::{diff, git};
use crate::audit::{Levels, Report, Reported, Setup};
use crate::config::Pattern;
use crate::finding::Level;
use crate::fix::write::{Mended, mend, replace};
use crate::fix::{
    Choice, Hindrance, Introduced, Repair, Subject, Wanted, repair, repair_with_wrapper,
};
use crate::render::human;
use crate::rules;
use crate::text::{AttrPath, Visible};
use crate::verify::Nix;

pub(super) fn run(fix: &Fix, screen: &Screen) -> Result<Exit> {
    let writes = !fix.diff && !fix.dry_run;
    let folder = crate::load::single(&fix.path).folder();
    if let Some(folder) = folder.as_deref().filter(|_| writes) {
        // Before anything is read: half of a pair may be there.
        for mended in mend(folder)? {
            tell_mended(&mended)?;
        }
    }
    let read = ReadLock::new(&fix.path, fix.config.as_deref())?;
    let Some(folder) = read.lock.folder() else {
        bail!("{}: only a flake in a folder can be repaired", read.lock.name)
    };
    let mut setup = Setup {
        configured: declared(&fix.configured),
        excerpts: true,
        stores: stores(&fix.source),
        lists: true,
        ..Setup::default()
    };
    // Who names a rule wants to hear it.
    let config = read.config();
    for rule in fix.rule.iter().filter_map(|id| rules::find(id)) {
        if !Levels::new(config.map(|(config, _)| config), &setup.levels).is_on(rule) {
            setup.levels.push((rule.id, Level::Warn));
        }
    }
    let choice = Choice {
        rules: fix.rule.clone(),
        inputs: fix.input.iter().map(|input| Pattern::new(names(input))).collect(),
        safe_only: fix.safe_only,
    };
    let subject =
        Subject { name: &read.lock.name, lock: &read.bytes, folder, config, setup: &setup };
    let finish = |repair: &Repair<'_>| {
        if let Some(error) = &repair.before.error {
            return Err(read.told(error));
        }
        all_seen(&setup.configured)?;
        finish(fix, screen, &subject, repair)
    };
    let told = match &fix.init {
        None => repair(&subject, &choice, !fix.no_lock, finish),
        Some(dir) => {
            let wanted = Wanted { dir: dir.clone(), importable: fix.importable };
            repair_with_wrapper(&subject, &wanted, &choice, finish)
        }
    };
    told.map_err(anyhow::Error::msg).with_context(|| read.lock.name.clone())?
}

fn names(input: &str) -> impl Iterator<Item = &str> {
    input.split('/').filter(|name| !name.is_empty())
}

/// Writes and tells.
fn finish(fix: &Fix, screen: &Screen, subject: &Subject<'_>, repair: &Repair<'_>) -> Result<Exit> {
    let mut output = Output::new(screen);
    let at = subject.name.rfind('/').map_or(0, |slash| slash + 1);
    let above = subject.name.get(..at).unwrap_or_default();
    if let Some(hindrance) = &repair.hindrance {
        return hindered(hindrance, repair, screen, &mut output);
    }
    let writes = !fix.diff && !fix.dry_run;
    if fix.verify && !repair.files.is_empty() {
        match prove(&subject.folder, repair, &Nix::new(&fix.nix))? {
            Proof::Holds(count) => {
                let what =
                    if count == 1 { "dependency evaluates" } else { "dependencies evaluate" };
                writeln!(io::stderr(), "note: {count} {what} with the repair as before")?;
            }
            Proof::Breaks(flake, reason) => {
                let reason = format!("`{flake}` would not evaluate any more: {reason}");
                let hindrance = Hindrance::Refused(reason);
                return hindered(&hindrance, repair, screen, &mut output);
            }
        }
    }
    if writes && !repair.files.is_empty() {
        replace(&subject.folder, &repair.files)?;
    }
    if fix.diff {
        for file in &repair.files {
            diff::write(above, file, output.color, &mut output)?;
        }
    } else if !screen.quiet {
        if let Some(introduced) = &repair.introduced {
            tell_introduced(introduced, writes, &mut output)?;
        }
        for finding in &repair.plan.chosen {
            tell_done(finding, writes, &mut output)?;
        }
        let files: Vec<_> =
            repair.files.iter().map(|file| format!("{above}{}", file.name)).collect();
        if !files.is_empty() {
            let verb = if writes { "wrote" } else { "would write" };
            writeln!(output, "{verb} {}\n", Visible(&files.join(", ")))?;
        }
        left(repair.after, screen, &mut output)?;
        summary(repair, writes, &mut output)?;
    }
    output.flush()?;
    notes(fix, repair)?;
    if let Some(introduced) = &repair.introduced {
        notes_on(introduced)?;
    }
    for file in repair.files.iter().filter(|file| file.before.is_none()) {
        let path = format!("{above}{}", file.name);
        git::tell_new(&subject.folder.join(file.name.as_str()), &path)?;
    }
    Ok(exit(repair.after))
}

fn exit(report: &Report<'_>) -> Exit {
    if report.count(Level::Deny) > 0 { Exit::Denied } else { Exit::Success }
}

/// One finding, and what was done about it.
fn tell_done(finding: &Reported<'_>, writes: bool, out: &mut impl Write) -> io::Result<()> {
    let Some(fix) = &finding.fix else { return Ok(()) };
    let (repaired, remove, lock) = if writes {
        ("repaired", "removed", "flake.lock is what flake.nix says")
    } else {
        ("would repair", "would remove", "flake.lock would be what flake.nix says")
    };
    let rule = finding.rule;
    match finding.input_path.names() {
        [] => writeln!(out, "{repaired} {rule}")?,
        names => writeln!(out, "{repaired} {rule}: {}", Visible(&names.join("/")))?,
    }
    for line in fix.nix.lines() {
        writeln!(out, "    {}", Visible(line))?;
    }
    for path in &fix.removes {
        let path: Vec<&str> = path.iter().flat_map(|name| ["inputs", name]).collect();
        writeln!(out, "    {remove} {}", Visible(&AttrPath(&path).to_string()))?;
    }
    if fix.relocks {
        writeln!(out, "    {lock}")?;
    }
    Ok(())
}

fn tell_introduced(introduced: &Introduced, writes: bool, out: &mut impl Write) -> io::Result<()> {
    let verb = if writes { "introduced" } else { "would introduce" };
    writeln!(out, "{verb} {}, a wrapper for the settings made in place", introduced.name)?;
    for line in &introduced.lines {
        writeln!(out, "    {}", Visible(line))?;
    }
    Ok(())
}

fn notes_on(introduced: &Introduced) -> io::Result<()> {
    let mut errors = io::stderr().lock();
    for place in &introduced.own_imports {
        writeln!(
            errors,
            "note: {} still configures nixpkgs itself: take `{}` there (`nixpkgs.pkgs` in a NixOS \
             configuration, `.appendOverlays` for overlays)",
            Visible(place),
            introduced.instead
        )?;
    }
    for left_out in &introduced.left_out {
        writeln!(errors, "note: not taken over: {}", Visible(left_out))?;
    }
    writeln!(
        errors,
        "note: without a new input, a flake that exports its nixpkgs as `legacyPackages`, and `lib`, \
         can itself be followed: `inputs.DEPENDENCY.inputs.nixpkgs.follows = \"\";`"
    )
}

/// What a person has to do.
fn left(report: &Report<'_>, screen: &Screen, output: &mut Output) -> io::Result<()> {
    let show = human::Show { color: output.color, quiet: true, verbose: screen.verbose };
    human::write_report(report, show, output)
}

fn summary(repair: &Repair<'_>, writes: bool, out: &mut impl Write) -> io::Result<()> {
    let verb = if writes { "repaired" } else { "to be repaired" };
    let after = repair.after;
    let left = match (after.count(Level::Deny), after.count(Level::Warn)) {
        (0, 0) => "nothing left".to_owned(),
        (errors, warnings) => {
            let count = |number: usize, what: &str| match number {
                0 => None,
                1 => Some(format!("1 {what}")),
                more => Some(format!("{more} {what}s")),
            };
            let left = [count(errors, "error"), count(warnings, "warning")];
            format!("{} left", left.into_iter().flatten().collect::<Vec<_>>().join(", "))
        }
    };
    match repair.plan.chosen.len() {
        0 => writeln!(out, "nothing to repair, {left}"),
        1 => writeln!(out, "1 finding {verb}, {left}"),
        more => writeln!(out, "{more} findings {verb}, {left}"),
    }
}

/// What goes with the repair, for people.
fn notes(fix: &Fix, repair: &Repair<'_>) -> io::Result<()> {
    let mut errors = io::stderr().lock();
    let plan = &repair.plan;
    let (unverified, chosen) = (plan.unverified(), plan.chosen.len());
    if unverified > 0 && !fix.verify {
        let which = match (unverified, chosen) {
            (1, 1) => "the fix is".to_owned(),
            (all, chosen) if all == chosen => "the fixes are".into(),
            (1, chosen) => format!("1 of {chosen} fixes is"),
            (more, chosen) => format!("{more} of {chosen} fixes are"),
        };
        writeln!(
            errors,
            "note: {which} unverified, not all sources are on disk: `nix flake archive` brings \
             them, `fix --verify` asks Nix first"
        )?;
    }
    if plan.left_unsafe > 0 {
        writeln!(errors, "note: {} unverified fixes were left (--safe-only)", plan.left_unsafe)?;
    }
    if plan.is_deep() {
        writeln!(errors, "note: Nix before 2.30 cannot lock overrides two or more levels deep")?;
    }
    if plan.redirects() {
        writeln!(
            errors,
            "note: what follows another nixpkgs is built anew: a dependency's own binary cache does \
             not have it"
        )?;
    }
    if fix.no_lock && !repair.files.is_empty() {
        writeln!(errors, "note: flake.lock is as it was: run `nix flake lock`")?;
    }
    Ok(())
}

/// Tells why nothing was written, and what a person can do.
fn hindered(
    hindrance: &Hindrance,
    repair: &Repair<'_>,
    screen: &Screen,
    output: &mut Output,
) -> Result<Exit> {
    match hindrance {
        Hindrance::Lock(reason) => bail!(
            "flake.lock cannot be brought up to date without Nix: {reason}; run `nix flake lock` \
             first, or edit flake.nix alone with --no-lock"
        ),
        Hindrance::Refused(reason) => {
            writeln!(
                io::stderr(),
                "nothing was written, the plan was refused: {}",
                Visible(reason)
            )?;
        }
        Hindrance::ByHand(reason) => {
            writeln!(io::stderr(), "nothing was written: {}", Visible(reason))?;
            writeln!(output, "to be done by hand, then run `nix flake lock`:")?;
            for finding in &repair.plan.chosen {
                let Some(fix) = &finding.fix else { continue };
                for line in fix.nix.lines() {
                    writeln!(output, "    {}", Visible(line))?;
                }
                if !fix.removes.is_empty() {
                    writeln!(output, "    # {}", Visible(&fix.reason))?;
                }
            }
            writeln!(output)?;
        }
    }
    if !screen.quiet {
        left(repair.before, screen, output)?;
    }
    output.flush()?;
    Ok(exit(repair.before))
}

fn tell_mended(mended: &Mended) -> io::Result<()> {
    writeln!(io::stderr(), "note: {}", Visible(&mended.to_string()))
}
