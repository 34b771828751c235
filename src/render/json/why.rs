//! The output of `why` as JSON. A test generates `docs/why.schema.json` from these structs.

use std::io::{self, Write};

use serde::Serialize;

use super::document::{Head, write_document};
use super::view::{V1Finding, V1Instance, V1Location, V1Output};
use crate::audit::{Location, Report, Reported, ReportedOutput};
use crate::graph::InputPath;

/// A question and its answer.
#[derive(Debug)]
pub struct WhyAnswer<'r, 'a> {
    /// The question as it was asked.
    pub asked: &'r str,
    /// What it is about.
    pub subject: WhySubject<'r, 'a>,
    /// The lines for people: a heading, and the text.
    pub details: Vec<(&'static str, String)>,
    /// The findings that concern it.
    pub findings: Vec<&'r Reported<'a>>,
}

/// What an answer is about.
#[derive(Debug)]
pub enum WhySubject<'r, 'a> {
    /// An input.
    Input(InputPath<'a>),
    /// A node, by its key.
    Node(&'r str),
    /// An output, and what it takes in.
    Output(&'r ReportedOutput<'a>, Vec<TakenPackage<'r, 'a>>),
}

/// A package that an output takes in.
#[derive(Debug)]
pub struct TakenPackage<'r, 'a> {
    /// Its attribute path.
    pub package: &'r str,
    /// The number of its instance, from 1.
    pub instance: Option<usize>,
    /// The inputs through which it came.
    pub route: &'r [InputPath<'a>],
    /// The place that names it.
    pub location: Option<Location>,
    /// The input whose file that is; the empty path for the flake's own.
    pub source: Option<InputPath<'a>>,
    /// Whether it depends on a condition that could not be decided.
    pub conditional: bool,
    /// The settings that it lacks.
    pub lacks: &'r [String],
}

/// What `flake-audit why --format json` prints.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "flake-audit why"))]
pub(super) struct V1Why<'r> {
    #[serde(flatten)]
    head: Head<'r>,
    /// One for each that was asked for, in that order.
    answers: Vec<V1Answer<'r>>,
    /// Each nixpkgs in use.
    instances: Vec<V1Instance<'r>>,
}

/// What is known of an input, a node or an output.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Answer"))]
struct V1Answer<'r> {
    /// As it was asked for.
    asked: &'r str,
    /// What it is.
    #[cfg_attr(test, schemars(extend("examples" = ["input", "node", "output"])))]
    kind: &'static str,
    /// The names that lead from this flake to it, if it is an input.
    input_path: Option<&'r [&'r str]>,
    /// Its key, if it is a node.
    node: Option<&'r str>,
    /// The output, if it is one.
    output: Option<V1Output<'r>>,
    /// What an output takes in, package by package: the first 100.
    takes: Vec<V1Taken<'r>>,
    /// How many there are.
    takes_total: usize,
    /// What people are told, line by line.
    details: Vec<V1Detail<'r>>,
    /// The findings that concern it.
    findings: Vec<V1Finding<'r>>,
}

/// A package that an output takes in.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Taken"))]
struct V1Taken<'r> {
    /// Its attribute path, as far as it is known.
    package: &'r str,
    /// Its instance, as far as it is known and listed.
    instance: Option<String>,
    /// The inputs through which it came; none for the flake's own.
    route: Vec<&'r [&'r str]>,
    /// Where it is named.
    location: Option<V1Location<'r>>,
    /// The input whose file that is; empty for the flake's own.
    source: Option<&'r [&'r str]>,
    /// Whether it is taken on a condition that could not be decided.
    conditional: bool,
    /// The settings that it lacks of what it is built into; of what was not read, that it may lack.
    lacks: &'r [String],
}

/// A line that people are told.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Detail"))]
struct V1Detail<'r> {
    /// What it tells; empty where it goes on with what the line above tells.
    name: &'static str,
    /// The text.
    text: &'r str,
}

/// Writes the document.
///
/// # Errors
/// Those of the sink.
pub fn write_why(
    report: &Report<'_>,
    answers: &[WhyAnswer<'_, '_>],
    out: &mut impl Write,
) -> io::Result<()> {
    let document = V1Why {
        head: Head::new(&report.lock_file),
        answers: answers.iter().map(V1Answer::new).collect(),
        instances: V1Instance::all(report),
    };
    write_document(&document, out)
}

impl<'r> V1Answer<'r> {
    fn new(answer: &'r WhyAnswer<'_, '_>) -> Self {
        let (mut input_path, mut node, mut output, mut takes) = (None, None, None, &[][..]);
        let kind = match &answer.subject {
            WhySubject::Input(path) => {
                input_path = Some(path.names());
                "input"
            }
            WhySubject::Node(key) => {
                node = Some(*key);
                "node"
            }
            WhySubject::Output(of, taken) => {
                output = Some(V1Output::new(of));
                takes = taken.as_slice();
                "output"
            }
        };
        Self {
            asked: answer.asked,
            kind,
            input_path,
            node,
            output,
            takes: takes.iter().take(Report::LONGEST).map(V1Taken::new).collect(),
            takes_total: takes.len(),
            details: answer.details.iter().map(|(name, text)| V1Detail { name, text }).collect(),
            findings: answer.findings.iter().map(|finding| V1Finding::new(finding)).collect(),
        }
    }
}

impl<'r> V1Taken<'r> {
    fn new(taken: &'r TakenPackage<'_, '_>) -> Self {
        Self {
            package: taken.package,
            instance: taken.instance.map(|number| format!("i{number}")),
            route: taken.route.iter().map(InputPath::names).collect(),
            location: taken.location.as_ref().map(V1Location::new),
            source: taken.source.as_ref().map(InputPath::names),
            conditional: taken.conditional,
            lacks: taken.lacks,
        }
    }
}
