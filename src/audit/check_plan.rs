//! Plans are checked before anybody sees them: applied to the graph in memory and audited again.
//!
//! A plan is refused (its fixes become manual) if it does not cure its findings, adds one, breaks a
//! follows, or moves a pin: the node at which an input of the root, or the nixpkgs of any wrapper,
//! ends.

use std::collections::BTreeSet;

use super::{Levels, run};
use crate::change::{Applicability, Fix, lay_over};
use crate::finding::{Finding, Level, Subject};
use crate::graph::{End, Graph, Overrides};
use crate::instance::{Analysis, Declared};
use crate::lock::{InputId, NodeTag, Table};
use crate::rules::{RULES, Rule};

/// Audits that may be spent on finding which fixes of a refused plan are at fault.
const BUDGET: usize = 24;

/// Checks the automatic fixes of all findings together; those that fail become manual.
pub(super) fn check_plan<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    declared: &Declared,
    levels: &Levels<'_>,
    findings: &mut [Finding<'a>],
) {
    drop_nested_overrides(analysis.graph(), findings);
    let automatic: Vec<usize> =
        (0..).zip(findings.iter()).filter(|(_, f)| is_automatic(f)).map(|(at, _)| at).collect();
    if automatic.is_empty() {
        return;
    }
    let rules: Vec<&Rule> = RULES
        .iter()
        .copied()
        .filter(|rule| rule.judges.sees_overrides())
        .filter(|rule| levels.is_on(rule) || findings.iter().any(|f| f.rule.id == rule.id))
        .collect();
    let before = findings.iter().map(|finding| (finding.rule.id, finding.subject)).collect();
    let check = Check { analysis, declared, levels, rules, before };
    // Each part is tried on top of what was accepted before, because two fixes that are right alone
    // may be wrong together.
    let mut accepted: Vec<usize> = Vec::new();
    let mut refused = Vec::new();
    let mut budget = BUDGET;
    let mut open = vec![automatic];
    while let Some(plan) = open.pop() {
        let trial =
            accepted.iter().chain(&plan).filter_map(|at| findings.get(*at)).collect::<Vec<_>>();
        let outcome = if budget == 0 {
            Err("the fixes of this lock could not be checked together".to_owned())
        } else {
            budget -= 1;
            check.try_plan(&trial)
        };
        let Err(reason) = outcome else {
            accepted.extend(plan);
            continue;
        };
        if plan.len() == 1 || budget == 0 {
            refused.extend(plan.into_iter().map(|at| (at, reason.clone())));
        } else {
            let (first, second) = plan.split_at(plan.len() / 2);
            open.extend([second.to_vec(), first.to_vec()]);
        }
    }
    for (at, reason) in refused {
        if let Some(finding) = findings.get_mut(at) {
            finding.fix = finding.fix.take().map(|fix| fix.to_manual(reason));
        }
    }
}

/// Overrides below an input that another override makes a follows have no effect; what they should
/// cure is cured with that input.
fn drop_nested_overrides(graph: &Graph<'_, '_>, findings: &mut [Finding<'_>]) {
    let fixes = findings.iter().filter(|finding| is_automatic(finding));
    let overrides =
        fixes.filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| fix.remedy.overrides());
    let redirected: BTreeSet<InputId> = overrides.map(|change| change.input).collect();
    // For each node, the redirected input that owns it or a node above it.
    let mut under: Table<NodeTag, Option<InputId>> = Table::like(graph.lock().nodes(), None);
    for &node in graph.reachable().iter().filter(|_| !redirected.is_empty()) {
        let Some(place) = graph.place(node) else { continue };
        let own = place.owner.filter(|owner| redirected.contains(owner));
        *under.at_mut(node) = own.or(*under.at(place.parent));
    }
    for fix in findings.iter_mut().filter_map(|finding| finding.fix.as_mut()) {
        let holders = fix.remedy.overrides().iter().map(|change| graph.edge(change.input).holder);
        let above = holders.filter_map(|holder| *under.at(holder)).next();
        if let Some(above) = above.filter(|_| fix.applicability > Applicability::Manual) {
            let above = graph.input_path(above).names().join("/");
            *fix = Fix::manual(format!("the fix of `{above}` takes it away"));
        }
    }
}

/// Whether a fix changes the graph without a person.
fn is_automatic(finding: &Finding<'_>) -> bool {
    finding.fix.as_ref().is_some_and(|fix| {
        fix.applicability > Applicability::Manual && !fix.remedy.overrides().is_empty()
    })
}

struct Check<'c, 'g, 'l, 'a> {
    analysis: &'c Analysis<'g, 'l, 'a>,
    declared: &'c Declared,
    levels: &'c Levels<'c>,
    rules: Vec<&'static Rule>,
    before: BTreeSet<(&'static str, Subject)>,
}

impl<'a> Check<'_, '_, '_, 'a> {
    /// Applies a plan to the lock and audits it; `Err` is the reason why it is refused.
    fn try_plan(&self, plan: &[&Finding<'a>]) -> Result<(), String> {
        let fixes: Vec<_> = plan.iter().filter_map(|finding| finding.fix.as_ref()).collect();
        let overrides = lay_over(&fixes);
        let before = self.analysis.graph();
        let graph = Graph::build(before.lock(), &overrides).map_err(|error| error.message)?;
        self.breaks_nothing(&graph, &overrides)?;
        let analysis = Analysis::new(&graph, self.declared, self.analysis.sources());
        let after = run(&analysis, &self.rules);
        let cured: BTreeSet<_> = plan.iter().map(|f| (f.rule.id, f.subject)).collect();
        for finding in &after {
            let key = (finding.rule.id, finding.subject);
            if cured.contains(&key) {
                return Err(format!("it would not cure it: {}", finding.message));
            }
            if self.levels.of(finding) > Level::Allow && !self.before.contains(&key) {
                return Err(format!("it would bring a new finding: {}", finding.message));
            }
        }
        Ok(())
    }

    fn breaks_nothing(&self, graph: &Graph<'_, '_>, plan: &Overrides<'_>) -> Result<(), String> {
        let before = self.analysis.graph();
        let lock = before.lock();
        let name = |input: InputId| before.input_path(input).names().join("/");
        for &holder in graph.reachable() {
            for input in graph.inputs_of(holder) {
                let broken = |end| !matches!(end, End::Node(_));
                if broken(graph.edge(input).end) && !broken(before.edge(input).end) {
                    return Err(format!("it would break the follows of `{}`", name(input)));
                }
            }
        }
        let own = before.inputs_of(lock.root());
        let bases = self.analysis.wrappers().filter_map(|(_, wrapper)| wrapper.base_input);
        // An unreachable wrapper has no pin to move, and some plans move a wrapper's pin on purpose
        // (`wrapper-skew`).
        let bases = bases.filter(|input| {
            graph.is_reachable(before.edge(*input).holder) && !plan.contains_key(input)
        });
        for pin in own.chain(bases) {
            if graph.end(pin) != before.end(pin) {
                return Err(format!("it would change what `{}` is", name(pin)));
            }
        }
        Ok(())
    }
}
