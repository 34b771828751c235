//! A flake's inline settings, to be moved into a wrapper.
//!
//! Only literal values are taken, as text. What depends on a condition or has to be evaluated is
//! reported and left to people.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::left_out::{SkipReason, SkippedSetting};
use super::written::{SettingReader, WrittenSetting};
use super::{Literal, WrapperSetting, WrapperSettings};
use crate::instance::Analysis;
use crate::source::evaluate::facts::{MadeBy, MadeInstance, Place, SettingState};
use crate::source::nixpkgs_config;
use crate::text::AttrPath;

/// A flake's inline settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineSettings {
    /// Those with literal values.
    pub settings: WrapperSettings,
    /// The others, with reasons.
    pub left_out: Vec<SkippedSetting>,
    /// Where the instances are made, or get their settings from modules, which should be taken from the
    /// wrapper instead.
    pub made_at: Vec<Place>,
    /// The root's inputs that they are made from, as far as they are known; `nixpkgs` first.
    pub bases: Vec<String>,
}

/// Why there are no settings to move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoInlineSettings {
    /// The flake's source was not read, or its outputs cannot be evaluated.
    NotRead,
    /// It has none.
    None,
    /// Several instances have different settings, set at these places.
    Several(Vec<Place>),
}

/// The root's inline settings for its own outputs.
///
/// Instances whose settings change builds in the same way count as one, with all their permissions
/// together. Of different ones the one with GPU settings is taken, else the one that changes builds
/// at all.
///
/// # Errors
/// There are none, or several.
pub fn inline_settings(
    analysis: &Analysis<'_, '_, '_>,
) -> Result<InlineSettings, NoInlineSettings> {
    let root = analysis.sources().root().ok_or(NoInlineSettings::NotRead)?;
    let reading = analysis.sources().evaluated_root().ok_or(NoInlineSettings::NotRead)?;
    let mut written = SettingReader::new(root);
    let mut groups: BTreeMap<Builds, InstanceGroup> = BTreeMap::new();
    for made in reading.instances.iter().filter(|made| is_inline(analysis, made)) {
        let found = written.settings(made);
        groups.entry(builds(&found)).or_default().join(made, found, base(analysis, made));
    }
    let of = |counts: fn(&Builds) -> bool| -> Vec<&InstanceGroup> {
        groups.iter().filter(|(builds, _)| counts(builds)).map(|(_, group)| group).collect()
    };
    let gpu = of(|builds| builds.keys().any(|key| nixpkgs_config::is_gpu(key)));
    let builds = of(|builds| !builds.is_empty());
    let all = of(|_| true);
    match [gpu, builds, all].into_iter().find(|groups| !groups.is_empty()).as_deref() {
        None => Err(NoInlineSettings::None),
        Some([group]) => Ok(group.settings()),
        Some(several) => {
            let places: BTreeSet<_> = several.iter().filter_map(|group| group.place()).collect();
            Err(NoInlineSettings::Several(places.into_iter().collect()))
        }
    }
}

/// Whether the flake makes an instance with inline settings, for its own outputs.
fn is_inline(analysis: &Analysis<'_, '_, '_>, made: &MadeInstance) -> bool {
    let made_here = matches!(
        made.made_by,
        MadeBy::Import | MadeBy::Nixos | MadeBy::HomeManager | MadeBy::Variant
    );
    let is_on = made.settings.iter().any(|setting| setting.state != SettingState::Off);
    made_here && made.used && is_on && analysis.root_input(made).is_some()
}

/// The root's input whose nixpkgs an instance is made from, preferably `nixpkgs`.
fn base(analysis: &Analysis<'_, '_, '_>, made: &MadeInstance) -> Option<String> {
    let (graph, node) = (analysis.graph(), analysis.base_of(made)?);
    let lock = graph.lock();
    let same = |name: &&str| {
        lock.input_named(lock.root(), name).and_then(|input| graph.end(input)) == Some(node)
    };
    let named = lock.input(analysis.root_input(made)?).name;
    let others = graph.inputs_of(lock.root()).map(|input| lock.input(input).name);
    ["nixpkgs", named].into_iter().chain(others).find(same).map(str::to_owned)
}

/// Settings that change builds: values, or where and why they are not known.
type Builds = BTreeMap<String, BTreeSet<Result<Rc<Literal>, (SkipReason, Place)>>>;

fn builds(found: &[WrittenSetting]) -> Builds {
    let mut builds = Builds::new();
    for WrittenSetting { path, place, value, .. } in found.iter().filter(|found| found.builds()) {
        let value = value.clone().map_err(|why| (why, *place));
        builds.entry(path.join(".")).or_default().insert(value);
    }
    builds
}

/// Instances whose settings change builds in the same way.
#[derive(Debug, Default)]
struct InstanceGroup {
    found: Vec<WrittenSetting>,
    /// Names and places found so far, because many hosts may share one setting.
    known: BTreeSet<(Vec<String>, Place)>,
    made_at: BTreeSet<Place>,
    overlays: BTreeSet<Place>,
    bases: Vec<String>,
}

impl InstanceGroup {
    fn join(&mut self, made: &MadeInstance, found: Vec<WrittenSetting>, base: Option<String>) {
        // A module system is configured where modules set its options.
        let by_options = matches!(made.made_by, MadeBy::Nixos | MadeBy::HomeManager);
        let set_at = found.iter().filter(|found| by_options && found.builds());
        self.made_at.extend(set_at.map(|found| found.place).min().or(made.made_at));
        // For module systems it is not known.
        if made.made_by == MadeBy::Import && made.overlays != Some(0) {
            self.overlays.extend(made.made_at);
        }
        for found in found {
            if self.known.insert((found.path.clone(), found.place)) {
                self.found.push(found);
            }
        }
        if let Some(base) = base.filter(|base| !self.bases.contains(base)) {
            let at = if base == "nixpkgs" { 0 } else { self.bases.len() };
            self.bases.insert(at, base);
        }
    }

    /// Where it first differs from plain nixpkgs.
    fn place(&self) -> Option<Place> {
        self.found.iter().find(|found| found.builds()).map(|found| found.place)
    }

    fn settings(&self) -> InlineSettings {
        let mut by_path: BTreeMap<&[String], Vec<&WrittenSetting>> = BTreeMap::new();
        for found in &self.found {
            by_path.entry(&found.path).or_default().push(found);
        }
        let mut settings = WrapperSettings::default();
        let mut left_out = Vec::new();
        let mut leave = |found: &WrittenSetting, why| {
            let path: Vec<&str> = found.path.iter().map(String::as_str).collect();
            let name = AttrPath(&path).to_string();
            let if_set = found.if_set.as_ref().and_then(|value| value.on_one_line());
            left_out.push(SkippedSetting { name, place: Some(found.place), why, if_set });
        };
        // In the order of the first place of each.
        for found in &self.found {
            let Some(all) = by_path.remove(found.path.as_slice()) else { continue };
            let mut values = all.iter().filter_map(|found| found.value.as_ref().ok());
            match values.next() {
                Some(value) if values.all(|other| other == value) => {
                    let setting =
                        WrapperSetting { path: found.path.clone(), value: (**value).clone() };
                    if settings.add(setting).is_err() {
                        leave(found, SkipReason::Ambiguous);
                    }
                }
                Some(_) => all.iter().for_each(|found| leave(found, SkipReason::Ambiguous)),
                None => all.iter().for_each(|found| {
                    leave(
                        found,
                        found.value.as_ref().err().copied().unwrap_or(SkipReason::Computed),
                    );
                }),
            }
        }
        let overlays = self.overlays.iter().map(|place| SkippedSetting {
            name: "overlays".into(),
            place: Some(*place),
            why: SkipReason::Overlays,
            if_set: None,
        });
        left_out.extend(overlays);
        let made_at = self.made_at.iter().copied().collect();
        InlineSettings { settings, left_out, made_at, bases: self.bases.clone() }
    }
}
