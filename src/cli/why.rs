//! `flake-audit why`.

use std::io::{self, Write};

use anyhow::Result;
use owo_colors::{OwoColorize, Style};

use super::args::{Screen, Why};
use super::exit::Exit;
use super::one_lock::{OneLock, Subject};
use super::output::Output;
use crate::detail::{Known, Line, Place, findings_about, of_finding, of_input, of_node};
use crate::text::Visible;

/// Users of a node and steps of a chain that are named; the rest is counted.
const SHOWN: usize = 20;

pub(super) fn run(why: &Why, screen: &Screen) -> Result<Exit> {
    let mut output = Output::new(screen);
    let lock = OneLock { path: &why.lock, options: &why.audit };
    lock.with_report(|facts, report| {
        let known = Known::new(facts, SHOWN);
        let heading = if output.color { Style::new().bold() } else { Style::new() };
        for (at, wanted) in why.inputs.iter().enumerate() {
            if at > 0 {
                writeln!(output)?;
            }
            let (title, place, lines) = match Subject::named(facts.graph(), wanted)? {
                Subject::Input(input) => {
                    (wanted.clone(), Place::Input(input), of_input(&known, input))
                }
                Subject::Node(node) => {
                    (format!("node {wanted}"), Place::Node(node), of_node(&known, node))
                }
            };
            writeln!(output, "{}", Visible(&title).style(heading))?;
            let findings = findings_about(&known, report, place).flat_map(of_finding);
            lines.into_iter().chain(findings).try_for_each(|line| tell(&line, &mut output))?;
        }
        output.flush()?;
        Ok(Exit::Success)
    })?
}

fn tell(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  {:9} {}", line.name, Visible(&line.text))
}
