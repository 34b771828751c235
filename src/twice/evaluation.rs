//! Evaluates a flake, output by output.

use std::collections::BTreeSet;
use std::path::Path;

use super::asked::{AskedOutput, Replacement};
use super::chains::Chains;
use super::inquiry::{EvaluationError, Inquiry, derivation};
use super::outputs::BuiltOutput;
use super::plan::TwicePlan;
use super::report::{Dropped, OutputChange, OutputReport, RepairEffect, WithFix};
use super::variants::{Duplicate, Duplicates};
use crate::verify::NixSession;

/// How many paths to remaining duplicates are kept.
const MOST_WAYS: usize = 100;

/// A flake under evaluation.
pub struct Evaluation<'s, 'n> {
    inquiry: Inquiry<'s, 'n>,
}

impl<'s, 'n> Evaluation<'s, 'n> {
    /// Prepares questions. `store` is the place of the store that Nix writes to, if its paths do
    /// not tell.
    pub fn new(session: &'s NixSession<'n>, plan: &'s TwicePlan, store: Option<&Path>) -> Self {
        Self { inquiry: Inquiry::new(session, plan, store) }
    }

    /// Examines an output. `fixed` is the flake after `fix`, or why Nix refuses that. `asking` is
    /// called before slow questions.
    ///
    /// # Errors
    /// No further question can be asked. Errors of this output alone are part of its report.
    pub fn examine(
        &mut self,
        output: &BuiltOutput,
        fixed: Option<Result<&NixSession<'_>, &str>>,
        asking: &mut dyn FnMut(&str),
    ) -> Result<OutputReport, EvaluationError> {
        let mut report = OutputReport::unknown(output.name());
        asking(&output.name());
        let drv = match derivation(self.inquiry.session, output)? {
            Ok(drv) => drv,
            Err(reason) => return Ok(report.because(reason)),
        };
        let root = match self.inquiry.read(&drv) {
            Ok(root) => root,
            Err(error) => return Ok(report.because(error.to_string())),
        };
        report.derivations = self.inquiry.built(root).len();
        let asked = match self.inquiry.ask_everything(output, root, asking)? {
            Ok(asked) => asked,
            Err(reason) => return Ok(report.because(reason)),
        };
        report.dropped = self.dropped(&asked.duplicates);
        if !asked.duplicates.twice.is_empty() {
            if let Replacement::Packages(_, reason) = &asked.model {
                report.by_attributes = Some(reason.clone());
            }
            let brought = self.inquiry.who_brings(output, &asked, asking)?;
            report.twice = self.inquiry.reported(output, &asked, &brought);
        }
        if let Some(fixed) = fixed {
            asking(&format!("{} after `fix`", output.name()));
            let drv = match fixed {
                Ok(fixed) => derivation(fixed, output)?,
                Err(reason) => Err(reason.to_owned()),
            };
            report.with_fix = Some(match drv {
                Ok(drv) => self.with_fix(&asked, &drv),
                Err(reason) => WithFix::Failed(reason),
            });
        }
        Ok(report)
    }

    /// The effect of a repair on an output; `None` if the output cannot be evaluated before the
    /// repair, or does not change. Duplicates are only computed for outputs that change.
    ///
    /// # Errors
    /// As for [`Evaluation::examine`].
    pub fn effect(
        &mut self,
        output: &BuiltOutput,
        fixed: &NixSession<'_>,
        asking: &mut dyn FnMut(&str),
    ) -> Result<Option<RepairEffect>, EvaluationError> {
        asking(&output.name());
        let Ok(before) = derivation(self.inquiry.session, output)? else { return Ok(None) };
        asking(&format!("{} after `fix`", output.name()));
        let effect =
            |before, after| Ok(Some(RepairEffect { output: output.name(), before, after }));
        let after = match derivation(fixed, output)? {
            Ok(after) if after == before => return Ok(None),
            Ok(after) => after,
            Err(reason) => return effect(0, OutputChange::Breaks(reason)),
        };
        let root = match self.inquiry.read(&before) {
            Ok(root) => root,
            Err(error) => return effect(0, OutputChange::To(WithFix::Failed(error.to_string()))),
        };
        let derivations = self.inquiry.built(root).len();
        let asked = match self.inquiry.ask_everything(output, root, asking)? {
            Ok(asked) => asked,
            Err(reason) => {
                let after = self.inquiry.read(&after).map(|after| self.inquiry.built(after).len());
                return effect(
                    derivations,
                    match after {
                        Ok(after) => OutputChange::InSize(after, reason),
                        Err(error) => OutputChange::To(WithFix::Failed(error.to_string())),
                    },
                );
            }
        };
        let with_fix = self.with_fix(&asked, &after);
        effect(derivations, OutputChange::To(with_fix))
    }

    fn dropped(&self, found: &Duplicates) -> Vec<Dropped> {
        let Some(closure) = &self.inquiry.closure else { return Vec::new() };
        let dropped = found.dropped.iter().map(|(environment, names)| Dropped {
            environment: closure.name(*environment).to_owned(),
            names: names.clone(),
        });
        dropped.collect()
    }

    /// The report on an evaluated output if it were this derivation.
    fn with_fix(&mut self, asked: &AskedOutput, drv: &str) -> WithFix {
        let root = match self.inquiry.read(drv) {
            Ok(root) => root,
            Err(error) => return WithFix::Failed(error.to_string()),
        };
        let found = match self.inquiry.duplicates(root, &asked.model) {
            Ok(found) => found,
            Err(error) => return WithFix::Failed(error.to_string()),
        };
        let now: BTreeSet<&str> = found.twice.iter().map(|twice| twice.name.as_str()).collect();
        let was: BTreeSet<&str> =
            asked.duplicates.twice.iter().map(|twice| twice.name.as_str()).collect();
        let owned = |names: &mut dyn Iterator<Item = &&str>| -> Vec<String> {
            names.map(|name| (*name).to_owned()).collect()
        };
        let chains = self.inquiry.closure.as_ref().map(|closure| Chains::from(closure, root));
        let way = |duplicate: &Duplicate| {
            let variant = duplicate.variants.first()?;
            Some((duplicate.name.clone(), chains.as_ref()?.to(*variant)))
        };
        let mut through: Vec<_> = found.twice.iter().filter_map(way).collect();
        through.truncate(MOST_WAYS);
        WithFix::Known {
            through,
            derivations: self.inquiry.built(root).len(),
            twice_total: found.twice.len(),
            gone: owned(&mut was.difference(&now)),
            left: owned(&mut now.intersection(&was)),
            new: owned(&mut now.difference(&was)),
        }
    }
}
