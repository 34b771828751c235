//! The data of the page: nodes, inputs and findings, by number.
//!
//! Hidden characters are escaped here, so that the page can show all text unchanged. Names are
//! never used as keys.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::caption;
use super::super::escaped::Clipped;
use super::super::legend::NodeKind;
use super::super::tone::InputTone;
use super::super::view::View;
use super::findings::{PageFinding, PageGroup, groups};
use super::outputs::{PageOutput, outputs};
use super::wrapper::{NewWrapper, PageWrapper};
use crate::audit::Report;
use crate::detail::{DetailContext, of_node};
use crate::finding::Subject;
use crate::instance::Explained;
use crate::lock::{InputId, InputTag, NodeId, Table};
use crate::text::Visible;

/// All data.
#[derive(Serialize)]
pub(super) struct PageData {
    lock: String,
    /// What the drawing leaves out.
    left_out: Option<String>,
    nodes: Vec<PageNode>,
    inputs: Vec<PageInput>,
    findings: Vec<PageFinding>,
    /// The findings as they are listed, in groups.
    groups: Vec<PageGroup>,
    outputs: Vec<PageOutput>,
    /// What `fix --init` would bring in.
    wrapper: Option<PageWrapper>,
}

#[derive(Serialize)]
struct PageNode {
    /// The caption; its first line is the name.
    lines: Vec<String>,
    /// How it is drawn, and the words for that.
    kind: &'static str,
    role: &'static str,
    reachable: bool,
    /// Whether the page shows it at first.
    matters: bool,
    /// Details: pairs of a heading and a text.
    details: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct PageInput {
    /// Numbers of nodes.
    from: u32,
    to: Option<u32>,
    name: String,
    path: String,
    /// The path that it follows; `null` for a direct input.
    follows: Option<String>,
    /// The number of the next input of its chain.
    next: Option<u32>,
    tone: &'static str,
    said: Option<String>,
    uses: Option<String>,
    /// The number of the finding that explains it.
    finding: Option<usize>,
}

impl PageData {
    pub(super) fn new(
        view: &View<'_, '_, '_, '_>,
        report: Option<&Report<'_>>,
        wrapper: Option<&Result<NewWrapper, String>>,
    ) -> Self {
        let findings = report.map_or(&[][..], |report| &report.findings);
        let explained = Explained::new(view.analysis());
        let mut numbers: Table<InputTag, Option<u32>> = Table::like(view.lock().inputs(), None);
        for (number, input) in (0..).zip(view.inputs()) {
            *numbers.at_mut(input) = Some(number);
        }
        let mut about: BTreeMap<InputId, usize> = BTreeMap::new();
        for (number, finding) in findings.iter().enumerate() {
            if let Subject::Input(input) = finding.subject {
                about.entry(input).or_insert(number);
            }
        }
        let input = |id: InputId| {
            let cause = explained.cause(view.analysis(), id).map(|(cause, _)| cause.slot);
            let finding = about.get(&id).or_else(|| about.get(&cause?)).copied();
            input(view, &numbers, id, finding)
        };
        let inputs: Vec<_> = view.inputs().filter_map(input).collect();
        let known = DetailContext::new(view.analysis(), 0);
        Self {
            lock: report.map_or_else(String::new, |report| visible(&report.lock_file)),
            left_out: view.left_out().map(|left_out| visible(&left_out.to_string())),
            nodes: view.nodes().iter().map(|id| node(view, &known, *id)).collect(),
            inputs,
            findings: findings
                .iter()
                .map(|one| PageFinding::new(view, &numbers, wrapper, one))
                .collect(),
            groups: report.map(groups).unwrap_or_default(),
            outputs: report.map(|report| outputs(view, &numbers, report)).unwrap_or_default(),
            wrapper: wrapper
                .and_then(|wrapper| PageWrapper::new(view, &numbers, wrapper.as_ref().ok()?)),
        }
    }
}

fn visible(text: &str) -> String {
    Visible(text).to_string()
}

fn node(
    view: &View<'_, '_, '_, '_>,
    context: &DetailContext<'_, '_, '_, '_>,
    id: NodeId,
) -> PageNode {
    let kind = NodeKind::of(view.analysis().role(id));
    let details = of_node(context, id);
    // The page computes the users of a node itself.
    let details = details.iter().filter(|line| !line.name.is_empty());
    let loud = |input| {
        let kind = view.verdict(input).kind;
        kind.is_loud() || kind.is_broken()
    };
    PageNode {
        lines: caption::lines(view, id).iter().map(|line| visible(line)).collect(),
        kind: kind.class(),
        role: kind.words(),
        reachable: view.graph().is_reachable(id),
        matters: matches!(kind, NodeKind::Root | NodeKind::Configured)
            || view.is_focus(id)
            || view.graph().inputs_of(id).any(loud)
            || view.graph().adjacency().users(id).into_iter().any(|user| {
                loud(user)
                    || (kind == NodeKind::Nixpkgs
                        && view.graph().edge(user).holder == view.lock().root())
            }),
        details: details.map(|line| (line.name, clipped(&line.text))).collect(),
    }
}

fn clipped(text: &str) -> String {
    visible(&Clipped::reference(text).to_string())
}

fn input(
    view: &View<'_, '_, '_, '_>,
    numbers: &Table<InputTag, Option<u32>>,
    id: InputId,
    finding: Option<usize>,
) -> Option<PageInput> {
    let graph = view.graph();
    let edge = graph.edge(id);
    let verdict = view.verdict(id);
    let follows = match graph.target(id) {
        crate::lock::Target::Follows(path) => Some(visible(&Clipped::path(path).to_string())),
        crate::lock::Target::Direct(_) => None,
    };
    Some(PageInput {
        from: view.number(edge.holder)?,
        to: edge.end.node().and_then(|end| view.number(end)),
        name: visible(&Clipped::name(view.lock().input(id).name).to_string()),
        path: visible(&Clipped::path(graph.input_path(id).names()).to_string()),
        follows,
        next: edge.next.and_then(|next| *numbers.at(next)),
        tone: InputTone::of(verdict.kind).class(),
        said: verdict.words().map(|words| visible(&words.to_string())),
        uses: caption::by_source(view, id),
        finding,
    })
}
