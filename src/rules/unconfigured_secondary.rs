//! A secondary slot (`nixpkgs-stable`) that is unconfigured, which usually is a deliberate pin.

use super::{Judges, Rule, unconfigured};
use crate::finding::{Finding, Level};
use crate::instance::{Analysis, CauseKind};

pub(super) static RULE: Rule = Rule {
    id: "unconfigured-secondary",
    level: Level::Allow,
    light: Level::Allow,
    summary: "a dependency's second nixpkgs is plain, while the flake uses a configured one",
    page: include_str!("../../docs/rules/unconfigured-secondary.md"),
    judges: Judges::Use,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    unconfigured::push(&RULE, CauseKind::Secondary, analysis, findings);
}
