//! Outputs: what each is built from, what it takes in, and what was not read of it.

use owo_colors::Style;

use super::super::words::{NotReadReasons, not_read};
use super::layout::Layout;
use crate::audit::{Report, ReportedOutput, ReportedPackage, ReportedUse};
use crate::text::Visible;

/// How many outputs, packages and reasons are named; the rest is counted.
const OUTPUTS_SHOWN: usize = 20;
const NAMED: usize = 3;
const REASONS_SHOWN: usize = 20;

/// The list; empty if no output was read.
pub(super) fn output_list(report: &Report<'_>, layout: &Layout) -> String {
    let [_, ..] = report.outputs.as_slice() else { return String::new() };
    let line = |indent, text: &str| layout.entry(indent, "", Style::new(), text);
    let mut text = format!("outputs of {}:\n", Visible(&report.lock_file));
    let reasons = NotReadReasons::of(report);
    let in_part = report.outputs_in_part().count();
    for output in report.outputs.iter().take(OUTPUTS_SHOWN) {
        let main: Vec<String> = output.main.iter().filter_map(|at| name(report, *at)).collect();
        let from = match main.as_slice() {
            [] => String::new(),
            names => format!("built from {}", names.join("; ")),
        };
        text += &layout.entry(2, &(path(output) + "  "), Style::new(), &from);
        let taken = output.uses.iter().filter_map(|used| {
            let list = listed(&used.packages)?;
            Some(line(6, &format!("takes {} {}", Visible(&list), origin(report, used))))
        });
        let mut taken: Vec<String> = taken.collect();
        taken.dedup();
        text.extend(taken);
        for (package, setting) in output.redundant.iter().take(NAMED) {
            let package = Visible(package);
            let told = format!("{package} need not switch on {setting}: its nixpkgs has it on");
            text += &line(6, &told);
        }
        if !output.not_read.is_empty() {
            let why = match in_part {
                1 => not_read(output),
                _ => references(&reasons.numbers(output)),
            };
            text += &line(6, &format!("not fully read: {why}"));
        }
    }
    let more = report.outputs.len().saturating_sub(OUTPUTS_SHOWN);
    if more > 0 {
        text += &format!("  and {more} more\n");
    }
    text.push('\n');
    if in_part > 1 {
        text += &format!("not fully read, of {in_part} outputs:\n");
        for (at, reason) in reasons.all.iter().take(REASONS_SHOWN).enumerate() {
            let number = references(&[at + 1]);
            text +=
                &layout.entry(2, &format!("{number} "), Style::new(), &reason.in_words(in_part));
        }
        let more = reasons.all.len().saturating_sub(REASONS_SHOWN);
        if more > 0 {
            text += &format!("  and {more} more reasons\n");
        }
        text.push('\n');
    }
    text
}

/// Numbers of the reasons that are listed below.
fn references(numbers: &[usize]) -> String {
    let listed = numbers.iter().filter(|number| **number <= REASONS_SHOWN);
    let mut all: Vec<String> = listed.map(|number| format!("[{number}]")).collect();
    let more = numbers.len() - all.len();
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all.join(" ")
}

/// Where packages are taken from.
fn origin(report: &Report<'_>, used: &ReportedUse<'_>) -> String {
    let from = used.instance.and_then(|at| name(report, at));
    match (from, used.route.first()) {
        (_, Some(route)) => format!("through {}", Visible(&route.names().join("/"))),
        (Some(name), None) => format!("of {name}"),
        (None, None) => "of another nixpkgs".to_owned(),
    }
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
