//! Modules that hosts share: a framework that is not read gets them under a name of their own,
//! beside those of each host.

use std::rc::Rc;

use super::contexts::{Handed, Within};
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::value::{Set, Value};

/// How deep modules are searched for in what hosts share: `perClass = class: { nixos.modules }`.
const DEEPEST: usize = 4;

impl Evaluator<'_> {
    /// The context of what is in a set of options that hosts may be made of, if the set says more:
    /// the packages that they get, or modules that they share.
    pub(super) fn within_options(
        &mut self,
        walk: &mut OutputWalk,
        set: &Rc<Set>,
        within: &Within,
    ) -> Option<Within> {
        // There are no hosts for each system, and what hosts share is at the top.
        let Some(Handed::ByOption(outer)) = within.handed else { return None };
        if self.kind_of_class(outer) != Some(ModuleKind::Parts) {
            return None;
        }
        let packages = self.packages_given(&Value::Set(set.clone()));
        let builder = match packages {
            Some(packages) => {
                let id = self.use_instance(walk, packages);
                walk.builder(id, within, false, None)
            }
            None => within.builder,
        };
        let mut shared = Vec::new();
        for attr in set.attrs.iter().filter(|attr| is_shared(&attr.name)) {
            let value = self.force_known(attr.thunk);
            self.modules_in(value, DEEPEST, &mut shared);
        }
        if packages.is_none() && shared.is_empty() {
            return None;
        }
        let handed = match shared.is_empty() {
            true => outer,
            false => self.new_class(ModuleKind::Other, None),
        };
        if handed != outer {
            self.place_within(handed, outer);
        }
        for module in shared {
            // Which hosts get it is not known.
            self.collect(handed, &module.conditional());
        }
        Some(Within { builder, handed: Some(Handed::ByOption(handed)), ..within.clone() })
    }

    /// Adds the modules that a host shares with others to its own.
    pub(super) fn collect_shared(&mut self, class: ClassId, shared: ClassId) {
        if self.kind_of_class(shared) == Some(ModuleKind::Other) {
            for module in self.class(shared).map(|of| of.roots().to_vec()).unwrap_or_default() {
                self.collect(class, &module);
            }
        }
    }

    fn modules_in(&mut self, value: Value, left: usize, found: &mut Vec<Value>) {
        if left == 0 || !self.budget.step() {
            return;
        }
        match &value {
            Value::List(_) => found.push(value),
            Value::Path(flake, path) => {
                let file = self.stands_for(*flake, path);
                found.extend(file.filter(|file| file.as_str().ends_with(".nix")).map(|_| value));
            }
            Value::Set(set) if self.is_module(set) => found.push(value),
            Value::Set(set) => {
                for attr in set.attrs.clone() {
                    let value = self.force_known(attr.thunk);
                    self.modules_in(value, left - 1, found);
                }
            }
            Value::Function(code, _) if self.formals(*code).is_some() => found.push(value),
            Value::Function(..) => {
                let made = self.guess_arguments(&value, &Caller::Nobody);
                self.modules_in(made, left - 1, found);
            }
            _ => {}
        }
    }
}

/// Whether a name is one for what all hosts get, and not that of a host.
pub(super) fn is_shared(name: &str) -> bool {
    ["shared", "common", "defaults", "global"].into_iter().any(|start| name.starts_with(start))
        || matches!(name, "all" | "perClass" | "perArch")
}
