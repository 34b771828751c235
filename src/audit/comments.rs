//! Exemptions as comments in `flake.nix`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::report::{Reported, SourceWarning};
use super::source_files::SourceFiles;
use super::{Levels, accepted};
use crate::instance::LockSources;
use crate::rules::{self, RULES};
use crate::source::declare::CommentExemption;
use crate::text::{did_you_mean, nearest};

/// The comments of the root's `flake.nix`.
pub(super) struct Comments<'d> {
    all: &'d [CommentExemption],
    used: RefCell<BTreeSet<usize>>,
}

impl<'d> Comments<'d> {
    pub(super) fn new(sources: &'d LockSources) -> Self {
        let all = sources.declarations().map_or(&[][..], |declarations| declarations.exemptions());
        Self { all, used: RefCell::default() }
    }

    /// Why a finding is accepted, if a comment says so.
    pub(super) fn exempt(&self, finding: &Reported<'_>) -> Option<String> {
        accepted(finding, |path| self.reason(finding.rule.id, path.names()))
    }

    fn reason(&self, rule: &str, names: &[&str]) -> Option<String> {
        let mut reason = None;
        // Try all of them, because each records whether it matched anything.
        for (at, comment) in self.all.iter().enumerate() {
            let Ok(said) = &comment.exempted else { continue };
            let covers =
                said.path.len() <= names.len() && said.path.iter().zip(names).all(|(a, b)| a == b);
            if covers && said.rules.iter().any(|other| other == rule) {
                self.used.borrow_mut().insert(at);
                reason.get_or_insert_with(|| said.reason.clone());
            }
        }
        reason
    }

    /// Comments that are malformed or match nothing.
    pub(super) fn warnings(
        &self,
        levels: &Levels<'_>,
        files: &SourceFiles<'_>,
    ) -> Vec<SourceWarning> {
        let used = self.used.borrow();
        let mut warnings = Vec::new();
        for (at, comment) in self.all.iter().enumerate() {
            let message = match &comment.exempted {
                Err(wrong) => (*wrong).to_owned(),
                Ok(said) => {
                    let unknown = said.rules.iter().find(|rule| rules::rule_named(rule).is_none());
                    if let Some(rule) = unknown {
                        let meant = nearest(rule, RULES.iter().map(|rule| rule.id));
                        format!("there is no rule `{rule}`{}", did_you_mean(meant))
                    } else if used.contains(&at) {
                        continue;
                    } else {
                        // It is unknown what a rule that is off would have found.
                        let mut on = said.rules.iter().filter_map(|rule| rules::rule_named(rule));
                        if !on.any(|rule| levels.is_on(rule)) {
                            continue;
                        }
                        format!("this exemption from {} matches nothing", said.rules.join(", "))
                    }
                }
            };
            warnings.extend(files.warning(comment.span, message));
        }
        warnings
    }
}
