//! The list of instances: which nixpkgs there are, how they are configured, who uses them.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::super::words::made;
use crate::audit::{Report, ReportedInstance};
use crate::text::Visible;

/// Instances and consumers that are named; the rest is counted.
const INSTANCES_SHOWN: usize = 20;
const CONSUMERS_SHOWN: usize = 4;

/// Writes the list, or nothing where there is no nixpkgs.
pub(super) fn write(report: &Report<'_>, color: bool, out: &mut impl Write) -> io::Result<()> {
    if report.instances.is_empty() {
        return Ok(());
    }
    let styled = |style: Style| if color { style } else { Style::new() };
    let file = Visible(&report.lock_file);
    writeln!(out, "{} in {file}:", "nixpkgs in use".style(styled(Style::new().bold())))?;
    for instance in report.instances.iter().take(INSTANCES_SHOWN) {
        let name = instance.path.names().join("/");
        let style = match instance.evidence {
            Some(_) => Style::new().green().bold(),
            None if instance.made_at.is_some() => Style::new().green().bold(),
            None => Style::new().yellow(),
        };
        writeln!(out, "  {}  {}", Visible(&name).style(styled(style)), made(instance))?;
        writeln!(out, "      {}", source(instance))?;
        writeln!(out, "      used by {}", users(instance))?;
    }
    if let Some(more) = report.instances.len().checked_sub(INSTANCES_SHOWN).filter(|m| *m > 0) {
        writeln!(out, "  and {more} more")?;
    }
    writeln!(out)
}

fn source(instance: &ReportedInstance<'_>) -> String {
    let text = match (&instance.evidence, &instance.base_source) {
        (Some(_), Some(base)) => format!("{} on {base}", instance.source),
        (Some(_), None) => format!("{} on an unknown nixpkgs", instance.source),
        (None, _) => instance.source.clone(),
    };
    Visible(&text).to_string()
}

fn users(instance: &ReportedInstance<'_>) -> String {
    let mut users: Vec<String> =
        instance.held_by_root.then(|| "this flake".to_owned()).into_iter().collect();
    let consumers = instance.consumers.iter().take(CONSUMERS_SHOWN);
    users.extend(consumers.map(|path| Visible(&path.names().join("/")).to_string()));
    let more = instance.consumers_total.saturating_sub(CONSUMERS_SHOWN);
    if more > 0 {
        users.push(format!("{more} more"));
    }
    users.join(", ")
}
