//! The difference in words that all formats share: sections of lines.

use std::collections::BTreeSet;

use super::report::{
    Difference, FindingGroupChange, FindingStanding, InputsChange, InstanceName, Moved, NewInput,
    Nixpkgs, Receivers, Reconfigured, SourceVersion,
};
use crate::text::AttrPath;

/// How many lines of a section are shown by default, so that all sections fit on a screen.
const LINES_SHOWN: usize = 8;
/// How many names in a line are shown by default.
const NAMES_SHOWN: usize = 4;

/// The lines about one topic.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) lines: Vec<WordsLine>,
    /// How many lines were left out.
    pub(super) more: usize,
    /// A note about the whole section.
    pub(super) note: Option<String>,
}

/// A line; its text is not escaped.
#[derive(Debug)]
pub(super) struct WordsLine {
    pub(super) sign: Sign,
    /// The change in a word.
    pub(super) word: &'static str,
    pub(super) text: String,
}

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Came,
    Went,
    Changed,
}

impl Sign {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Came => "+",
            Self::Went => "-",
            Self::Changed => "~",
        }
    }
}

/// The sections, without empty ones.
pub(super) fn sections(difference: &Difference, all: bool) -> Vec<Section> {
    let (most, names) = if all { (usize::MAX, usize::MAX) } else { (LINES_SHOWN, NAMES_SHOWN) };
    let section = |title, lines: Vec<WordsLine>, note| {
        let more = lines.len().saturating_sub(most);
        let lines: Vec<WordsLine> = lines.into_iter().take(most).collect();
        (!lines.is_empty()).then_some(Section { title, lines, more, note })
    };
    let Difference { dependencies, outputs, finding_groups: told, .. } = difference;
    let found = told.iter().map(|told| finding(told, names)).collect();
    let sections = [
        section("nixpkgs", nixpkgs(difference, names), None),
        section(
            "inputs that get another nixpkgs",
            receivers(dependencies, input_path, names),
            None,
        ),
        section(
            "outputs built from another nixpkgs",
            receivers(outputs, attribute_path, names),
            None,
        ),
        section("findings", found, sources(difference)),
        section("inputs", inputs(difference, names), None),
    ];
    sections.into_iter().flatten().collect()
}

fn nixpkgs(difference: &Difference, names: usize) -> Vec<WordsLine> {
    let moved = difference.moved.iter().map(|it| changed("moved", moved(it, names)));
    let other = difference.reconfigured.iter().map(|it| changed("set anew", reconfigured(it)));
    let came =
        difference.came.iter().map(|it| came(instance(it) + &users_of(it.users, "gets", "get")));
    let went =
        difference.went.iter().map(|it| went(instance(it) + &users_of(it.users, "got", "got")));
    moved.chain(other).chain(came).chain(went).collect()
}

fn came(text: String) -> WordsLine {
    WordsLine { sign: Sign::Came, word: "new", text }
}

fn went(text: String) -> WordsLine {
    WordsLine { sign: Sign::Went, word: "gone", text }
}

fn changed(word: &'static str, text: String) -> WordsLine {
    WordsLine { sign: Sign::Changed, word, text }
}

fn moved(moved: &Moved, shown: usize) -> String {
    let Moved { inputs, rebased, from, to, is_same_branch, days, users, .. } = moved;
    let mut paths: Vec<&Vec<String>> = inputs.iter().collect();
    paths.sort_by_key(|path| path.len());
    let moved = paths.into_iter().map(|path| input_path(path));
    let rebased = rebased.iter().map(|it| format!("what {} is built on", name(it)));
    let names = listed(moved.chain(rebased), shown);
    let to = to.brief.as_ref().filter(|_| *is_same_branch).unwrap_or(&to.words);
    let days = match days {
        None | Some(0) => String::new(),
        Some(days) => {
            let count = days.unsigned_abs();
            let unit = if count == 1 { "day" } else { "days" };
            let way = if *days > 0 { "newer" } else { "older" };
            format!(", {count} {unit} {way}")
        }
    };
    format!("{names}: {} → {to}{days}{}", from.words, users_of(*users, "gets", "get"))
}

/// How many inputs get it, or got it.
fn users_of(users: usize, one: &str, several: &str) -> String {
    match users {
        0 => String::new(),
        1 => format!("; 1 dependency {one} it"),
        more => format!("; {more} dependencies {several} it"),
    }
}

fn reconfigured(changed: &Reconfigured) -> String {
    let Reconfigured { name: of, set, unset } = changed;
    let set = (!set.is_empty()).then(|| format!("now {}", set.join(", ")));
    let unset = (!unset.is_empty()).then(|| format!("no longer {}", unset.join(", ")));
    let both: Vec<String> = set.into_iter().chain(unset).collect();
    format!("{}: {}", name(of), both.join("; "))
}

fn instance(instance: &Nixpkgs) -> String {
    let Nixpkgs { name: of, source, base, .. } = instance;
    let words =
        |version: &Option<SourceVersion>| version.as_ref().map(|version| version.words.clone());
    let on = words(base).map(|base| format!(" on {base}")).unwrap_or_default();
    let made = if base.is_some() { ", configured" } else { "" };
    format!("{}: {}{on}{made}", name(of), words(source).unwrap_or_default())
}

fn input_path(path: &[String]) -> String {
    path.join("/")
}

fn attribute_path(path: &[String]) -> String {
    AttrPath(&path.iter().map(String::as_str).collect::<Vec<_>>()).to_string()
}

fn receivers(all: &[Receivers], shown: fn(&[String]) -> String, names: usize) -> Vec<WordsLine> {
    let lines = all.iter().map(|Receivers { paths, before, after }| {
        let who = listed(paths.iter().map(|path| shown(path)), names);
        let text = match (before.as_slice(), after.as_slice()) {
            ([], new) => format!("{who}: {} as well", labels(new, before, names)),
            (old, []) => format!("{who}: {} no longer", labels(old, after, names)),
            (old, new) => {
                format!("{who}: {} → {}", labels(old, after, names), labels(new, before, names))
            }
        };
        changed("changed", text)
    });
    lines.collect()
}

/// The names of instances, with the day if that distinguishes them from the others.
fn labels(of: &[Nixpkgs], others: &[Nixpkgs], names: usize) -> String {
    let date = |instance: &Nixpkgs| {
        let version = instance.base.as_ref().or(instance.source.as_ref());
        version.and_then(|version| version.date)
    };
    let label = |instance: &Nixpkgs| {
        let day = date(instance).filter(|day| others.iter().any(|other| date(other) != Some(*day)));
        let day = day.map(|day| format!(" ({day})")).unwrap_or_default();
        format!("{}{day}", name(&instance.name))
    };
    listed(of.iter().map(label), names)
}

fn finding(change: &FindingGroupChange, names: usize) -> WordsLine {
    let FindingGroupChange { rule, before, after, message, inputs } = change;
    // Most messages name the input themselves.
    let is_named = match inputs.as_slice() {
        [] => true,
        [input] => message.contains(input.as_str()),
        _ => false,
    };
    let about = match is_named {
        true => String::new(),
        false => format!(" {}", listed(inputs.iter().cloned(), names)),
    };
    let text =
        |standing: FindingStanding| format!("{}[{rule}]{about}: {message}", standing.words());
    match (before, after) {
        (FindingStanding::Absent, standing) => came(text(*standing)),
        (standing, FindingStanding::Absent) => went(text(*standing)),
        (before, after) => changed("changed", format!("{}, was {}", text(*after), before.words())),
    }
}

fn sources(difference: &Difference) -> Option<String> {
    let read = difference.sources?;
    let ((before, all_before), (after, all_after)) = (read.before, read.after);
    Some(format!(
        "sources on disk: {before} of {all_before} before, {after} of {all_after} now; that alone can \
         change what is found"
    ))
}

/// The inputs that flakes gained and lost, except those at nixpkgs, which have a section of their
/// own.
fn inputs(difference: &Difference, names: usize) -> Vec<WordsLine> {
    let paths = |all: &[Nixpkgs]| all.iter().map(|it| it.name.path.clone()).collect();
    let (new, gone): (BTreeSet<_>, BTreeSet<_>) =
        (paths(&difference.came), paths(&difference.went));
    difference.inputs.iter().flat_map(|change| inputs_of(change, (&new, &gone), names)).collect()
}

fn inputs_of(
    change: &InputsChange,
    (told_new, told_gone): (&BTreeSet<Vec<String>>, &BTreeSet<Vec<String>>),
    names: usize,
) -> Vec<WordsLine> {
    let InputsChange { holder, came: new, went: gone, replaced } = change;
    let left = |all: &[NewInput], told: &BTreeSet<Vec<String>>| -> Vec<String> {
        let path =
            |input: &NewInput| [holder.as_slice(), std::slice::from_ref(&input.name)].concat();
        all.iter().filter(|it| !told.contains(&path(it))).map(input).collect()
    };
    let (new, gone) = (left(new, told_new), left(gone, told_gone));
    let by = match holder.as_slice() {
        [] => "this flake".to_owned(),
        holder => holder.join("/"),
    };
    let line = |sign: fn(String) -> WordsLine, all: Vec<String>| {
        (!all.is_empty()).then(|| sign(format!("by {by}: {}", listed(all.into_iter(), names))))
    };
    let replaced = replaced.iter().map(|(from, to)| {
        let text = format!("by {by}: {}: {} → {}", to.name, from.leads_to, to.leads_to);
        changed("changed", text)
    });
    line(came, new).into_iter().chain(line(went, gone)).chain(replaced).collect()
}

fn input(input: &NewInput) -> String {
    let NewInput { name, leads_to, below, .. } = input;
    match below {
        0 => format!("{name} ({leads_to})"),
        1 => format!("{name} ({leads_to}) with 1 input"),
        more => format!("{name} ({leads_to}) with {more} inputs"),
    }
}

/// The name for people.
pub(super) fn name(name: &InstanceName) -> String {
    let path = name.path.join("/");
    if name.with.is_empty() { path } else { format!("{path} with {}", name.with.join(", ")) }
}

fn listed(names: impl Iterator<Item = String>, most: usize) -> String {
    let all: Vec<String> = names.collect();
    let shown: Vec<&str> = all.iter().take(most).map(String::as_str).collect();
    let more = all.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}
