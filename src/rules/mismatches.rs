//! Shared by the rules about mismatches, that is, uses that lack what their builder has: grouping
//! and wording.

use std::collections::{BTreeMap, BTreeSet};

use super::words;
use crate::instance::{
    Analysis, LackedSetting, Mismatch, Seen, changes_builds, is_switched_off, known_flake,
};
use crate::lock::InputId;
use crate::source::evaluate::facts::{InstanceId, OutputId, Place};

/// How many outputs and packages are named.
const NAMED: usize = 5;

/// The mismatches of each configuration, in the order in which they were found.
pub(super) fn by_configuration<'m>(
    mismatches: impl Iterator<Item = &'m Mismatch>,
) -> Vec<Vec<&'m Mismatch>> {
    let mut groups: Vec<Vec<&Mismatch>> = Vec::new();
    let mut known = BTreeMap::new();
    for mismatch in mismatches {
        let at = *known.entry(&mismatch.main.configuration).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(mismatch),
            None => groups.push(vec![mismatch]),
        }
    }
    groups
}

/// Whether the code that takes all of these itself switches off what they lack: no override cures
/// that.
pub(super) fn are_switched_off(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> bool {
    let made = |id: InstanceId| analysis.sources().evaluated_root()?.instances.get(id.index());
    let is_off = |mismatch: &&Mismatch| {
        let made = mismatch.instance.and_then(made);
        let mut lacked = mismatch.settings().iter();
        made.is_some_and(|made| {
            lacked.any(|of| matches!(of, LackedSetting::Named(key) if is_switched_off(made, key)))
        })
    };
    !mismatches.is_empty() && mismatches.iter().all(is_off)
}

/// The input whose override cures a slot: the last one on its chain that is not the root's.
pub(super) fn cause(analysis: &Analysis<'_, '_, '_>, slot: InputId) -> InputId {
    let graph = analysis.graph();
    let root = graph.lock().root();
    let steps = graph.chain(slot).take_while(|step| graph.edge(*step).holder != root);
    steps.last().unwrap_or(slot)
}

/// The packages that are seen, each once.
pub(super) fn packages(mismatches: &[&Mismatch]) -> Vec<String> {
    let names = mismatches.iter().filter_map(|mismatch| match &mismatch.seen {
        Seen::Package(name, _) => Some(name.clone()),
        Seen::Opaque(..) => None,
    });
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Names in words: the first of them, and how many more there are.
pub(super) fn first_names(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", quoted.join(", ")) } else { quoted.join(", ") }
}

/// The verb for names: "is" or "are".
pub(super) fn is_or_are(names: &[String]) -> &'static str {
    if names.len() == 1 { "is" } else { "are" }
}

/// The settings of the builder that are lacking; of uses that have more, their settings.
pub(super) fn settings(mismatches: &[&Mismatch]) -> String {
    let Some(first) = mismatches.first() else { return "its settings".into() };
    let of_main = &first.main.configuration.settings;
    let compared = if first.has_more() { std::slice::from_ref(first) } else { mismatches };
    let mut named = BTreeSet::new();
    let mut others = BTreeSet::new();
    let mut overridden = BTreeSet::new();
    for setting in compared.iter().flat_map(|mismatch| mismatch.settings()) {
        match setting {
            LackedSetting::Named(name) => drop(named.insert(name.clone())),
            LackedSetting::Other(name) => drop(others.insert(name.clone())),
            LackedSetting::Override(package) => drop(overridden.insert(package.clone())),
            LackedSetting::Unknown => {}
        }
    }
    let mut names: Vec<String> = named.iter().cloned().collect();
    if !first.has_more() {
        // As they are written.
        names = of_main.iter().filter(|name| named.contains(*name)).cloned().collect();
        if names.is_empty() && others.is_empty() && overridden.is_empty() {
            names.clone_from(of_main);
        }
    }
    let overrides = if overridden.len() == 1 { "an override of " } else { "overrides of " };
    let [others, overridden] = [others, overridden].map(|set| set.into_iter().collect::<Vec<_>>());
    let parts = [("", names), ("the same ", others), (overrides, overridden)];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> =
        parts.map(|(what, names)| format!("{what}{}", first_names(names))).collect();
    if parts.is_empty() { "its settings".into() } else { parts.join(" and ") }
}

/// Whether what is taken is built from a nixpkgs that has some settings.
pub(super) fn has_own_settings(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> bool {
    let reading = analysis.sources().evaluated_root();
    let mut made = mismatches.iter().filter_map(|mismatch| reading?.instance(mismatch.instance?));
    made.any(changes_builds)
}

/// Whether nothing is lacking but overrides of packages, which belong to one set of packages: no
/// wrapper is made of them.
pub(super) fn only_overrides(mismatches: &[&Mismatch]) -> bool {
    let mut all = mismatches.iter().flat_map(|mismatch| mismatch.settings()).peekable();
    all.peek().is_some() && all.all(|setting| matches!(setting, LackedSetting::Override(_)))
}

/// The outputs that take something in, as users of what they are built from; `None` if there are
/// none. What is wholly a dependency's is built from nothing of the flake itself.
pub(super) fn user(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> Option<String> {
    let built = mismatches.iter().filter(|mismatch| mismatch.main.instance.is_some());
    let built: Vec<&Mismatch> = built.copied().collect();
    who(&names_of(analysis, &outputs(&built)), "uses", "use")
}

/// Some outputs with a verb, the first of many by their names; `None` if there are none.
pub(super) fn who(names: &[String], does: &str, many_do: &str) -> Option<String> {
    match names {
        [] => None,
        [only] => Some(format!("`{only}` {does}")),
        [first, second] => Some(format!("`{first}` and `{second}` {many_do}")),
        [first, more @ ..] => {
            // Most people have no Mac, and GPU settings change nothing on one. Checks and jobs are of
            // what is named elsewhere.
            const BUILT: [&str; 4] =
                ["homeConfigurations.", "nixosConfigurations.", "devShells.", "packages."];
            let is_built = |name: &str| BUILT.iter().any(|start| name.starts_with(start));
            let of = |is: &dyn Fn(&str) -> bool| {
                names.iter().find(|name| !name.contains("-darwin") && is(name))
            };
            let first = of(&is_built).or_else(|| of(&|_| true)).unwrap_or(first);
            Some(format!("`{first}` and {} more outputs {many_do}", more.len()))
        }
    }
}

/// What a use lacks compared with its builder, in a few words.
pub(super) fn lacking(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> String {
    let wrapper = mismatches.iter().find_map(|mismatch| mismatch.main.configuration.wrapper);
    match wrapper {
        Some(id) => {
            format!("the settings of {}", words::node(analysis.graph(), analysis.wrapper(id).node))
        }
        None => settings(mismatches),
    }
}

/// What the builders have that is lacking, in words: `` `cudaSupport`, which `X` is built with ``.
pub(super) fn built_with(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> String {
    let wrapper = mismatches.iter().find_map(|mismatch| mismatch.main.configuration.wrapper);
    let who = builders(analysis, mismatches);
    match wrapper {
        Some(id) => {
            let name = words::node(analysis.graph(), analysis.wrapper(id).node);
            format!("the settings of {name}, which {who} built from")
        }
        None => format!("{}, which {who} built with", settings(mismatches)),
    }
}

/// Which output takes which package of a dependency; `None` if no package is seen.
pub(super) fn who_takes_what(
    analysis: &Analysis<'_, '_, '_>,
    mismatches: &[&Mismatch],
    dependency: &str,
) -> Option<String> {
    let packages = packages(mismatches);
    if packages.is_empty() {
        return None;
    }
    let who = who(&names_of(analysis, &outputs(mismatches)), "takes", "take");
    let who = who.unwrap_or_else(|| "this flake takes".into());
    Some(format!("{who} {} of {dependency}", first_names(&packages)))
}

/// The outputs concerned, with a verb.
pub(super) fn builders(analysis: &Analysis<'_, '_, '_>, mismatches: &[&Mismatch]) -> String {
    let who = who(&names_of(analysis, &outputs(mismatches)), "is", "are");
    who.unwrap_or_else(|| "this flake is".into())
}

/// Distinguishes findings of one rule about one subject.
pub(super) fn settings_key(mismatches: &[&Mismatch]) -> String {
    mismatches
        .first()
        .map(|mismatch| mismatch.main.configuration.settings.join(" "))
        .unwrap_or_default()
}

/// The place of the settings: an unconditional one if there is one.
pub(super) fn settings_place(mismatches: &[&Mismatch]) -> Option<Place> {
    let mains = mismatches.iter().map(|mismatch| (!mismatch.main.certain, mismatch.main.place));
    mains.filter(|(_, place)| place.is_some()).min().and_then(|(_, place)| place)
}

/// The outputs concerned.
pub(super) fn outputs(mismatches: &[&Mismatch]) -> Vec<OutputId> {
    mismatches.iter().map(|mismatch| mismatch.output).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The outputs concerned, in words.
pub(super) fn in_outputs(
    analysis: &Analysis<'_, '_, '_>,
    mismatches: &[&Mismatch],
) -> Option<String> {
    let names = names_of(analysis, &outputs(mismatches));
    (!names.is_empty()).then(|| format!("used by {}", first_names(&names)))
}

/// The paths of outputs.
pub(super) fn names_of(analysis: &Analysis<'_, '_, '_>, outputs: &[OutputId]) -> Vec<String> {
    let Some(reading) = analysis.sources().evaluated_root() else { return Vec::new() };
    let all = outputs.iter().filter_map(|id| reading.output(*id));
    all.map(|output| output.path.join(".")).filter(|path| !path.is_empty()).collect()
}

/// The file and line that name the packages that are seen.
pub(super) fn where_seen(
    analysis: &Analysis<'_, '_, '_>,
    mismatches: &[&Mismatch],
) -> Option<String> {
    let places = mismatches.iter().filter_map(|mismatch| match &mismatch.seen {
        Seen::Package(name, Some(place)) => Some((name, *place)),
        _ => None,
    });
    let (name, place) = places.min()?;
    place_in_words(analysis, place).map(|place| format!("`{name}` is named in {place}"))
}

/// A place: whose file, and which line.
pub(super) fn place_in_words(analysis: &Analysis<'_, '_, '_>, place: Place) -> Option<String> {
    let sources = analysis.sources();
    let file = sources.evaluated_root()?.file(place.file)?;
    let node = sources.node(file.flake)?;
    let line = file.text.get(..place.span().start)?.matches('\n').count() + 1;
    Some(match node == analysis.graph().lock().root() {
        true => format!("{}:{line}", sources.shown(&file.path)),
        false => format!("{}:{line} of {}", file.path, words::node(analysis.graph(), node)),
    })
}

/// What the table of known flakes says about what was not read, in words: which package is in it,
/// and that the line is of another time if it is.
pub(super) fn listed_as(
    analysis: &Analysis<'_, '_, '_>,
    mismatches: &[&Mismatch],
) -> Option<String> {
    let (graph, lock) = (analysis.graph(), analysis.graph().lock());
    let sentences = mismatches.iter().filter_map(|mismatch| {
        let (node, says) = match &mismatch.seen {
            Seen::Package(name, None) if mismatch.instance.is_none() => {
                (graph.edge(mismatch.slot?).holder, format!("builds `{name}`"))
            }
            Seen::Opaque(node, _, name) => {
                let answer = known_flake(lock, *node)?.answer(name, lock.last_modified(*node));
                let says = "was checked in another version, which no GPU setting changed";
                (*node, answer.is_of_another_time().then(|| says.to_owned())?)
            }
            Seen::Package(..) => return None,
        };
        let day = known_flake(lock, node)?.month();
        Some(format!("{} {says} (read {day})", words::node(graph, node)))
    });
    let sentences: BTreeSet<String> = sentences.collect();
    let shown: Vec<&str> = sentences.iter().take(NAMED).map(String::as_str).collect();
    (!shown.is_empty()).then(|| shown.join("; "))
}

/// What is taken of sources that were not read, in words.
pub(super) fn taken_in_words(
    analysis: &Analysis<'_, '_, '_>,
    mismatches: &[&Mismatch],
) -> Option<String> {
    let names = |on_disk: bool| {
        let names = mismatches.iter().filter_map(|mismatch| match &mismatch.seen {
            Seen::Opaque(node, input, name)
                if analysis.sources().flake(*node).is_some() == on_disk =>
            {
                let flake = analysis.graph().lock().input(*input).name;
                Some(format!("{flake}.{name}"))
            }
            _ => None,
        });
        names.collect::<BTreeSet<_>>().into_iter().collect::<Vec<String>>()
    };
    let parts = [("are not on disk", names(false)), ("were not read completely", names(true))];
    let parts = parts.iter().filter(|(_, names)| !names.is_empty());
    let parts: Vec<String> = parts
        .map(|(what, names)| format!("taken from sources that {what}: {}", plain_list(names)))
        .collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn plain_list(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(NAMED).cloned().collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// Outputs that also take something through these slots, and are built from something else than
/// what the mismatches are compared with. An override would change them, too.
pub(super) fn other_takers<'s>(
    analysis: &Analysis<'_, '_, '_>,
    slots: impl IntoIterator<Item = &'s InputId>,
    mismatches: &[&Mismatch],
) -> Vec<String> {
    let Some((verdicts, reading)) = analysis.verdicts().zip(analysis.sources().evaluated_root())
    else {
        return Vec::new();
    };
    let own: BTreeSet<_> = mismatches.iter().map(|mismatch| &mismatch.main.configuration).collect();
    let takers = slots.into_iter().filter_map(|slot| verdicts.takers.get(slot)).flatten();
    let others =
        takers.filter(|(_, configuration)| !own.is_empty() && !own.contains(configuration));
    let concerned: BTreeSet<OutputId> = mismatches.iter().map(|mismatch| mismatch.output).collect();
    let other: BTreeSet<OutputId> =
        others.map(|(output, _)| *output).filter(|output| !concerned.contains(output)).collect();
    other
        .into_iter()
        .filter_map(|id| reading.output(id))
        .map(|output| output.path.join("."))
        .collect()
}
