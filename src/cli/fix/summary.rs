//! The output of a repair.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::super::args::{Fix, Screen};
use super::super::output::{ResultOutput, errors, width};
use super::writes;
use crate::audit::{Reported, ReportedFix};
use crate::change::Applicability;
use crate::finding::Level;
use crate::fix::{Introduced, Repair};
use crate::render::human::{Page, ReportStyle};
use crate::text::{AttrPath, Visible};

/// What was done about each finding, and which files were written.
pub(super) fn done(
    fix: &Fix,
    repair: &Repair<'_>,
    above: &str,
    out: &mut impl Write,
) -> io::Result<()> {
    if repair.files.is_empty() {
        return Ok(());
    }
    let writes = writes(fix);
    if let Some(introduced) = &repair.introduced {
        introduction(introduced, writes, out)?;
    }
    let (repaired, removed) =
        if writes { ("repaired", "removed") } else { ("would repair", "would remove") };
    let mut chosen = repair.plan.chosen.iter().peekable();
    while let Some(finding) = chosen.next() {
        let Some(change) = &finding.fix else { continue };
        writeln!(out, "{repaired} {}", FindingName(finding))?;
        lines(change, removed, out)?;
        // One locking repairs all of them.
        let relocks =
            |finding: &&&Reported<'_>| finding.fix.as_ref().is_some_and(|f| f.remedy.is_relock());
        if change.remedy.is_relock() && chosen.peek().is_none_or(|next| !relocks(next)) {
            let is = if writes { "is" } else { "would be" };
            writeln!(out, "    flake.lock {is} what flake.nix says")?;
        }
    }
    let files = repair.files.iter().filter(|file| file.changes());
    let files: Vec<_> = files.map(|file| format!("{above}{}", file.name)).collect();
    let wrote = if writes { "wrote" } else { "would write" };
    writeln!(out, "{wrote} {}\n", Visible(&files.join(", ")))
}

/// A finding, named by its rule and place.
struct FindingName<'f>(&'f Reported<'f>);

impl std::fmt::Display for FindingName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.rule.id)?;
        match self.0.input_path.names() {
            [] => Ok(()),
            names => write!(f, ": {}", Visible(&names.join("/"))),
        }
    }
}

/// The change of a fix in flake.nix.
fn lines(change: &ReportedFix<'_>, removed: &str, out: &mut impl Write) -> io::Result<()> {
    for line in change.nix.lines() {
        writeln!(out, "    {}", Visible(line))?;
    }
    if let Some(path) = change.remedy.removed() {
        let path: Vec<&str> = path.iter().flat_map(|name| ["inputs", name]).collect();
        writeln!(out, "    {removed} {}", Visible(&AttrPath(&path).to_string()))?;
    }
    if let Some(setting) = change.remedy.moved() {
        writeln!(out, "    `{}` goes into `{}`", Visible(&setting.name), setting.into)?;
    }
    Ok(())
}

fn introduction(introduced: &Introduced, writes: bool, out: &mut impl Write) -> io::Result<()> {
    let verb = if writes { "added" } else { "would add" };
    writeln!(out, "{verb} {}, a wrapper for the inline settings", Visible(&introduced.name))?;
    for line in &introduced.lines {
        writeln!(out, "    {}", Visible(line))?;
    }
    Ok(())
}

/// What a person has to do if flake.nix is not edited.
pub(super) fn by_hand(
    fix: &Fix,
    label: &str,
    repair: &Repair<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{label}to be done by hand, then run `nix flake lock`:")?;
    if let (Some(_), Some(dir)) = (&repair.introduced, &fix.init) {
        writeln!(
            out,
            "    run `flake-audit init {} --from-inline{}` and add the lines that it prints",
            Visible(dir),
            if fix.bare { " --bare" } else { "" }
        )?;
    }
    for finding in &repair.plan.chosen {
        let Some(change) = finding.fix.as_ref().filter(|change| !change.remedy.is_relock()) else {
            continue;
        };
        writeln!(out, "  {}", FindingName(finding))?;
        lines(change, "remove", out)?;
    }
    writeln!(out)
}

/// The remaining findings.
pub(super) fn left(
    findings: &[&Reported<'_>],
    screen: &Screen,
    output: &mut ResultOutput,
) -> io::Result<()> {
    let show =
        ReportStyle { color: output.color, quiet: true, verbose: screen.verbose, width: width() };
    Page::of_findings(findings.iter().copied(), show).write(&mut BTreeSet::new(), output)
}

/// How many findings count: at this level and not exempted.
pub(super) fn count(findings: &[&Reported<'_>], level: Level) -> usize {
    findings.iter().filter(|finding| finding.counts_at(level)).count()
}

pub(super) fn summary(
    fix: &Fix,
    label: &str,
    repair: &Repair<'_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let counted = |level, what: &str| match count(&repair.left, level) {
        0 => None,
        1 => Some(format!("1 {what}")),
        more => Some(format!("{more} {what}s")),
    };
    let left = [counted(Level::Deny, "error"), counted(Level::Warn, "warning")];
    let left = left.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let verb = if writes(fix) { "repaired" } else { "would be repaired" };
    let done = match repair.repaired().len() {
        0 => None,
        1 => Some(format!("1 finding {verb}")),
        more => Some(format!("{more} findings {verb}")),
    };
    match (done, left.is_empty()) {
        (None, true) => writeln!(out, "{label}nothing to repair"),
        (None, false) => writeln!(out, "{label}nothing {verb}, {left} left"),
        (Some(done), true) => writeln!(out, "{label}{done}, nothing left"),
        (Some(done), false) => writeln!(out, "{label}{done}, {left} left"),
    }
}

/// Notes on the repair, on standard error; with `--quiet`, only what still has to be done.
pub(super) fn notes(
    fix: &Fix,
    label: &str,
    repair: &Repair<'_>,
    is_proved: bool,
    screen: &Screen,
) -> io::Result<()> {
    let mut errors = errors();
    if !screen.quiet {
        notes_on_plan(fix, label, repair, is_proved, &mut errors)?;
    }
    if fix.no_lock && !repair.plan.chosen.is_empty() {
        writeln!(errors, "note: {label}flake.lock is as it was: run `nix flake lock`")?;
    }
    match &repair.introduced {
        Some(introduced) => notes_on_wrapper(label, introduced, screen, &mut errors),
        None => Ok(()),
    }
}

/// How many inputs that get another version of nixpkgs are named.
const NEW_VERSIONS: usize = 5;

fn notes_on_plan(
    fix: &Fix,
    label: &str,
    repair: &Repair<'_>,
    is_proved: bool,
    errors: &mut impl Write,
) -> io::Result<()> {
    let plan = &repair.plan;
    match plan.left_unsafe {
        0 => {}
        1 => writeln!(errors, "note: {label}1 fix was left out, it is unverified (--safe-only)")?,
        more => writeln!(
            errors,
            "note: {label}{more} fixes were left out, they are unverified (--safe-only)"
        )?,
    }
    if repair.files.is_empty() {
        return Ok(());
    }
    let (unverified, chosen) = (plan.unverified(), plan.chosen.len());
    if unverified > 0 && !is_proved {
        let which = match (unverified, chosen) {
            (1, 1) => "the fix is".to_owned(),
            (all, chosen) if all == chosen => "the fixes are".into(),
            (1, chosen) => format!("1 of {chosen} fixes is"),
            (more, chosen) => format!("{more} of {chosen} fixes are"),
        };
        let ask = if fix.verify { "" } else { ", `fix --verify` asks Nix first" };
        writeln!(
            errors,
            "note: {label}{which} unverified, not all sources are on disk: `nix flake archive` \
             fetches them{ask}"
        )?;
    }
    let moved = plan.chosen.iter().filter_map(|finding| finding.fix.as_ref());
    let is_felt = |fix: &&ReportedFix<'_>| {
        fix.remedy.moved().is_some() && fix.applicability == Applicability::Unverified
    };
    for fix in moved.filter(is_felt) {
        writeln!(errors, "note: {label}{}", Visible(&fix.reason))?;
    }
    let fixes = plan.chosen.iter().filter_map(|finding| finding.fix.as_ref());
    let mut versions = fixes.filter_map(|fix| fix.new_version.as_ref());
    for says in versions.by_ref().take(NEW_VERSIONS) {
        writeln!(errors, "note: {label}{}", Visible(says))?;
    }
    match versions.count() {
        0 => {}
        more => writeln!(errors, "note: {label}{more} more of these inputs get another version")?,
    }
    if plan.is_deep() {
        writeln!(
            errors,
            "note: {label}Nix before 2.30 cannot lock overrides two or more levels deep"
        )?;
    }
    if plan.redirects() {
        writeln!(
            errors,
            "note: {label}a dependency that follows a different nixpkgs is rebuilt; its binary cache \
             no longer matches"
        )?;
    }
    Ok(())
}

fn notes_on_wrapper(
    label: &str,
    introduced: &Introduced,
    screen: &Screen,
    errors: &mut impl Write,
) -> io::Result<()> {
    for place in &introduced.own_imports {
        writeln!(
            errors,
            "note: {label}{} still configures nixpkgs itself: take `{}` there (`nixpkgs.pkgs` in a \
             NixOS configuration, `.appendOverlays` for overlays)",
            Visible(place),
            Visible(&introduced.instead)
        )?;
    }
    for left_out in &introduced.left_out {
        writeln!(errors, "note: {label}not taken over: {}", Visible(left_out))?;
    }
    if screen.quiet {
        return Ok(());
    }
    writeln!(
        errors,
        "note: {label}to do without a new input: a flake that exports its nixpkgs as `legacyPackages`, \
         and `lib`, can be followed itself: `inputs.DEPENDENCY.inputs.nixpkgs.follows = \"\";`"
    )
}
