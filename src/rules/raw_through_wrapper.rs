//! A primary slot that ends at plain nixpkgs through the wrapper's own input, which somebody wrote
//! deliberately.

use super::{Judges, Rule, unconfigured};
use crate::finding::{Finding, Level};
use crate::instance::{Analysis, CauseKind};

pub(super) static RULE: Rule = Rule {
    id: "raw-through-wrapper",
    level: Level::Warn,
    light: Level::Warn,
    summary: "a dependency takes the plain nixpkgs inside a wrapper on purpose",
    page: include_str!("../../docs/rules/raw-through-wrapper.md"),
    judges: Judges::Use,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    unconfigured::push(&RULE, CauseKind::ThroughWrapper, analysis, findings);
}
