//! The shape of a report in JSON: design as in `docs/output.md`. What is said of the fields here
//! stands in `docs/report.schema.json`, which a test makes of these structs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::{
    Error, Location, Report, Reported, ReportedFix, ReportedInstance, ReportedOutput, ReportedUse,
    Step, StepTarget,
};
use crate::change::{DiffLine, FileDiff};
use crate::graph::InputPath;

/// What was found in one lock, or why it could not be audited.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Report"))]
pub(super) struct V1Report<'r> {
    /// The lock, as it was named and what the search added, with `/`; `-` for standard input.
    lock_file: &'r str,
    /// What came of it.
    #[cfg_attr(test, schemars(extend("examples" = ["clean", "findings", "error"])))]
    status: &'static str,
    /// Why it could not be audited.
    error: Option<V1Error<'r>>,
    /// Sources of locked flakes.
    sources: V1Sources,
    /// Each nixpkgs in use.
    instances: Vec<V1Instance<'r>>,
    /// What people build or run of the flake, where that was read: the first 100.
    outputs: Vec<V1Output<'r>>,
    /// How many there are.
    outputs_total: usize,
    /// How many of all of them were not read wholly; only where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs_in_part: Option<usize>,
    /// The findings, loudest first.
    findings: Vec<V1Finding<'r>>,
    /// How many of them `fix` would say that it repairs.
    fixable: usize,
}

/// Why a lock could not be audited.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Error"))]
struct V1Error<'r> {
    /// One line.
    message: &'r str,
    /// The file that is wrong, where it is not the lock.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Line, from 1, where there is a place.
    line: Option<usize>,
    /// Column in characters, from 1.
    column: Option<usize>,
}

/// Sources of locked flakes. nixpkgs itself and inputs that are no flakes are not counted.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Sources"))]
struct V1Sources {
    /// Read.
    read: usize,
    /// Those that could be read.
    total: usize,
    /// Of how many, the root's counted, not all was looked at, because it is too much; only where
    /// there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_short: Option<usize>,
}

/// A nixpkgs in use.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Instance"))]
pub(super) struct V1Instance<'r> {
    /// Its name in this report.
    id: String,
    /// Key of its node.
    node: &'r str,
    /// Key of the nixpkgs that it is made of.
    base: Option<&'r str>,
    /// Its locked reference.
    r#ref: &'r str,
    /// The base's locked reference.
    base_ref: Option<&'r str>,
    /// Day of the base's last change.
    base_date: Option<&'r str>,
    /// How it comes about.
    #[cfg_attr(test, schemars(extend("examples" = ["raw", "wrapper", "import", "nixos", "home-manager", "variant", "extended"])))]
    made_by: &'static str,
    /// Where the root makes it, if it does.
    made_at: Option<V1Location<'r>>,
    /// Its settings, where they are known.
    settings: Option<V1Settings<'r>>,
    /// What shows that it is configured.
    evidence: Option<V1Evidence<'r>>,
    /// The inputs that end at it: the first 100.
    consumers: Vec<&'r [&'r str]>,
    /// How many there are.
    consumers_total: usize,
}

/// Settings of a nixpkgs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Settings"))]
struct V1Settings<'r> {
    /// What is on or off.
    config: BTreeMap<&'r str, bool>,
    /// How many overlays it has, where that is known.
    overlays: Option<u32>,
    /// How much of it could be read.
    #[cfg_attr(test, schemars(extend("examples" = ["all", "part", "none"])))]
    readable: &'static str,
}

/// What shows that a nixpkgs is configured.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Evidence"))]
struct V1Evidence<'r> {
    /// Of which kind it is.
    #[cfg_attr(test, schemars(extend("examples" = ["config-file", "flag", "source", "known-wrapper", "name"])))]
    kind: &'static str,
    /// In words.
    detail: &'r str,
}

/// Something that people build or run of a flake.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Output"))]
pub(super) struct V1Output<'r> {
    /// Its attribute path.
    path: &'r [String],
    /// Further systems for which there is the same.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    systems: &'r [String],
    /// The instances that it is built from, as far as they are listed.
    main: Vec<String>,
    /// How much of it was read.
    #[cfg_attr(test, schemars(extend("examples" = ["whole", "part", "none"])))]
    read: &'static str,
    /// What was not, in words.
    why: Option<String>,
    /// What it takes in, by where it is from: the first 100.
    uses: Vec<V1Use<'r>>,
    /// How many there are.
    uses_total: usize,
}

/// What an output takes of one instance, or of something that was not read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Use"))]
struct V1Use<'r> {
    /// The instance, as far as it is known and listed.
    instance: Option<String>,
    /// The inputs through which it came; none for the flake's own.
    route: Vec<&'r [&'r str]>,
    /// Packages that a setting changes, and what was taken without being read: the first 100.
    packages: Vec<&'r str>,
    /// How many there are.
    packages_total: usize,
    /// The settings that it lacks and that change one of its packages; none for what was not read,
    /// nor where a wrapper's settings are not known by name.
    changed_by: &'r [String],
}

/// A finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Finding"))]
pub(super) struct V1Finding<'r> {
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
    /// The names that lead from the root to the input; empty for the whole flake.
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

/// A range of a file; lines and columns from 1, columns in characters.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Location"))]
pub(super) struct V1Location<'r> {
    /// The file, as it is to be named.
    file: &'r str,
    /// Line of its first character.
    line: usize,
    /// Column of its first character.
    column: usize,
    /// Line of what comes after its last character.
    end_line: usize,
    /// Column of what comes after its last character.
    end_column: usize,
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

impl<'r> V1Report<'r> {
    pub(super) fn new(report: &'r Report<'_>, fixable: usize) -> Self {
        Self {
            lock_file: &report.lock_file,
            status: match (&report.error, report.findings.is_empty()) {
                (Some(_), _) => "error",
                (None, true) => "clean",
                (None, false) => "findings",
            },
            error: report.error.as_ref().map(V1Error::new),
            sources: V1Sources {
                read: report.sources.read,
                total: report.sources.total,
                cut_short: Some(report.sources.cut_short).filter(|sources| *sources > 0),
            },
            instances: V1Instance::all(report),
            outputs: report.outputs.iter().take(Report::LONGEST).map(V1Output::new).collect(),
            outputs_total: report.outputs.len(),
            outputs_in_part: Some(report.outputs_in_part().count()).filter(|outputs| *outputs > 0),
            findings: report.findings.iter().map(V1Finding::new).collect(),
            fixable,
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
    pub(super) fn all(report: &'r Report<'_>) -> Vec<Self> {
        (1..).zip(&report.instances).map(|(at, instance)| Self::new(at, instance)).collect()
    }

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

impl<'r> V1Output<'r> {
    pub(super) fn new(output: &'r ReportedOutput<'_>) -> Self {
        Self {
            path: &output.path,
            systems: &output.systems,
            main: output.main.iter().map(|number| format!("i{number}")).collect(),
            read: output.read.as_str(),
            why: why(output),
            uses: output.uses.iter().take(Report::LONGEST).map(V1Use::new).collect(),
            uses_total: output.uses.len(),
        }
    }
}

/// Why not all of an output was read.
fn why(output: &ReportedOutput<'_>) -> Option<String> {
    let reasons = output.not_read.iter().cloned();
    let unread = output.uses.iter().filter(|used| used.made.is_none());
    let unread = unread.filter_map(|used| {
        Some(format!("the source of `{}`", used.route.first()?.names().join("/")))
    });
    let reasons: Vec<String> = reasons.chain(unread).take(Report::LONGEST).collect();
    (!reasons.is_empty()).then(|| reasons.join(", "))
}

impl<'r> V1Use<'r> {
    fn new(used: &'r ReportedUse<'_>) -> Self {
        let packages = used.packages.iter().take(Report::LONGEST);
        Self {
            instance: used.instance.map(|number| format!("i{number}")),
            route: used.route.iter().map(InputPath::names).collect(),
            packages: packages.map(|package| package.name.as_str()).collect(),
            packages_total: used.packages.len(),
            changed_by: &used.changed_by,
        }
    }
}

impl<'r> V1Finding<'r> {
    pub(super) fn new(finding: &'r Reported<'_>) -> Self {
        Self {
            rule: finding.rule.id,
            level: finding.level.as_str(),
            strength: finding.strength.map(|strength| strength.as_str()),
            message: &finding.message,
            label: finding.label.as_deref(),
            why: finding.why.as_deref(),
            notes: finding.why.iter().chain(&finding.notes).map(String::as_str).collect(),
            fingerprint: &finding.fingerprint,
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

impl<'r> V1Location<'r> {
    pub(super) fn new(location: &'r Location) -> Self {
        Self {
            file: &location.file,
            line: location.start.line,
            column: location.start.column,
            end_line: location.end.line,
            end_column: location.end.column,
        }
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
