//! The findings on the page: each by itself, and in groups.

use serde::Serialize;

use super::super::escaped::visible;
use super::super::view::View;
use super::wrapper::{NewWrapper, Wrapped};
use crate::audit::{Report, Reported, ReportedOverride};
use crate::change::Applicability;
use crate::finding::Subject;
use crate::graph::InputPath;
use crate::lock::{InputId, InputTag, Table};
use crate::render::words::{FindingGroup, Help, HelpLines, visible_line};

/// One finding.
#[derive(Serialize)]
pub(super) struct PageFinding {
    rule: &'static str,
    level: &'static str,
    exempted: Option<String>,
    /// Its subject, as short as possible.
    about: String,
    /// Numbers of its subjects: one input, the inputs that it lists, or a node.
    inputs: Vec<u32>,
    node: Option<u32>,
    /// Numbers of the outputs that it concerns.
    outputs: Vec<usize>,
    /// The packages that show it.
    packages: Vec<String>,
    told: Words,
    /// The overrides of its fix.
    overrides: Vec<PageOverride>,
    /// Whether the fix is only a suggestion to a person.
    by_hand: bool,
    /// Inputs that follow a wrapper once `fix --init` has brought it in.
    wrapped: Vec<u32>,
    /// Why a picture of the flake with such a wrapper is not there.
    no_wrapper: Option<String>,
}

/// Findings that are listed as one.
#[derive(Serialize)]
pub(super) struct PageGroup {
    /// Their numbers.
    members: Vec<usize>,
    /// The words for all of them; `None` for a single finding, which has its own.
    told: Option<Words>,
}

/// The words for a finding or group.
#[derive(Serialize)]
struct Words {
    message: String,
    /// What to do: sentences, and numbered lines of flake.nix.
    help: Vec<String>,
    lines: Vec<Line>,
    /// The lines to copy.
    nix: String,
    applicability: Option<&'static str>,
    why: Option<String>,
    /// What is not known of a fix, and what it needs.
    reservations: Vec<String>,
    /// The evidence.
    evidence: Vec<String>,
}

#[derive(Serialize)]
struct Line {
    /// `-`, `+`, or a blank.
    sign: char,
    number: Option<usize>,
    text: String,
}

/// An input that is made to follow another.
#[derive(Serialize)]
struct PageOverride {
    input: u32,
    follows: String,
    /// Numbers of the input to follow, and of the node where that ends.
    next: u32,
    to: u32,
}

type Numbers = Table<InputTag, Option<u32>>;

impl PageFinding {
    pub(super) fn new(
        view: &View<'_, '_, '_, '_>,
        numbers: &Numbers,
        wrapper: Option<&Result<NewWrapper, String>>,
        finding: &Reported<'_>,
    ) -> Self {
        let Wrapped { inputs: wrapped, none } = Wrapped::new(view, numbers, wrapper, finding);
        let number = |input: InputId| *numbers.at(input);
        let part = |path: &InputPath<'_>| {
            view.graph().find_input(path.names().iter().copied()).and_then(number)
        };
        let (inputs, node) = match finding.subject {
            Subject::Input(input) => (number(input).into_iter().collect(), None),
            Subject::Node(node) | Subject::Flake(Some(node)) => (Vec::new(), view.number(node)),
            Subject::Flake(None) => (finding.parts.iter().filter_map(part).collect(), None),
        };
        let about = match (finding.input_path.names(), finding.parts.as_slice()) {
            ([], []) if matches!(finding.subject, Subject::Flake(None)) => String::new(),
            ([], []) => finding.node.unwrap_or_default().to_owned(),
            ([], [only]) => only.names().join("/"),
            ([], [first, rest @ ..]) => {
                format!("{} and {} more", first.names().join("/"), rest.len())
            }
            (names, _) => names.join("/"),
        };
        let fix = finding.fix.as_ref();
        let overrides = fix.map(|fix| fix.remedy.overrides()).unwrap_or_default();
        Self {
            rule: finding.rule.id,
            level: finding.level.as_str(),
            exempted: finding.exempted.as_ref().map(|exempted| visible_text(&exempted.reason)),
            about: visible_text(&about),
            inputs,
            node,
            outputs: finding.concerns.clone(),
            packages: finding.packages.iter().map(|package| visible_text(package)).collect(),
            told: Words::new(&FindingGroup::alone(finding)),
            by_hand: fix.is_some_and(|fix| fix.applicability == Applicability::Manual),
            wrapped,
            no_wrapper: none,
            overrides: match overrides.iter().any(|one| goes_in_a_circle(view, one)) {
                // Something else has to be done before it.
                true => Vec::new(),
                false => overrides.iter().filter_map(|one| follow(view, numbers, one)).collect(),
            },
        }
    }
}

/// The findings of a report, in groups.
pub(super) fn groups(report: &Report<'_>) -> Vec<PageGroup> {
    let all = report.groups.iter().zip(FindingGroup::all(report));
    let tell = |(group, told): (&crate::audit::Group, FindingGroup<'_, '_>)| PageGroup {
        members: group.members.clone(),
        told: (group.members.len() > 1).then(|| Words::new(&told)),
    };
    all.map(tell).collect()
}

impl Words {
    fn new(words: &FindingGroup<'_, '_>) -> Self {
        let help = words.help();
        let lines = help.as_ref().map(lines).unwrap_or_default();
        let fixes = words.members.iter().filter_map(|finding| finding.fix.as_ref());
        let nix: Vec<&str> = fixes.clone().map(|fix| fix.nix.trim_end()).collect();
        let nix = nix.into_iter().flat_map(str::lines).map(visible_text);
        Self {
            message: words.message(),
            help: help.map(|help| help.sentences).unwrap_or_default(),
            lines,
            nix: nix.collect::<Vec<_>>().join("\n"),
            applicability: fixes.map(|fix| fix.applicability.as_str()).next(),
            why: words.why(),
            reservations: words
                .reservations()
                .into_iter()
                .map(|(name, text)| format!("{name}: {text}"))
                .collect(),
            evidence: words.messages().into_iter().chain(words.evidence()).collect(),
        }
    }
}

fn lines(help: &Help<'_>) -> Vec<Line> {
    match &help.lines {
        HelpLines::None => Vec::new(),
        HelpLines::Diff(diff) => diff
            .lines()
            .map(|line| Line {
                sign: line.sign,
                number: Some(line.number),
                text: visible_line(line.text.trim_end()),
            })
            .collect(),
        HelpLines::Paste(all) => {
            all.iter().map(|line| Line { sign: '+', number: None, text: line.clone() }).collect()
        }
    }
}

/// Whether the input to follow itself depends on the input that would follow it.
fn goes_in_a_circle(view: &View<'_, '_, '_, '_>, change: &ReportedOverride<'_>) -> bool {
    let graph = view.graph();
    let input = graph.find_input(change.input_path.iter().copied());
    let target = graph.find_input(change.follows.iter().copied());
    let Some((input, end)) = input.zip(target.and_then(|target| graph.end(target))) else {
        return false;
    };
    graph.inputs_of(end).any(|of_target| graph.chain(of_target).any(|step| step == input))
}

/// `None` if part of it is not drawn.
fn follow(
    view: &View<'_, '_, '_, '_>,
    numbers: &Numbers,
    change: &ReportedOverride<'_>,
) -> Option<PageOverride> {
    let graph = view.graph();
    let input = graph.find_input(change.input_path.iter().copied())?;
    let next = graph.find_input(change.follows.iter().copied())?;
    Some(PageOverride {
        input: (*numbers.at(input))?,
        follows: visible_text(&change.follows.join("/")),
        next: (*numbers.at(next))?,
        to: view.number(graph.end(next)?)?,
    })
}

fn visible_text(text: &str) -> String {
    visible(text).to_string()
}
