//! What settings of nixpkgs do, and whether one instance lacks what another has.

use std::collections::BTreeMap;

use crate::source::evaluate::facts::{MadeInstance, Setting, SettingState};
use crate::source::nixpkgs_config::{self, KeyKind};

/// The settings of a wrapper: names, and whether they are on.
pub type Settings = Vec<(String, bool)>;

/// What a wrapper's settings do to packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Packages are built differently: GPU support and the like.
    Build,
    /// Packages are permitted; both derivations are the same, nothing is built twice.
    PermissionsOnly,
    /// Not known.
    Unknown,
}

/// The setting by which an instance is first told apart from plain nixpkgs, if it changes builds:
/// one that is compared before overrides of single packages, and one that holds on no condition
/// before others.
pub fn first_build_setting(made: &MadeInstance) -> Option<&Setting> {
    build_settings(made).min_by_key(|setting| {
        let is_override = !setting.key.as_deref().is_some_and(is_compared);
        (is_override, setting.state, setting.place)
    })
}

/// The settings that change builds, and are on or may be.
pub fn build_settings(made: &MadeInstance) -> impl Iterator<Item = &Setting> {
    made.settings.iter().filter(|setting| {
        matches!(setting.state, SettingState::On | SettingState::Conditional)
            && kind(setting) == Some(KeyKind::Build)
    })
}

fn kind(setting: &Setting) -> Option<KeyKind> {
    nixpkgs_config::kind(setting.key.as_deref()?)
}

/// Whether settings change what is built.
pub fn changes_builds(made: &MadeInstance) -> bool {
    build_settings(made).next().is_some()
}

/// What the settings of an instance do to packages.
pub(super) fn effect(made: &MadeInstance) -> Effect {
    let unreadable = made.settings.iter().any(|setting| setting.state == SettingState::Unreadable);
    let unknown = made.settings.iter().any(|setting| kind(setting).is_none());
    if changes_builds(made) {
        Effect::Build
    } else if unreadable || unknown || made.overlays != Some(0) {
        Effect::Unknown
    } else {
        Effect::PermissionsOnly
    }
}

/// The settings of an instance, as they are shown of wrappers.
pub fn shown(made: &MadeInstance) -> Settings {
    let known = made.settings.iter().filter(|setting| setting.state != SettingState::Unreadable);
    let mut shown: Settings = known
        .filter_map(|setting| Some((setting.key.clone()?, setting.state != SettingState::Off)))
        .collect();
    shown.sort();
    shown.dedup_by(|b, a| a.0 == b.0);
    shown
}

/// Whether a wrapper's settings that change builds are all set in an instance, too. Where they are
/// not known, a GPU setting of the instance is taken for them.
pub fn covers(made: &MadeInstance, wrapper: Option<&Settings>) -> bool {
    let has = |key: &str| build_settings(made).any(|setting| setting.key.as_deref() == Some(key));
    match wrapper {
        Some(settings) => {
            let mut build = settings
                .iter()
                .filter(|(key, on)| *on && nixpkgs_config::kind(key) == Some(KeyKind::Build));
            build.all(|(key, _)| has(key))
        }
        None => build_settings(made)
            .any(|setting| setting.key.as_deref().is_some_and(nixpkgs_config::is_gpu)),
    }
}

/// The settings by which instances are compared: those that change builds, and whether each is
/// certainly on. Overrides and overlays change what they name and nothing else, so they are none.
pub(super) fn compared(made: &MadeInstance) -> BTreeMap<String, bool> {
    let mut compared: BTreeMap<String, bool> = BTreeMap::new();
    for setting in build_settings(made) {
        let Some(key) = setting.key.as_deref().filter(|key| is_compared(key)) else { continue };
        *compared.entry(key.to_owned()).or_default() |= setting.state == SettingState::On;
    }
    without_idle(compared)
}

/// Without those that say how something is built that is not switched on: of what is built without
/// CUDA nothing depends on `cudaCapabilities`.
fn without_idle(mut compared: BTreeMap<String, bool>) -> BTreeMap<String, bool> {
    if !compared.contains_key("cudaSupport") {
        compared.retain(|key, _| !matches!(&**key, "cudaCapabilities" | "cudaForwardCompat"));
    }
    compared
}

/// The same of a wrapper's.
pub(super) fn compared_of_wrapper(settings: &Settings) -> BTreeMap<String, bool> {
    let on = settings.iter().filter(|(key, on)| {
        *on && is_compared(key) && nixpkgs_config::kind(key) == Some(KeyKind::Build)
    });
    without_idle(on.map(|(key, _)| (key.clone(), true)).collect())
}

fn is_compared(key: &str) -> bool {
    !key.ends_with("Overrides")
}

/// Whether settings could not be read, so that it is not known what else is on.
pub(super) fn is_unreadable(made: &MadeInstance) -> bool {
    made.settings.iter().any(|setting| setting.state == SettingState::Unreadable)
}
