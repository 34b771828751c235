//! The right pane: details of what is selected.

use std::ptr;

use super::row::Spot;
use super::scene::Scene;
use crate::audit::Reported;
use crate::detail::{
    Destination, DetailLine, findings_about, findings_of_output, of_finding, of_input, of_instance,
    of_node, of_output, of_use,
};
use crate::finding::{Level, Subject};

/// The details of one row: lines, the selected one among them, and the scroll position.
#[derive(Debug, Default)]
pub struct Details {
    pub(super) spot: Option<Spot>,
    lines: Vec<DetailLine>,
    selected: usize,
    /// The first row on the screen; a line takes one or more rows.
    pub(super) top: usize,
}

impl Details {
    /// The details of a row.
    pub(super) fn of(scene: &Scene<'_, '_, '_, '_>, spot: Option<Spot>) -> Self {
        let lines = spot.map(|spot| lines(scene, spot)).unwrap_or_default();
        Self { spot, lines, selected: 0, top: 0 }
    }

    /// All lines.
    pub fn lines(&self) -> &[DetailLine] {
        &self.lines
    }

    /// The index of the selected line.
    pub fn position(&self) -> usize {
        self.selected
    }

    /// Selects the line at an index, or the last one.
    pub(super) fn select(&mut self, position: usize) {
        self.selected = position.min(self.lines.len().saturating_sub(1));
    }

    /// Moves the selection down by so many lines, or up if negative.
    pub(super) fn step(&mut self, by: isize) {
        self.select(self.selected.saturating_add_signed(by));
    }

    /// Where the selected line leads.
    pub(super) fn leads_to(&self) -> Option<Spot> {
        self.lines.get(self.selected)?.leads_to.map(spot)
    }
}

/// A destination in the terms of the lists.
pub(super) fn spot(place: Destination) -> Spot {
    match place {
        Destination::Input(input) => Spot::Input(input),
        Destination::Node(node) => Spot::Node(node),
    }
}

fn lines(scene: &Scene<'_, '_, '_, '_>, spot: Spot) -> Vec<DetailLine> {
    let known = &scene.context;
    match spot {
        Spot::Node(node) if node == scene.graph().lock().root() => overview(scene),
        Spot::Node(node) => with_findings(scene, Destination::Node(node), of_node(known, node)),
        Spot::Input(input) => {
            with_findings(scene, Destination::Input(input), of_input(known, input))
        }
        Spot::Instance(position) => {
            let reported = scene.report.instances.get(position);
            let instance = scene.instances.get(position);
            let both = instance.zip(reported);
            both.map(|(instance, reported)| of_instance(known, instance, reported))
                .unwrap_or_default()
        }
        Spot::Finding(position) => finding(scene, position),
        Spot::Output(at) => output(scene, at),
        Spot::Use(..) => used(scene, spot),
        Spot::Step(..) => lines(scene, scene.place(spot)),
    }
}

/// An output: its findings, and the details that `why` shows.
fn output(scene: &Scene<'_, '_, '_, '_>, at: usize) -> Vec<DetailLine> {
    let Some(output) = scene.report.outputs.get(at) else { return Vec::new() };
    let mut lines = Vec::new();
    for finding in findings_of_output(scene.report, at) {
        lines.extend(of_finding(finding));
        lines.push(line("", ""));
    }
    lines.extend(of_output(&scene.context, scene.report, output));
    lines
}

/// Something that an output takes in, and the input through which it came.
fn used(scene: &Scene<'_, '_, '_, '_>, spot: Spot) -> Vec<DetailLine> {
    let Some(used) = scene.used(spot) else { return Vec::new() };
    let mut lines = of_use(&scene.context, scene.report, used);
    if let Some(input) = used.input {
        lines.push(line("", ""));
        lines.extend(of_input(&scene.context, input));
    }
    lines
}

/// Puts findings first, because nobody would see them below long lists.
fn with_findings(
    scene: &Scene<'_, '_, '_, '_>,
    place: Destination,
    rest: Vec<DetailLine>,
) -> Vec<DetailLine> {
    let mut lines = Vec::new();
    let mut findings: Vec<_> = findings_about(&scene.context, scene.report, place).collect();
    if let Destination::Input(input) = place {
        // A finding about the whole flake that names this input.
        let marked = scene.findings.at(input).and_then(|at| scene.report.findings.get(at));
        let is_new =
            |marked: &&Reported<'_>| !findings.iter().any(|known| ptr::eq(*known, *marked));
        findings.extend(marked.filter(is_new));
    }
    for finding in findings {
        lines.extend(of_finding(finding));
        lines.push(line("", ""));
    }
    lines.extend(rest);
    lines
}

fn finding(scene: &Scene<'_, '_, '_, '_>, position: usize) -> Vec<DetailLine> {
    let Some(finding) = scene.report.findings.get(position) else { return Vec::new() };
    let mut lines = of_finding(finding);
    if let Some(at) = &finding.location {
        let text = format!("{}:{}:{}", at.file, at.start.line, at.start.column);
        lines.push(line("written", &text));
    }
    let known = &scene.context;
    let about = match finding.subject {
        Subject::Input(input) => of_input(known, input),
        Subject::Node(node) => of_node(known, node),
        Subject::Flake(_) => return lines,
    };
    lines.push(line("", ""));
    lines.extend(about);
    lines
}

/// The flake as a whole: how large it is, and its findings.
fn overview(scene: &Scene<'_, '_, '_, '_>) -> Vec<DetailLine> {
    let report = scene.report;
    let lock = scene.graph().lock();
    let mut lines = vec![line("lock", &report.lock_file)];
    let count = |number: usize, one: &str, more: &str| {
        format!("{number} {}", if number == 1 { one } else { more })
    };
    let nodes = lock.nodes().len().saturating_sub(1);
    let inputs = count(lock.inputs().len(), "input", "inputs");
    lines.push(line("holds", &format!("{}, {inputs}", count(nodes, "node", "nodes"))));
    let instances = count(report.instances.len(), "instance", "instances");
    lines.push(line("uses", &format!("{instances} of nixpkgs (i shows them)")));
    if !report.outputs.is_empty() {
        let outputs = count(report.outputs.len(), "output", "outputs");
        let in_part = match report.outputs_in_part().count() {
            0 => String::new(),
            some => format!(", {some} read in part"),
        };
        lines.push(line("builds", &format!("{outputs}{in_part} (o shows them)")));
    }
    let sources = match report.sources {
        sources if sources.read == 0 && !sources.root => "none read".into(),
        sources => format!("{} of {} read", sources.read, sources.total),
    };
    lines.push(line("sources", &sources));
    let exempted = match report.count_exempted() {
        0 => String::new(),
        number => format!(", {number} exempted"),
    };
    let found = match (report.count(Level::Deny), report.count(Level::Warn)) {
        (0, 0) if exempted.is_empty() => "nothing".to_owned(),
        (errors, warnings) => {
            let errors = count(errors, "error", "errors");
            let warnings = count(warnings, "warning", "warnings");
            format!("{errors}, {warnings}{exempted} (! shows them)")
        }
    };
    lines.push(line("found", &found));
    for finding in &report.findings {
        if let Subject::Flake(_) = finding.subject {
            lines.push(line("", ""));
            lines.extend(of_finding(finding));
        }
    }
    lines
}

fn line(name: &'static str, text: &str) -> DetailLine {
    DetailLine { name, text: text.into(), leads_to: None }
}
