//! Questions to Nix about a flake, with cached answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use thiserror::Error;

use super::outputs::BuiltOutput;
use super::plan::{TwicePlan, bindings};
use super::redone::{InstanceExpression, Redone};
use crate::derivation::{Closure, DerivationError, DerivationStore, DrvId, package_name};
use crate::text::NixString;
use crate::verify::{NixError, NixSession};

/// Why nothing is known of a flake.
#[derive(Debug, Error)]
pub enum EvaluationError {
    /// Nix does not run, or not in time.
    #[error(transparent)]
    Nix(#[from] NixError),
    /// The files for Nix to evaluate could not be written.
    #[error("a folder for temporary files: {0}")]
    Scratch(#[from] io::Error),
}

/// A flake, and the answers so far.
pub(super) struct Inquiry<'s, 'n> {
    pub(super) session: &'s NixSession<'n>,
    pub(super) plan: &'s TwicePlan,
    /// The place of the store, if its paths do not tell.
    store: Option<PathBuf>,
    pub(super) closure: Option<Closure>,
    /// Folders through which Nix evaluates the flake again, by the instance that replaces nixpkgs.
    again: BTreeMap<InstanceExpression, Result<String, String>>,
}

impl<'s, 'n> Inquiry<'s, 'n> {
    /// Prepares questions. `store` is the place of the store that Nix writes to, if its paths do
    /// not tell.
    pub(super) fn new(
        session: &'s NixSession<'n>,
        plan: &'s TwicePlan,
        store: Option<&Path>,
    ) -> Self {
        Self {
            session,
            plan,
            store: store.map(Path::to_path_buf),
            closure: None,
            again: BTreeMap::new(),
        }
    }

    /// Reads a derivation and everything that it needs from the store.
    pub(super) fn read(&mut self, drv: &str) -> Result<DrvId, DerivationError> {
        let closure = match &mut self.closure {
            Some(closure) => closure,
            empty => {
                let store = DerivationStore::of(drv, self.store.as_deref())?;
                empty.insert(Closure::new(store))
            }
        };
        closure.read(drv)
    }

    /// What is built for an output, without what fetches sources.
    pub(super) fn built(&self, root: DrvId) -> Vec<DrvId> {
        self.closure.as_ref().map(|closure| closure.below(root)).unwrap_or_default()
    }

    /// The derivation of an output of the flake, evaluated again: `all` or `only.NAME`.
    pub(super) fn redone_derivation(
        &mut self,
        output: &BuiltOutput,
        which: &str,
    ) -> Result<Result<String, String>, EvaluationError> {
        let instance = match self.plan.instance(output) {
            Ok(instance) => instance,
            Err(reason) => return Ok(Err(reason)),
        };
        let folder = match self.again.get(&instance) {
            Some(folder) => folder.clone(),
            None => {
                let folder = self.add_to_store(&instance)?;
                self.again.insert(instance, folder.clone());
                folder
            }
        };
        let folder = match folder {
            Ok(folder) => folder,
            Err(reason) => return Ok(Err(reason)),
        };
        let expression = format!(
            "let again = import ((builtins.getFlake {}).outPath + \"/again.nix\"); whole = \
             again.{which}; in {}",
            NixString(&folder),
            output.derivation_of("whole")
        );
        Ok(self.session.derivation(&expression)?.map_err(reason_of))
    }

    /// Writes the expression that evaluates the flake again, and adds it to Nix's store.
    fn add_to_store(
        &self,
        instance: &InstanceExpression,
    ) -> Result<Result<String, String>, EvaluationError> {
        let (flake, system) = (self.session.reference(), self.session.system());
        let folder = TempDir::with_prefix("flake-audit-")?;
        fs::write(folder.path().join("flake.nix"), "{ outputs = _: { }; }\n")?;
        fs::write(folder.path().join("again.nix"), self.plan.redone.text(flake, system, instance))?;
        let importable = folder.path().join("instance");
        fs::create_dir(&importable)?;
        fs::write(importable.join("default.nix"), Redone::importable(flake, system, instance))?;
        let brought = match self.session.add_to_store(folder.path()) {
            Ok(reference) => Ok(reference),
            Err(NixError::Failed { reason, .. }) => Err(reason),
            Err(error) => return Err(error.into()),
        };
        folder.close()?;
        Ok(brought)
    }

    /// Names, without versions, that several derivations have.
    pub(super) fn names_twice(&self, root: DrvId) -> BTreeSet<String> {
        let Some(closure) = &self.closure else { return BTreeSet::new() };
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        for id in closure.below(root) {
            if id != root && !closure.is_fixed(id) {
                *numbers.entry(package_name(closure.name(id))).or_default() += 1;
            }
        }
        let twice = numbers.into_iter().filter(|(_, number)| *number > 1);
        twice.map(|(name, _)| name.to_owned()).collect()
    }
}

/// The derivation of an output of a flake.
pub(super) fn derivation(
    session: &NixSession<'_>,
    output: &BuiltOutput,
) -> Result<Result<String, String>, NixError> {
    let bindings = bindings(session.reference(), session.system());
    let expression = format!("let {bindings} in {}", output.derivation_of("flake"));
    Ok(session.derivation(&expression)?.map_err(reason_of))
}

/// Nix's reason, reworded if it mentions an option that this program sets.
fn reason_of(reason: String) -> String {
    if reason.contains("allow-import-from-derivation") || reason.contains("import-from-derivation")
    {
        return format!(
            "it imports what would have to be built first, and nothing is built: {reason}"
        );
    }
    reason
}
