//! What is twice, told to people.

use std::collections::BTreeMap;
use std::io::{self, Write};

use owo_colors::{OwoColorize, Style};

use super::report::{Begins, Changed, Effect, OutputReport, Report, Twice, Variant, WithFix};
use crate::text::Visible;

/// Names that are told in one line; the rest is counted.
const SHOWN: usize = 12;
/// Beginnings that are told for a group.
const SHOWN_BEGINNINGS: usize = 4;

/// How much is shown, and how.
#[derive(Debug, Clone, Copy)]
pub struct Show {
    /// With colours.
    pub color: bool,
    /// How many packages are twice, and nothing else.
    pub quiet: bool,
    /// Outputs in which nothing is twice, too.
    pub all: bool,
}

/// Writes a block for each output in which something is twice, or of which that is not known.
///
/// # Errors
/// Those of the sink.
pub fn write(report: &Report, show: Show, out: &mut impl Write) -> io::Result<()> {
    let mut clean = 0;
    for output in &report.outputs {
        let says_nothing =
            output.failed.is_none() && output.twice.is_empty() && output.with_fix.is_none();
        if says_nothing && !show.all {
            clean += 1;
            continue;
        }
        write_output(output, show, out)?;
    }
    for unlisted in &report.unlisted {
        let what =
            format!("{}: what there is of it is not known: {}", unlisted.kind, unlisted.reason);
        writeln!(out, "{}", Visible(&what))?;
    }
    match clean {
        0 => Ok(()),
        1 => writeln!(out, "1 output: nothing is twice"),
        more => writeln!(out, "{more} outputs: nothing is twice"),
    }
}

fn write_output(output: &OutputReport, show: Show, out: &mut impl Write) -> io::Result<()> {
    let styled = |style: Style| if show.color { style } else { Style::new() };
    let what = match (&output.failed, output.twice.len()) {
        (Some(reason), _) => format!("not known: {reason}"),
        (None, 0) => format!("nothing is twice among {}", derivations(output.derivations)),
        (None, 1) => format!("1 package is twice among {}", derivations(output.derivations)),
        (None, more) => {
            format!("{more} packages are twice among {}", derivations(output.derivations))
        }
    };
    let style = match (&output.failed, output.twice.is_empty()) {
        (Some(_), _) => styled(Style::new().yellow()),
        (None, true) => styled(Style::new().green()),
        (None, false) => styled(Style::new().red()),
    };
    let name = Visible(&output.output).to_string();
    writeln!(
        out,
        "{}: {}",
        name.style(styled(Style::new().bold())),
        Visible(&what).to_string().style(style)
    )?;
    if show.quiet {
        return Ok(());
    }
    if let Some(reason) = &output.by_attributes {
        let text = format!(
            "found by the attributes of packages, there may be more: with all dependencies on this \
             flake's nixpkgs it cannot be evaluated: {reason}"
        );
        writeln!(out, "  {}", Visible(&text))?;
    }
    for group in groups(&output.twice) {
        write_group(&group, out)?;
    }
    match &output.with_fix {
        None => {}
        Some(WithFix::Failed(reason)) => {
            writeln!(out, "  with the repair: not known: {}", Visible(reason))?;
        }
        Some(WithFix::Known { derivations, gone, left, new, .. }) => {
            let still = match (left.as_slice(), new.as_slice()) {
                ([], []) => "nothing is twice".to_owned(),
                (left, []) => format!("still twice: {}", names(left)),
                ([], new) => format!("newly twice: {}", names(new)),
                (left, new) => format!("still twice: {}; newly: {}", names(left), names(new)),
            };
            let fewer = fewer(output.derivations, *derivations);
            writeln!(out, "  with the repair: {}, {fewer}", Visible(&still))?;
            if !gone.is_empty() {
                writeln!(out, "    gone: {}", Visible(&names(gone)))?;
            }
        }
    }
    writeln!(out)
}

/// Packages whose difference begins in the same places.
struct Group<'r> {
    begins: &'r [Begins],
    packages: Vec<&'r Twice>,
}

impl Group<'_> {
    /// Whether the two sides are another nixpkgs altogether: then the very script that every build
    /// begins with is another file (nixpkgs' `pkgs/stdenv/generic/setup.sh`).
    fn is_another_nixpkgs(&self) -> bool {
        self.begins.iter().any(|begins| {
            let values = &begins.difference.values;
            begins.difference.attribute == "setup" && values.iter().all(|v| v.contains("setup.sh"))
        })
    }
}

/// What collides first, then what has the most upon it.
fn groups(twice: &[Twice]) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<&[Begins], Vec<&Twice>> = BTreeMap::new();
    for package in twice {
        groups.entry(&package.begins).or_default().push(package);
    }
    let groups = groups.into_iter().map(|(begins, packages)| Group { begins, packages });
    let mut groups: Vec<Group<'_>> = groups.collect();
    groups.sort_by_key(|group| {
        let collides = group.packages.iter().any(|package| package.collides.is_some());
        (!collides, std::cmp::Reverse(group.packages.len()))
    });
    groups
}

fn write_group(group: &Group<'_>, out: &mut impl Write) -> io::Result<()> {
    let first = group.begins.first().map_or("", |begins| begins.name.as_str());
    let others: Vec<&str> = group
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .filter(|name| *name != first)
        .collect();
    let has_first = others.len() < group.packages.len();
    let is_another = group.is_another_nixpkgs();
    let heading = match (is_another, has_first, others.len()) {
        (true, ..) => format!("another nixpkgs: {} packages", group.packages.len()),
        (_, true, 0) => first.to_owned(),
        (_, true, 1) => format!("{first} and 1 package upon it: {}", listed(others)),
        (_, true, more) => format!("{first} and {more} packages upon it: {}", listed(others)),
        (_, false, _) => listed(others),
    };
    writeln!(out, "  {}", Visible(&heading))?;
    for package in &group.packages {
        if let Some(environment) = &package.collides {
            let text = format!("both variants of {} collide in {environment}", package.name);
            writeln!(out, "    {}", Visible(&text))?;
        } else if let Some(build) = package.meets.as_ref().filter(|_| !is_another) {
            let text = format!("both variants of {} meet in the build of {build}", package.name);
            writeln!(out, "    {}", Visible(&text))?;
        }
    }
    for begins in group.begins.iter().take(SHOWN_BEGINNINGS) {
        let [one, other] = &begins.difference.values;
        let text = format!(
            "begins at {}: {} \"{one}\" | \"{other}\"",
            begins.name, begins.difference.attribute
        );
        writeln!(out, "    {}", Visible(&text))?;
    }
    if group.begins.len() > SHOWN_BEGINNINGS {
        writeln!(out, "    and at {} more", group.begins.len() - SHOWN_BEGINNINGS)?;
    }
    // One package tells who brings what: the one where it begins, else the first.
    let told = group.packages.iter().find(|package| package.name == first);
    if let Some(package) = told.or(group.packages.first()) {
        for variant in &package.variants {
            let text =
                format!("{} {}: {}", package.name, bringer(variant), variant.chain.join(" → "));
            writeln!(out, "      {}", Visible(&text))?;
        }
    }
    Ok(())
}

fn bringer(variant: &Variant) -> String {
    let by = match variant.brought_by.as_slice() {
        [] => "of this flake".to_owned(),
        inputs => {
            let inputs: Vec<String> = inputs.iter().map(|input| format!("`{input}`")).collect();
            format!("by {}", inputs.join(", "))
        }
    };
    match &variant.instance {
        Some(instance) => format!("{by} ({instance})"),
        None => by,
    }
}

/// What a repair makes of an output, in one line; nothing where that is nothing to tell.
pub fn effect(effect: &Effect) -> Option<String> {
    let Effect { output, before, twice, after } = effect;
    match after {
        Changed::Breaks(reason) => Some(format!("{output} cannot be evaluated any more: {reason}")),
        Changed::To(WithFix::Failed(reason)) => {
            Some(format!("{output}: what is twice is not known: {reason}"))
        }
        Changed::To(WithFix::Known { derivations, gone, left, new, .. }) => {
            let mut told = Vec::new();
            if !new.is_empty() {
                told.push(format!("{} twice that is not now", names(new)));
            }
            if !left.is_empty() {
                told.push(format!("{} still twice", names(left)));
            }
            if !gone.is_empty() {
                told.push(format!("{} not twice any more", names(gone)));
            }
            if derivations != before || *twice > 0 {
                told.push(fewer(*before, *derivations));
            }
            (!told.is_empty()).then(|| format!("{output}: {}", told.join(", ")))
        }
    }
}

/// By how many derivations an output shrinks.
fn fewer(before: usize, after: usize) -> String {
    match before.checked_sub(after) {
        Some(0) => "as many derivations".to_owned(),
        Some(fewer) => format!("{} fewer", derivations(fewer)),
        None => format!("{} more", derivations(after - before)),
    }
}

fn names(names: &[String]) -> String {
    listed(names.iter().map(String::as_str))
}

fn derivations(number: usize) -> String {
    if number == 1 { "1 derivation".into() } else { format!("{number} derivations") }
}

fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    let shown: Vec<&str> = names.iter().take(SHOWN).copied().collect();
    let more = names.len() - shown.len();
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}
