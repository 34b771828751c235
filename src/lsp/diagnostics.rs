//! What `check` finds, as diagnostics of files.

use std::collections::BTreeMap;
use std::path::{PathBuf, absolute};
use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, NumberOrString, Range, Uri,
};
use serde_json::json;

use super::flakes::FLAKE_NAME;
use super::session::Session;
use super::texts::Texts;
use crate::audit::{self, Leftover, Reported, SourceWarning, leftovers};
use crate::change::Applicability;
use crate::config::ConfigInScope;
use crate::config::FILE_NAME as CONFIG_NAME;
use crate::finding::{Discriminator, Level, Rule, Subject};
use crate::fix::edit::generated;
use crate::load::LOCK_NAME;
use crate::render::words::FindingGroup;
use crate::text::{Date, Position, Visible};

/// Diagnostics by file.
pub(super) type FileDiagnostics = BTreeMap<PathBuf, Vec<Diagnostic>>;

/// The name of the program in diagnostics.
pub(super) const SOURCE: &str = "flake-audit";
/// How many related places of one kind a diagnostic has.
const PLACES: usize = 8;

/// A reason why a flake could not be audited.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    /// The file that is wrong.
    pub(super) file: PathBuf,
    /// One line, escaped.
    pub(super) message: String,
    /// The place in it.
    pub(super) at: Option<Position>,
    /// Whether it is only a hint that something still has to be done.
    pub(super) hint: bool,
}

impl Trouble {
    /// About a whole file.
    pub(super) fn in_file(file: PathBuf, message: String) -> Self {
        Self { file, message, at: None, hint: false }
    }

    /// There is no lock yet.
    pub(super) fn unlocked(flake: PathBuf) -> Self {
        let message = "there is no flake.lock: `nix flake lock` makes it".to_owned();
        Self { file: flake, message, at: None, hint: true }
    }

    /// Its diagnostics.
    pub(super) fn diagnostics(&self, texts: &Texts) -> FileDiagnostics {
        let start = self.at.unwrap_or(Position { line: 1, column: 1 });
        let range = texts.get(&self.file).map(|lines| {
            // The rest of the line, so that something is underlined.
            let at = lines.byte_at(start);
            let end = lines.line_at(at).end.max(at);
            lines.range(crate::text::Span { start: at, end })
        });
        let severity =
            if self.hint { DiagnosticSeverity::INFORMATION } else { DiagnosticSeverity::ERROR };
        let diagnostic = diagnostic(range.unwrap_or_default(), severity, self.message.clone());
        BTreeMap::from([(self.file.clone(), vec![diagnostic])])
    }
}

fn diagnostic(range: Range, severity: DiagnosticSeverity, message: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(severity),
        source: Some(SOURCE.to_owned()),
        message,
        ..Diagnostic::default()
    }
}

/// The diagnostics of a flake.
///
/// # Errors
/// Nix refuses its flake.nix.
pub(super) fn of_session(session: &Session<'_, '_, '_, '_>) -> Result<FileDiagnostics, Trouble> {
    if let Some(error) = &session.refused {
        return Err(Trouble::of(&session.subject.folder, error));
    }
    let mut files = FileDiagnostics::new();
    let mut add = |path: PathBuf, found| files.entry(path).or_default().push(found);
    for finding in session.report.findings.iter().filter(|finding| finding.is_open()) {
        let (path, range) = place(session, finding);
        add(path, of_finding(session, finding, range));
    }
    for SourceWarning { message, file, position } in &session.report.warnings {
        let path = session.file(file);
        let range = position.and_then(|at| Some(session.texts.get(&path)?.between(at, at)));
        let severity = DiagnosticSeverity::WARNING;
        let message = Visible(message).to_string();
        add(path, diagnostic(range.unwrap_or_default(), severity, message));
    }
    // Problems of a configuration for several flakes need not concern this one.
    if let Some(ConfigInScope { config, beside: true }) = session.subject.config {
        let path = absolute(&config.file).unwrap_or_else(|_| config.folder.join(CONFIG_NAME));
        for leftover in leftovers(config, &session.subject.setup.levels, Date::today()) {
            let Leftover { message, position, is_error } = leftover;
            let range = session.texts.get(&path).map(|lines| {
                let at = lines.byte_at(position);
                lines.range(lines.line_at(at))
            });
            let severity = match is_error {
                true => DiagnosticSeverity::ERROR,
                false => DiagnosticSeverity::WARNING,
            };
            let message = Visible(&message).to_string();
            add(path.clone(), diagnostic(range.unwrap_or_default(), severity, message));
        }
    }
    Ok(files)
}

/// The place of a finding: its own, else the start of the flake.
pub(super) fn place(session: &Session<'_, '_, '_, '_>, finding: &Reported<'_>) -> (PathBuf, Range) {
    let found = finding.location.as_ref().and_then(|location| session.range(location));
    found.unwrap_or_else(|| {
        let name = if session.report.sources.root { FLAKE_NAME } else { LOCK_NAME };
        (session.file(name), Range::default())
    })
}

/// A finding in this range of its file.
pub(super) fn of_finding(
    session: &Session<'_, '_, '_, '_>,
    finding: &Reported<'_>,
    range: Range,
) -> Diagnostic {
    let severity = match finding.level {
        Level::Deny => DiagnosticSeverity::ERROR,
        Level::Warn => DiagnosticSeverity::WARNING,
        Level::Allow => DiagnosticSeverity::INFORMATION,
    };
    let paragraphs = paragraphs(session, finding);
    Diagnostic {
        code: Some(NumberOrString::String(finding.rule.id.to_owned())),
        code_description: page(finding.rule).map(|href| CodeDescription { href }),
        tags: is_unused(session, finding).then(|| vec![DiagnosticTag::UNNECESSARY]),
        related_information: session
            .client
            .related_places
            .then(|| related(session, finding))
            .filter(|places| !places.is_empty()),
        data: Some(json!({ "fingerprint": finding.fingerprint })),
        ..diagnostic(range, severity, paragraphs.join("\n"))
    }
}

/// The text of a finding, with the fix only if no action makes it.
fn paragraphs(session: &Session<'_, '_, '_, '_>, finding: &Reported<'_>) -> Vec<String> {
    let told = FindingGroup::alone(finding);
    let flake = session.texts.get(&session.file(FLAKE_NAME));
    let is_generated = flake.is_some_and(|lines| generated(lines.text()).is_some());
    let fix = finding.fix.as_ref().filter(|_| !is_generated);
    let is_done = fix.is_some_and(|fix| fix.applicability > Applicability::Manual);
    let help = told.help().filter(|_| !is_done);
    let mut all = vec![told.message()];
    all.extend(help.map(|help| format!("help: {}", help.text())));
    all.extend(told.why().map(|why| format!("why: {why}")));
    all.extend(told.reservations().into_iter().map(|(name, text)| format!("{name}: {text}")));
    all
}

/// The address of a rule's page.
pub(super) fn page(rule: &Rule) -> Option<Uri> {
    let home = env!("CARGO_PKG_REPOSITORY");
    let version = env!("CARGO_PKG_VERSION");
    Uri::from_str(&format!("{home}/blob/v{version}/docs/rules/{}.md", rule.id)).ok()
}

/// Whether it is about something without effect: an override that can be removed, an unreachable
/// node.
fn is_unused(session: &Session<'_, '_, '_, '_>, finding: &Reported<'_>) -> bool {
    let is_override = matches!(finding.discriminator, Some(Discriminator::Override(_)));
    let is_unreachable = match finding.subject {
        Subject::Node(node) | Subject::Flake(Some(node)) => !session.graph().is_reachable(node),
        Subject::Flake(None) | Subject::Input(_) => false,
    };
    is_override || is_unreachable
}

/// Related places: the settings, the use, and the chain in the lock.
fn related(
    session: &Session<'_, '_, '_, '_>,
    finding: &Reported<'_>,
) -> Vec<DiagnosticRelatedInformation> {
    let mut places: Vec<(Location, String)> = Vec::new();
    let mut add = |location: Option<Location>, message: String| {
        if let Some(location) = location {
            places.push((location, message));
        }
    };
    let report = session.report;
    let outputs = finding.concerns.iter().filter_map(|at| report.outputs.get(*at));
    let mut made: Vec<&audit::Location> = outputs
        .clone()
        .flat_map(|output| &output.main)
        .filter_map(|number| report.instances.get(number.checked_sub(1)?)?.made_at.as_ref())
        .collect();
    made.dedup();
    for location in made.into_iter().take(PLACES) {
        add(session.location(location), "the settings are made here".to_owned());
    }
    let files = session.source_files();
    for output in outputs.take(PLACES) {
        let location = output.place.and_then(|place| files.location(place, false));
        let location = location.and_then(|(location, _)| session.location(&location));
        add(location, format!("{} is built here", Visible(&output.name())));
    }
    let graph = session.graph();
    for step in finding.chain.iter().take(PLACES) {
        let names = step.input_path.whole().unwrap_or_default();
        let input = graph.find_input(names.iter().copied()).filter(|_| !names.is_empty());
        let Some(input) = input else { continue };
        let span = graph.lock().input_span(graph.edge(input).holder, input);
        let path = names.join("/");
        let told = match &step.target {
            audit::StepTarget::Node(key) => format!("{path} is the node {key}"),
            audit::StepTarget::Follows(follows) => {
                format!("{path} follows {}", follows.names().join("/"))
            }
        };
        add(session.in_lock(span), Visible(&told).to_string());
    }
    places.dedup();
    let places = places.into_iter();
    places.map(|(location, message)| DiagnosticRelatedInformation { location, message }).collect()
}
