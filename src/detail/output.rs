//! An output: what it is built from, what it takes in and through which inputs, and what was not
//! read.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use super::{Destination, DetailContext, DetailLine, slashed};
use crate::audit::{
    Lack, Report, Reported, ReportedOutput, ReportedPackage, ReportedUse, SourceFiles,
};
use crate::instance::{Analysis, shown_settings};
use crate::lock::InputId;
use crate::source::evaluate::facts::{self, InstanceId, MadeInstance, Read, SettingState};

/// Stands for an instance whose nixpkgs is not known.
const UNKNOWN: &str = "an unknown nixpkgs";

/// The details of an output of the report. For its findings see [`findings_of_output`].
pub fn of_output(
    context: &DetailContext<'_, '_, '_, '_>,
    report: &Report<'_>,
    output: &ReportedOutput<'_>,
) -> Vec<DetailLine> {
    let files = SourceFiles::new(context.analysis.sources(), &report.lock_file);
    let mut lines = vec![DetailLine::new("is", building_lines(output))];
    if !output.systems.is_empty() {
        lines.push(DetailLine::new("also for", output.systems.join(", ")));
    }
    if let Some(place) = output.place.and_then(|place| written(context, &files, place)) {
        lines.push(DetailLine::new("written", place));
    }
    let built = output.outer.iter().map(|id| instance(context, &files, *id));
    lines.extend(DetailLine::list("nixpkgs", built));
    let inside = output.inner.iter().map(|id| instance(context, &files, *id));
    lines.extend(DetailLine::list("inside", inside));
    for used in output.uses.iter().take(context.shown) {
        lines.extend(take_lines(context, &files, used));
    }
    let more = output.uses.len().saturating_sub(context.shown);
    if more > 0 {
        lines.push(DetailLine::new("", format!("and {more} more")));
    }
    let reasons = output.not_read.iter().take(context.shown);
    lines.extend(DetailLine::list(
        "not read",
        reasons.map(|reason| DetailLine::new("", reason.as_str())),
    ));
    lines
}

/// The details of something that an output takes in.
pub fn of_use(
    context: &DetailContext<'_, '_, '_, '_>,
    report: &Report<'_>,
    used: &ReportedUse<'_>,
) -> Vec<DetailLine> {
    take_lines(context, &SourceFiles::new(context.analysis.sources(), &report.lock_file), used)
}

/// The findings that concern an output, by its index in the report.
pub fn findings_of_output<'r, 'a>(
    report: &'r Report<'a>,
    output: usize,
) -> impl Iterator<Item = &'r Reported<'a>> {
    report.findings.iter().filter(move |finding| finding.concerns.binary_search(&output).is_ok())
}

/// The instance that something is taken from, in a few words.
pub fn taken_from(analysis: &Analysis<'_, '_, '_>, used: &ReportedUse<'_>) -> String {
    match used.made {
        Some(id) => named(analysis, id).to_string(),
        None => "not read".to_owned(),
    }
}

/// An instance in a few words: its nixpkgs, and the settings that are on; unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedInstance {
    /// The input path of the nixpkgs, or of the wrapper.
    pub nixpkgs: String,
    /// Inline settings.
    pub settings: Vec<String>,
}

impl Display for NamedInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.settings.as_slice() {
            [] => f.write_str(&self.nixpkgs),
            on => write!(f, "{} with {}", self.nixpkgs, on.join(", ")),
        }
    }
}

/// What an output is built from; empty if it builds nothing itself.
pub fn built_from(
    analysis: &Analysis<'_, '_, '_>,
    output: &ReportedOutput<'_>,
) -> BTreeSet<NamedInstance> {
    output.outer.iter().map(|id| named(analysis, *id)).collect()
}

/// The packages of a use in a few words: the first, and how many more there are.
pub fn packages(used: &ReportedUse<'_>) -> String {
    match (used.packages.as_slice(), used.others) {
        ([], 1) => "1 package".to_owned(),
        ([], others) => format!("{others} packages"),
        ([only], 0) => only.name.clone(),
        ([first, rest @ ..], others) => format!("{} and {} more", first.name, rest.len() + others),
    }
}

/// The problem of a package, in a few words.
pub fn lacks(package: &ReportedPackage, is_read: bool) -> Option<String> {
    let listed = |settings: &[String]| match settings {
        [] => "these settings".to_owned(),
        named => named.join(", "),
    };
    package.lack.as_ref().map(|lack| match lack {
        Lack::OfPackage(settings) if is_read => format!("lacks {}", listed(settings)),
        Lack::OfPackage(settings) => format!("may lack {}", listed(settings)),
        Lack::OfBuilder(settings) => format!("has {} more", listed(settings)),
    })
}

fn building_lines(output: &ReportedOutput<'_>) -> String {
    let kind = match output.path.first().map(String::as_str) {
        Some("nixosConfigurations") => "a NixOS host",
        Some("darwinConfigurations") => "a nix-darwin host",
        Some("homeConfigurations") => "a home",
        Some("packages" | "defaultPackage") => "a package",
        Some("devShells" | "devShell") => "a shell",
        Some("apps" | "defaultApp") => "an app",
        Some("checks") => "a check",
        _ => "an output",
    };
    let read = match output.read {
        Read::Whole => "fully read",
        Read::Part => "read in part",
        Read::Nothing => "of which nothing was read",
    };
    format!("{kind}, {read}")
}

/// The place of something, and whose file that is.
fn written(
    context: &DetailContext<'_, '_, '_, '_>,
    files: &SourceFiles<'_>,
    place: facts::Place,
) -> Option<String> {
    let (location, flake) = files.location_in_any_flake(place)?;
    let at = format!("{}:{}", location.file, location.start.line);
    let node = flake.and_then(|flake| context.analysis.sources().node(flake));
    Some(match node {
        Some(node) => format!("{at} of {}", slashed(&context.graph().owner_path(node))),
        None => at,
    })
}

fn made<'f>(analysis: &'f Analysis<'_, '_, '_>, id: InstanceId) -> Option<&'f MadeInstance> {
    analysis.sources().evaluated_root()?.instance(id)
}

fn named(analysis: &Analysis<'_, '_, '_>, id: InstanceId) -> NamedInstance {
    let made = made(analysis, id);
    let node = made.and_then(|made| analysis.base_of(made));
    let nixpkgs = match node {
        Some(node) => slashed(&analysis.graph().owner_path(node)),
        None => UNKNOWN.to_owned(),
    };
    NamedInstance { nixpkgs, settings: made.map(settings_on).unwrap_or_default() }
}

/// The settings of an instance that are on.
fn settings_on(made: &MadeInstance) -> Vec<String> {
    let shown = shown_settings(made).into_iter();
    shown.filter_map(|(key, on)| on.then_some(key)).collect()
}

/// An instance with its settings and their places.
fn instance(
    context: &DetailContext<'_, '_, '_, '_>,
    files: &SourceFiles<'_>,
    id: InstanceId,
) -> DetailLine {
    let analysis = context.analysis;
    let Some(made) = made(analysis, id) else { return DetailLine::new("", UNKNOWN) };
    let node = analysis.base_of(made);
    let name = match node {
        Some(node) => slashed(&context.graph().owner_path(node)),
        None => UNKNOWN.to_owned(),
    };
    let wrapper = node.and_then(|node| analysis.wrapper_of(node)).map(|id| analysis.wrapper(id));
    let mut settings: Vec<String> =
        made.settings.iter().map(|setting| self::setting(context, files, setting)).collect();
    if let Some(overlays) = made.overlays.filter(|overlays| *overlays > 0) {
        let s = if overlays == 1 { "" } else { "s" };
        settings.push(format!("{overlays} overlay{s}"));
    }
    let of_wrapper = wrapper.map(|wrapper| {
        let config = wrapper.config.iter().flatten();
        let config: Vec<_> = config.map(|(key, on)| format!("{key} = {on}")).collect();
        match config.as_slice() {
            [] => "configured nixpkgs".to_owned(),
            config => format!("configured nixpkgs: {}", config.join(", ")),
        }
    });
    let text = match (of_wrapper, settings.as_slice()) {
        (None, []) if node.is_none() => name,
        (None, []) => format!("{name}, plain"),
        (None, settings) => format!("{name} with {}", settings.join(", ")),
        (Some(wrapper), []) => format!("{name}, {wrapper}"),
        (Some(wrapper), settings) => format!("{name}, {wrapper}; with {}", settings.join(", ")),
    };
    let line = DetailLine::new("", text);
    match node {
        Some(node) => line.to(Destination::Node(node)),
        None => line,
    }
}

/// A setting, its value, and its place.
fn setting(
    context: &DetailContext<'_, '_, '_, '_>,
    files: &SourceFiles<'_>,
    setting: &facts::Setting,
) -> String {
    let key = setting.key.as_deref().unwrap_or("settings that could not be read");
    let state = match setting.state {
        SettingState::On => "",
        SettingState::Off => " off",
        SettingState::Conditional => " on a condition",
        SettingState::Unreadable if setting.key.is_none() => "",
        SettingState::Unreadable => " (not known)",
    };
    match written(context, files, setting.place) {
        Some(place) => format!("{key}{state} ({place})"),
        None => format!("{key}{state}"),
    }
}

/// What is taken and from where: one line, and one for each package.
fn take_lines(
    context: &DetailContext<'_, '_, '_, '_>,
    files: &SourceFiles<'_>,
    used: &ReportedUse<'_>,
) -> Vec<DetailLine> {
    let from = taken_from(context.analysis, used);
    let text = match used.input.filter(|_| !used.is_own) {
        Some(input) if used.made.is_some() => {
            format!(
                "through {}, {}",
                follows_steps(context, input),
                configured(context.analysis, used)
            )
        }
        Some(input) => {
            format!("of {}, which was not read", slashed(&context.graph().input_path(input)))
        }
        None => match configured(context.analysis, used) {
            plain if plain == "plain" => format!("of {from}, {plain}"),
            _ => format!("of {from}"),
        },
    };
    let line = DetailLine::new("takes", text);
    let mut lines = vec![match used.input {
        Some(input) => line.to(Destination::Input(input)),
        None => line,
    }];
    for package in used.packages.iter().take(context.shown) {
        let mut parts = vec![package.name.clone()];
        parts.extend(lacks(package, used.made.is_some()));
        parts.extend(package.conditional.then(|| "on a condition".to_owned()));
        parts.extend(package.place.and_then(|place| written(context, files, place)));
        lines.push(DetailLine::new("", format!("  {}", parts.join(", "))));
    }
    let more = used.packages.len().saturating_sub(context.shown);
    if more > 0 {
        lines.push(DetailLine::new("", format!("  and {more} more like these")));
    }
    if used.others > 0 {
        let s = if used.others == 1 { "" } else { "s" };
        let what = if used.packages.is_empty() { "" } else { "other " };
        let count = used.others;
        let text = format!("  {count} {what}package{s} that no setting is known to change");
        lines.push(DetailLine::new("", text));
    }
    lines
}

/// The instance of a use.
fn configured(analysis: &Analysis<'_, '_, '_>, used: &ReportedUse<'_>) -> String {
    let Some(made) = used.made.and_then(|id| made(analysis, id)) else { return "not known".into() };
    let is_wrapper = analysis.base_of(made).is_some_and(|node| analysis.wrapper_of(node).is_some());
    let on: Vec<_> = settings_on(made);
    match (is_wrapper, on.as_slice()) {
        (true, _) => "configured".to_owned(),
        (false, []) => "plain".to_owned(),
        (false, on) => format!("with {}", on.join(", ")),
    }
}

/// The follows from an input to its end.
fn follows_steps(context: &DetailContext<'_, '_, '_, '_>, input: InputId) -> String {
    let graph = context.graph();
    let steps = graph.chain(input).take(context.shown.max(1));
    let mut names: Vec<_> = steps.map(|step| slashed(&graph.input_path(step))).collect();
    if graph.chain_length(input) as usize > names.len() {
        names.push("…".to_owned());
    }
    names.join(" → ")
}
