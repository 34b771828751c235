//! One lock audited: from its bytes to a report.
//!
//! This is the only place where levels and exemptions are applied, and where plans are checked.

mod already_declared;
mod check_plan;
mod comments;
mod declared;
mod describe;
mod fingerprint;
mod group;
mod leftovers;
mod levels;
mod needs;
mod outputs;
mod pins;
mod report;
mod shrink_to_fit;
mod source_files;

use std::cell::OnceCell;

pub use group::gather;
pub use leftovers::{Leftover, leftovers};
pub use levels::Levels;
pub use report::{
    Error, Exemption, Group, Key, Lack, Location, Report, Reported, ReportedFix, ReportedInstance,
    ReportedNeed, ReportedOutput, ReportedOverride, ReportedPackage, ReportedUse, SourceWarning,
    Sources, Standing, Step, StepTarget,
};
use shrink_to_fit::ROOM;
pub use source_files::SourceFiles;

use crate::config::{Config, ConfigInScope, DeclaredInput};
use crate::finding::{Finding, Level, Subject};
use crate::graph::{Graph, InputPath, Overrides};
use crate::instance::{Analysis, Declared, LockSources, Role};
use crate::lock::{Lock, LockError, NodeId, Unescaped};
use crate::rules::{RULES, Rule};
use crate::source::{Reader, Stores};
use crate::text::{OpenFiles, Visible};

/// What is the same for every lock of a run.
#[derive(Debug, Default)]
pub struct Setup {
    /// Levels given on the command line, in order: the last one for a rule counts.
    pub levels: Vec<(&'static str, Level)>,
    /// Inputs given by `--configured`, the preferred one first.
    pub configured: Vec<DeclaredInput>,
    /// Whether findings carry the lines of the lock that they are about.
    pub excerpts: bool,
    /// Whether findings at level `allow` are reported too.
    pub include_allowed: bool,
    /// The stores in which sources are looked for; `None` if only locks are read.
    pub stores: Option<Stores>,
    /// Whether clean locks list their instances too, as for `--verbose` and JSON.
    pub lists: bool,
    /// Whether the report is for a repair, which looks at findings and wrappers alone.
    pub for_repair: bool,
    /// Files of flakes that are open in an editor.
    pub open: OpenFiles,
}

/// A lock to be audited.
#[derive(Debug, Clone, Copy)]
pub struct LockInput<'a> {
    /// The file name to print.
    pub name: &'a str,
    /// Its contents.
    pub bytes: &'a [u8],
    /// Storage for its unescaped strings.
    pub unescaped: &'a Unescaped,
    /// Finds its sources; `None` if only the lock is read.
    pub reader: Option<&'a Reader>,
}

/// Audits a lock. Errors of any kind become reports, too.
pub fn audit<'a>(
    source: LockInput<'a>,
    config: Option<ConfigInScope<'_>>,
    setup: &Setup,
) -> Report<'a> {
    let overrides = Overrides::new();
    let lock = Lock::parse(source.bytes, source.unescaped);
    let graph = lock.as_ref().map_err(Clone::clone);
    match graph.and_then(|lock| Graph::build(lock, &overrides)) {
        Ok(graph) => audit_graph(&graph, source, config, setup),
        Err(error) => Report::failed(source.name, error.into()),
    }
}

/// The same for a lock whose inputs are resolved.
pub fn audit_graph<'a>(
    graph: &Graph<'_, 'a>,
    source: LockInput<'a>,
    config: Option<ConfigInScope<'_>>,
    setup: &Setup,
) -> Report<'a> {
    let reads = reads_sources(config.map(|scope| scope.config), setup);
    let source = LockInput { reader: source.reader.filter(|_| reads), ..source };
    with_analysis_of(graph, source, config, &setup.configured, |analysis, declared| {
        match refused_flake(analysis, source.name) {
            Some(error) => Err(error),
            None => Ok(report(analysis, declared, source, config.map(|scope| scope.config), setup)),
        }
    })
    .and_then(|report| report)
    .unwrap_or_else(|error| Report::failed(source.name, error))
}

/// Whether any source is read: not if every rule that uses sources is off.
pub fn reads_sources(config: Option<&Config>, setup: &Setup) -> bool {
    let levels = Levels::new(config, &setup.levels);
    RULES.iter().any(|rule| rule.judges.reads_source() && levels.is_on(rule))
}

/// Why Nix refuses the `flake.nix` beside a lock of this name, if it was read and Nix does. It is
/// then unknown what its inputs should be, and whether the lock is right.
pub fn refused_flake(analysis: &Analysis<'_, '_, '_>, lock_name: &str) -> Option<Error> {
    SourceFiles::new(analysis.sources(), lock_name).refused()
}

/// Parses and analyses a lock, and calls `then` with the result.
///
/// # Errors
/// What is wrong with the lock, or with what was declared about it.
pub fn with_analysis<'a, T>(
    source: LockInput<'a>,
    config: Option<ConfigInScope<'_>>,
    configured: &[DeclaredInput],
    then: impl FnOnce(&Analysis<'_, '_, 'a>, &Declared) -> T,
) -> Result<T, Error> {
    let lock = Lock::parse(source.bytes, source.unescaped)?;
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides)?;
    with_analysis_of(&graph, source, config, configured, then)
}

fn with_analysis_of<'a, T>(
    graph: &Graph<'_, 'a>,
    source: LockInput<'a>,
    config: Option<ConfigInScope<'_>>,
    configured: &[DeclaredInput],
    then: impl FnOnce(&Analysis<'_, '_, 'a>, &Declared) -> T,
) -> Result<T, Error> {
    let declared = declared::resolve(graph, config, configured)?;
    let sources = match source.reader {
        Some(reader) => LockSources::read(graph, &declared, reader),
        None => LockSources::none(graph),
    };
    let sources = sources.named_after(source.name);
    Ok(then(&Analysis::new(graph, &declared, &sources), &declared))
}

/// The same, with the report on it.
///
/// # Errors
/// What is wrong with the lock, or with what was declared about it.
pub fn with_report<'a, T>(
    source: LockInput<'a>,
    config: Option<ConfigInScope<'_>>,
    setup: &Setup,
    then: impl FnOnce(&Analysis<'_, '_, 'a>, Report<'a>) -> T,
) -> Result<T, Error> {
    with_analysis(source, config, &setup.configured, |analysis, declared| {
        let report = report(analysis, declared, source, config.map(|scope| scope.config), setup);
        then(analysis, report)
    })
}

/// Runs the rules, checks plans, applies levels, sorts, and describes the findings.
fn report<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    declared: &Declared,
    source: LockInput<'a>,
    config: Option<&Config>,
    setup: &Setup,
) -> Report<'a> {
    let graph = analysis.graph();
    let levels = Levels::new(config, &setup.levels);
    let on: Vec<&Rule> =
        RULES.iter().copied().filter(|rule| setup.include_allowed || levels.is_on(rule)).collect();
    let mut findings = run(analysis, &on);
    pins::leave_to_person(analysis, &mut findings);
    check_plan::check_plan(analysis, declared, &levels, &mut findings);
    // Only after the check: other fixes were tried together with what flake.nix already says.
    already_declared::drop_declared_overrides(analysis, &mut findings);

    let mut judged: Vec<_> = findings
        .into_iter()
        .map(|finding| (levels.of(&finding), finding))
        .filter(|(level, _)| setup.include_allowed || *level > Level::Allow)
        .collect();
    let place = |rule: &Rule| RULES.iter().position(|known| known.id == rule.id);
    judged.sort_by_cached_key(|(level, finding)| {
        (std::cmp::Reverse(*level), place(finding.rule), order(graph, finding.subject))
    });
    let files = SourceFiles::new(analysis.sources(), source.name);
    let room = source.bytes.len().saturating_mul(ROOM.0).saturating_add(ROOM.1);
    let describe = describe::Describe {
        analysis,
        lines: OnceCell::new(),
        source,
        files,
        excerpts: setup.excerpts,
        room: room.into(),
        output_places: outputs::report_indices(analysis),
    };
    let comments = comments::Comments::new(analysis.sources());
    let findings: Vec<_> = judged
        .into_iter()
        .map(|(level, finding)| {
            let mut reported = describe.finding(level, finding);
            let in_file = || comments.exempt(&reported);
            reported.exempted = exempted(config, &reported)
                .map(|reason| Exemption { reason, is_comment: false })
                .or_else(|| Some(Exemption { reason: in_file()?, is_comment: true }));
            reported
        })
        .collect();
    let mut warnings = describe.files.problems();
    warnings.extend(too_much(analysis, source.name));
    warnings.extend(comments.warnings(&levels, &describe.files));
    // nixpkgs itself and sources that are no flakes are never read.
    let wanted =
        |node: &&NodeId| matches!(analysis.role(**node), Role::Flake | Role::Configured(_));
    let readable = graph.reachable().iter().filter(wanted).count();
    let is_listed = setup.lists || !findings.is_empty();
    let has_outputs = !setup.for_repair && (is_listed || outputs::any_in_part(analysis));
    Report {
        lock_file: source.name.to_owned(),
        error: None,
        sources: Sources {
            read: analysis.sources().read,
            total: readable,
            root: analysis.sources().root().is_some(),
            cut_short: analysis.sources().cut_short.len()
                + usize::from(analysis.sources().root().is_some_and(|root| root.reading.cut_short)),
        },
        warnings,
        instances: if is_listed { describe.instances(setup.for_repair) } else { Vec::new() },
        outputs: if has_outputs { outputs::reported_outputs(analysis) } else { Vec::new() },
        needs: if setup.lists && !setup.for_repair {
            needs::reported_needs(&describe)
        } else {
            Vec::new()
        },
        groups: gather(&findings),
        findings,
    }
}

/// A warning with the locked sources that were too large to read completely.
fn too_much(analysis: &Analysis<'_, '_, '_>, lock: &str) -> Option<SourceWarning> {
    /// Names in the warning.
    const MOST: usize = 5;
    let cut_short = &analysis.sources().cut_short;
    let graph = analysis.graph();
    let names = cut_short.iter().take(MOST).map(|node| graph.owner_path(*node).names().join("/"));
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    let more = cut_short.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!(
        "these of its sources are too much to be read completely: {}{more}",
        names.join(", ")
    );
    (!names.is_empty()).then(|| SourceWarning { message, file: lock.to_owned(), position: None })
}

/// Why a finding is accepted, as a whole or each input that it lists; `None` if it is not.
fn exempted(config: Option<&Config>, finding: &Reported<'_>) -> Option<String> {
    let exemptions = || config.iter().flat_map(|config| &config.exempt);
    let of = |path: &InputPath<'_>| {
        let mut reason = None;
        // Try all of them, because each records whether it matched anything.
        for exemption in exemptions() {
            if exemption.applies(finding.rule.id, path.names()) {
                reason.get_or_insert_with(|| exemption.reason.clone());
            }
        }
        reason
    };
    accepted(finding, of)
}

/// The reason for a finding, or for all inputs that it lists; `of` finds the reason for one path.
fn accepted(
    finding: &Reported<'_>,
    of: impl Fn(&InputPath<'_>) -> Option<String>,
) -> Option<String> {
    let whole = of(&finding.input_path);
    // Evaluate all of them, for the same reason.
    let parts: Vec<Option<String>> = finding.parts.iter().map(of).collect();
    whole.or_else(|| parts.into_iter().collect::<Option<Vec<_>>>()?.into_iter().next())
}

/// Runs rules.
fn run<'a>(analysis: &Analysis<'_, '_, 'a>, rules: &[&Rule]) -> Vec<Finding<'a>> {
    let mut findings = Vec::new();
    for rule in rules {
        (rule.check)(analysis, &mut findings);
    }
    findings
}

/// Sort key for findings of one rule, in the order of input paths: by depth, then by name.
fn order(graph: &Graph<'_, '_>, subject: Subject) -> (u32, u32, Subject) {
    match subject {
        Subject::Flake(_) => (0, 0, subject),
        Subject::Node(node) => (1, graph.place(node).map_or(u32::MAX, |p| p.rank), subject),
        Subject::Input(input) => (1, graph.input_order(input).0, subject),
    }
}

impl From<LockError> for Error {
    fn from(error: LockError) -> Self {
        let message = Visible(&error.message).to_string();
        Self { message, file: None, position: Some(error.position), excerpt: error.excerpt }
    }
}

#[cfg(test)]
mod tests;
