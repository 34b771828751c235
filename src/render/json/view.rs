//! The shape of a report in JSON: design as in `docs/output.md`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::{
    Error, Location, Report, Reported, ReportedFix, ReportedInstance, Step, StepTarget,
};

#[derive(Serialize)]
pub(super) struct V1Report<'r> {
    lock_file: &'r str,
    status: &'static str,
    error: Option<V1Error<'r>>,
    sources: V1Sources,
    instances: Vec<V1Instance<'r>>,
    findings: Vec<V1Finding<'r>>,
}

#[derive(Serialize)]
struct V1Error<'r> {
    message: &'r str,
    /// The file that is wrong, where it is not the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
}

#[derive(Serialize)]
struct V1Sources {
    read: usize,
    total: usize,
}

#[derive(Serialize)]
struct V1Instance<'r> {
    id: String,
    node: &'r str,
    base: Option<&'r str>,
    r#ref: &'r str,
    base_ref: Option<&'r str>,
    base_date: Option<&'r str>,
    made_by: &'static str,
    made_at: Option<V1Location<'r>>,
    settings: Option<V1Settings<'r>>,
    evidence: Option<V1Evidence<'r>>,
    consumers: Vec<&'r [&'r str]>,
    consumers_total: usize,
}

#[derive(Serialize)]
struct V1Settings<'r> {
    config: BTreeMap<&'r str, bool>,
    overlays: Option<u32>,
    readable: &'static str,
}

#[derive(Serialize)]
struct V1Evidence<'r> {
    kind: &'static str,
    detail: &'r str,
}

#[derive(Serialize)]
struct V1Finding<'r> {
    rule: &'static str,
    level: &'static str,
    strength: Option<&'static str>,
    message: &'r str,
    notes: &'r [String],
    fingerprint: &'r str,
    input_path: &'r [&'r str],
    chain: Vec<V1Step<'r>>,
    chain_total: usize,
    node: Option<&'r str>,
    affects: Vec<&'r [&'r str]>,
    affects_total: usize,
    location: Option<V1Location<'r>>,
    exempted: Option<V1Exempted<'r>>,
    fix: Option<V1Fix<'r>>,
}

#[derive(Serialize)]
struct V1Step<'r> {
    input_path: &'r [&'r str],
    #[serde(skip_serializing_if = "Option::is_none")]
    follows: Option<&'r [&'r str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'r str>,
}

#[derive(Serialize)]
struct V1Location<'r> {
    file: &'r str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct V1Exempted<'r> {
    reason: &'r str,
}

#[derive(Serialize)]
struct V1Fix<'r> {
    applicability: &'static str,
    reason: Option<&'r str>,
    overrides: Vec<V1Override<'r>>,
    removes: &'r [Vec<String>],
    relocks: bool,
    nix: &'r str,
}

#[derive(Serialize)]
struct V1Override<'r> {
    input_path: &'r [&'r str],
    follows: &'r [&'r str],
}

impl<'r> V1Report<'r> {
    pub(super) fn new(report: &'r Report<'_>) -> Self {
        Self {
            lock_file: &report.lock_file,
            status: match (&report.error, report.findings.is_empty()) {
                (Some(_), _) => "error",
                (None, true) => "clean",
                (None, false) => "findings",
            },
            error: report.error.as_ref().map(V1Error::new),
            sources: V1Sources { read: report.sources.read, total: report.sources.total },
            instances: (1..).zip(&report.instances).map(|(at, i)| V1Instance::new(at, i)).collect(),
            findings: report.findings.iter().map(V1Finding::new).collect(),
        }
    }
}

impl<'r> V1Error<'r> {
    fn new(error: &'r Error) -> Self {
        Self {
            message: &error.message,
            file: error.file.as_ref().map(|file| file.to_string_lossy().into_owned()),
            line: error.position.map(|position| position.line),
            column: error.position.map(|position| position.column),
        }
    }
}

impl<'r> V1Instance<'r> {
    fn new(number: usize, instance: &'r ReportedInstance<'_>) -> Self {
        Self {
            id: format!("i{number}"),
            node: instance.node,
            base: instance.base,
            r#ref: &instance.reference,
            base_ref: instance.base_reference.as_deref(),
            base_date: instance.base_date.as_deref(),
            made_by: instance.made_by,
            made_at: instance.made_at.as_ref().map(V1Location::new),
            settings: instance.settings.as_ref().map(|settings| V1Settings {
                config: settings.iter().map(|(key, on)| (key.as_str(), *on)).collect(),
                overlays: instance.overlays,
                readable: instance.readable,
            }),
            evidence: instance
                .evidence
                .as_ref()
                .map(|(kind, detail)| V1Evidence { kind: kind.as_str(), detail }),
            consumers: instance.consumers.iter().map(|path| path.names()).collect(),
            consumers_total: instance.consumers_total,
        }
    }
}

impl<'r> V1Finding<'r> {
    fn new(finding: &'r Reported<'_>) -> Self {
        Self {
            rule: finding.rule,
            level: finding.level.as_str(),
            strength: finding.strength.map(|strength| strength.as_str()),
            message: &finding.message,
            notes: &finding.notes,
            fingerprint: &finding.fingerprint,
            input_path: finding.input_path.names(),
            chain: finding.chain.iter().map(V1Step::new).collect(),
            chain_total: finding.chain_total,
            node: finding.node,
            affects: finding.affects.iter().map(|path| path.names()).collect(),
            affects_total: finding.affects_total,
            location: finding.location.as_ref().map(V1Location::new),
            exempted: finding.exempted.as_deref().map(|reason| V1Exempted { reason }),
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

impl<'r> V1Location<'r> {
    fn new(location: &'r Location) -> Self {
        Self {
            file: &location.file,
            line: location.start.line,
            column: location.start.column,
            end_line: location.end.line,
            end_column: location.end.column,
        }
    }
}

impl<'r> V1Fix<'r> {
    fn new(fix: &'r ReportedFix<'_>) -> Self {
        let overrides = fix.overrides.iter();
        Self {
            applicability: fix.applicability.as_str(),
            reason: Some(&*fix.reason).filter(|reason| !reason.is_empty()),
            overrides: overrides
                .map(|o| V1Override { input_path: &o.input_path, follows: &o.follows })
                .collect(),
            removes: &fix.removes,
            relocks: fix.relocks,
            nix: &fix.nix,
        }
    }
}
