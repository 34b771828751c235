//! Questions to Nix about an output: what would replace what, and what therefore exists twice.

use super::inquiry::{EvaluationError, Inquiry};
use super::outputs::BuiltOutput;
use super::seeds::Seed;
use super::variants::{Duplicates, duplicates};
use crate::derivation::{DerivationError, DrvId};

/// An output with all answers.
pub(super) struct AskedOutput {
    pub(super) root: DrvId,
    /// What would replace its derivations: the output itself if it could be evaluated with all
    /// dependencies on one nixpkgs, else packages that both instances have.
    pub(super) model: Replacement,
    pub(super) duplicates: Duplicates,
}

/// What would replace what.
#[derive(Debug)]
pub(super) enum Replacement {
    /// The output, built from one nixpkgs.
    Whole(DrvId),
    /// Packages of two instances, because the output cannot be built from one nixpkgs, and why it
    /// cannot.
    Packages(Vec<Seed>, String),
}

impl Replacement {
    /// Pairs of derivations from which the parallel walk of an output starts.
    pub(super) fn seeds(&self, root: DrvId) -> Vec<(DrvId, DrvId)> {
        match self {
            Replacement::Whole(repaired) => vec![(root, *repaired)],
            Replacement::Packages(seeds, _) => {
                seeds.iter().map(|seed| (seed.from, seed.to)).collect()
            }
        }
    }
}

impl Inquiry<'_, '_> {
    /// Asks everything about an output; or why nothing is known.
    pub(super) fn ask_everything(
        &mut self,
        output: &BuiltOutput,
        root: DrvId,
        asking: &mut dyn FnMut(&str),
    ) -> Result<Result<AskedOutput, String>, EvaluationError> {
        asking(&format!("{} with all dependencies on one nixpkgs", output.name()));
        let model = match self.redone_derivation(output, "all")? {
            Ok(drv) => match self.read(&drv) {
                Ok(repaired) => Replacement::Whole(repaired),
                Err(error) => return Ok(Err(error.to_string())),
            },
            Err(reason) => {
                let seeds = self.seeds(output, root, asking)?;
                Replacement::Packages(seeds, reason)
            }
        };
        let found = self.duplicates(root, &model);
        Ok(match (found, model) {
            (Err(error), _) => Err(error.to_string()),
            // What is found through packages of both instances certainly exists twice. There may be
            // more, unless no name occurs twice.
            (Ok(found), Replacement::Packages(_, reason))
                if found.twice.is_empty() && !self.names_twice(root).is_empty() =>
            {
                Err(format!(
                    "with all dependencies on this flake's nixpkgs it cannot be evaluated: {reason}"
                ))
            }
            (Ok(duplicates), model) => Ok(AskedOutput { root, model, duplicates }),
        })
    }

    /// What exists twice in a derivation.
    pub(super) fn duplicates(
        &self,
        root: DrvId,
        model: &Replacement,
    ) -> Result<Duplicates, DerivationError> {
        match &self.closure {
            Some(closure) => duplicates(closure, root, &model.seeds(root)),
            None => Ok(Duplicates::default()),
        }
    }
}
