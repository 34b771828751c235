//! The parts of SARIF that are written here. Numbers are sections of the standard.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::words::{FindingGroup, help_of};
use super::super::{Remark, RunOutcome};
use super::Room;
use super::uri::{is_absolute, uri};
use crate::audit::{Exemption, Location, Reported, Standing};
use crate::change::Applicability;
use crate::finding::Level;
use crate::rules::{RULES, Rule};
use crate::text::{Position, Visible};

/// The folder that relative names start from.
const HERE: &str = "%SRCROOT%";

/// 3.18
#[derive(Serialize)]
pub(super) struct Tool {
    driver: Driver,
}

/// 3.19
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<RuleDescriptor>,
}

/// 3.49
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleDescriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    default_configuration: Configuration,
}

/// 3.12
#[derive(Serialize)]
struct Help {
    text: &'static str,
    markdown: &'static str,
}

/// 3.50
#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

/// 3.14.14
#[derive(Serialize)]
pub(super) struct Folders(BTreeMap<&'static str, Folder>);

#[derive(Serialize)]
struct Folder {
    description: Message,
}

/// 3.11
#[derive(Serialize)]
struct Message {
    text: String,
}

/// 3.27
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: [SarifLocation; 1],
    partial_fingerprints: Fingerprints,
    /// Only if it was compared with another state.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
    /// Written even if empty, to say that there are none (3.27.23).
    suppressions: Vec<Suppression>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
}

/// 3.27.17
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fingerprints {
    #[serde(rename = "flakeAudit/v1")]
    own: String,
    /// The fingerprint by which GitHub recognizes an alert; numbered, as CodeQL does.
    primary_location_line_hash: String,
}

/// 3.35
#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

/// 3.28
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: PhysicalPlace,
}

/// 3.29
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalPlace {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

/// 3.4
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// 3.30
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

/// 3.55
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Message,
    artifact_changes: [ArtifactChange; 1],
}

/// 3.56
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: Vec<Replacement>,
}

/// 3.57
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    inserted_content: Option<Message>,
}

/// 3.20
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

/// 3.58
#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<SarifLocation>,
}

impl Tool {
    pub(super) fn this() -> Self {
        let rules = RULES.iter().map(|rule| RuleDescriptor::new(rule)).collect();
        let semantic_version = env!("CARGO_PKG_VERSION");
        Self { driver: Driver { name: "flake-audit", semantic_version, rules } }
    }
}

impl RuleDescriptor {
    fn new(rule: &Rule) -> Self {
        Self {
            id: rule.id,
            short_description: Message { text: rule.summary.to_owned() },
            full_description: Message { text: rule.summary.to_owned() },
            help: Help { text: rule.page, markdown: rule.page },
            default_configuration: Configuration {
                enabled: rule.level.max(rule.light) > Level::Allow,
                level: level(rule.level),
            },
        }
    }
}

impl Folders {
    pub(super) fn new() -> Self {
        let text = "The folder in which flake-audit was run.".to_owned();
        Self(BTreeMap::from([(HERE, Folder { description: Message { text } })]))
    }
}

impl Message {
    /// A message of any text. A name must not become a link (3.11.6).
    fn plain(text: &str) -> Self {
        Self { text: text.replace("](", "] (") }
    }
}

impl SarifResult {
    /// `nth` counts the results with this fingerprint, from 1.
    pub(super) fn new(lock_file: &str, finding: &Reported<'_>, nth: usize) -> Self {
        let place = match &finding.location {
            Some(Location { file, start, end }) => {
                SarifLocation::new(file, Some(Region::new(*start, *end)))
            }
            // GitHub requires a line.
            None => {
                let start = Position { line: 1, column: 1 };
                SarifLocation::new(lock_file, Some(Region::new(start, start)))
            }
        };
        Self {
            rule_id: finding.rule.id,
            rule_index: RULES.iter().position(|rule| rule.id == finding.rule.id),
            level: level(finding.level),
            message: Message::plain(&FindingGroup::alone(finding).paragraphs(true).join("\n")),
            locations: [place],
            partial_fingerprints: Fingerprints {
                own: finding.fingerprint.clone(),
                primary_location_line_hash: format!("{}:{nth}", finding.fingerprint),
            },
            // 3.27.24
            baseline_state: finding.standing.map(|standing| match standing {
                Standing::New => "new",
                Standing::Older => "unchanged",
            }),
            suppressions: finding.exempted.iter().map(Suppression::new).collect(),
            fixes: Fix::new(finding).into_iter().collect(),
        }
    }
}

impl Suppression {
    fn new(exemption: &Exemption) -> Self {
        Self {
            kind: if exemption.is_comment { "inSource" } else { "external" },
            status: "accepted",
            justification: Visible(&exemption.reason).to_string(),
        }
    }
}

impl SarifLocation {
    fn new(file: &str, region: Option<Region>) -> Self {
        Self { physical_location: PhysicalPlace { artifact_location: Artifact::new(file), region } }
    }
}

impl Artifact {
    fn new(file: &str) -> Self {
        Self { uri: uri(file), uri_base_id: (!is_absolute(file)).then_some(HERE) }
    }
}

impl Region {
    fn new(start: Position, end: Position) -> Self {
        Self {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

impl Fix {
    /// Only for automatic fixes.
    fn new(finding: &Reported<'_>) -> Option<Self> {
        let fix = finding.fix.as_ref().filter(|fix| fix.applicability > Applicability::Manual)?;
        let (diff, help) = (fix.diff.as_ref()?, help_of(finding)?);
        let replacements = diff.changes().map(|change| Replacement {
            deleted_region: Region::new(change.start, change.end),
            inserted_content: Some(Message { text: change.text.clone() })
                .filter(|inserted| !inserted.text.is_empty()),
        });
        Some(Self {
            description: Message::plain(&help.text()),
            artifact_changes: [ArtifactChange {
                artifact_location: Artifact::new(&diff.file),
                replacements: replacements.collect(),
            }],
        })
    }
}

impl Invocation {
    /// The most notifications, because each of many locks could add one.
    const NOTIFICATIONS: usize = 1_000;

    pub(super) fn new(
        outcome: RunOutcome<'_>,
        failed: &[Remark],
        in_part: &[Remark],
        room: &Room,
    ) -> Self {
        let unknown = outcome.unknown.iter().map(|message| Notification {
            level: "error",
            message: Message::plain(&Visible(message).to_string()),
            locations: Vec::new(),
        });
        let failed = failed.iter().map(|remark| Notification::new("error", remark));
        let warnings = outcome.warnings.iter().map(|remark| Notification::new("warning", remark));
        let in_part = in_part.iter().map(|remark| Notification::new("note", remark));
        let mut all = failed.chain(unknown).chain(warnings).chain(in_part);
        let plain = |message: String| Notification {
            level: "warning",
            message: Message::plain(&message),
            locations: Vec::new(),
        };
        let mut notifications: Vec<_> = room.left_out().map(plain).into_iter().collect();
        notifications.extend(all.by_ref().take(Self::NOTIFICATIONS));
        let more = all.count();
        if more > 0 {
            notifications.push(plain(format!("and {more} more of these")));
        }
        Self {
            execution_successful: outcome.summary.errors == 0 && outcome.unknown.is_empty(),
            tool_execution_notifications: notifications,
        }
    }
}

impl Notification {
    fn new(level: &'static str, remark: &Remark) -> Self {
        let region = remark.position().map(|at| Region::new(at, at));
        Self {
            level,
            message: Message::plain(&Visible(&remark.message).to_string()),
            locations: vec![SarifLocation::new(&remark.file, region)],
        }
    }
}

/// 3.27.10
fn level(level: Level) -> &'static str {
    match level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "note",
    }
}
