//! Derivations that are made again with other attributes: `overrideAttrs`, `overridePythonAttrs`.
//!
//! Source: nixpkgs `pkgs/stdenv/generic/make-derivation.nix`, `pkgs/build-support/mkshell`,
//! `pkgs/development/interpreters/python/mk-python-derivation.nix`.

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::facts::Place;
use super::value::{Derivation, Path, Set, Thunk, Value, attr, last};

/// Lists that a function of nixpkgs adds to another: a shell's packages are what it is built with.
const MERGED: [(&str, &str); 3] = [
    ("packages", "nativeBuildInputs"),
    ("dependencies", "propagatedBuildInputs"),
    ("build-system", "nativeBuildInputs"),
];

impl Evaluator<'_> {
    /// A derivation with changed attributes, where those that it was made with are known: what is
    /// replaced is gone.
    pub(super) fn remade(
        &mut self,
        made: &Derivation,
        function: &str,
        change: Thunk,
        place: Option<Place>,
    ) -> Option<Value> {
        let [given] = made.given.as_slice() else { return None };
        if made.is_override || !takes_attributes(&made.path) {
            return None;
        }
        let Value::Set(before) = self.force_known(*given) else { return None };
        let before = match function {
            // The arguments, before the function makes attributes of them.
            "overridePythonAttrs" => Value::Set(before),
            "overrideAttrs" => self.with_merged_lists(before, &made.path),
            _ => return None,
        };
        let old = self.done(before.clone());
        let mut new = self.force_known(change);
        // `old: { … }`, or `final: prev: { … }`
        for _ in 0..2 {
            if matches!(new, Value::Function(..)) {
                new = self.apply(&new, old, place);
            }
        }
        if !matches!(new, Value::Set(_)) {
            return None;
        }
        let both = self.update(before, new);
        let both = self.done(both);
        Some(Value::Derivation(Rc::new(Derivation { given: vec![both], ..made.clone() })))
    }

    /// The attributes of the derivation that a function makes of these.
    fn with_merged_lists(&mut self, before: Rc<Set>, path: &Path) -> Value {
        let mut attrs = before.attrs.clone();
        for (from, to) in MERGED {
            let Some(at) = attrs.iter().position(|attr| &*attr.name == from) else { continue };
            let mut items = Vec::new();
            let mut open = false;
            let added = attrs.swap_remove(at).thunk;
            let old = attrs.iter().position(|attr| &*attr.name == to);
            let old = old.map(|at| attrs.swap_remove(at).thunk);
            for list in [Some(added), old].into_iter().flatten() {
                let list = self.force_known(list);
                open |= self.items_into(&list, &mut items);
            }
            let merged = self.done(Value::list_of_some(items, open, true));
            attrs.push(attr(to, merged));
        }
        // Functions built upon `mkDerivation` give it these, whatever they are given.
        if last(path) != Some("mkDerivation") {
            for name in ["buildInputs", "nativeBuildInputs", "propagatedBuildInputs"] {
                if attrs.iter().all(|attr| &*attr.name != name) {
                    attrs.push(attr(name, self.done(Value::list(Vec::new(), false))));
                }
            }
        }
        Value::set(attrs, before.rest, before.open)
    }
}

/// Whether a function of nixpkgs takes the attributes of a derivation, more or less.
fn takes_attributes(path: &Path) -> bool {
    last(path).is_some_and(|name| {
        name == "mkDerivation"
            || name.starts_with("mkShell")
            || name.starts_with("build") && name.ends_with("Package")
            || name == "buildPythonApplication"
            || name == "buildGoModule"
    })
}
