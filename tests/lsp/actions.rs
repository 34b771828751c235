//! Code actions.

use std::process::Command;

use serde_json::{Value, json};

use crate::edited::{files, position, position_of};
use crate::editor::{Editor, capabilities, uri};
use crate::flake::{Flake, fixtures};

/// The actions that are offered at a place of a file.
fn actions(editor: &mut Editor, flake: &Flake, file: &str, at: &Value, only: Value) -> Vec<Value> {
    let params = json!({
        "textDocument": { "uri": uri(&flake.at(file)) },
        "range": { "start": at, "end": at },
        "context": { "diagnostics": [], "only": only },
    });
    editor.request("textDocument/codeAction", params).unwrap().as_array().unwrap().clone()
}

fn titled<'v>(actions: &'v [Value], part: &str) -> &'v Value {
    let found = actions.iter().find(|action| action["title"].as_str().unwrap().contains(part));
    let titles: Vec<&Value> = actions.iter().map(|action| &action["title"]).collect();
    found.unwrap_or_else(|| panic!("{part}: {titles:?}"))
}

/// The edit of an action.
fn resolved(editor: &mut Editor, action: &Value) -> Result<Value, Value> {
    editor.request("codeAction/resolve", action.clone()).map(|action| action["edit"].clone())
}

/// The result of `fix` on a copy of a flake; empty if it writes nothing.
fn fixed(flake: &Flake, arguments: &[&str]) -> Vec<(String, String)> {
    let program = assert_cmd::cargo::cargo_bin("flake-audit");
    let names = ["flake.nix", "flake.lock"];
    let read = |name: &&str| std::fs::read_to_string(flake.at(name)).unwrap_or_default();
    let before: Vec<String> = names.iter().map(read).collect();
    let output = Command::new(program)
        .current_dir(flake.at(""))
        .env_remove("NIX_STORE_DIR")
        .args(["fix"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.code().is_some());
    let after = names.iter().map(read);
    let changed =
        names.iter().zip(before).zip(after).filter(|((_, before), after)| before != after);
    changed.map(|((name, _), after)| ((*name).to_owned(), after)).collect()
}

#[test]
fn a_fix_is_an_edit_of_both_files() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    let at = position_of(&text, "another-dep.inputs");
    let offered = actions(&mut editor, &flake, "flake.nix", &at, Value::Null);
    let fix = titled(&offered, "Let `another-dep/nixpkgs` follow `nixpkgs-gpu`");
    assert_eq!(fix["kind"], "quickfix");
    assert_eq!(fix["diagnostics"][0], editor.settled(&nix, 1)[0]);
    let edit = resolved(&mut editor, fix).unwrap();
    // The edit has the version of the open file, and none for the file that is not open.
    let versions: Vec<&Value> = edit["documentChanges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["textDocument"]["version"])
        .collect();
    assert_eq!(versions, [&json!(1), &Value::Null]);
    let made: Vec<_> = files(&flake, &edit).into_iter().collect();
    let copy = Flake::of("seed/a-follows-plain");
    let mut expected = fixed(&copy, &["--store", &copy.store()]);
    expected.sort();
    assert_eq!(made, expected);
    // Elsewhere the action is offered if the client names the finding, as some do for the whole
    // line.
    let top = json!({ "line": 0, "character": 0 });
    let params = json!({
        "textDocument": { "uri": uri(&nix) },
        "range": { "start": top, "end": top },
        "context": { "diagnostics": editor.settled(&nix, 1) },
    });
    let named = editor.request("textDocument/codeAction", params).unwrap();
    assert_eq!(named.as_array().unwrap(), &offered);
    // Otherwise, and for other kinds, it is not.
    let elsewhere = actions(&mut editor, &flake, "flake.nix", &top, json!(["quickfix"]));
    assert_eq!(elsewhere, [Value::Null; 0]);
    let source = actions(&mut editor, &flake, "flake.nix", &at, json!(["source"]));
    assert_eq!(source.len(), 1);
    assert_eq!(source[0]["kind"], "source.fixAll.flake-audit");

    // A client that cannot resolve later gets the edit at once, and one without versions gets none.
    let mut limited = capabilities();
    limited["textDocument"]["codeAction"] = json!({});
    limited["workspace"] = json!({});
    let mut editor = Editor::with(&["--store", &flake.store()], limited, Value::Null);
    editor.open(&nix, 1, &text);
    let offered = actions(&mut editor, &flake, "flake.nix", &at, Value::Null);
    let fix = titled(&offered, "Let `another-dep/nixpkgs` follow");
    assert!(fix["edit"]["changes"].is_object());
    let made: Vec<_> = files(&flake, &fix["edit"]).into_iter().collect();
    assert_eq!(made, expected);
}

#[test]
fn all_fixes_are_what_fix_does_to_every_fixture() {
    let mut repaired = 0;
    for name in fixtures() {
        let (flake, copy) = (Flake::of(&name), Flake::of(&name));
        let Ok(text) = std::fs::read_to_string(flake.at("flake.nix")) else { continue };
        let mut editor = Editor::new(&["--store", &flake.store()]);
        editor.open(&flake.at("flake.nix"), 1, &text);
        let top = json!({ "line": 0, "character": 0 });
        let kind = json!(["source.fixAll"]);
        let offered = actions(&mut editor, &flake, "flake.nix", &top, kind);
        let mut expected = fixed(&copy, &["--store", &copy.store()]);
        expected.sort();
        let made = match offered.as_slice() {
            [] => Vec::new(),
            [all] => match resolved(&mut editor, all) {
                Ok(edit) => files(&flake, &edit).into_iter().collect(),
                Err(error) => {
                    assert_eq!(error["code"], -32803, "{error}");
                    Vec::new()
                }
            },
            more => panic!("{more:?}"),
        };
        assert_eq!(made, expected, "{name}");
        repaired += usize::from(!made.is_empty());
    }
    assert!(repaired > 40, "{repaired}");
}

#[test]
fn a_finding_is_exempted_here_or_in_the_configuration() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    let at = position_of(&text, "another-dep.inputs");
    let offered = actions(&mut editor, &flake, "flake.nix", &at, Value::Null);
    let comment = titled(&offered, "here, with a comment");
    let commented = files(&flake, &comment["edit"])["flake.nix"].clone();
    let line =
        "    # flake-audit: allow(unconfigured-nixpkgs) FIXME: say why\n    another-dep.inputs";
    assert!(commented.contains(line), "{commented}");
    editor.replace(&nix, 2, &commented);
    assert_eq!(editor.settled(&nix, 2), [Value::Null; 0]);
    editor.replace(&nix, 3, &text);
    // Into a new file, and at the end of an existing one.
    let new = files(&flake, &titled(&offered, "in flake-audit.toml")["edit"]);
    let entry = "[[exempt]]\nrule = \"unconfigured-nixpkgs\"\ninput = \"another-dep/nixpkgs\"\n\
                 reason = \"FIXME: say why\"\n";
    assert_eq!(new["flake-audit.toml"], entry);
    let toml = flake.at("flake-audit.toml");
    let rules = "[rules]\nunconfigured-nixpkgs = \"warn\"";
    editor.open(&toml, 1, rules);
    flake.write("flake-audit.toml", rules);
    editor.settled(&toml, 1);
    let offered = actions(&mut editor, &flake, "flake.nix", &at, Value::Null);
    let edit = &titled(&offered, "in flake-audit.toml")["edit"];
    let text = &files(&flake, edit)["flake-audit.toml"];
    assert_eq!(*text, format!("{rules}\n\n{entry}"));
    editor.replace(&toml, 2, text);
    editor.settled(&toml, 2);
    assert_eq!(editor.found(&nix), [Value::Null; 0]);
}

#[test]
fn a_rule_is_explained() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    let at = position_of(&text, "another-dep.inputs");
    let offered = actions(&mut editor, &flake, "flake.nix", &at, Value::Null);
    // Resolving an action that is complete returns it unchanged.
    for whole in ["Explain", "here, with a comment"].map(|title| titled(&offered, title)) {
        let again = editor.request("codeAction/resolve", whole.clone()).unwrap();
        assert_eq!(again, *whole);
    }
    let command = titled(&offered, "Explain")["command"].clone();
    let offers = &editor.offered["capabilities"]["executeCommandProvider"]["commands"];
    assert!(offers.as_array().unwrap().contains(&command["command"]));
    let params = json!({ "command": command["command"], "arguments": command["arguments"] });
    let page = editor.request("workspace/executeCommand", params).unwrap();
    assert!(page.as_str().unwrap().starts_with("# unconfigured-nixpkgs"), "{page}");
    let shown = editor.others.iter().find(|told| told["method"] == "window/showMessage").unwrap();
    assert_eq!(shown["params"]["message"], page);
    for wrong in [
        json!({ "command": "rm", "arguments": ["stale-lock"] }),
        json!({}),
        json!({
            "command": command["command"], "arguments": [{}]
        }),
    ] {
        editor.request("workspace/executeCommand", wrong).unwrap_err();
    }
}

#[test]
fn an_edit_by_hand_is_locked_where_nothing_has_to_be_fetched() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    let top = json!({ "line": 0, "character": 0 });
    let kind = json!(["source.lock"]);
    let none = actions(&mut editor, &flake, "flake.nix", &top, kind.clone());
    assert_eq!(none, [Value::Null; 0]);
    let follows = "another-dep.inputs.nixpkgs.follows = \"nixpkgs";
    let typed = text.replace(follows, &format!("{follows}-gpu"));
    editor.replace(&nix, 2, &typed);
    let offered = actions(&mut editor, &flake, "flake.nix", &top, kind.clone());
    let edit = resolved(&mut editor, &offered[0]).unwrap();
    let copy = Flake::of("seed/a-follows-plain");
    copy.write("flake.nix", &typed);
    let expected = fixed(&copy, &["--store", &copy.store()]);
    assert_eq!(files(&flake, &edit).into_iter().collect::<Vec<_>>(), expected);
    // A new input has to be fetched, so the action is refused with that reason.
    let new =
        text.replace("another-dep.url", "new.url = \"github:acme/new\";\n    another-dep.url");
    editor.replace(&nix, 3, &new);
    let offered = actions(&mut editor, &flake, "flake.nix", &top, kind);
    assert!(offered[0]["disabled"]["reason"].as_str().unwrap().contains("new"), "{offered:?}");
    assert_eq!(resolved(&mut editor, &offered[0]), Ok(Value::Null));
}

#[test]
fn what_is_not_to_be_edited_is_not() {
    let flake = Flake::of("seed/a-follows-plain");
    let text = flake.read("flake.nix");
    let generated = format!("# This file is generated. Do not edit it.\n{text}");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let nix = flake.at("flake.nix");
    editor.open(&nix, 1, &generated);
    let message = editor.settled(&nix, 1)[0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("\nhelp: "), "{message}");
    let at = position_of(&generated, "another-dep.inputs");
    let offered = actions(&mut editor, &flake, "flake.nix", &at, Value::Null);
    let titles: Vec<_> = offered.iter().map(|action| action["title"].as_str().unwrap()).collect();
    let expected = [
        "Exempt this from unconfigured-nixpkgs in flake-audit.toml",
        "Explain unconfigured-nixpkgs",
    ];
    assert_eq!(titles, expected);
    // So is one of a flake that cannot be read, and an action that the server never offered.
    editor.replace(&nix, 2, "{");
    let end = position(&generated, 0);
    assert_eq!(actions(&mut editor, &flake, "flake.nix", &end, Value::Null), [Value::Null; 0]);
    editor.replace(&nix, 3, &text);
    for data in [json!(7), json!({ "uri": uri(&nix) }), json!({ "uri": uri(&nix), "deed": 7 })] {
        let action = json!({ "title": "x", "data": data });
        editor.request("codeAction/resolve", action).unwrap_err();
    }
    let unknown = json!({ "uri": uri(&nix), "deed": { "finding": "none" } });
    editor.request("codeAction/resolve", json!({ "title": "x", "data": unknown })).unwrap_err();
}
