//! Which of several definitions of a setting apply.

use crate::evaluate::facts::{Place, Setting, SettingState};

/// The priority of a definition without one (nixpkgs `lib/modules.nix`).
pub(in crate::evaluate) const USUAL: i64 = 100;

/// A definition of a setting with its priority: the lower number wins.
pub(super) struct DefinedSetting {
    pub(super) setting: Setting,
    pub(super) priority: i64,
}

pub(super) fn unreadable(found: &mut Vec<DefinedSetting>, place: Option<Place>) {
    found.extend(place.map(|place| DefinedSetting {
        setting: Setting { key: None, place, state: SettingState::Unreadable, value: None },
        priority: USUAL,
    }));
}

/// The state of a setting at a place that has two: off in one case and perhaps on in another is
/// perhaps on.
fn either_state(a: SettingState, b: SettingState) -> SettingState {
    match a.min(b) {
        SettingState::Off if a.max(b) == SettingState::Conditional => SettingState::Conditional,
        surest => surest,
    }
}

/// The settings that apply: for each key those with the lowest priority, each place once with its
/// most certain state; a key that is on somewhere is not off.
pub(super) fn effective(found: Vec<DefinedSetting>) -> Vec<Setting> {
    let mut settings: Vec<(Setting, i64)> = Vec::new();
    for DefinedSetting { setting, priority } in found {
        let lowest = settings
            .iter()
            .filter(|(known, _)| {
                known.key == setting.key && known.state != SettingState::Conditional
            })
            .map(|(_, priority)| *priority)
            .min();
        if lowest.is_some_and(|lowest| lowest < priority) {
            continue;
        }
        if setting.state != SettingState::Conditional {
            settings.retain(|(known, of)| known.key != setting.key || *of <= priority);
        }
        match settings
            .iter_mut()
            .find(|(known, _)| known.key == setting.key && known.place == setting.place)
        {
            Some((known, _)) => known.state = either_state(known.state, setting.state),
            None => settings.push((setting, priority)),
        }
    }
    let settings: Vec<Setting> = settings.into_iter().map(|(setting, _)| setting).collect();
    let is_on = |key: &Option<String>| {
        settings.iter().any(|other| &other.key == key && other.state == SettingState::On)
    };
    let kept = settings.iter().filter(|s| s.state != SettingState::Off || !is_on(&s.key));
    kept.cloned().collect()
}
