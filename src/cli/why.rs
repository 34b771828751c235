//! `flake-audit why`.

use std::io::{self, Write};

use anyhow::{Result, bail};
use owo_colors::{OwoColorize, Style};

use super::args::{Screen, Why, WhyFormat};
use super::exit::Exit;
use super::load_one::{NamedInLock, OneLock};
use super::output::ResultOutput;
use super::output_named::{self, NamedOutputs};
use crate::audit::{Lack, Report, Reported, ReportedOutput, SourceFiles};
use crate::detail::{
    Destination, DetailContext, DetailLine, findings_about, findings_of_output, of_finding,
    of_input, of_node, of_output,
};
use crate::instance::Analysis;
use crate::render::json::{self, TakenPackage, WhyAnswer};
use crate::text::{Visible, did_you_mean};

/// How many users of a node, steps of a chain, and uses are named; the rest is counted.
const SHOWN: usize = 20;

/// What a question is about.
#[derive(Debug, Clone, Copy)]
enum Asked {
    Lock(NamedInLock),
    /// An output, by index in the report.
    Output(usize),
}

pub(super) fn run(why: &Why, screen: &Screen) -> Result<Exit> {
    let mut output = ResultOutput::new(screen);
    let lock = OneLock { path: &why.lock, options: &why.audit };
    lock.with_report(|analysis, report| {
        let asker = Asker { context: DetailContext::new(analysis, SHOWN), report };
        let mut answers = Vec::new();
        for text in &why.subjects {
            answers.extend(asker.resolve(text)?.into_iter().map(|asked| (text.as_str(), asked)));
        }
        match why.format {
            WhyFormat::Human => asker.write_text(&answers, &mut output)?,
            WhyFormat::Json => asker.write_json(&answers, &mut output)?,
        }
        output.flush()?;
        Ok(Exit::Success)
    })?
}

/// Answers questions.
struct Asker<'k, 'f, 'g, 'l, 'a> {
    context: DetailContext<'f, 'g, 'l, 'a>,
    report: &'k Report<'k>,
}

impl<'k, 'f, 'g, 'l, 'a: 'k> Asker<'k, 'f, 'g, 'l, 'a> {
    fn analysis(&self) -> &'f Analysis<'g, 'l, 'a> {
        self.context.analysis
    }

    /// What a text stands for: an input path, else a node key, else outputs, of which several may
    /// have one path.
    fn resolve(&self, text: &str) -> Result<Vec<Asked>> {
        let graph = self.analysis().graph();
        if let Some(subject) = NamedInLock::find_in(graph, text) {
            return Ok(vec![Asked::Lock(subject)]);
        }
        if self.report.outputs.is_empty() {
            return Ok(vec![Asked::Lock(NamedInLock::require_in(graph, text)?)]);
        }
        match output_named::find_outputs(&self.report.outputs, text) {
            NamedOutputs::Outputs(found) => Ok(found.into_iter().map(Asked::Output).collect()),
            NamedOutputs::Several(names, more) => {
                let total = names.len() + more;
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                bail!("`{text}` may be any of {total} outputs: {}{more}", names.join(", "))
            }
            NamedOutputs::Nothing(output) => {
                let input = NamedInLock::nearest_in(graph, text);
                // Usually only outputs contain dots.
                let meant = if text.contains('.') { output.or(input) } else { input.or(output) };
                bail!(
                    "there is no input, node or output `{text}`{}",
                    did_you_mean(meant.as_deref())
                )
            }
        }
    }

    fn output(&self, at: usize) -> Option<&'k ReportedOutput<'k>> {
        self.report.outputs.get(at)
    }

    fn title(&self, text: &str, asked: Asked) -> String {
        match asked {
            Asked::Lock(NamedInLock::Input(_)) => text.to_owned(),
            Asked::Lock(NamedInLock::Node(_)) => format!("node {text}"),
            Asked::Output(at) => self.output(at).map(ReportedOutput::name).unwrap_or_default(),
        }
    }

    fn details(&self, asked: Asked) -> Vec<DetailLine> {
        match asked {
            Asked::Lock(NamedInLock::Input(input)) => of_input(&self.context, input),
            Asked::Lock(NamedInLock::Node(node)) => of_node(&self.context, node),
            Asked::Output(at) => {
                let output = self.output(at);
                output
                    .map(|output| of_output(&self.context, self.report, output))
                    .unwrap_or_default()
            }
        }
    }

    fn findings(&self, asked: Asked) -> Vec<&'k Reported<'k>> {
        let about = |place| findings_about(&self.context, self.report, place).collect();
        match asked {
            Asked::Lock(NamedInLock::Input(input)) => about(Destination::Input(input)),
            Asked::Lock(NamedInLock::Node(node)) => about(Destination::Node(node)),
            Asked::Output(at) => findings_of_output(self.report, at).collect(),
        }
    }

    /// For people.
    fn write_text(&self, answers: &[(&str, Asked)], out: &mut ResultOutput) -> io::Result<()> {
        let heading = if out.color { Style::new().bold() } else { Style::new() };
        for (number, (text, asked)) in answers.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            writeln!(out, "{}", Visible(&self.title(text, *asked)).style(heading))?;
            let findings = self.findings(*asked);
            let findings = findings.into_iter().flat_map(of_finding);
            let mut lines = self.details(*asked).into_iter().chain(findings);
            lines.try_for_each(|line| {
                let text = Visible(&line.text).to_string();
                writeln!(out, "  {:9} {text}", line.name)
            })?;
        }
        Ok(())
    }

    /// For programs.
    fn write_json(&self, answers: &[(&str, Asked)], out: &mut ResultOutput) -> io::Result<()> {
        let analysis = self.analysis();
        let graph = analysis.graph();
        let files = SourceFiles::new(analysis.sources(), &self.report.lock_file);
        let answers = answers.iter().map(|&(text, asked)| WhyAnswer {
            asked: text,
            subject: match asked {
                Asked::Lock(NamedInLock::Input(input)) => {
                    json::WhySubject::Input(graph.input_path(input))
                }
                Asked::Lock(NamedInLock::Node(node)) => {
                    json::WhySubject::Node(graph.lock().node(node).key)
                }
                Asked::Output(at) => match self.output(at) {
                    Some(output) => json::WhySubject::Output(output, self.taken(&files, output)),
                    None => json::WhySubject::Node(""),
                },
            },
            details: self.details(asked).into_iter().map(|line| (line.name, line.text)).collect(),
            findings: self.findings(asked),
        });
        json::write_why(self.report, &answers.collect::<Vec<_>>(), out)
    }

    fn taken(
        &self,
        files: &SourceFiles<'_>,
        output: &'k ReportedOutput<'k>,
    ) -> Vec<TakenPackage<'k, 'k>> {
        let analysis = self.analysis();
        let whose = |place| {
            let (location, flake) = files.location_in_any_flake(place)?;
            let node = flake.and_then(|flake| analysis.sources().node(flake));
            Some((location, node.map(|node| analysis.graph().owner_path(node)).unwrap_or_default()))
        };
        let uses = output.uses.iter();
        uses.flat_map(|used| used.packages.iter().map(move |package| (used, package)))
            .map(|(used, package)| {
                let (location, source) = package.place.and_then(whose).unzip();
                TakenPackage {
                    package: &package.name,
                    instance: used.instance,
                    route: &used.route,
                    location,
                    source,
                    conditional: package.conditional,
                    lacks: match &package.lack {
                        Some(Lack::OfPackage(settings)) => settings,
                        _ => &[],
                    },
                }
            })
            .collect()
    }
}
