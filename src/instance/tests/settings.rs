//! What settings do.

use super::super::settings::{covers, effect};
use super::*;
use crate::source::evaluate::facts::{FileId, MadeBy, MadeInstance, Place, Setting, SettingState};
use crate::source::evaluate::world::{FlakeId, FlakeInput, InputIndex};
use crate::text::Span;

use SettingState::{Conditional, Off, On, Unreadable};

/// An instance with settings, each at a place behind the one before.
fn made(settings: &[(&str, SettingState)]) -> MadeInstance {
    let place = |start| Place::new(FileId::FLAKE, Span { start, end: start + 1 });
    let setting = |(start, (key, state)): (usize, &(&str, SettingState))| Setting {
        key: (*key != "?").then(|| (*key).to_owned()),
        place: place(start),
        state: *state,
        value: None,
    };
    MadeInstance {
        base: Some(FlakeInput { flake: FlakeId::new(0), input: InputIndex::new(0) }),
        from: None,
        made_by: MadeBy::Import,
        made_at: None,
        settings: settings.iter().enumerate().map(setting).collect(),
        beside: Vec::new(),
        overlays: Some(0),
        changed: std::collections::BTreeSet::new(),
        system: None,
        same_as: None,
        keeps_settings: true,
        used: true,
    }
}

#[test]
fn what_changes_builds_is_on_or_may_be() {
    let keys = |made: &MadeInstance| -> Vec<String> {
        build_settings(made).filter_map(|setting| setting.key.clone()).collect()
    };
    let all = made(&[
        ("allowUnfree", On),
        ("rocmSupport", Off),
        ("cudaSupport", Conditional),
        ("cudaCapabilities", Unreadable),
        ("allowAliases", On),
        ("noSuchKey", On),
        ("contentAddressedByDefault", On),
    ]);
    assert_eq!(keys(&all), ["cudaSupport", "contentAddressedByDefault"]);
    // A setting that certainly holds wins.
    let first = |made: &MadeInstance| first_build_setting(made).unwrap().key.clone().unwrap();
    assert_eq!(first(&all), "contentAddressedByDefault");
    assert!(changes_builds(&all));
    assert!(!changes_builds(&made(&[("cudaSupport", Off)])));
    assert!(first_build_setting(&made(&[("allowUnfree", On)])).is_none());
    // The first by place, in whatever order they come.
    let mut both = made(&[("rocmSupport", On), ("cudaSupport", On)]);
    assert_eq!(first(&both), "rocmSupport");
    both.settings.reverse();
    assert_eq!(first(&both), "rocmSupport");
}

#[test]
fn an_effect_is_known_only_where_all_is_read() {
    assert_eq!(effect(&made(&[("allowUnfree", On)])), Effect::PermissionsOnly);
    assert_eq!(effect(&made(&[("allowUnfree", On), ("cudaSupport", On)])), Effect::Build);
    assert_eq!(effect(&made(&[("cudaSupport", Off)])), Effect::PermissionsOnly);
    assert_eq!(effect(&made(&[("cudaSupport", Unreadable)])), Effect::Unknown);
    assert_eq!(effect(&made(&[("noSuchKey", On)])), Effect::Unknown);
    for overlays in [None, Some(1)] {
        let with_overlays = MadeInstance { overlays, ..made(&[("allowUnfree", On)]) };
        assert_eq!(effect(&with_overlays), Effect::Unknown, "{overlays:?}");
        let too = MadeInstance { overlays, ..made(&[("cudaSupport", On)]) };
        assert_eq!(effect(&too), Effect::Build, "{overlays:?}");
    }
}

#[test]
fn what_is_shown_is_known_and_told_once() {
    let made = made(&[
        ("cudaSupport", Off),
        ("?", On),
        ("rocmSupport", Unreadable),
        ("allowUnfree", Conditional),
        ("cudaSupport", On),
    ]);
    let shown = shown_settings(&made);
    let shown: Vec<_> = shown.iter().map(|(key, on)| (key.as_str(), *on)).collect();
    assert_eq!(shown, [("allowUnfree", true), ("cudaSupport", false)]);
}

#[test]
fn a_wrapper_is_covered_where_all_that_it_builds_with_is_set() {
    let wrapper = |settings: &[(&str, bool)]| -> ShownSettings {
        settings.iter().map(|(key, on)| ((*key).to_owned(), *on)).collect()
    };
    let cuda = made(&[("cudaSupport", On)]);
    assert!(covers(&cuda, Some(&wrapper(&[("cudaSupport", true), ("allowUnfree", true)]))));
    assert!(covers(&cuda, Some(&wrapper(&[("cudaSupport", true), ("rocmSupport", false)]))));
    assert!(!covers(&cuda, Some(&wrapper(&[("cudaSupport", true), ("rocmSupport", true)]))));
    assert!(!covers(&made(&[("cudaSupport", Off)]), Some(&wrapper(&[("cudaSupport", true)]))));
    // Nothing is known of the wrapper: a GPU setting is enough.
    assert!(covers(&cuda, None));
    assert!(!covers(&made(&[("contentAddressedByDefault", On)]), None));
    assert!(!covers(&made(&[("allowUnfree", On)]), None));
}
