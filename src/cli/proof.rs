//! `flake-audit fix --verify`: the installed Nix evaluates what is repaired, in a scratch copy,
//! before anything is written.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::audit::Reported;
use crate::fix::Repair;
use crate::text::Visible;
use crate::verify::{Compared, Nix, NixError, Scratch, Session};

/// What Nix makes of the outcome.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// So many flakes evaluate as before.
    holds: usize,
    /// Flakes of which nothing can be evaluated, before or after, and why, if there is a reason.
    unproved: Vec<(String, Option<String>)>,
    /// Why a flake does not evaluate any more, if one does not.
    pub(super) breaks: Option<String>,
}

/// Evaluates all packages, apps, checks and shells of the flakes that get another nixpkgs, each by
/// itself, and holds them against what could be evaluated before.
///
/// # Errors
/// Nix does not run, or not on this flake, or not in time; or the flake cannot be copied.
pub(super) fn prove(folder: &Path, repair: &Repair<'_>, nix: &Nix) -> Result<Proof> {
    let files = repair.files.iter().map(|file| (file.name.as_str(), file.after.as_slice()));
    let scratch = Scratch::new(folder, files, nix).context("a scratch copy")?;
    let proof = proved(folder, scratch.folder(), &changed(repair), nix);
    // Told only if nothing worse is.
    let closed = scratch.close().context("a scratch copy");
    let proof = proof?;
    closed.map(|()| proof)
}

fn proved(folder: &Path, copy: &Path, flakes: &BTreeSet<Vec<String>>, nix: &Nix) -> Result<Proof> {
    let mut proof = Proof::default();
    if flakes.is_empty() {
        return Ok(proof);
    }
    let after = Session::open(nix, copy, None)?;
    let before = match Session::open(nix, folder, None) {
        Ok(before) => Some(before),
        // Of a flake that Nix refuses as it is, nothing can break.
        Err(NixError::Failed { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    for path in flakes {
        let flake = match path.as_slice() {
            [] => "this flake".to_owned(),
            names => format!("`{}`", names.join("/")),
        };
        match after.compared(before.as_ref(), path)? {
            Compared::Holds(_) => proof.holds += 1,
            Compared::Unproved(reason) => proof.unproved.push((flake, reason)),
            Compared::Breaks { offer, reason, others } => {
                let more = if others > 0 { format!(" (and {others} more)") } else { String::new() };
                proof.breaks =
                    Some(format!("{flake} would not evaluate any more: {offer}{more}: {reason}"));
                break;
            }
        }
    }
    Ok(proof)
}

/// The flakes that get another nixpkgs: whose inputs are changed, and whose inputs follow those.
fn changed(repair: &Repair<'_>) -> BTreeSet<Vec<String>> {
    let with_fixes = repair.plan.chosen.iter().filter_map(|&finding| {
        let fix = finding.fix.as_ref().filter(|fix| !fix.overrides.is_empty())?;
        Some((finding, fix))
    });
    let inputs = with_fixes.flat_map(|(finding, fix): (&Reported<'_>, _)| {
        let changed = fix.overrides.iter().map(|change| change.input_path.as_slice());
        changed.chain(finding.affects.iter().filter_map(|path| path.whole()))
    });
    inputs
        .filter_map(|input| input.split_last())
        .map(|(_, holder)| holder.iter().map(|&name| name.to_owned()).collect())
        .collect()
}

impl Proof {
    /// Whether there is a flake of which nothing is proved.
    pub(super) fn is_partial(&self) -> bool {
        !self.unproved.is_empty()
    }

    /// Tells what is proved and what is not.
    pub(super) fn tell(&self, label: &str, out: &mut impl Write) -> io::Result<()> {
        match self.holds {
            0 => {}
            1 => writeln!(out, "note: {label}1 dependency evaluates with the repair as before")?,
            more => writeln!(
                out,
                "note: {label}{more} dependencies evaluate with the repair as before"
            )?,
        }
        for (flake, reason) in &self.unproved {
            let reason = match reason {
                Some(reason) => {
                    format!("nothing of it can be evaluated, before or after: {reason}")
                }
                None => "it has no package, app, check or shell for this system".to_owned(),
            };
            writeln!(out, "note: {label}not proved: {}, {}", Visible(flake), Visible(&reason))?;
        }
        Ok(())
    }
}
