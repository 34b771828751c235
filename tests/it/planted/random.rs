//! Repositories with random contents.

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{COMMANDS, World};

/// Places for something.
const PLACES: [&str; 24] = [
    "flake.nix",
    "flake.lock",
    "gpu",
    "gpu/flake.nix",
    "nix",
    "nix/gpu",
    "nix/gpu/flake.nix",
    "nix/deep",
    "nix/deep/gpu/flake.nix",
    "pages",
    "pages/flake-audit.1",
    "flake-audit.toml",
    ".gitignore",
    ".git",
    ".git/hooks",
    ".git/hooks/post-checkout",
    "link",
    "empty",
    ".flake-audit-AAAAAAAA.journal",
    ".flake-audit-AAAAAAAA.begun",
    ".flake-audit-AAAAAAAA-0.spare",
    ".flake-audit-AAAAAAAA-0.kept",
    ".flake-audit-AAAAAA.tmp",
    "../elsewhere",
];

const TARGETS: [&str; 13] = [
    "../home",
    "../home/profile",
    "../home/nothing",
    "../../home",
    "../../home/profile",
    "../../home/nothing",
    ".",
    "..",
    "nix",
    "../nix",
    "empty",
    "nothing",
    "flake.nix",
];

#[derive(Debug, Clone)]
enum Planted {
    Folder,
    Fifo,
    Text(usize),
    /// A journal that writes one of the places, and has already replaced flake.lock.
    Journal(usize, usize),
    Link(usize),
    AbsoluteLink(usize),
    HardLink,
    ReadOnly,
}

fn planted() -> impl Strategy<Value = (usize, Planted)> {
    let what = prop_oneof![
        2 => Just(Planted::Folder),
        1 => Just(Planted::Fifo),
        2 => (0..4_usize).prop_map(Planted::Text),
        2 => (0..PLACES.len(), 0..PLACES.len()).prop_map(|(one, two)| Planted::Journal(one, two)),
        6 => (0..TARGETS.len()).prop_map(Planted::Link),
        2 => (0..3_usize).prop_map(Planted::AbsoluteLink),
        1 => Just(Planted::HardLink),
        1 => Just(Planted::ReadOnly),
    ];
    (0..PLACES.len(), what)
}

/// The content of a file; empty for anything else, such as a FIFO, which would block.
fn content(path: &Path) -> Vec<u8> {
    let is_file = fs::metadata(path).is_ok_and(|data| data.is_file());
    if is_file { fs::read(path).unwrap_or_default() } else { Vec::new() }
}

/// Puts something into a place, replacing what is there.
fn plant(world: &World, place: &str, what: &Planted) {
    let path = world.at("repo").join(place);
    // Without a folder nothing can be planted.
    let folder = path.parent().unwrap();
    if fs::create_dir_all(folder).is_err() || !world.holds(folder) {
        return;
    }
    // A FIFO in place of a file that is read is covered by another test.
    let is_read = ["flake.nix", "flake.lock", "flake-audit.toml", ".gitignore"].contains(&place);
    match what {
        Planted::ReadOnly => {
            // For a link this would be its target.
            if let Some(data) = fs::symlink_metadata(&path).ok().filter(|data| !data.is_symlink()) {
                let mut permissions = data.permissions();
                permissions.set_readonly(true);
                let _ = fs::set_permissions(&path, permissions);
            }
            return;
        }
        Planted::Fifo if is_read => return,
        _ => {}
    }
    let content = content(&path);
    if fs::symlink_metadata(&path).is_ok_and(|data| data.is_dir()) {
        let _ = fs::remove_dir_all(&path);
    } else {
        let _ = fs::remove_file(&path);
    }
    let lock = self::content(&world.at("repo/flake.lock"));
    let result = match what {
        Planted::Folder => fs::create_dir(&path),
        Planted::Fifo => Command::new("mkfifo").arg(&path).status().map(drop),
        Planted::Text(0) => fs::write(&path, ""),
        Planted::Text(1) => fs::write(&path, "{ outputs = _: { }; }\n"),
        Planted::Text(2) => fs::write(&path, &lock),
        Planted::Text(_) => fs::write(&path, content),
        Planted::Journal(one, two) => {
            let text = super::journals::completing(world, &[PLACES[*one], PLACES[*two]]);
            fs::write(&path, text)
        }
        Planted::Link(target) => std::os::unix::fs::symlink(TARGETS[*target], &path),
        Planted::AbsoluteLink(target) => {
            let target = ["home", "home/profile", "repo"][*target];
            std::os::unix::fs::symlink(world.at(target), &path)
        }
        Planted::HardLink => fs::hard_link(world.at("home/profile"), &path),
        Planted::ReadOnly => Ok(()),
    };
    let _ = result;
}

#[test]
fn nothing_differs_but_what_is_said_to_be_written() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config {
        cases: cases.unwrap_or(24),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Config::default()
    };
    let flakes = ["seed/a-follows-plain", "inline-configuration/import-literal"];
    let strategy = (
        0..flakes.len(),
        prop::collection::vec(planted(), 1..6),
        prop::collection::vec(0..COMMANDS.len(), 1..6),
    );
    let result = TestRunner::new(config).run(&strategy, |(flake, planted, commands)| {
        let world = World::of(flakes[flake]);
        for (place, what) in &planted {
            plant(&world, PLACES[*place], what);
        }
        for command in commands {
            let (arguments, named) = COMMANDS[command];
            world.run(arguments, named);
        }
        assert_eq!(world.read("home/profile"), b"mine\n");
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}
