//! Outputs: what each is built from, what it takes in, and what of it was not read.

use std::io::{self, Write};

use super::super::words::not_read;
use crate::audit::{Report, ReportedOutput, ReportedPackage};
use crate::text::Visible;

/// Outputs and packages that are named; the rest is counted.
const OUTPUTS_SHOWN: usize = 20;
const NAMED: usize = 3;

/// Writes the list, or nothing where no output was read.
pub(super) fn write(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    if report.outputs.is_empty() {
        return Ok(());
    }
    writeln!(out, "outputs of {}:", Visible(&report.lock_file))?;
    for output in report.outputs.iter().take(OUTPUTS_SHOWN) {
        let main: Vec<String> = output.main.iter().filter_map(|at| name(report, *at)).collect();
        let from = match main.as_slice() {
            [] => String::new(),
            names => format!("  built from {}", names.join("; ")),
        };
        writeln!(out, "  {}{from}", path(output))?;
        for used in &output.uses {
            let Some(list) = listed(&used.packages) else { continue };
            let from = used.instance.and_then(|at| name(report, at));
            let route = used.route.first().map(|path| path.names().join("/"));
            let whence = match (from, route) {
                (_, Some(route)) => format!("through {route}"),
                (Some(name), None) => format!("of {name}"),
                (None, None) => String::new(),
            };
            writeln!(out, "      takes {} {}", Visible(&list), Visible(&whence))?;
        }
        for (package, setting) in output.redundant.iter().take(NAMED) {
            writeln!(
                out,
                "      {} need not switch on {setting}: its nixpkgs has it on",
                Visible(package)
            )?;
        }
        if !output.not_read.is_empty() {
            writeln!(out, "      not fully read: {}", not_read(output))?;
        }
    }
    let more = report.outputs.len().saturating_sub(OUTPUTS_SHOWN);
    if more > 0 {
        writeln!(out, "  and {more} more")?;
    }
    writeln!(out)
}

fn path(output: &ReportedOutput<'_>) -> String {
    let shown = Visible(&output.name()).to_string();
    match output.systems.len() {
        0 => shown,
        1 => format!("{shown} (and 1 more system)"),
        more => format!("{shown} (and {more} more systems)"),
    }
}

fn name(report: &Report<'_>, number: usize) -> Option<String> {
    let instance = report.instances.get(number.checked_sub(1)?)?;
    let name = Visible(&instance.path.names().join("/")).to_string();
    let on: Vec<_> = instance
        .settings
        .iter()
        .flatten()
        .filter(|(_, on)| *on && instance.made_at.is_some())
        .map(|(key, _)| Visible(key).to_string())
        .collect();
    Some(if on.is_empty() { name } else { format!("{name} with {}", on.join(", ")) })
}

fn listed(packages: &[ReportedPackage]) -> Option<String> {
    let named: Vec<_> = packages.iter().take(NAMED).map(|package| package.name.clone()).collect();
    let more = packages.len().saturating_sub(NAMED);
    (!named.is_empty()).then(|| {
        if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") }
    })
}
