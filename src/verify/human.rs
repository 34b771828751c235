//! The result of `verify` as text for people.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::outcome::{AttributeVerdict, VerifyOutcome};
use super::subject::{ComparedInstance, Subjects};
use crate::text::Visible;

/// How many consumers of an instance are named; the rest is counted.
const SHOWN: usize = 8;

/// How much is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct VerifyStyle {
    /// With colours.
    pub color: bool,
    /// Only how many derivations there are.
    pub quiet: bool,
}

/// Writes a block for each attribute, and what was left out.
///
/// # Errors
/// Those of the sink.
pub fn write(
    subjects: &Subjects,
    outcome: &VerifyOutcome,
    show: VerifyStyle,
    out: &mut impl Write,
) -> io::Result<()> {
    let styled = |style: Style| if show.color { style } else { Style::new() };
    for verdict in &outcome.verdicts {
        let count = match verdict.derivations.len() {
            0 => "no derivation".to_owned(),
            1 => "1 derivation".to_owned(),
            more => format!("{more} derivations"),
        };
        let heading = format!("{count} of {} for {}", verdict.attribute, outcome.system);
        let heading = Visible(&heading).to_string();
        if show.quiet {
            writeln!(out, "{heading}")?;
            continue;
        }
        writeln!(out, "{}:", heading.style(styled(Style::new().bold())))?;
        let drv = match verdict.derivations.len() {
            1 => styled(Style::new().green()),
            _ => styled(Style::new().yellow()),
        };
        write_verdict(&subjects.compared, verdict, drv, out)?;
        writeln!(out)?;
    }
    if !show.quiet {
        for subject in &subjects.idle {
            let what = "nothing is built from it, as far as is known";
            let users = users(subject);
            writeln!(out, "not compared: {}, held by {users}: {what}", Visible(&name(subject)))?;
        }
    }
    Ok(())
}

fn write_verdict(
    subjects: &[ComparedInstance],
    verdict: &AttributeVerdict,
    drv: Style,
    out: &mut impl Write,
) -> io::Result<()> {
    let write_subject = |at: &usize, out: &mut dyn Write| match subjects.get(*at) {
        Some(subject) => {
            writeln!(out, "      {}, used by {}", Visible(&name(subject)), users(subject))
        }
        None => Ok(()),
    };
    if subjects.is_empty() {
        writeln!(out, "  nothing is built from a nixpkgs, as far as is known")?;
    }
    for derivation in &verdict.derivations {
        let path = Visible(&derivation.path).to_string();
        writeln!(out, "  {}", path.style(drv))?;
        derivation.instances.iter().try_for_each(|at| write_subject(at, out))?;
    }
    for (at, reason) in &verdict.failed {
        writeln!(out, "  not evaluated: {}", Visible(reason))?;
        write_subject(at, out)?;
    }
    Ok(())
}

/// An instance, named by its input path.
fn name(subject: &ComparedInstance) -> String {
    subject.path.join("/")
}

/// Who uses an instance, escaped.
fn users(subject: &ComparedInstance) -> String {
    let own = subject.held_by_root.then(|| "this flake".to_owned());
    let consumers = subject.consumers.iter().take(SHOWN);
    let consumers = consumers.map(|path| Visible(&path.join("/")).to_string());
    let mut users: Vec<String> = own.into_iter().chain(consumers).collect();
    let more = subject.consumers_total.saturating_sub(SHOWN);
    if more > 0 {
        users.push(format!("{more} more"));
    }
    users.join(", ")
}
