//! Levels of findings: flags over configuration over defaults.

use crate::config::Config;
use crate::finding::{Finding, Level, Rule, Strength};

/// The levels of one lock.
#[derive(Debug)]
pub struct Levels<'c> {
    config: Option<&'c Config>,
    flags: &'c [(&'static str, Level)],
}

impl<'c> Levels<'c> {
    /// Stands in place of a rule's name for all findings at level warn.
    pub const WARNINGS: &'static str = "warnings";

    /// From the lock's configuration and the command line.
    pub fn new(config: Option<&'c Config>, flags: &'c [(&'static str, Level)]) -> Self {
        Self { config, flags }
    }

    /// The level of a finding.
    pub fn of(&self, finding: &Finding<'_>) -> Level {
        self.level(finding.rule, finding.strength)
    }

    /// The level of a rule's findings of one strength.
    pub fn level(&self, rule: &Rule, strength: Option<Strength>) -> Level {
        let configured = self.config.and_then(|config| config.rules.get(rule.id)?.of(strength));
        let mut level = configured.unwrap_or_else(|| rule.default_level(strength));
        for (id, given) in self.flags {
            if *id == rule.id || (*id == Self::WARNINGS && level == Level::Warn) {
                level = *given;
            }
        }
        level
    }

    /// Whether any finding of a rule can be reported.
    pub fn is_on(&self, rule: &Rule) -> bool {
        [None, Some(Strength::Firm), Some(Strength::Light)]
            .into_iter()
            .any(|strength| self.level(rule, strength) > Level::Allow)
    }
}
