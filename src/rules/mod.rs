//! The rules: one file each, in a static table.
//!
//! A rule looks at [`Analysis`] and pushes findings. It neither filters (levels and exemptions are
//! applied in `audit`) nor formats. To add one, see `CONTRIBUTING.md`; the tests below name what an
//! incomplete rule lacks.

mod cuda_without_support;
mod dangling_follows;
mod declared;
mod duplicate_input;
mod duplicate_nixpkgs;
mod duplicates;
mod follows_cycle;
mod import_bypass;
mod ineffective_setting;
mod inline_configuration;
mod inline_permissions;
mod mismatches;
mod mutable_url;
mod newer_nix;
mod node_cycle;
mod raw_through_wrapper;
mod refused_lock;
mod remedies;
mod root_unconfigured;
mod shared_node;
mod split_configuration;
mod stale_lock;
mod unconfigured;
mod unconfigured_nixpkgs;
mod unconfigured_secondary;
mod undeclared_wrapper;
mod unlocked_input;
mod unreachable_node;
mod unused_override;
mod words;
mod wrapper_incomplete;
mod wrapper_loop;
mod wrapper_skew;

use std::collections::BTreeSet;

pub use crate::finding::{Judges, Rule};
use crate::instance::Analysis;
use crate::lock::InputId;

/// All rules, in the order in which they are listed and reported.
pub static RULES: &[&Rule] = &[
    &unconfigured_nixpkgs::RULE,
    &unconfigured_secondary::RULE,
    &raw_through_wrapper::RULE,
    &undeclared_wrapper::RULE,
    &inline_configuration::RULE,
    &inline_permissions::RULE,
    &root_unconfigured::RULE,
    &cuda_without_support::RULE,
    &ineffective_setting::RULE,
    &import_bypass::RULE,
    &wrapper_incomplete::RULE,
    &split_configuration::RULE,
    &wrapper_skew::RULE,
    &wrapper_loop::RULE,
    &dangling_follows::RULE,
    &follows_cycle::RULE,
    &node_cycle::RULE,
    &stale_lock::RULE,
    &unused_override::RULE,
    &refused_lock::RULE,
    &newer_nix::RULE,
    &unlocked_input::RULE,
    &mutable_url::RULE,
    &unreachable_node::RULE,
    &shared_node::RULE,
    &duplicate_nixpkgs::RULE,
    &duplicate_input::RULE,
];

/// The rule with this id.
pub fn rule_named(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

/// The slots of dependencies that lack the flake's inline settings, whatever level that rule has:
/// whoever asks for a wrapper wants to know.
pub fn lacking_inline_settings(analysis: &Analysis<'_, '_, '_>) -> BTreeSet<InputId> {
    inline_configuration::slots(analysis)
}

/// Whether findings of a rule are about inline settings, which a wrapper can take over.
pub fn is_about_inline_settings(rule: &Rule) -> bool {
    rule.id == inline_configuration::RULE.id
}

#[cfg(test)]
mod tests;
