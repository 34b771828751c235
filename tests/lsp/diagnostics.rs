//! Diagnostics: those of `check`, with what an editor can show besides.

use serde_json::{Value, json};

use crate::checked::{OLD, by_check, by_server};
use crate::editor::{Editor, uri};
use crate::flake::{Flake, fixtures};

#[test]
fn every_fixture_has_the_findings_of_check() {
    let mut compared = 0;
    for name in fixtures() {
        let flake = Flake::of(&name);
        let store = flake.store();
        let arguments = ["--store", &*store];
        let mut editor = Editor::new(&arguments);
        // Files that are not UTF-8 cannot be open.
        let Ok(text) = std::fs::read_to_string(flake.at("flake.lock")) else { continue };
        let lock = flake.at("flake.lock");
        editor.open(&lock, 1, &text);
        editor.settled(&lock, 1);
        let checked = by_check(&flake, &arguments);
        assert_eq!(by_server(&flake, &editor), checked, "{name}");
        compared += usize::from(!checked.is_empty());
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn a_diagnostic_leads_to_its_rule_and_shows_the_chain() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let nix = flake.at("flake.nix");
    editor.open(&nix, 1, &flake.read("flake.nix"));
    let found = editor.settled(&nix, 1);
    let [finding] = &found[..] else { panic!("{found:?}") };
    assert_eq!(finding["source"], "flake-audit");
    assert_eq!(finding["code"], "unconfigured-nixpkgs");
    let page = finding["codeDescription"]["href"].as_str().unwrap();
    assert!(page.ends_with("docs/rules/unconfigured-nixpkgs.md"), "{page}");
    // The action does what `check` proposes; the message has the reason, and what is not certain.
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("\nwhy: ") && message.contains("\nunverified: "), "{message}");
    assert!(!message.contains("help: "), "{message}");
    let related = finding["relatedInformation"].as_array().unwrap();
    let chain: Vec<&Value> =
        related.iter().filter(|r| r["location"]["uri"] == uri(&flake.at("flake.lock"))).collect();
    assert_eq!(chain[0]["message"], "another-dep/nixpkgs follows nixpkgs");
    let line = chain[0]["location"]["range"]["start"]["line"].as_u64().unwrap();
    let lock = flake.read("flake.lock");
    assert!(lock.lines().nth(line as usize).unwrap().contains("\"nixpkgs\""));
    // Features that the client does not support are not sent.
    let mut editor = Editor::with(&["--store", &flake.store()], json!({}), Value::Null);
    editor.open(&nix, 1, &flake.read("flake.nix"));
    assert!(editor.settled(&nix, 1)[0].get("relatedInformation").is_none());
}

#[test]
fn a_diagnostic_shows_where_the_settings_are_made() {
    let flake = Flake::of("inline-configuration/import-literal");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    let found = editor.settled(&nix, 1);
    let related = found.iter().flat_map(|f| f["relatedInformation"].as_array().unwrap());
    let made = related.clone().find(|r| r["message"] == "the settings are made here");
    let range = &made.unwrap_or_else(|| panic!("{found:?}"))["location"]["range"];
    let line = range["start"]["line"].as_u64().unwrap() as usize;
    assert!(text.lines().nth(line).unwrap().contains("cudaSupport"), "{line}");
    let mut built = related.filter(|r| r["message"].as_str().unwrap().ends_with("is built here"));
    assert!(built.next().is_some(), "{found:?}");
}

#[test]
fn what_has_no_effect_is_faded() {
    for (fixture, file, rule) in [
        ("unused-override/no-such-input", "flake.nix", "unused-override"),
        ("unreachable-node/left-behind", "flake.lock", "unreachable-node"),
    ] {
        let flake = Flake::of(fixture);
        let mut editor = Editor::new(&["--store", &flake.store()]);
        let path = flake.at(file);
        editor.open(&path, 1, &flake.read(file));
        let found = editor.settled(&path, 1);
        let unused: Vec<_> = found.iter().filter(|found| found["tags"] == json!([1])).collect();
        assert!(!unused.is_empty(), "{fixture}: {found:?}");
        assert!(unused.iter().all(|found| found["code"] == rule), "{unused:?}");
    }
}

#[test]
fn a_text_that_is_broken_keeps_what_was_found_before() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    let before = editor.settled(&nix, 1);
    let line = |found: &Value| found["range"]["start"]["line"].as_u64().unwrap();
    // Three new lines above, the last of which is not finished.
    editor.replace(&nix, 2, &text.replacen('{', "{\n\n\n  description =", 1));
    let found = editor.settled(&nix, 2);
    let (old, new): (Vec<&Value>, Vec<&Value>) =
        found.iter().partition(|found| found["message"].as_str().unwrap().starts_with(OLD));
    assert_eq!((old.len(), new.len()), (before.len(), 1), "{found:?}");
    assert_eq!(line(old[0]), line(&before[0]) + 3);
    assert_eq!((&new[0]["severity"], new[0].get("code")), (&json!(1), None));
    // The same for the lock.
    let (lock, locked) = (flake.at("flake.lock"), flake.read("flake.lock"));
    editor.replace(&nix, 3, &text);
    assert_eq!(editor.settled(&nix, 3), before);
    editor.open(&lock, 1, &locked[..locked.len() / 2]);
    let found = editor.settled(&lock, 1);
    assert_eq!(found[0]["severity"], 1);
    let kept = editor.found(&nix);
    assert!(kept[0]["message"].as_str().unwrap().starts_with(OLD));
    assert_eq!(kept[0]["range"], before[0]["range"]);
    editor.replace(&lock, 2, &locked);
    editor.settled(&lock, 2);
    assert_eq!(editor.found(&nix), before);
}
