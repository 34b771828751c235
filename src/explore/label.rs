//! The text of a row: a name, where it leads, and a mark at the end. Nothing is shown by colour
//! alone.

use super::outputs::UseStep;
use super::row::{Fold, Row, Spot};
use super::scene::Scene;
use crate::detail::{built_from, findings_of_output, lacks, packages, taken_from};
use crate::finding::{Level, Subject};
use crate::flake_ref::source_of;
use crate::graph::{End, InputPath};
use crate::instance::{CauseKind, Role, Slot};
use crate::lock::{InputId, NodeId, Target};
use crate::source::evaluate::facts::Read;

/// The name of the row for the flake itself.
pub(super) const THIS_FLAKE: &str = "this flake";

/// The text of a row (untrusted).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// What it is called.
    pub(super) name: String,
    /// Where it leads, unless that is below it.
    pub(super) leads: String,
    /// Owner, revision and date: shown if there is room.
    pub(super) source: String,
    /// What should be seen at a glance.
    pub(super) mark: Option<Mark>,
}

/// A word or two at the end of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) text: String,
    pub(super) tone: MarkTone,
}

/// How conspicuous something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MarkTone {
    Bad,
    Odd,
    Good,
    Quiet,
}

impl Mark {
    fn new(text: impl Into<String>, tone: MarkTone) -> Self {
        Self { text: text.into(), tone }
    }

    fn of_level(level: Level, text: &str) -> Self {
        match level {
            Level::Deny => Self::new(format!("✗ {text}"), MarkTone::Bad),
            Level::Warn => Self::new(format!("! {text}"), MarkTone::Odd),
            Level::Allow => Self::new(text, MarkTone::Quiet),
        }
    }
}

/// The label of a row. `is_backwards` is for the list of users, where an input stands for its
/// holder and is shown by its whole path.
pub(super) fn label(scene: &Scene<'_, '_, '_, '_>, row: &Row, is_backwards: bool) -> Label {
    match row.spot {
        Spot::Node(node) => {
            let inside = found_inside(scene, node).filter(|_| row.fold == Fold::Closed);
            let label = of_node(scene, node);
            Label { mark: inside.or(label.mark), ..label }
        }
        Spot::Input(input) if is_backwards => {
            let name = slashed(&scene.graph().input_path(input));
            let is_of_root = scene.graph().edge(input).holder == scene.graph().lock().root();
            let leads = if is_of_root { " of this flake" } else { "" };
            Label { name, leads: leads.into(), mark: verdict(scene, input), ..Label::default() }
        }
        Spot::Input(input) => of_input(scene, input, row.fold),
        Spot::Instance(position) => of_instance(scene, position),
        Spot::Finding(position) => of_finding(scene, position),
        Spot::Output(at) => of_output(scene, at),
        Spot::Use(at, _) => of_use(scene, at, row.spot),
        Spot::Step(..) => of_step(scene, row.spot),
    }
}

/// The level of the most severe finding about an output.
fn loudest(scene: &Scene<'_, '_, '_, '_>, output: usize) -> Option<Level> {
    let counted = findings_of_output(scene.report, output).filter(|f| f.exempted.is_none());
    counted.map(|finding| finding.level).max()
}

fn of_output(scene: &Scene<'_, '_, '_, '_>, at: usize) -> Label {
    let Some(output) = scene.report.outputs.get(at) else { return Label::default() };
    // There is little room, so only what distinguishes it.
    let built = built_from(scene.analysis, output).into_iter();
    let from = built.map(|named| match named.settings.is_empty() {
        true => named.nixpkgs,
        false => named.settings.join(", "),
    });
    let from = from.collect::<Vec<_>>().join(", ");
    let mark = match loudest(scene, at) {
        Some(Level::Deny) => Some(Mark::of_level(Level::Deny, "error")),
        Some(Level::Warn) => Some(Mark::of_level(Level::Warn, "warning")),
        _ if output.read == Read::Nothing => Some(Mark::new("? not read", MarkTone::Odd)),
        _ if !output.not_read.is_empty() => Some(Mark::new("? read in part", MarkTone::Odd)),
        _ => None,
    };
    let leads = if from.is_empty() { String::new() } else { format!(" · {from}") };
    Label { name: named(&output.name()), leads, mark, ..Label::default() }
}

fn of_use(scene: &Scene<'_, '_, '_, '_>, output: usize, spot: Spot) -> Label {
    let Some(used) = scene.used(spot) else { return Label::default() };
    let name = packages(used);
    let leads = match used.route.first() {
        Some(route) => format!(" ← {}", slashed(route)),
        None => format!(" ← {}", taken_from(scene.analysis, used)),
    };
    let lacking = used.packages.iter().find_map(|package| lacks(package, used.made.is_some()));
    let mark = lacking.map(|text| match loudest(scene, output) {
        Some(level) => Mark::of_level(level, &text),
        None => Mark::new(text, MarkTone::Quiet),
    });
    let not_read = || used.made.is_none().then(|| Mark::new("? not read", MarkTone::Quiet));
    Label { name: named(&name), leads, mark: mark.or_else(not_read), ..Label::default() }
}

fn of_step(scene: &Scene<'_, '_, '_, '_>, spot: Spot) -> Label {
    match scene.step(spot) {
        Some(UseStep::Node(node)) => {
            let lock = scene.graph().lock();
            let leads = format!(" {}", source_of(lock, node));
            Label { name: format!("node {}", lock.node(node).key), leads, ..of_node(scene, node) }
        }
        Some(UseStep::Input(input)) => {
            let name = slashed(&scene.graph().input_path(input));
            let leads = match scene.graph().target(input) {
                Target::Follows([]) => " → this flake".into(),
                Target::Follows(path) => format!(" → {}", slashed(&InputPath::new(path))),
                Target::Direct(_) => String::new(),
            };
            Label { name: named(&name), leads, mark: verdict(scene, input), ..Label::default() }
        }
        None => Label::default(),
    }
}

fn of_node(scene: &Scene<'_, '_, '_, '_>, node: NodeId) -> Label {
    let graph = scene.graph();
    let key = graph.lock().node(node).key;
    let name = match graph.place(node) {
        Some(place) if place.owner.is_none() => THIS_FLAKE.into(),
        Some(_) => slashed(&graph.owner_path(node)),
        None => format!("node {key}"),
    };
    let mark = match graph.place(node) {
        Some(_) => role(scene.analysis.role(node)).map(|text| Mark::new(text, MarkTone::Quiet)),
        None => Some(Mark::new("no input reaches it", MarkTone::Quiet)),
    };
    Label { name: named(&name), mark, ..Label::default() }
}

fn of_input(scene: &Scene<'_, '_, '_, '_>, input: InputId, fold: Fold) -> Label {
    let graph = scene.graph();
    let end = graph.end(input);
    let leads = match graph.target(input) {
        Target::Follows([]) => " → this flake".into(),
        Target::Follows(path) => format!(" → {}", slashed(&InputPath::new(path))),
        Target::Direct(_) => match end.filter(|_| fold == Fold::Elsewhere) {
            Some(end) => format!(" = {}", slashed(&graph.owner_path(end))),
            None => String::new(),
        },
    };
    let inside = end.filter(|_| fold == Fold::Closed).and_then(|node| found_inside(scene, node));
    // A closed row shows the worst, its own or what is inside.
    let own = verdict(scene, input);
    let is_worse = |inside: &Mark| own.as_ref().is_none_or(|own| inside.tone < own.tone);
    let mark = inside.filter(is_worse).or(own.clone()).or_else(|| {
        let node = end.filter(|_| graph.is_direct(input))?;
        Some(match scene.analysis.role(node) {
            Role::Configured(_) => Mark::new("✓ configured", MarkTone::Good),
            other => Mark::new(role(other)?, MarkTone::Quiet),
        })
    });
    let source = end.filter(|_| graph.is_direct(input));
    let source = source.map(|node| source_of(graph.lock(), node)).unwrap_or_default();
    Label { name: named(graph.lock().input(input).name), leads, source, mark }
}

/// The findings below a node whose row is closed.
fn found_inside(scene: &Scene<'_, '_, '_, '_>, node: NodeId) -> Option<Mark> {
    let inside = (*scene.inside.at(node))?;
    Some(Mark::of_level(inside.level, &format!("{} inside", inside.count)))
}

/// The mark of an input: problems first.
fn verdict(scene: &Scene<'_, '_, '_, '_>, input: InputId) -> Option<Mark> {
    let analysis = scene.analysis;
    match scene.graph().edge(input).end {
        End::Dangling { .. } => return Some(Mark::new("✗ leads nowhere", MarkTone::Bad)),
        End::Cycle { .. } => return Some(Mark::new("✗ follows itself", MarkTone::Bad)),
        End::Node(_) => {}
    }
    let finding = scene.findings.at(input).and_then(|at| scene.report.findings.get(at));
    if let Some((cause, _)) = scene.context.explained.cause(analysis, input) {
        let word = "unconfigured";
        return Some(match (cause.kind, finding) {
            (CauseKind::Secondary, None) => Mark::new(word, MarkTone::Quiet),
            (_, Some(finding)) => Mark::of_level(finding.level, word),
            // The finding is at another input, or not reported.
            (_, None) => match scene.findings.at(cause.slot) {
                Some(_) => Mark::new(format!("· {word}"), MarkTone::Odd),
                None => Mark::new(word, MarkTone::Quiet),
            },
        });
    }
    if let Some(finding) = finding {
        return Some(Mark::of_level(finding.level, finding.rule.id));
    }
    if analysis.is_disabled(input) {
        return Some(Mark::new("disabled", MarkTone::Quiet));
    }
    matches!(analysis.slot(input), Slot::Configured { .. })
        .then(|| Mark::new("✓ configured", MarkTone::Good))
}

fn of_instance(scene: &Scene<'_, '_, '_, '_>, position: usize) -> Label {
    let Some(instance) = scene.report.instances.get(position) else { return Label::default() };
    let by_root = instance.made_at.is_some();
    let mark = if instance.evidence.is_some() || by_root {
        Mark::new(if by_root { "✓ made here" } else { "✓ configured" }, MarkTone::Good)
    } else {
        Mark::new("plain", MarkTone::Quiet)
    };
    let settings = instance.settings.iter().flatten().filter(|(_, on)| *on && by_root);
    let settings: Vec<&str> = settings.map(|(name, _)| name.as_str()).collect();
    let leads = match instance.consumers_total {
        // What distinguishes it from others made of the same nixpkgs.
        0 if settings.is_empty() => String::new(),
        0 => format!(" · {}", settings.join(", ")),
        1 => " · 1 input".into(),
        more => format!(" · {more} inputs"),
    };
    Label { name: named(&slashed(&instance.path)), leads, mark: Some(mark), ..Label::default() }
}

fn of_finding(scene: &Scene<'_, '_, '_, '_>, position: usize) -> Label {
    let Some(finding) = scene.report.findings.get(position) else { return Label::default() };
    let path = slashed(&finding.input_path);
    let name = match finding.subject {
        Subject::Flake(_) => THIS_FLAKE.into(),
        Subject::Node(node) if path.is_empty() => {
            format!("node {}", scene.graph().lock().node(node).key)
        }
        Subject::Node(_) | Subject::Input(_) => named(&path),
    };
    let mark = match finding.exempted {
        Some(_) => Mark::new(format!("exempted {}", finding.rule.id), MarkTone::Quiet),
        None => Mark::of_level(finding.level, finding.rule.id),
    };
    Label { name, mark: Some(mark), ..Label::default() }
}

/// The role of a node in a word or two; `None` for an ordinary flake.
fn role(role: Role) -> Option<&'static str> {
    Some(match role {
        Role::Nixpkgs => "nixpkgs",
        Role::NixpkgsLib => "nixpkgs lib",
        Role::Configured(_) => "configured nixpkgs",
        Role::Null => "null flake",
        Role::Source => "source",
        Role::Root | Role::Flake => return None,
    })
}

/// A name that is visible even if it is empty.
fn named(name: &str) -> String {
    if name.is_empty() { "\"\"".into() } else { name.into() }
}

/// An input path as Nix prints it.
pub(super) fn slashed(path: &InputPath<'_>) -> String {
    path.names().join("/")
}
