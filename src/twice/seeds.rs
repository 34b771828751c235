//! Pairs of packages that correspond, if the output cannot be evaluated with all dependencies on
//! one nixpkgs: a revision lacks something, or only the outputs know the instance.
//!
//! Two instances have the same package under the same attribute. So both are asked for packages
//! with a name that several derivations have; if a dependency's one is part of the output, the
//! parallel walk starts there.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::inquiry::{EvaluationError, Inquiry};
use super::outputs::BuiltOutput;
use super::plan::bindings;
use super::redone::InstanceExpression;
use super::variants::module_name;
use crate::derivation::DrvId;
use crate::text::NixString;

/// The most names that an instance is asked for.
const MOST_NAMES: usize = 512;
/// How often Nix is asked about one instance: an attribute that fails is found by halving.
const MOST_QUESTIONS: usize = 24;
/// The most instances to ask.
const MOST_INSTANCES: usize = 16;

/// A package of two instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seed {
    /// The dependency's, which is part of the output.
    pub(super) from: DrvId,
    /// This flake's.
    pub(super) to: DrvId,
    /// The number of the dependency's instance.
    pub(super) instance: String,
}

impl Inquiry<'_, '_> {
    /// The packages from which the walk of an output starts; empty if this flake's own instance is
    /// not known.
    pub(super) fn seeds(
        &mut self,
        output: &BuiltOutput,
        root: DrvId,
        asking: &mut dyn FnMut(&str),
    ) -> Result<Vec<Seed>, EvaluationError> {
        let Ok(own) = self.plan.instance(output) else { return Ok(Vec::new()) };
        let names = attribute_names(self.names_twice(root).iter().map(String::as_str));
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let built: BTreeSet<DrvId> = self.built(root).into_iter().collect();
        let mut seeds = Vec::new();
        let others: Vec<(String, InstanceExpression)> =
            self.plan.other_instances(output).take(MOST_INSTANCES).collect();
        for (instance, other) in others {
            asking(&format!("packages of {instance} that {} has twice", output.name()));
            let mut known: BTreeSet<String> = BTreeSet::new();
            for (name, [from, to]) in self.ask_both(&own, &other, &names)? {
                let (Ok(from), Ok(to)) = (self.read(&from), self.read(&to)) else { continue };
                if from != to && built.contains(&from) && known.insert(name) {
                    seeds.push(Seed { from, to, instance: instance.clone() });
                }
            }
        }
        Ok(seeds)
    }

    /// Names and derivations that another instance and this flake's own have under these names.
    fn ask_both(
        &self,
        own: &InstanceExpression,
        other: &InstanceExpression,
        names: &[String],
    ) -> Result<Vec<(String, [String; 2])>, EvaluationError> {
        let (flake, system) = (self.session.reference(), self.session.system());
        let bindings = bindings(flake, system);
        let mut found = Vec::new();
        let mut open = vec![names];
        for _ in 0..MOST_QUESTIONS {
            let Some(names) = open.pop() else { break };
            let question = question(&bindings, own, other, names);
            match (self.session.paths(question)?, names) {
                (Ok(pairs), _) => found.extend(pairs.into_iter().filter_map(|pair| {
                    let [name, from, to] = <[String; 3]>::try_from(pair).ok()?;
                    Some((name, [from, to]))
                })),
                (Err(_), [] | [_]) => {}
                (Err(_), names) => {
                    let (first, second) = names.split_at(names.len() / 2);
                    open.extend([second, first]);
                }
            }
        }
        Ok(found)
    }
}

/// The attributes that derivations with these names may have: `python3.13-numpy` is `numpy` in
/// Python's set.
fn attribute_names<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.map(module_name).collect();
    names.into_iter().take(MOST_NAMES).map(str::to_owned).collect()
}

/// The expression for a list of names, each with what the other instance and this flake's own have
/// under it, at the top level and in Python's set.
fn question(
    bindings: &str,
    own: &InstanceExpression,
    other: &InstanceExpression,
    names: &[String],
) -> String {
    let mut list = String::new();
    for name in names {
        // Writing to a string does not fail.
        let _ = write!(list, "{} ", NixString(name));
    }
    format!(
        "let {bindings} own = {}; other = {}; \
         sets = pkgs: [ pkgs (pkgs.python3Packages or {{ }}) ]; \
         drv = set: name: let \
           package = set.${{name}} or null; \
           tried = builtins.tryEval (if builtins.isAttrs package && (package.type or null) == \
             \"derivation\" then package.drvPath else null); \
         in if tried.success then tried.value else null; \
         both = name: at: [ name (drv (builtins.elemAt (sets other) at) name) \
           (drv (builtins.elemAt (sets own) at) name) ]; \
         in builtins.filter (found: !builtins.elem null found) (builtins.concatMap (name: \
           [ (both name 0) (both name 1) ]) [ {list}])",
        own.0, other.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_python_have_their_own_names() {
        let names =
            ["python3.13-numpy", "python3", "openblas", "python-env", "python312-a-b", "numpy"];
        assert_eq!(
            attribute_names(names.into_iter()),
            ["a-b", "numpy", "openblas", "python-env", "python3"]
        );
    }
}
