//! Flakes edited at random: after every edit the server has the same findings as `check` for the
//! same text.

use std::fs;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::checked::{by_check, by_server};
use crate::editor::{Editor, uri};
use crate::flake::Flake;

/// Pieces that people type, and that break things.
const PIECES: [&str; 22] = [
    "{", "}", ";", "\"", "#", "=", ".", "\n", " ", "''", "ü", "𝄞", "follows", "inputs", "nixpkgs",
    "-gpu", "/nixpkgs", "\r\n", "[]", ",", "null", "true",
];

/// The bytes to remove, and their replacement; in the first text or the second.
#[derive(Debug, Clone)]
struct Edit {
    in_lock: bool,
    at: Index,
    length: usize,
    text: String,
    /// Back to the original text.
    undo: bool,
}

fn edit() -> impl Strategy<Value = Edit> {
    let text = prop_oneof![
        2 => Just(String::new()),
        6 => select(&PIECES[..]).prop_map(str::to_owned),
    ];
    let parts =
        (prop::bool::weighted(0.3), any::<Index>(), 0_usize..12, text, prop::bool::weighted(0.25));
    parts.prop_map(|(in_lock, at, length, text, undo)| Edit { in_lock, at, length, text, undo })
}

/// A generator that is the same on every run.
fn runner(seed: u8) -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    TestRunner::new_with_rng(Config::default(), rng)
}

/// Edits that are the same on every run.
fn edits(count: usize) -> Vec<Edit> {
    let mut runner = runner(7);
    let new = |_| edit().new_tree(&mut runner).unwrap().current();
    (0..count).map(new).collect()
}

/// A change of a text as the protocol has it.
fn change(text: &str, start: usize, end: usize, new: &str) -> Value {
    let position = |at: usize| {
        let before = &text[..at];
        // In the protocol's line ends.
        let unified = before.replace("\r\n", "\n").replace('\r', "\n");
        let line = unified.matches('\n').count();
        let last = unified.rsplit('\n').next().unwrap();
        json!({ "line": line, "character": last.encode_utf16().count() })
    };
    json!([{ "range": { "start": position(start), "end": position(end) }, "text": new }])
}

fn floor(text: &str, mut at: usize) -> usize {
    // There is no position between the two bytes of a line end.
    while !text.is_char_boundary(at) || text[..at].ends_with('\r') && text[at..].starts_with('\n') {
        at -= 1;
    }
    at
}

/// Makes edits in an editor, and calls `after` after each.
fn edited(flake: &Flake, edits: &[Edit], mut after: impl FnMut(&mut Editor, [&str; 2], usize)) {
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let paths = ["flake.nix", "flake.lock"].map(|name| flake.at(name));
    let first = ["flake.nix", "flake.lock"].map(|name| flake.read(name));
    let mut texts = first.clone();
    for (path, text) in paths.iter().zip(&texts) {
        editor.open(path, 0, text);
    }
    for (number, edit) in edits.iter().enumerate() {
        let which = usize::from(edit.in_lock);
        let text = &texts[which];
        let version = number as i64 + 1;
        let new = if edit.undo {
            editor.replace(&paths[which], version, &first[which]);
            first[which].clone()
        } else {
            let start = floor(text, edit.at.index(text.len() + 1));
            let end = floor(text, (start + edit.length).min(text.len())).max(start);
            editor.change(&paths[which], version, change(text, start, end, &edit.text));
            format!("{}{}{}", &text[..start], edit.text, &text[end..])
        };
        texts[which] = new;
        editor.settled(&paths[which], version);
        after(&mut editor, [&texts[0], &texts[1]], number);
    }
    assert_eq!(editor.leave(), 0);
}

#[test]
fn after_every_edit_there_is_what_check_finds() {
    let many = std::env::var("FLAKE_AUDIT_TEST_EDITS").ok().and_then(|many| many.parse().ok());
    for fixture in ["seed/a-follows-plain", "inline-configuration/import-literal"] {
        let flake = Flake::of(fixture);
        // The same files, as they would be saved.
        let saved = Flake::of(fixture);
        let store = saved.store();
        let mut different = std::collections::BTreeSet::new();
        edited(&flake, &edits(many.unwrap_or(120)), |editor, [nix, lock], number| {
            fs::write(saved.at("flake.nix"), nix).unwrap();
            fs::write(saved.at("flake.lock"), lock).unwrap();
            let expected = by_check(&saved, &["--store", &store]);
            assert_eq!(
                by_server(&flake, editor),
                expected,
                "{fixture}, edit {number}\n{nix}\n{lock}"
            );
            different.insert(expected);
        });
        assert!(different.len() > 10, "{fixture}: {}", different.len());
    }
}

/// Files of a flake with several: the first ones are open, the others change on disk only.
const OPEN: [&str; 3] = ["flake.nix", "hosts/tower/default.nix", "modules/gpu.nix"];
const OUTSIDE: [&str; 3] = ["modules/desktop.nix", "modules/new.nix", "modules/other.nix"];

/// Other texts of modules; the first two have the same length.
const MODULES: [&str; 5] = [
    "{\n  nixpkgs.config.cudaSupport = true;\n}\n",
    "{\n  nixpkgs.config.rocmSupport = true;\n}\n",
    "{ pkgs, ... }: { environment.systemPackages = [ pkgs.python3Packages.torch ]; }\n",
    "{ inputs, ... }: { environment.systemPackages = [ inputs.speech.packages.x86_64-linux.gui ]; }\n",
    "{ broken\n",
];

/// Changes a file from outside.
fn changed_outside(flakes: [&Flake; 2], name: &str, at: usize) {
    for flake in flakes {
        let path = flake.at(name);
        match (MODULES.get(at), at % 2) {
            (Some(text), _) => fs::write(path, text).unwrap(),
            (None, 0) => drop(fs::remove_file(path)),
            // Another file in its place, with the same time.
            (None, _) => drop(fs::rename(flake.at(OUTSIDE[2]), path)),
        }
    }
}

#[test]
fn edits_of_several_files_and_files_that_others_change_leave_nothing_old() {
    let many = std::env::var("FLAKE_AUDIT_TEST_EDITS").ok().and_then(|many| many.parse().ok());
    let many: usize = many.unwrap_or(160);
    let fixture = "inline-configuration/modules-listed-by-read-dir";
    let (flake, saved) = (Flake::of(fixture), Flake::of(fixture));
    let (store, saved_store) = (flake.store(), saved.store());
    let mut editor = Editor::new(&["--store", &store]);
    let first = OPEN.map(|name| flake.read(name));
    let mut texts = first.clone();
    for (name, text) in OPEN.iter().zip(&texts) {
        editor.open(&flake.at(name), 0, text);
    }
    let mut versions = [0; 3];
    let mut runner = runner(11);
    let mut pick = |many: usize| (0..many).new_tree(&mut runner).unwrap().current();
    let (mut different, mut notes) = (std::collections::BTreeSet::new(), Vec::new());
    for (number, edit) in edits(many).into_iter().enumerate() {
        // By now, the times of files are old enough to be trusted.
        if number % (many / 3).max(1) == 0 {
            std::thread::sleep(std::time::Duration::from_millis(3_500));
        }
        if pick(3) == 0 {
            let (name, what) = (OUTSIDE[pick(OUTSIDE.len())], pick(MODULES.len() + 2));
            changed_outside([&flake, &saved], name, what);
            let changes = json!([{ "uri": uri(&flake.at(name)), "type": 2 }]);
            editor.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
            notes.push(format!("{number}: {name} {what}"));
        }
        // The server signals that it has seen everything by publishing for a version of an open
        // file.
        let which = pick(OPEN.len());
        let text = &texts[which];
        let start = floor(text, edit.at.index(text.len() + 1));
        let end = floor(text, (start + edit.length).min(text.len())).max(start);
        let new = match (edit.undo || pick(3) == 0, pick(3)) {
            (true, _) => first[which].clone(),
            (false, 0) => format!("{}{}{}", &text[..start], edit.text, &text[end..]),
            (false, 1) => format!("# {number}\n{text}"),
            (false, _) => format!("{text}/* {number} */"),
        };
        texts[which] = new;
        versions[which] += 1;
        editor.replace(&flake.at(OPEN[which]), versions[which], &texts[which]);
        editor.settled(&flake.at(OPEN[which]), versions[which]);
        for (name, text) in OPEN.iter().zip(&texts) {
            fs::write(saved.at(name), text).unwrap();
        }
        let expected = by_check(&saved, &["--store", &saved_store]);
        let found = by_server(&flake, &editor);
        assert_eq!(found, expected, "edit {number}\n{notes:#?}\n{}", texts.join("\n---\n"));
        different.insert(expected);
    }
    assert!(different.len() > 10, "{}", different.len());
    assert_eq!(editor.leave(), 0);
}

/// The memory of a process in kilobytes.
#[cfg(target_os = "linux")]
fn memory(editor: &Editor) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", editor.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// 10,000 edits take minutes in a debug build, so fewer are made unless asked for:
/// `FLAKE_AUDIT_TEST_EDITS=10000`.
#[cfg(target_os = "linux")]
#[test]
fn memory_stays_flat() {
    let many = std::env::var("FLAKE_AUDIT_TEST_EDITS").ok().and_then(|many| many.parse().ok());
    let many = many.unwrap_or(600);
    let flake = Flake::of("seed/a-follows-plain");
    let mut measured = Vec::new();
    edited(&flake, &edits(many), |editor, _, number| {
        if number % 50 == 49 {
            measured.push(memory(editor));
        }
    });
    // The first tenth is for warming up, because allocators keep memory.
    let warm = measured.len() / 10 + 2;
    let first = measured[..warm].iter().max().unwrap();
    let last = measured[warm..].iter().max().unwrap();
    println!("{many} edits: {first} kB in the first tenth, {last} kB at most afterwards");
    assert!(last < &(first + first / 4 + 2_048), "{measured:?}");
}
