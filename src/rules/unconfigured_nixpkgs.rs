//! A primary slot that ends at plain nixpkgs below a flake that uses a wrapper.

use super::{Judges, Rule, unconfigured};
use crate::finding::{Finding, Level};
use crate::instance::{Analysis, CauseKind};

pub(super) static RULE: Rule = Rule {
    id: "unconfigured-nixpkgs",
    level: Level::Deny,
    light: Level::Warn,
    summary: "a dependency gets plain nixpkgs, while the flake uses a configured one",
    page: include_str!("../../docs/rules/unconfigured-nixpkgs.md"),
    judges: Judges::Use,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    unconfigured::push(&RULE, CauseKind::Primary, analysis, findings);
}
