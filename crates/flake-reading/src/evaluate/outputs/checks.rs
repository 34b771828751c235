//! What a derivation is checked with, which is not taken where it is not checked.
//!
//! Source: nixpkgs `pkgs/stdenv/generic/make-derivation.nix`, `checkInputs` and `doCheck`: inputs of
//! a phase that is not run are left out. It runs no checks unless it is told to; builders for
//! languages have defaults of their own.

use std::rc::Rc;

use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{Derivation, Set, Value, last};

impl Evaluator<'_> {
    /// Whether an attribute of a derivation has inputs of a phase that is switched off beside it.
    pub(super) fn is_of_skipped_phase(&mut self, set: &Set, name: &str) -> bool {
        let Some(switch) = switch_of(name) else { return false };
        let Some(attr) = set.get(switch) else { return false };
        !attr.conditional && matches!(self.force_known(attr.thunk), Value::Bool(false))
    }
}

/// The arguments of a derivation of the standard environment without the inputs of phases that
/// nothing switches on.
pub(super) fn without_checks(made: &Derivation, set: &Rc<Set>) -> Option<Set> {
    let is_whole = !set.open && set.rest.is_none();
    let is_plain = last(&made.path) == Some("mkDerivation") && made.given.len() == 1;
    if !is_whole || !is_plain {
        return None;
    }
    let is_skipped = |name: &str| switch_of(name).is_some_and(|switch| set.get(switch).is_none());
    let attrs = set.attrs.iter().filter(|attr| !is_skipped(&attr.name)).cloned();
    let attrs: Vec<_> = attrs.collect();
    (attrs.len() < set.attrs.len()).then_some(Set { attrs, rest: None, open: false })
}

/// What switches the phase on whose inputs an attribute has.
fn switch_of(name: &str) -> Option<&'static str> {
    match name {
        "checkInputs" | "nativeCheckInputs" => Some("doCheck"),
        "installCheckInputs" | "nativeInstallCheckInputs" => Some("doInstallCheck"),
        _ => None,
    }
}
