//! The list of instances: which nixpkgs there are, how they are configured, who uses them.

use std::collections::BTreeMap;

use owo_colors::Style;

use super::super::words::{Origin, origin};
use super::layout::Layout;
use crate::audit::{Report, ReportedInstance};
use crate::text::Visible;

/// How many instances, places and consumers are named; the rest is counted.
const INSTANCES_SHOWN: usize = 20;
const PLACES_SHOWN: usize = 3;
const CONSUMERS_SHOWN: usize = 4;

/// The list; empty if there is no nixpkgs.
pub(super) fn instance_list(report: &Report<'_>, layout: &Layout) -> String {
    let entries = entries(report);
    let [_, ..] = entries.as_slice() else { return String::new() };
    let title = format!("in {}:", Visible(&report.lock_file));
    let mut text = layout.entry(0, "nixpkgs in use ", Style::new().bold(), &title);
    for Entry { instance, made } in entries.iter().take(INSTANCES_SHOWN) {
        let name = Visible(&instance.path.names().join("/")).to_string();
        let look = match made.is_configured {
            true => Style::new().green().bold(),
            false => Style::new().yellow(),
        };
        let shown = made.places.iter().take(PLACES_SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let places = match made.places.len().saturating_sub(PLACES_SHOWN) {
            _ if made.places.is_empty() => String::new(),
            0 => format!(" ({shown})"),
            more => format!(" ({shown} and {more} more)"),
        };
        text += &layout.entry(2, &(name + "  "), look, &format!("{}{places}", made.what));
        let line = |text: &str| layout.entry(6, "", Style::new(), text);
        text += &line(&source(instance));
        text += &line(&format!("used by {}", users(instance)));
    }
    let more = entries.len().saturating_sub(INSTANCES_SHOWN);
    if more > 0 {
        text += &format!("  and {more} more\n");
    }
    text + "\n"
}

/// Instances of one nixpkgs that are made alike.
struct Entry<'r, 'a> {
    /// The first of them.
    instance: &'r ReportedInstance<'a>,
    made: Origin,
}

/// The instances with similar ones merged, configured ones first.
fn entries<'r, 'a>(report: &'r Report<'a>) -> Vec<Entry<'r, 'a>> {
    let mut entries: Vec<Entry<'r, 'a>> = Vec::new();
    let mut known: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for instance in &report.instances {
        let made = origin(instance);
        let key = (instance.node, made.what.clone());
        let at = *known.entry(key).or_insert(entries.len());
        match entries.get_mut(at) {
            Some(alike) => {
                alike.made.places.extend(made.places);
                alike.made.places.dedup();
            }
            None => entries.push(Entry { instance, made }),
        }
    }
    entries.sort_by_key(|entry| !entry.made.is_configured);
    entries
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
