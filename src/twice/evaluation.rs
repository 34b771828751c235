//! Nix asked, output by output.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use thiserror::Error;

use super::brought::shortened;
use super::outputs::BuiltOutput;
use super::plan::{Plan, bindings};
use super::redone::{InstanceExpression, Redone};
use super::report::{Changed, Dropped, Effect, OutputReport, WithFix};
use super::seeds::Seed;
use super::variants::{Chains, Duplicate, Duplicates, duplicates};
use crate::derivation::{Closure, DerivationError, DerivationStore, DrvId};
use crate::text::NixString;
use crate::verify::{NixError, Session};

/// Ways to what a repair leaves twice that are kept.
const MOST_WAYS: usize = 100;

/// Why nothing can be said of a flake at all.
#[derive(Debug, Error)]
pub enum EvaluationError {
    /// Nix does not run, or not in time.
    #[error(transparent)]
    Nix(#[from] NixError),
    /// The files that Nix is to evaluate cannot be written.
    #[error("a folder for temporary files: {0}")]
    Scratch(#[from] io::Error),
}

/// A flake that is looked at, and what was asked of it already.
pub struct Evaluation<'s, 'n> {
    pub(super) session: &'s Session<'n>,
    pub(super) plan: &'s Plan,
    /// Where the store is, if that is not where its paths say.
    store: Option<PathBuf>,
    pub(super) closure: Option<Closure>,
    /// Folders by which Nix evaluates the flake again, by the instance that it is built from.
    again: BTreeMap<InstanceExpression, Result<String, String>>,
}

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
    pub(super) fn seeds(&self, root: DrvId) -> Vec<(DrvId, DrvId)> {
        match self {
            Model::Whole(repaired) => vec![(root, *repaired)],
            Model::Packages(seeds, _) => seeds.iter().map(|seed| (seed.from, seed.to)).collect(),
        }
    }
}

impl<'s, 'n> Evaluation<'s, 'n> {
    /// Ready to ask. `store` is where the store lies that Nix writes to, if that is not where its
    /// paths say.
    pub fn new(session: &'s Session<'n>, plan: &'s Plan, store: Option<&Path>) -> Self {
        Self {
            session,
            plan,
            store: store.map(Path::to_path_buf),
            closure: None,
            again: BTreeMap::new(),
        }
    }

    /// Looks at an output. `fixed` is the flake as `fix` would leave it, or why Nix refuses that.
    /// `asking` hears what takes its time.
    ///
    /// # Errors
    /// Nothing can be asked any more. What goes wrong with this output alone is part of what is
    /// said.
    pub fn look(
        &mut self,
        output: &BuiltOutput,
        fixed: Option<Result<&Session<'_>, &str>>,
        asking: &mut dyn FnMut(&str),
    ) -> Result<OutputReport, EvaluationError> {
        let mut report = OutputReport::unknown(output.name());
        asking(&output.name());
        let drv = match derivation(self.session, output)? {
            Ok(drv) => drv,
            Err(reason) => return Ok(report.because(reason)),
        };
        let root = match self.read(&drv) {
            Ok(root) => root,
            Err(error) => return Ok(report.because(error.to_string())),
        };
        report.derivations = self.built(root).len();
        let asked = match self.asked(output, root, asking)? {
            Ok(asked) => asked,
            Err(reason) => return Ok(report.because(reason)),
        };
        report.dropped = self.dropped(&asked.duplicates);
        if !asked.duplicates.twice.is_empty() {
            if let Model::Packages(_, reason) = &asked.model {
                report.by_attributes = Some(reason.clone());
            }
            let brought = self.brought(output, &asked, asking)?;
            report.twice = self.told(output, &asked, &brought);
        }
        if let Some(fixed) = fixed {
            asking(&format!("{} after `fix`", output.name()));
            let drv = match fixed {
                Ok(fixed) => derivation(fixed, output)?,
                Err(reason) => Err(reason.to_owned()),
            };
            report.with_fix = Some(match drv {
                Ok(drv) => self.with_fix(&asked, &drv),
                Err(reason) => WithFix::Failed(reason),
            });
        }
        Ok(report)
    }

    /// What a repair makes of an output; nothing where it cannot be evaluated as it is, or stays as
    /// it is. Only of what changes is it asked what is twice.
    ///
    /// # Errors
    /// As [`Evaluation::look`].
    pub fn effect(
        &mut self,
        output: &BuiltOutput,
        fixed: &Session<'_>,
        asking: &mut dyn FnMut(&str),
    ) -> Result<Option<Effect>, EvaluationError> {
        asking(&output.name());
        let Ok(before) = derivation(self.session, output)? else { return Ok(None) };
        asking(&format!("{} after `fix`", output.name()));
        let effect = |before, after| Ok(Some(Effect { output: output.name(), before, after }));
        let after = match derivation(fixed, output)? {
            Ok(after) if after == before => return Ok(None),
            Ok(after) => after,
            Err(reason) => return effect(0, Changed::Breaks(reason)),
        };
        let root = match self.read(&before) {
            Ok(root) => root,
            Err(error) => return effect(0, Changed::To(WithFix::Failed(error.to_string()))),
        };
        let derivations = self.built(root).len();
        let asked = match self.asked(output, root, asking)? {
            Ok(asked) => asked,
            Err(reason) => {
                let after = self.read(&after).map(|after| self.built(after).len());
                return effect(
                    derivations,
                    match after {
                        Ok(after) => Changed::InSize(after, reason),
                        Err(error) => Changed::To(WithFix::Failed(error.to_string())),
                    },
                );
            }
        };
        let with_fix = self.with_fix(&asked, &after);
        effect(derivations, Changed::To(with_fix))
    }

    fn asked(
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

    fn dropped(&self, found: &Duplicates) -> Vec<Dropped> {
        let Some(closure) = &self.closure else { return Vec::new() };
        let dropped = found.dropped.iter().map(|(environment, names)| Dropped {
            environment: closure.name(*environment).to_owned(),
            names: names.clone(),
        });
        dropped.collect()
    }

    fn duplicates(&self, root: DrvId, model: &Model) -> Result<Duplicates, DerivationError> {
        match &self.closure {
            Some(closure) => duplicates(closure, root, &model.seeds(root)),
            None => Ok(Duplicates::default()),
        }
    }

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

    /// What is built for an output: what fetches sources does not count.
    pub(super) fn built(&self, root: DrvId) -> Vec<DrvId> {
        self.closure.as_ref().map(|closure| closure.below(root)).unwrap_or_default()
    }

    /// The derivation of an output of the flake, evaluated again: `all` or `only.NAME`.
    pub(super) fn again(
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
                let folder = self.bring(&instance)?;
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

    /// Writes what evaluates the flake again, and lets Nix take it into its store.
    fn bring(
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
        let brought = match self.session.bring(folder.path()) {
            Ok(reference) => Ok(reference),
            Err(NixError::Failed { reason, .. }) => Err(reason),
            Err(error) => return Err(error.into()),
        };
        folder.close()?;
        Ok(brought)
    }

    /// What an output of which all was asked would be as this derivation.
    fn with_fix(&mut self, asked: &Asked, drv: &str) -> WithFix {
        let root = match self.read(drv) {
            Ok(root) => root,
            Err(error) => return WithFix::Failed(error.to_string()),
        };
        let found = match self.duplicates(root, &asked.model) {
            Ok(found) => found,
            Err(error) => return WithFix::Failed(error.to_string()),
        };
        let now: BTreeSet<&str> = found.twice.iter().map(|twice| twice.name.as_str()).collect();
        let was: BTreeSet<&str> =
            asked.duplicates.twice.iter().map(|twice| twice.name.as_str()).collect();
        let owned = |names: &mut dyn Iterator<Item = &&str>| -> Vec<String> {
            names.map(|name| (*name).to_owned()).collect()
        };
        let chains = self.closure.as_ref().map(|closure| Chains::from(closure, root));
        let way = |duplicate: &Duplicate| {
            let variant = duplicate.variants.first()?;
            Some((duplicate.name.clone(), shortened(chains.as_ref()?.to(*variant))))
        };
        let mut through: Vec<_> = found.twice.iter().filter_map(way).collect();
        through.truncate(MOST_WAYS);
        WithFix::Known {
            through,
            derivations: self.built(root).len(),
            twice_total: found.twice.len(),
            gone: owned(&mut was.difference(&now)),
            left: owned(&mut now.intersection(&was)),
            new: owned(&mut now.difference(&was)),
        }
    }
}

/// The derivation of an output of a flake.
fn derivation(
    session: &Session<'_>,
    output: &BuiltOutput,
) -> Result<Result<String, String>, NixError> {
    let bindings = bindings(session.reference(), session.system());
    let expression = format!("let {bindings} in {}", output.derivation_of("flake"));
    Ok(session.derivation(&expression)?.map_err(reason_of))
}

/// Nix's reason, in words of its own where it names a setting of this program's.
fn reason_of(reason: String) -> String {
    if reason.contains("allow-import-from-derivation") || reason.contains("import-from-derivation")
    {
        return format!(
            "it imports what would have to be built first, and nothing is built: {reason}"
        );
    }
    reason
}
