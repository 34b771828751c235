//! What settings of nixpkgs do.

use super::wrapper::Effect;
use crate::source::evaluate::facts::{MadeInstance, Setting, SettingState};
use crate::source::nixpkgs_config::{self, KeyKind};

/// The settings of a wrapper: names, and whether they are on.
pub type Settings = Vec<(String, bool)>;

/// The setting by which an instance is first told apart from plain nixpkgs, if it changes builds.
pub fn first_build_setting(made: &MadeInstance) -> Option<&Setting> {
    build_settings(made).min_by_key(|setting| setting.place)
}

/// The settings that change builds, and are on or may be.
pub fn build_settings(made: &MadeInstance) -> impl Iterator<Item = &Setting> {
    made.settings.iter().filter(|setting| {
        matches!(setting.state, SettingState::On | SettingState::Conditional)
            && nixpkgs_config::kind(&setting.key) == Some(KeyKind::Build)
    })
}

/// Whether settings change what is built.
pub fn changes_builds(made: &MadeInstance) -> bool {
    build_settings(made).next().is_some()
}

/// What the settings of an instance do to packages.
pub(super) fn effect(made: &MadeInstance) -> Effect {
    let unreadable = made.settings.iter().any(|setting| setting.state == SettingState::Unreadable);
    let unknown = made.settings.iter().any(|setting| nixpkgs_config::kind(&setting.key).is_none());
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
    let known = made.settings.iter().filter(|setting| setting.key != "?");
    let mut shown: Settings = known
        .filter(|setting| setting.state != SettingState::Unreadable)
        .map(|setting| (setting.key.clone(), setting.state != SettingState::Off))
        .collect();
    shown.sort();
    shown.dedup_by(|b, a| a.0 == b.0);
    shown
}

/// Whether a wrapper's settings that change builds are all set in an instance, too. Where they are
/// not known, a GPU setting of the instance is taken for them.
pub fn covers(made: &MadeInstance, wrapper: Option<&Settings>) -> bool {
    let has = |key: &str| build_settings(made).any(|setting| setting.key == key);
    match wrapper {
        Some(settings) => {
            let mut build = settings
                .iter()
                .filter(|(key, on)| *on && nixpkgs_config::kind(key) == Some(KeyKind::Build));
            build.all(|(key, _)| has(key))
        }
        None => build_settings(made).any(|setting| nixpkgs_config::is_gpu(&setting.key)),
    }
}
