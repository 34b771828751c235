//! What is asked of Nix about an output: what would take the place of what, and what is twice by
//! that.

use super::inquiry::{EvaluationError, Inquiry};
use super::outputs::BuiltOutput;
use super::seeds::Seed;
use super::variants::{Duplicates, duplicates};
use crate::derivation::{DerivationError, DrvId};

/// An output of which all was asked.
pub(super) struct Asked {
    pub(super) root: DrvId,
    /// What stands where which of its derivations does: the output itself where it could be
    /// evaluated with all dependencies on one nixpkgs, else packages that both have.
    pub(super) model: Model,
    pub(super) duplicates: Duplicates,
}

/// What would take the place of what.
#[derive(Debug)]
pub(super) enum Model {
    /// The output, built from one nixpkgs.
    Whole(DrvId),
    /// Packages of two instances, since the output cannot be built so, and why it cannot.
    Packages(Vec<Seed>, String),
}

impl Model {
    /// Pairs of derivations at which the lockstep of an output begins.
    pub(super) fn seeds(&self, root: DrvId) -> Vec<(DrvId, DrvId)> {
        match self {
            Model::Whole(repaired) => vec![(root, *repaired)],
            Model::Packages(seeds, _) => seeds.iter().map(|seed| (seed.from, seed.to)).collect(),
        }
    }
}

impl Inquiry<'_, '_> {
    /// Asks all that there is to ask about an output, or tells why nothing can be said of it.
    pub(super) fn asked(
        &mut self,
        output: &BuiltOutput,
        root: DrvId,
        asking: &mut dyn FnMut(&str),
    ) -> Result<Result<Asked, String>, EvaluationError> {
        asking(&format!("{} with all dependencies on one nixpkgs", output.name()));
        let model = match self.again(output, "all")? {
            Ok(drv) => match self.read(&drv) {
                Ok(repaired) => Model::Whole(repaired),
                Err(error) => return Ok(Err(error.to_string())),
            },
            Err(reason) => {
                let seeds = self.seeds(output, root, asking)?;
                Model::Packages(seeds, reason)
            }
        };
        let found = self.duplicates(root, &model);
        Ok(match (found, model) {
            (Err(error), _) => Err(error.to_string()),
            // What is found by packages that both have is there; whether that is all is not known,
            // but where nothing is there by two names.
            (Ok(found), Model::Packages(_, reason))
                if found.twice.is_empty() && !self.names_twice(root).is_empty() =>
            {
                Err(format!(
                    "with all dependencies on this flake's nixpkgs it cannot be evaluated: {reason}"
                ))
            }
            (Ok(duplicates), model) => Ok(Asked { root, model, duplicates }),
        })
    }

    /// What is twice in a derivation.
    pub(super) fn duplicates(
        &self,
        root: DrvId,
        model: &Model,
    ) -> Result<Duplicates, DerivationError> {
        match &self.closure {
            Some(closure) => duplicates(closure, root, &model.seeds(root)),
            None => Ok(Duplicates::default()),
        }
    }
}
