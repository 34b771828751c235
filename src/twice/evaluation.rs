//! Nix asked, output by output.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use thiserror::Error;

use super::outputs::BuiltOutput;
use super::plan::{Plan, bindings};
use super::redone::{InstanceExpression, Redone};
use super::report::{Begins, OutputReport, Twice, Variant, WithFix};
use super::variants::{Chains, Duplicate, Duplicates, duplicates};
use crate::derivation::{Closure, DerivationError, DerivationStore, DrvId};
use crate::text::NixString;
use crate::verify::{NixError, Session};

/// Names of what leads to a variant that are kept.
const LONGEST_CHAIN: usize = 32;
/// Beginnings of a difference that are told for one package.
const MOST_BEGINNINGS: usize = 8;

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
    session: &'s Session<'n>,
    plan: &'s Plan,
    /// Where the store is, if that is not where its paths say.
    store: Option<PathBuf>,
    closure: Option<Closure>,
    /// Folders by which Nix evaluates the flake again, by the instance that it is built from.
    again: BTreeMap<InstanceExpression, Result<String, String>>,
}

/// An output of which all was asked.
struct Asked {
    root: DrvId,
    repaired: DrvId,
    duplicates: Duplicates,
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

    /// Looks at an output. `fixed` is the flake as `fix` would leave it. `asking` hears what takes
    /// its time.
    ///
    /// # Errors
    /// Nothing can be asked any more. What goes wrong with this output alone is part of what is
    /// said.
    pub fn look(
        &mut self,
        output: &BuiltOutput,
        fixed: Option<&Session<'_>>,
        asking: &mut dyn FnMut(&str),
    ) -> Result<OutputReport, EvaluationError> {
        let mut report = OutputReport {
            output: output.name(),
            derivations: 0,
            failed: None,
            twice: Vec::new(),
            with_fix: None,
        };
        let asked = match self.asked(output, &mut report, asking)? {
            Ok(asked) => asked,
            Err(reason) => {
                report.failed = Some(reason);
                return Ok(report);
            }
        };
        if !asked.duplicates.twice.is_empty() {
            let brought = self.brought(output, &asked, asking)?;
            report.twice = self.told(output, &asked, &brought);
        }
        if let Some(fixed) = fixed {
            asking(&format!("{} after `fix`", output.name()));
            report.with_fix = Some(self.with_fix(output, &asked, fixed)?);
        }
        Ok(report)
    }

    fn asked(
        &mut self,
        output: &BuiltOutput,
        report: &mut OutputReport,
        asking: &mut dyn FnMut(&str),
    ) -> Result<Result<Asked, String>, EvaluationError> {
        asking(&output.name());
        let expression = self.expression(&output.derivation_of("flake"));
        let drv = match self.session.derivation(&expression)? {
            Ok(drv) => drv,
            Err(reason) => return Ok(Err(reason_of(reason))),
        };
        let root = match self.read(&drv) {
            Ok(root) => root,
            Err(error) => return Ok(Err(error.to_string())),
        };
        report.derivations = self.built(root).len();
        asking(&format!("{} with all dependencies on one nixpkgs", output.name()));
        let repaired = match self.again(output, "all")? {
            Ok(drv) => drv,
            Err(reason) => {
                return Ok(Err(format!(
                    "with all dependencies on this flake's nixpkgs it cannot be evaluated: {reason}"
                )));
            }
        };
        let found = self.read(&repaired).and_then(|repaired| {
            let closure = self.closure.as_ref();
            let none = || DerivationError::NotInStore(drv.clone());
            let found = duplicates(closure.ok_or_else(none)?, root, repaired)?;
            Ok(Asked { root, repaired, duplicates: found })
        });
        Ok(found.map_err(|error| error.to_string()))
    }

    /// An expression with the flake in it.
    fn expression(&self, value: &str) -> String {
        let bindings = bindings(self.session.reference(), self.session.system());
        format!("let {bindings} in {value}")
    }

    fn read(&mut self, drv: &str) -> Result<DrvId, DerivationError> {
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
    fn built(&self, root: DrvId) -> Vec<DrvId> {
        self.closure.as_ref().map(|closure| closure.below(root)).unwrap_or_default()
    }

    /// The derivation of an output of the flake, evaluated again: `all` or `only.NAME`.
    fn again(
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

    /// Which dependencies bring what: what goes when one of them alone is built from this flake's
    /// nixpkgs is brought by that one. What several bring goes with none of them alone; then it is
    /// brought by those that bring what needs it.
    fn brought(
        &mut self,
        output: &BuiltOutput,
        asked: &Asked,
        asking: &mut dyn FnMut(&str),
    ) -> Result<HashMap<DrvId, BTreeSet<String>>, EvaluationError> {
        let names: Vec<String> = self.plan.redone.dependencies().map(str::to_owned).collect();
        let there = self.built(asked.root);
        let stays: HashSet<DrvId> = self.built(asked.repaired).into_iter().collect();
        let mut brought: HashMap<DrvId, BTreeSet<String>> = HashMap::new();
        for name in names {
            asking(&format!("{} with `{name}` on one nixpkgs", output.name()));
            let only = crate::text::AttrPath(&["only", &name]).to_string();
            let Ok(drv) = self.again(output, &only)? else { continue };
            let Ok(without) = self.read(&drv) else { continue };
            if without == asked.root {
                continue;
            }
            let without: HashSet<DrvId> = self.built(without).into_iter().collect();
            for id in there.iter().filter(|id| !without.contains(id) && !stays.contains(id)) {
                brought.entry(*id).or_default().insert(name.clone());
            }
        }
        // From the output down: what needs something comes before it.
        let Some(closure) = &self.closure else { return Ok(brought) };
        let mut by_users: HashMap<DrvId, BTreeSet<String>> = HashMap::new();
        for id in there.iter().rev() {
            let own = brought.get(id).or_else(|| by_users.get(id)).cloned();
            // The output itself changes with each of them.
            let own = own.filter(|_| *id != asked.root).unwrap_or_default();
            for input in closure.inputs(*id).iter().filter(|input| !stays.contains(input)) {
                by_users.entry(*input).or_default().extend(own.iter().cloned());
            }
        }
        for id in &there {
            if let Some(names) = by_users.remove(id) {
                brought.entry(*id).or_insert(names);
            }
        }
        Ok(brought)
    }

    fn told(
        &self,
        output: &BuiltOutput,
        asked: &Asked,
        brought: &HashMap<DrvId, BTreeSet<String>>,
    ) -> Vec<Twice> {
        let Some(closure) = &self.closure else { return Vec::new() };
        let chains = Chains::from(closure, asked.root);
        let name = |id: Option<DrvId>| id.map(|id| closure.name(id).to_owned());
        let variant = |id: &DrvId| {
            let brought_by: Vec<String> = brought.get(id).into_iter().flatten().cloned().collect();
            let instance = match brought_by.as_slice() {
                [] => self.plan.main_instance(output),
                [one] => self.plan.instance_of(one),
                _ => None,
            };
            let mut chain = chains.to(*id);
            if chain.len() > LONGEST_CHAIN {
                let middle = LONGEST_CHAIN / 2..chain.len() - LONGEST_CHAIN / 2;
                chain.splice(middle, ["…".to_owned()]);
            }
            Variant {
                drv: closure.node(*id).map(|node| node.path.to_string()).unwrap_or_default(),
                instance: instance.map(str::to_owned),
                brought_by,
                chain,
            }
        };
        let told = |duplicate: &Duplicate| Twice {
            name: duplicate.name.clone(),
            collides: name(duplicate.collides),
            meets: name(duplicate.meets),
            begins: duplicate
                .begins
                .iter()
                .flat_map(|beginning| {
                    beginning.differences.iter().map(|difference| Begins {
                        name: beginning.name.clone(),
                        difference: difference.clone(),
                    })
                })
                .take(MOST_BEGINNINGS)
                .collect(),
            variants: duplicate.variants.iter().map(variant).collect(),
        };
        asked.duplicates.twice.iter().map(told).collect()
    }

    fn with_fix(
        &mut self,
        output: &BuiltOutput,
        asked: &Asked,
        fixed: &Session<'_>,
    ) -> Result<WithFix, EvaluationError> {
        let bindings = bindings(fixed.reference(), fixed.system());
        let expression = format!("let {bindings} in {}", output.derivation_of("flake"));
        let drv = match fixed.derivation(&expression)? {
            Ok(drv) => drv,
            Err(reason) => return Ok(WithFix::Failed(reason_of(reason))),
        };
        let found = self.read(&drv).and_then(|root| {
            let closure = self.closure.as_ref();
            let closure = closure.ok_or_else(|| DerivationError::NotInStore(drv.clone()))?;
            Ok((root, duplicates(closure, root, asked.repaired)?))
        });
        let (root, found) = match found {
            Ok(found) => found,
            Err(error) => return Ok(WithFix::Failed(error.to_string())),
        };
        let left: BTreeSet<&str> = found.twice.iter().map(|twice| twice.name.as_str()).collect();
        let names = asked.duplicates.twice.iter().map(|twice| twice.name.as_str());
        let gone: BTreeSet<&str> = names.filter(|name| !left.contains(name)).collect();
        Ok(WithFix::Known {
            derivations: self.built(root).len(),
            twice_total: found.twice.len(),
            gone: gone.into_iter().map(str::to_owned).collect(),
            left: left.into_iter().map(str::to_owned).collect(),
        })
    }
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
