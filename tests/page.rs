//! The page in a real browser, driven by `tests/page/drive.mjs`: `cargo test --features page-tests
//! --test page`. `FLAKE_AUDIT_PLAYWRIGHT` is a folder with the npm package `playwright-core`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say what they measured"
)]

#[allow(dead_code, reason = "the other tests use more of it")]
#[path = "support/locks.rs"]
mod locks;

use std::ffi::OsStr;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Draws a lock and tests the drawing.
fn drive(kind: &str, lock: &Path) {
    drive_with(kind, lock, &[OsStr::new("--no-source")]);
}

/// The same, with these arguments.
fn drive_with(kind: &str, lock: &Path, arguments: &[&OsStr]) {
    let drawn = Command::new(env!("CARGO_BIN_EXE_flake-audit"))
        .args(["graph", "--format", "html"])
        .args(arguments)
        .arg(lock)
        .output()
        .unwrap();
    assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, drawn.stdout).unwrap();
    let mut node = Command::new("node");
    let driven = node.arg(repository().join("tests/page/drive.mjs")).arg(kind).arg(&page).output();
    let driven = driven.unwrap_or_else(|error| panic!("node is needed: {error}"));
    let said = String::from_utf8_lossy(&driven.stdout);
    assert!(driven.status.success(), "{said}{}", String::from_utf8_lossy(&driven.stderr));
    print!("{said}");
}

fn written(lock: &Value) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flake.lock");
    fs::write(&file, lock.to_string()).unwrap();
    (folder, file)
}

#[test]
fn the_seed_scenario() {
    drive("seed", &repository().join("fixtures/seed/a-follows-plain/flake.lock"));
}

#[test]
fn outputs_are_where_ways_begin() {
    let case = repository().join("fixtures/source/several-hosts");
    let store = case.join("store");
    drive_with("outputs", &case, &[OsStr::new("--store"), store.as_os_str()]);
}

#[test]
fn inline_settings_and_the_wrapper_for_them() {
    let case = repository().join("fixtures/inline-configuration/seen-to-build");
    let store = case.join("store");
    drive_with("wrapper", &case, &[OsStr::new("--store"), store.as_os_str()]);
}

#[test]
fn overrides_that_a_person_has_to_look_at() {
    let fixtures = repository().join("fixtures");
    drive("by_hand", &fixtures.join("unconfigured-nixpkgs/two-wrappers-ambiguous/flake.lock"));
    drive("by_hand_in_a_circle", &fixtures.join("seed/h-pin-holder/flake.lock"));
}

#[test]
fn outputs_whose_names_are_html_and_script() {
    let folder = tempfile::tempdir().unwrap();
    let case = repository().join("fixtures/source/several-hosts");
    fs::copy(case.join("flake.lock"), folder.path().join("flake.lock")).unwrap();
    let flake = fs::read_to_string(case.join("flake.nix")).unwrap();
    let names = [
        "<img src=x onerror=window.hit=1>",
        "</script><script>window.hit=1</script>",
        "__proto__",
        "\u{202e}\u{1b}[31m\u{2028}",
    ];
    let hosts: String =
        names.iter().map(|name| format!("\"{name}\" = host [ withSolver ];\n")).collect();
    let flake = flake.replace("desk = host", &format!("{hosts}desk = host"));
    fs::write(folder.path().join("flake.nix"), flake).unwrap();
    fs::copy(case.join("gpu.nix"), folder.path().join("gpu.nix")).unwrap();
    drive_with("hostile_outputs", folder.path(), &[]);
}

fn node(inputs: Value, name: &str) -> Value {
    let reference = json!({"type": "github", "owner": "acme", "repo": name, "rev": "97521cfea6d77335d866179ca5e0f05b381c7e63"});
    json!({"inputs": inputs, "locked": reference, "original": reference})
}

/// A root with a wrapper, and dependencies with dependencies: some follow it, some do not.
#[test]
fn two_thousand_six_hundred_nodes() {
    let mut nodes = serde_json::Map::new();
    let mut root = serde_json::Map::new();
    root.insert("nixpkgs".into(), "nixpkgs".into());
    root.insert("nixpkgs-gpu".into(), "nixpkgs-gpu".into());
    nodes.insert("nixpkgs".into(), json!({"locked": {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "rev": "18b20080c026fc68c1ab951e21f9d8e0033b179c"}, "original": {"type": "github", "owner": "NixOS", "repo": "nixpkgs"}}));
    nodes.insert("nixpkgs-gpu".into(), node(json!({"nixpkgs": ["nixpkgs"]}), "nixpkgs-gpu"));
    for at in 0..2600_usize {
        let mut name = String::new();
        write!(name, "dep-{at}").unwrap();
        let mut inputs = serde_json::Map::new();
        let target = if at % 50 == 7 { "nixpkgs" } else { "nixpkgs-gpu" };
        inputs.insert("nixpkgs".into(), json!([target]));
        for child in [3 * at + 1, 3 * at + 2, 3 * at + 3].iter().filter(|child| **child < 2600) {
            inputs.insert(format!("dep-{child}"), format!("dep-{child}").into());
        }
        nodes.insert(name.clone(), node(Value::Object(inputs), &name));
    }
    root.insert("dep-0".into(), "dep-0".into());
    nodes.insert("root".into(), json!({"inputs": root}));
    let (_folder, lock) = written(&json!({"version": 7, "root": "root", "nodes": nodes}));
    drive("large", &lock);
}

#[test]
fn the_largest_real_lock() {
    match locks::largest() {
        Some(lock) => drive("large", &lock),
        None => println!("no real locks: FLAKE_AUDIT_CORPUS is not set"),
    }
}

#[test]
fn names_that_are_html_and_script() {
    let names = [
        "<img src=x onerror=\"window.hit=1\">",
        "</script><script>window.hit=1</script>",
        "<!--<script>",
        "__proto__",
        "constructor",
        "\u{202e}\u{1b}[31m\u{2028}",
        "javascript:window.hit=1",
        "']); window.hit=1; //",
        "<a href=https://example.org>",
    ];
    let mut root = serde_json::Map::new();
    let mut nodes = serde_json::Map::new();
    for name in names {
        root.insert(name.into(), name.into());
        nodes.insert(name.into(), node(json!({(name): [name], "nixpkgs": "nixpkgs"}), name));
    }
    nodes.insert("nixpkgs".into(), node(json!({}), "nixpkgs"));
    nodes.insert("root".into(), json!({"inputs": root}));
    let (_folder, lock) = written(&json!({"version": 7, "root": "root", "nodes": nodes}));
    drive("hostile", &lock);
}
