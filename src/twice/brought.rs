//! Who brings a second variant: which dependencies, from which instance, and by which path from the
//! output.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::asked::{AskedOutput, Replacement};
use super::chains::Chains;
use super::inquiry::{EvaluationError, Inquiry};
use super::outputs::BuiltOutput;
use super::report::{Begins, TwicePackage, Variant};
use super::variants::{Duplicate, remaining};
use crate::derivation::DrvId;

/// How many origins of a difference are listed for one package.
const MOST_BEGINNINGS: usize = 8;

impl Inquiry<'_, '_> {
    /// Which dependencies bring which variant: if a variant disappears when one dependency alone is
    /// built from this flake's nixpkgs, that one brings it. A variant that several bring disappears
    /// for none of them; it is brought by those that bring what needs it.
    pub(super) fn who_brings(
        &mut self,
        output: &BuiltOutput,
        asked: &AskedOutput,
        asking: &mut dyn FnMut(&str),
    ) -> Result<HashMap<DrvId, BTreeSet<String>>, EvaluationError> {
        let names: Vec<String> = self.plan.redone.dependencies().map(str::to_owned).collect();
        let built = self.built(asked.root);
        let stays = match &self.closure {
            Some(closure) => remaining(closure, &asked.model.seeds(asked.root)),
            None => return Ok(HashMap::new()),
        };
        let mut brought: HashMap<DrvId, BTreeSet<String>> = HashMap::new();
        for name in names {
            asking(&format!("{} with `{name}` on one nixpkgs", output.name()));
            let only = crate::text::AttrPath(&["only", &name]).to_string();
            let Ok(drv) = self.redone_derivation(output, &only)? else { continue };
            let Ok(without) = self.read(&drv) else { continue };
            if without == asked.root {
                continue;
            }
            let without: HashSet<DrvId> = self.built(without).into_iter().collect();
            for id in built.iter().filter(|id| !without.contains(id) && !stays.contains(id)) {
                brought.entry(*id).or_default().insert(name.clone());
            }
        }
        // From the output down, so that what needs something comes before it.
        let Some(closure) = &self.closure else { return Ok(brought) };
        let mut by_users: HashMap<DrvId, BTreeSet<String>> = HashMap::new();
        for id in built.iter().rev() {
            let own = brought.get(id).or_else(|| by_users.get(id)).cloned();
            // The output itself changes with each of them.
            let own = own.filter(|_| *id != asked.root).unwrap_or_default();
            for input in closure.inputs(*id).iter().filter(|input| !stays.contains(input)) {
                by_users.entry(*input).or_default().extend(own.iter().cloned());
            }
        }
        for id in &built {
            if let Some(names) = by_users.remove(id) {
                brought.entry(*id).or_insert(names);
            }
        }
        // If the flake cannot be evaluated without an instance, that may still be the only one in
        // which a variant was seen.
        if let Replacement::Packages(seeds, _) = &asked.model {
            let mut by_instance: BTreeMap<&str, Vec<DrvId>> = BTreeMap::new();
            for seed in seeds {
                by_instance.entry(&seed.instance).or_default().push(seed.from);
            }
            for (instance, packages) in by_instance {
                let inputs = self.plan.inputs_with(instance);
                let below = closure.below_all(packages).into_iter();
                for id in below.filter(|id| !stays.contains(id)) {
                    let names = brought.entry(id).or_default();
                    if names.is_empty() {
                        names.extend(inputs.iter().cloned());
                    }
                }
            }
        }
        Ok(brought)
    }

    pub(super) fn reported(
        &self,
        output: &BuiltOutput,
        asked: &AskedOutput,
        brought: &HashMap<DrvId, BTreeSet<String>>,
    ) -> Vec<TwicePackage> {
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
            Variant {
                drv: closure.node(*id).map(|node| node.path.to_string()).unwrap_or_default(),
                instance: instance.map(str::to_owned),
                brought_by,
                chain: chains.to(*id),
            }
        };
        let package = |duplicate: &Duplicate| TwicePackage {
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
        asked.duplicates.twice.iter().map(package).collect()
    }
}
