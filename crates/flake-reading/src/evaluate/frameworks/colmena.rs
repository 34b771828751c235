//! Hives of colmena: `meta` and one module for each host.

use super::folders::{arguments, at, host, set_of};
use super::{Framework, FrameworkCall, one};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Place;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, Value, attr};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["zhaofengli/colmena", "nix-community/colmena"],
    source: "src/nix/hive/eval.nix, 2026-11",
    marks: &[],
    arity: one,
    call,
};

fn call(evaluator: &mut Evaluator<'_>, call: &FrameworkCall<'_>) -> Option<Value> {
    if call.function != "makeHive" {
        return None;
    }
    let hive = evaluator.force_known(call.arg(0)?);
    Some(evaluator.hive(&hive, call.place))
}

impl Evaluator<'_> {
    /// The hosts of a hive.
    pub(in crate::evaluate) fn hive(&mut self, hive: &Value, place: Option<Place>) -> Value {
        let packages = at(self, hive, &["meta", "nixpkgs"]);
        let packages = match packages {
            // A function that makes the packages.
            Some(value @ (Value::Imported(..) | Value::Flake(..) | Value::Path(..))) => {
                let value = match value {
                    Value::Imported(..) => value,
                    other => self.import(&other, place),
                };
                Some(self.apply_to(&value, Value::no_attrs(), place))
            }
            other => other,
        };
        let special = arguments(self, hive, &["meta", "specialArgs"]);
        let mut sets = Vec::new();
        sets_of(hive, &mut sets);
        let mut defaults = Vec::new();
        let mut hosts = Vec::new();
        for attr in sets.iter().flat_map(|set| &set.attrs) {
            let value = self.force(attr.thunk);
            match &*attr.name {
                "meta" => {}
                "defaults" => defaults.push(value),
                _ => hosts.push((attr.name.clone(), value)),
            }
        }
        let mut made = Vec::new();
        for (name, module) in hosts {
            let modules = defaults.iter().cloned().chain([module]).collect();
            let nodes = at(self, hive, &["meta", "nodeNixpkgs", &name]);
            let own = nodes.or_else(|| packages.clone());
            let base = Base::Other;
            // A hive gives its modules packages to start from; their own settings come on top.
            let base = match own.as_ref().and_then(|own| self.instance_of(own)) {
                Some(instance) => Base::Instance(instance),
                None => base,
            };
            let mut given = vec![attr("name", self.done(Value::Text(name.clone())))];
            given.extend(special.iter().cloned());
            given.extend(arguments(self, hive, &["meta", "nodeSpecialArgs", &name]));
            let system = host(self, None, base, modules, given, place);
            self.inherit_settings(&system);
            made.push((name, system));
        }
        set_of(self, made)
    }
}
