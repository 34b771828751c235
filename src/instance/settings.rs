//! What settings of nixpkgs do, and whether one instance lacks settings of another.

use std::collections::BTreeMap;

use crate::source::evaluate::facts::{MadeBy, MadeInstance, Setting, SettingState};
use crate::source::nixpkgs_config::{self, KeyKind};

/// The settings of a wrapper: names, and whether they are on.
pub type ShownSettings = Vec<(String, bool)>;

/// What a wrapper's settings do to packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Packages are built differently: GPU support and the like.
    Build,
    /// Packages are only permitted; derivations stay the same, so nothing is built twice.
    PermissionsOnly,
    /// Not known.
    Unknown,
}

/// The setting that best shows how an instance differs from plain nixpkgs, if any changes builds.
/// Settings that are compared win over overrides of single packages, and unconditional ones over
/// conditional ones.
pub fn first_build_setting(made: &MadeInstance) -> Option<&Setting> {
    build_settings(made).min_by_key(|setting| {
        let is_override = !setting.key.as_deref().is_some_and(is_compared);
        (is_override, setting.state, setting.place)
    })
}

/// The settings that change builds, and are or may be other than nixpkgs has them by default.
pub fn build_settings(made: &MadeInstance) -> impl Iterator<Item = &Setting> {
    made.settings
        .iter()
        .filter(|setting| kind(setting) == Some(KeyKind::Build) && changed(setting).is_some())
}

/// Whether a setting certainly is other than by default; `None` if it is not.
fn changed(setting: &Setting) -> Option<bool> {
    let default = setting.key.as_deref().is_some_and(nixpkgs_config::is_on_by_default);
    match setting.state {
        SettingState::On => (!default).then_some(true),
        SettingState::Off => default.then_some(true),
        SettingState::Conditional => Some(false),
        SettingState::Unreadable => None,
    }
}

/// Whether a wrapper has a setting that changes builds other than by default.
fn is_changed_in_wrapper((key, on): &(String, bool)) -> bool {
    *on != nixpkgs_config::is_on_by_default(key)
        && nixpkgs_config::kind(key) == Some(KeyKind::Build)
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

/// The settings of an instance, in the form in which those of wrappers are shown.
pub fn shown(made: &MadeInstance) -> ShownSettings {
    let known = made.settings.iter().filter(|setting| setting.state != SettingState::Unreadable);
    let mut shown: ShownSettings = known
        .filter_map(|setting| Some((setting.key.clone()?, setting.state != SettingState::Off)))
        .collect();
    shown.sort();
    shown.dedup_by(|b, a| a.0 == b.0);
    shown
}

/// Whether an instance has all settings of a wrapper that change builds. If the wrapper's settings
/// are not known, any GPU setting of the instance is enough.
pub fn covers(made: &MadeInstance, wrapper: Option<&ShownSettings>) -> bool {
    let has = |key: &str| build_settings(made).any(|setting| setting.key.as_deref() == Some(key));
    match wrapper {
        Some(settings) => {
            let mut build = settings.iter().filter(|setting| is_changed_in_wrapper(setting));
            build.all(|(key, _)| has(key))
        }
        None => build_settings(made)
            .any(|setting| setting.key.as_deref().is_some_and(nixpkgs_config::is_gpu)),
    }
}

/// The settings by which instances are compared: those that change builds, and whether each
/// certainly is other than by default. Overrides and overlays change only the packages they name,
/// so they are left out.
pub(super) fn compared(made: &MadeInstance) -> BTreeMap<String, bool> {
    let mut compared: BTreeMap<String, bool> = BTreeMap::new();
    for setting in build_settings(made) {
        let Some(key) = setting.key.as_deref().filter(|key| is_compared(key)) else { continue };
        *compared.entry(key.to_owned()).or_default() |= changed(setting) == Some(true);
    }
    without_idle(compared)
}

/// Whether an instance switches a setting off that what it is made from may have on: a variant for
/// one GPU is none for another.
pub fn is_switched_off(made: &MadeInstance, key: &str) -> bool {
    let is_off = |setting: &Setting| {
        setting.key.as_deref() == Some(key) && setting.state == SettingState::Off
    };
    made.made_by == MadeBy::Variant && made.settings.iter().any(is_off)
}

/// Drops settings that refine a setting which is not on: without CUDA nothing depends on
/// `cudaCapabilities`.
pub(super) fn without_idle(mut compared: BTreeMap<String, bool>) -> BTreeMap<String, bool> {
    if !compared.contains_key("cudaSupport") {
        compared.retain(|key, _| !matches!(&**key, "cudaCapabilities" | "cudaForwardCompat"));
    }
    compared
}

/// The same for a wrapper.
pub(super) fn compared_of_wrapper(settings: &ShownSettings) -> BTreeMap<String, bool> {
    let changed =
        settings.iter().filter(|setting| is_changed_in_wrapper(setting) && is_compared(&setting.0));
    without_idle(changed.map(|(key, _)| (key.clone(), true)).collect())
}

/// The values of settings that are lists, as far as they are known: of those that are written once.
pub(super) fn values(made: &MadeInstance) -> BTreeMap<String, Vec<String>> {
    let mut values: BTreeMap<String, Option<Vec<String>>> = BTreeMap::new();
    for setting in &made.settings {
        let Some(key) = setting.key.as_ref().filter(|key| nixpkgs_config::is_gpu(key)) else {
            continue;
        };
        let is_sure = setting.state == SettingState::On;
        values
            .entry(key.clone())
            .and_modify(|value| *value = None)
            .or_insert_with(|| setting.value.clone().filter(|_| is_sure));
    }
    values.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn is_compared(key: &str) -> bool {
    !key.ends_with("Overrides")
}

/// Whether some settings could not be read, so that others may be on.
pub(super) fn is_unreadable(made: &MadeInstance) -> bool {
    made.settings.iter().any(|setting| setting.state == SettingState::Unreadable)
}
