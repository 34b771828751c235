//! `fix --verify`: the installed Nix evaluates the repaired flake in a scratch copy, before
//! anything is written.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

use super::evaluating::Evaluating;
use crate::audit::Reported;
use crate::fix::Repair;
use crate::text::Visible;
use crate::twice::human::effect;
use crate::twice::{
    Evaluation, EvaluationError, OutputChange, RepairEffect, TwicePlan, built_outputs,
};
use crate::verify::{ComparedOffers, Nix, NixError, NixSession, Scratch};

/// How many changed outputs are listed; the rest is counted.
const EFFECTS_SHOWN: usize = 12;

/// The result of evaluating the outcome.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// How many flakes evaluate as before.
    holds: usize,
    /// Flakes of which nothing can be evaluated, before or after, with the reason if there is one.
    unproved: Vec<(String, Option<String>)>,
    /// Why a flake no longer evaluates, if one does not.
    pub(super) breaks: Option<String>,
    /// The changes of outputs.
    effects: Vec<RepairEffect>,
    /// Why no more is known about changes.
    unknown: Option<String>,
}

/// Which Nix is asked, and how the flake's builds before and after are compared.
pub(super) struct Prover<'a> {
    pub(super) nix: &'a Nix,
    pub(super) plan: &'a TwicePlan,
    /// The place of the store, if its paths do not tell.
    pub(super) store: Option<&'a Path>,
    pub(super) progress: &'a Evaluating,
}

impl Prover<'_> {
    /// Evaluates all packages, apps, checks and shells of the flakes that get another nixpkgs, each
    /// by itself, and compares them with what could be evaluated before; then what this flake
    /// builds.
    ///
    /// # Errors
    /// Nix does not run, or not on this flake, or not in time; or the flake cannot be copied.
    pub(super) fn prove(&self, folder: &Path, repair: &Repair<'_>) -> Result<Proof> {
        let files = repair.files.iter().map(|file| (file.name.as_str(), &*file.after));
        let scratch = Scratch::new(folder, files, self.nix).context("a scratch copy")?;
        let proof = self.evaluate_flakes(folder, scratch.folder(), &changed(repair));
        // Reported only if there is no worse error.
        let closed = scratch.close().context("a scratch copy");
        let proof = proof?;
        closed.map(|()| proof)
    }

    fn evaluate_flakes(
        &self,
        folder: &Path,
        copy: &Path,
        flakes: &BTreeSet<Vec<String>>,
    ) -> Result<Proof> {
        let mut proof = Proof::default();
        if flakes.is_empty() {
            return Ok(proof);
        }
        let after = NixSession::open(self.nix, copy, None)?;
        let before = match NixSession::open(self.nix, folder, None) {
            Ok(before) => Some(before),
            // A flake that Nix refuses before the repair cannot be broken by it.
            Err(NixError::Failed { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        for path in flakes {
            let flake = match path.as_slice() {
                [] => "this flake".to_owned(),
                names => format!("`{}`", names.join("/")),
            };
            self.progress.asking(&flake);
            match after.compare_offers(before.as_ref(), path)? {
                ComparedOffers::Holds(_) => proof.holds += 1,
                ComparedOffers::Unproved(reason) => proof.unproved.push((flake, reason)),
                ComparedOffers::Breaks { offer, reason, others } => {
                    proof.breaks = Some(broken(&flake, &offer, &reason, others));
                    return Ok(proof);
                }
            }
        }
        if let Some(before) = &before {
            match self.effects(before, &after, &mut proof) {
                // The dependencies are verified already; this is additional information.
                Err(EvaluationError::Nix(error @ NixError::TooSlow { .. })) => {
                    proof.unknown = Some(error.to_string());
                }
                asked => asked?,
            }
        }
        Ok(proof)
    }

    /// How the flake's own builds change.
    fn effects(
        &self,
        before: &NixSession<'_>,
        after: &NixSession<'_>,
        proof: &mut Proof,
    ) -> Result<(), EvaluationError> {
        let (outputs, _) = built_outputs(before)?;
        let mut evaluation = Evaluation::new(before, self.plan, self.store);
        let asking = &mut |what: &str| self.progress.asking(what);
        for output in &outputs {
            let Some(effect) = evaluation.effect(output, after, asking)? else { continue };
            if let OutputChange::Breaks(reason) = &effect.after {
                proof.breaks = Some(broken("this flake", &effect.output, reason, 0));
                break;
            }
            proof.effects.push(effect);
        }
        Ok(())
    }
}

fn broken(flake: &str, offer: &str, reason: &str, others: usize) -> String {
    let more = if others > 0 { format!(" (and {others} more)") } else { String::new() };
    format!("{flake} would not evaluate any more: {offer}{more}: {reason}")
}

/// The flakes that get another nixpkgs: those whose inputs are changed, and those whose inputs
/// follow them.
fn changed(repair: &Repair<'_>) -> BTreeSet<Vec<String>> {
    let with_fixes = repair.plan.chosen.iter().filter_map(|&finding| {
        let fix = finding.fix.as_ref().filter(|fix| !fix.remedy.overrides().is_empty())?;
        Some((finding, fix))
    });
    let inputs = with_fixes.flat_map(|(finding, fix): (&Reported<'_>, _)| {
        let changed = fix.remedy.overrides().iter().map(|change| change.input_path.as_slice());
        changed.chain(finding.affects.iter().filter_map(|path| path.whole()))
    });
    let holders = inputs
        .filter_map(|input| input.split_last())
        .map(|(_, holder)| holder.iter().map(|&name| name.to_owned()).collect());
    // A setting that takes effect changes this flake itself.
    let fixes = repair.plan.chosen.iter().filter_map(|finding| finding.fix.as_ref());
    let own = fixes.filter(|fix| fix.remedy.moved().is_some()).map(|_| Vec::new());
    holders.chain(own).collect()
}

impl Proof {
    /// Whether nothing could be evaluated for some flake.
    pub(super) fn is_partial(&self) -> bool {
        !self.unproved.is_empty()
    }

    /// Reports the result.
    pub(super) fn print(&self, label: &str, out: &mut impl Write) -> io::Result<()> {
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
        for effect in self.effects.iter().filter_map(effect).take(EFFECTS_SHOWN) {
            writeln!(out, "note: {label}with the repair {}", Visible(&effect))?;
        }
        let effects = self.effects.iter().filter_map(effect).count();
        if effects > EFFECTS_SHOWN {
            writeln!(out, "note: {label}and {} more: `twice --with-fix`", effects - EFFECTS_SHOWN)?;
        }
        if let Some(reason) = &self.unknown {
            let reason = Visible(reason);
            writeln!(out, "note: {label}what else would be twice is not known: {reason}")?;
        }
        Ok(())
    }
}
