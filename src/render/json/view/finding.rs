//! A finding, in JSON.

use serde::Serialize;

use super::V1Location;
use crate::audit::{Reported, ReportedFix, Standing, Step, StepTarget};
use crate::change::{DiffLine, FileDiff};

/// A finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Finding"))]
pub(in super::super) struct V1Finding<'r> {
    /// The rule's id.
    rule: &'static str,
    /// Its level here.
    #[cfg_attr(test, schemars(extend("examples" = ["deny", "warn"])))]
    level: &'static str,
    /// How sure it matters, where the rule tells.
    #[cfg_attr(test, schemars(extend("examples" = ["firm", "light"])))]
    strength: Option<&'static str>,
    /// What is the case, one line.
    message: &'r str,
    /// What is to be seen at the place, in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'r str>,
    /// Why it matters here: one line, which stands among `notes`, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'r str>,
    /// More on it, one line each.
    notes: Vec<&'r str>,
    /// Stays the same while the finding does: from the rule, the input path and the source's
    /// identity.
    fingerprint: &'r str,
    /// Whether the state that it was compared with has it, too; only where there is one.
    #[cfg_attr(test, schemars(extend("examples" = ["new", "unchanged"])))]
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    /// The names that lead from this flake to the input; empty for the flake itself.
    input_path: &'r [&'r str],
    /// The follows chain: the first 100 steps.
    chain: Vec<V1Step<'r>>,
    /// How many there are.
    chain_total: usize,
    /// Key of the node that it is about.
    node: Option<&'r str>,
    /// Other inputs that it explains: the first 100.
    affects: Vec<&'r [&'r str]>,
    /// How many there are.
    affects_total: usize,
    /// The outputs that it concerns: the first 100.
    outputs: &'r [Vec<String>],
    /// How many there are.
    outputs_total: usize,
    /// The packages that show it.
    packages: &'r [String],
    /// Where it is written.
    location: Option<V1Location<'r>>,
    /// Why it is accepted, if it is.
    exempted: Option<V1Exempted<'r>>,
    /// What to do.
    fix: Option<V1Fix<'r>>,
}

/// A step of a follows chain.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Step"))]
struct V1Step<'r> {
    /// The input; empty for the root.
    input_path: &'r [&'r str],
    /// The path that it follows, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<&'r [&'r str]>,
    /// Key of the node that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'r str>,
}

/// Why a finding is accepted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Exempted"))]
struct V1Exempted<'r> {
    /// The reason given.
    reason: &'r str,
}

/// What to do.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Fix"))]
struct V1Fix<'r> {
    /// How it may be applied.
    #[cfg_attr(test, schemars(extend("examples" = ["safe", "unverified", "manual"])))]
    applicability: &'static str,
    /// Why it is not safe, or what it does where that is not an override.
    reason: Option<&'r str>,
    /// Inputs made to follow.
    overrides: Vec<V1Override<'r>>,
    /// Overrides of flake.nix that go: their input paths.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    removes: &'r [Vec<String>],
    /// Whether flake.lock is brought to what flake.nix says.
    relocks: bool,
    /// The overrides as lines for flake.nix.
    nix: &'r str,
    /// What it changes in flake.nix, where that was read and can be edited: lines, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diff: Vec<V1DiffLine<'r>>,
}

/// A line of a diff.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "DiffLine"))]
struct V1DiffLine<'r> {
    /// `-` for a line that goes, `+` for one that comes, a blank for the one above.
    sign: char,
    /// Its number, from 1: of a line that comes in the file as it will be, of others as it is.
    line: usize,
    /// The line.
    text: &'r str,
}

/// One input made to follow a path.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Override"))]
struct V1Override<'r> {
    /// The input.
    input_path: &'r [&'r str],
    /// The path to follow.
    follows: &'r [&'r str],
}

impl<'r> V1Finding<'r> {
    pub(in super::super) fn new(finding: &'r Reported<'_>) -> Self {
        Self {
            rule: finding.rule.id,
            level: finding.level.as_str(),
            strength: finding.strength.map(|strength| strength.as_str()),
            message: &finding.message,
            label: finding.label.as_deref(),
            why: finding.why.as_deref(),
            notes: finding.why.iter().chain(&finding.notes).map(String::as_str).collect(),
            fingerprint: &finding.fingerprint,
            baseline_state: finding.standing.map(|standing| match standing {
                Standing::New => "new",
                Standing::Older => "unchanged",
            }),
            input_path: finding.input_path.names(),
            chain: finding.chain.iter().map(V1Step::new).collect(),
            chain_total: finding.chain_total,
            node: finding.node,
            affects: finding.affects.iter().map(|path| path.names()).collect(),
            affects_total: finding.affects_total,
            outputs: &finding.outputs,
            outputs_total: finding.concerns.len(),
            packages: &finding.packages,
            location: finding.location.as_ref().map(V1Location::new),
            exempted: finding.exempted.as_ref().map(|e| V1Exempted { reason: &e.reason }),
            fix: finding.fix.as_ref().map(V1Fix::new),
        }
    }
}

impl<'r> V1Step<'r> {
    fn new(step: &'r Step<'_>) -> Self {
        let (follows, node) = match &step.target {
            StepTarget::Follows(path) => (Some(path.names()), None),
            StepTarget::Node(key) => (None, Some(*key)),
        };
        Self { input_path: step.input_path.names(), follows, node }
    }
}

impl<'r> V1DiffLine<'r> {
    fn new(DiffLine { sign, number, text }: DiffLine<'r>) -> Self {
        Self { sign, line: number, text }
    }
}

impl<'r> V1Fix<'r> {
    fn new(fix: &'r ReportedFix<'_>) -> Self {
        let overrides = fix.remedy.overrides().iter();
        Self {
            applicability: fix.applicability.as_str(),
            reason: Some(&*fix.reason).filter(|reason| !reason.is_empty()),
            overrides: overrides
                .map(|o| V1Override { input_path: &o.input_path, follows: &o.follows })
                .collect(),
            removes: fix.remedy.removed().map(std::slice::from_ref).unwrap_or_default(),
            relocks: fix.remedy.is_relock(),
            nix: &fix.nix,
            diff: fix.diff.iter().flat_map(FileDiff::lines).map(V1DiffLine::new).collect(),
        }
    }
}
