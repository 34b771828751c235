//! `flake-audit explain`.

use std::io::Write;

use anyhow::Result;
use owo_colors::{OwoColorize, Style};

use super::args::{Explain, Screen};
use super::exit::Exit;
use super::output::ResultOutput;
use crate::rules::{self, RULES};

pub(super) fn run(explain: &Explain, screen: &Screen) -> Result<Exit> {
    let mut output = ResultOutput::new(screen);
    // The argument parser refuses unknown rules.
    if let Some(rule) = explain.rule.as_deref().and_then(rules::rule_named) {
        output.write_all(rule.page.as_bytes())?;
    } else {
        let name = if output.color { Style::new().bold() } else { Style::new() };
        let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in RULES {
            let level = match (rule.level, rule.light) {
                (level, light) if level == light => level.as_str().to_owned(),
                (level, light) => format!("{}/{}", level.as_str(), light.as_str()),
            };
            let id = format!("{:width$}", rule.id);
            writeln!(output, "{}  {level:9}  {}", id.style(name), rule.summary)?;
        }
        if !screen.quiet {
            writeln!(
                output,
                "\n`flake-audit explain RULE` prints a rule's page. The second of two levels is for possible findings."
            )?;
        }
    }
    output.flush()?;
    Ok(Exit::Success)
}
