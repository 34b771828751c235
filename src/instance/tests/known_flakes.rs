//! The table of known flakes: its order, and its answers.

use super::super::known_flakes::{
    self, Age, Built, KnownAnswer, KnownFlake, OfferKind, TakenFor, usual_path,
};
use crate::flake_ref::{Repository, parse};
use crate::lock::Attributes;

/// 2026-08-22 and 2024-01-01, in seconds.
const NEW: u64 = 1_787_356_800;
const OLD: u64 = 1_704_067_200;

fn a_line() -> KnownFlake {
    KnownFlake {
        repository: "github:acme/speech",
        read: ("2026-08-01", "0123456789ab"),
        taken: TakenFor::Packages,
        built: [Built::Legacy, Built::No, Built::No, Built::Given, Built::NotKnown, Built::No],
        changed: &[("packages.onnx", "onnxruntime")],
        not_known: &["packages.server", "apps"],
        unchanged: &["packages.server.pictures"],
        sets: &[],
        overlay: None,
        cache: None,
        by_hand: "",
    }
}

#[test]
fn lines_answer_by_attribute_path() {
    let line = a_line();
    let answer = |path| line.answer(path, Some(NEW));
    let changed = KnownAnswer::Changed("onnxruntime", Age::Near);
    assert_eq!(answer("packages.x86_64-linux.onnx"), changed);
    assert_eq!(answer("packages.onnx.override"), changed);
    assert_eq!(answer("packages.x86_64-linux.onnx-tools"), KnownAnswer::Unchanged(Age::Near));
    assert_eq!(answer("defaultPackage.x86_64-linux"), KnownAnswer::Unchanged(Age::Near));
    for path in ["packages.x86_64-linux.server", "apps.x86_64-linux.default"] {
        assert_eq!(answer(path), KnownAnswer::NotKnown, "{path}");
    }
    assert_eq!(
        answer("packages.x86_64-linux.server.pictures.a"),
        KnownAnswer::Unchanged(Age::Near)
    );
    // Several things, or something that was not surveyed.
    for path in ["packages", "packages.x86_64-linux", "checks.x86_64-linux.a", ""] {
        assert_eq!(answer(path), KnownAnswer::NotKnown, "{path}");
    }
    let plain = KnownFlake { changed: &[], not_known: &[], ..a_line() };
    // The survey saw no shells, yet somebody takes one.
    assert_eq!(plain.answer("devShells.x86_64-linux.default", Some(NEW)), KnownAnswer::NotKnown);
    for path in ["packages", "checks.x86_64-linux.a", ""] {
        assert_eq!(plain.answer(path, Some(NEW)), KnownAnswer::Unchanged(Age::Near), "{path}");
    }
}

#[test]
fn a_line_is_of_its_time() {
    let line = a_line();
    let path = "packages.x86_64-linux.default";
    assert_eq!(line.answer(path, Some(OLD)), KnownAnswer::Unchanged(Age::Other));
    assert_eq!(line.answer(path, None), KnownAnswer::Unchanged(Age::Near));
    // Within a year, in both directions.
    for (seconds, age) in [
        (1_754_092_800, Age::Near),  // 2025-08-02
        (1_753_920_000, Age::Other), // 2025-07-31
        (1_817_078_400, Age::Near),  // 2027-08-01
        (1_817_251_200, Age::Other), // 2027-08-03
        (u64::MAX, Age::Near),
    ] {
        assert_eq!(line.age(Some(seconds)), age, "{seconds}");
    }
}

#[test]
fn paths_are_without_systems_and_in_todays_spelling() {
    for (path, usual) in [
        ("packages.x86_64-linux.default", "packages.default"),
        ("packages.default", "packages.default"),
        ("devShell.aarch64-darwin", "devShells.default"),
        ("defaultApp.x86_64-linux", "apps.default"),
        ("legacyPackages.x86_64-linux.a.b", "legacyPackages.a.b"),
        ("", ""),
    ] {
        assert_eq!(usual_path(path), usual, "{path}");
    }
}

#[test]
fn the_table_is_in_order() {
    let lines = known_flakes::lines();
    assert!(lines.is_sorted_by(|a, b| a.repository < b.repository));
    assert!(lines.len() > 200);
    for line in lines {
        let name = line.repository;
        assert_eq!(name, name.to_lowercase());
        let date: Vec<usize> = line.read.0.split('-').map(|part| part.parse().unwrap()).collect();
        let [year, month, day] = date[..] else { panic!("{name}: {}", line.read.0) };
        assert!((2015..2027).contains(&year) && (1..=12).contains(&month), "{name}");
        assert!((1..=31).contains(&day) && line.read.0.len() == 10, "{name}");
        assert!(line.read.1.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
        // A line without a revision explains itself by hand.
        assert!(!line.read.1.is_empty() || !line.by_hand.is_empty(), "{name}");
        let paths = line.changed.iter().map(|(path, _)| path).chain(line.not_known);
        for path in paths {
            assert_eq!(usual_path(path), *path, "{name}");
            let kind = path.split('.').next().unwrap();
            let kinds = ["packages", "legacyPackages", "apps", "devShells"];
            assert!(kinds.contains(&kind), "{name}: {path}");
        }
        assert!(line.changed.is_sorted_by(|a, b| a.0 < b.0), "{name}");
        assert!(line.not_known.is_sorted_by(|a, b| a < b), "{name}");
        for path in line.unchanged {
            assert!(line.not_known.iter().any(|known| path.starts_with(known)), "{name}: {path}");
            assert!(!line.by_hand.is_empty(), "{name}");
        }
        // A package that is seen is known, even if others of its kind are not.
        let both = |path: &str| line.changed.iter().any(|(other, _)| *other == path);
        assert!(!line.not_known.iter().any(|path| both(path)), "{name}");
        assert!(line.sets.is_empty() || line.built.contains(&Built::Settings), "{name}");
        assert_eq!(line.built(OfferKind::Lib), line.built[5]);
    }
}

#[test]
fn aliases_lead_to_lines_and_are_none() {
    let aliases = known_flakes::aliases();
    assert!(aliases.is_sorted_by(|a, b| a.0 < b.0));
    for (alias, now) in aliases {
        assert_eq!(*alias, alias.to_lowercase());
        let line = known_flakes::of_repository(alias).unwrap();
        assert_eq!(line.repository, *now);
        assert!(known_flakes::lines().iter().all(|line| line.repository != *alias), "{alias}");
    }
}

#[test]
fn a_repository_is_known_however_it_is_fetched() {
    for (url, line) in [
        (
            "git+https://github.com/Nix-Community/home-manager.git",
            "github:nix-community/home-manager",
        ),
        (
            "https://flakehub.com/f/nix-community/home-manager/0.1",
            "github:nix-community/home-manager",
        ),
        ("github:rycee/home-manager/release-21.05", "github:nix-community/home-manager"),
        ("https://git.clan.lol/clan/clan-core/archive/main.tar.gz", "github:clan-lol/clan-core"),
        ("git+https://git.clan.lol/clan/clan-core", "github:clan-lol/clan-core"),
        ("gitlab:rycee/nur-expressions?dir=pkgs/firefox-addons", "gitlab:rycee/nur-expressions"),
        ("git+https://git.sr.ht/~rycee/nur-expressions", "gitlab:rycee/nur-expressions"),
    ] {
        let reference = parse(url, true).unwrap_or_else(|| panic!("{url}"));
        let list = reference.list();
        let key = Repository::key(Attributes::of(&list)).unwrap_or_else(|| panic!("{url}"));
        let known = known_flakes::of_repository(&key).map(|known| known.repository);
        assert_eq!(known, Some(line), "{url}");
    }
}
