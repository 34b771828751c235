//! The rules: one file each, in a static table.
//!
//! A rule looks at [`Facts`] and pushes findings. It neither filters (levels and exemptions are
//! applied in `audit`) nor renders. To add one, see `CONTRIBUTING.md`; the tests below name what a
//! half-added rule lacks.

mod dangling_follows;
mod declared;
mod duplicate_input;
mod duplicate_nixpkgs;
mod follows_cycle;
mod import_bypass;
mod inline_configuration;
mod mismatches;
mod node_cycle;
mod raw_through_wrapper;
mod refused_lock;
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

use crate::finding::{Finding, Level, Strength};
use crate::instance::Facts;

/// A rule: what it is called, how loud it is, and how it looks.
#[derive(Debug)]
pub struct Rule {
    /// Its name, in kebab case; stable for ever.
    pub id: &'static str,
    /// Its level, for firm findings where it tells them from light ones.
    pub level: Level,
    /// The level of its light findings.
    pub light: Level,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Its page: what `explain` prints.
    pub page: &'static str,
    /// What it judges.
    pub judges: Judges,
    /// Pushes its findings.
    pub check: for<'a> fn(&Facts<'_, '_, 'a>, &mut Vec<Finding<'a>>),
}

/// What a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judges {
    /// The graph that the lock stands for.
    Graph,
    /// What sources do with the graph; silent where they were not read.
    Source,
    /// How the file spells it: gone as soon as Nix writes the lock again.
    Spelling,
}

impl Rule {
    /// Whether it has more to say where sources are read.
    pub fn reads_source(&self) -> bool {
        self.judges == Judges::Source || self.gains_from_source()
    }

    /// Rules that judge the graph, and by what is done with it.
    fn gains_from_source(&self) -> bool {
        matches!(
            self.id,
            "unconfigured-nixpkgs"
                | "unconfigured-secondary"
                | "raw-through-wrapper"
                | "undeclared-wrapper"
                | "split-configuration"
                | "wrapper-skew"
        )
    }

    /// The level of a finding of this rule, if the user says nothing.
    pub fn default_level(&self, strength: Option<Strength>) -> Level {
        match strength {
            Some(Strength::Light) => self.light,
            Some(Strength::Firm) | None => self.level,
        }
    }
}

/// All rules, in the order in which they are listed and reported.
pub static RULES: &[&Rule] = &[
    &unconfigured_nixpkgs::RULE,
    &unconfigured_secondary::RULE,
    &raw_through_wrapper::RULE,
    &undeclared_wrapper::RULE,
    &inline_configuration::RULE,
    &root_unconfigured::RULE,
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
    &unlocked_input::RULE,
    &unreachable_node::RULE,
    &shared_node::RULE,
    &duplicate_nixpkgs::RULE,
    &duplicate_input::RULE,
];

/// The rule with this id.
pub fn find(id: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
#[cfg(test)]
mod tests;
