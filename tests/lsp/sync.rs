//! Documents: open ones count, else the disk.

use serde_json::{Value, json};

use crate::editor::{Editor, uri};
use crate::flake::Flake;

fn rules(found: &[Value]) -> Vec<&str> {
    let mut rules: Vec<_> = found.iter().filter_map(|found| found["code"].as_str()).collect();
    rules.sort_unstable();
    rules
}

/// The text with a line that cures the finding of `seed/a-follows-plain`.
fn cured(text: &str) -> String {
    let follows = "another-dep.inputs.nixpkgs.follows = \"nixpkgs";
    assert!(text.contains(follows), "{text}");
    text.replace(follows, &format!("{follows}-gpu"))
}

#[test]
fn what_is_typed_is_audited_before_it_is_saved() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    assert_eq!(rules(&editor.settled(&nix, 1)), ["unconfigured-nixpkgs"]);
    editor.replace(&nix, 2, &cured(&text));
    // The lock is behind now.
    assert_eq!(rules(&editor.settled(&nix, 2)), ["stale-lock"]);
    // With the editor's text of the lock it is not.
    let (lock, locked) = (flake.at("flake.lock"), flake.read("flake.lock"));
    editor.open(&lock, 1, &locked);
    let mut json: Value = serde_json::from_str(&locked).unwrap();
    json["nodes"]["another-dep"]["inputs"]["nixpkgs"] = json!(["nixpkgs-gpu"]);
    editor.replace(&lock, 2, &serde_json::to_string_pretty(&json).unwrap());
    editor.settled(&lock, 2);
    assert_eq!(rules(&editor.found(&nix)), [""; 0]);
    // Once it is closed, the disk counts again.
    editor.close(&lock);
    editor.replace(&nix, 3, &text);
    assert_eq!(rules(&editor.settled(&nix, 3)), ["unconfigured-nixpkgs"]);
    editor.close(&nix);
    // Its diagnostics are cleared.
    while !editor.found(&nix).is_empty() {
        editor.receive();
    }
    assert_eq!(editor.leave(), 0);
}

#[test]
fn parts_of_a_text_are_changed_in_either_encoding() {
    for encoding in ["utf-8", "utf-16"] {
        let flake = Flake::of("seed/a-follows-plain");
        let capabilities = json!({ "general": { "positionEncodings": [encoding] } });
        let mut editor = Editor::with(&["--store", &flake.store()], capabilities, Value::Null);
        let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
        let text = text.replacen('{', "{ # 𝄞ü\n", 1);
        editor.open(&nix, 1, &text);
        editor.settled(&nix, 1);
        let line =
            text.lines().position(|line| line.contains("another-dep.inputs.nixpkgs.follows"));
        let line = line.unwrap();
        // After characters of several units, on a line of their own.
        let wide = "/* 𝄞ü */";
        let units = |text: &str| match encoding {
            "utf-8" => text.len(),
            _ => text.encode_utf16().count(),
        };
        let at = |line: usize, character: usize| json!({ "line": line, "character": character });
        let insert = |position: Value, text: &str| json!({ "range": { "start": position.clone(), "end": position }, "text": text });
        let before = text.lines().nth(line).unwrap();
        let quote = before.rfind("nixpkgs\"").unwrap() + "nixpkgs".len();
        editor.change(
            &nix,
            2,
            json!([
                insert(at(line, 0), wide),
                insert(at(line, units(wide) + quote), "-gpu"),
                { "range": { "start": at(line, 0), "end": at(line, units(wide)) }, "text": "" },
            ]),
        );
        assert_eq!(rules(&editor.settled(&nix, 2)), ["stale-lock"], "{encoding}");
    }
}

#[test]
fn flakes_of_one_workspace_have_nothing_to_do_with_each_other() {
    let flake = Flake::empty();
    let mut editor = Editor::new(&[]);
    for (name, fixture) in [("one", "seed/a-follows-plain"), ("two", "seed/c-clean")] {
        let from = Flake::of(fixture);
        for file in ["flake.nix", "flake.lock"] {
            flake.write(&format!("{name}/{file}"), &from.read(file));
        }
        let nix = flake.at(&format!("{name}/flake.nix"));
        editor.open(&nix, 1, &from.read("flake.nix"));
    }
    let one = flake.at("one/flake.nix");
    let two = flake.at("two/flake.nix");
    assert_eq!(rules(&editor.settled(&one, 1)), ["unconfigured-nixpkgs"]);
    assert_eq!(rules(&editor.settled(&two, 1)), [""; 0]);
    let broken = flake.read("one/flake.nix");
    editor.replace(&two, 2, &broken);
    let found = editor.settled(&two, 2);
    assert!(rules(&found).contains(&"stale-lock"), "{found:?}");
    assert_eq!(rules(&editor.found(&one)), ["unconfigured-nixpkgs"]);
}

#[test]
fn what_others_change_on_disk_is_read_again() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    editor.open(&nix, 1, &text);
    editor.settled(&nix, 1);
    let exempt = "[[exempt]]\nrule = \"unconfigured-nixpkgs\"\ninput = \"another-dep/nixpkgs\"\n\
                  reason = \"known\"\n";
    flake.write("flake-audit.toml", exempt);
    let changes = json!([{ "uri": uri(&flake.at("flake-audit.toml")), "type": 1 }]);
    editor.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    while !editor.found(&nix).is_empty() {
        editor.receive();
    }
    // In an editor it counts before it is saved, and its errors are shown there.
    let toml = flake.at("flake-audit.toml");
    editor.open(&toml, 1, &exempt.replace("another-dep", "none"));
    let found = editor.settled(&toml, 1);
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("matches nothing"), "{message}");
    assert_eq!(
        (&found[0]["severity"], &found[0]["range"]["start"]["line"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(rules(&editor.found(&nix)), ["unconfigured-nixpkgs"]);
    editor.replace(&toml, 2, "[[exempt]]\nrule = 7\n");
    let found = editor.settled(&toml, 2);
    let error = found.iter().find(|found| found["severity"] == 1).unwrap();
    assert_eq!(error["range"]["start"]["line"], 1);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn other_files_of_the_flake_count_as_they_are_open() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let nix = flake.at("flake.nix");
    editor.open(&nix, 1, &flake.read("flake.nix"));
    editor.settled(&nix, 1);
    // A file that was never saved, and that flake.nix imports from now on.
    let module = flake.at("module.nix");
    editor.open(&module, 1, "{ nixpkgs, nixpkgs-gpu }: oh no");
    let text = flake.read("flake.nix");
    let start = text.find("outputs").unwrap();
    let body = start + text[start..].find("}:").unwrap() + 2;
    let mut imported = text.clone();
    imported
        .insert_str(body, " let other = import ./module.nix; in { packages.x.y = other { }; } // ");
    editor.replace(&nix, 2, &imported);
    editor.settled(&nix, 2);
    editor.settled(&module, 1);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn an_audit_is_left_when_the_text_is_another_one() {
    // On a busy machine the second text may be there before the first one's audit begins.
    let left = (0..5).any(|_| is_left_for_another_text());
    assert!(left, "no audit was left");
}

/// Whether the audit of a costly text was left when another text came; it may not have begun by then.
fn is_left_for_another_text() -> bool {
    let flake = Flake::of("seed/a-follows-plain");
    let log = flake.at("log.txt");
    let arguments = ["--log", log.to_str().unwrap(), "--store", &flake.store()];
    let mut editor = Editor::new(&arguments);
    let (nix, text) = (flake.at("flake.nix"), flake.read("flake.nix"));
    // As much as one evaluation may cost.
    let endless = "let f = n: if n == 0 then [ ] else [ (f (n - 1)) n ] ++ f (n - 1); in ";
    let start = text.find("let").unwrap();
    let costly = text.replace("default = pkgs.mkShell {", "default = pkgs.mkShell { x = f 99;");
    let costly = format!("{}{endless}{}", &costly[..start], &costly[start..]);
    editor.open(&nix, 1, &costly);
    editor.replace(&nix, 2, &text);
    assert_eq!(rules(&editor.settled(&nix, 2)), ["unconfigured-nixpkgs"]);
    assert_eq!(editor.leave(), 0);
    let log = flake.read("log.txt");
    // Only the second text's audit came to its end.
    assert_eq!(log.matches(" audited ").count(), 1, "{log}");
    log.contains(" abandoned ")
}

#[test]
fn a_flake_without_a_lock_is_told_what_makes_one() {
    let flake = Flake::empty();
    let mut editor = Editor::new(&[]);
    let nix = flake.at("flake.nix");
    // There is no flake.nix on disk either.
    editor.open(&nix, 1, "{ outputs = _: { }; }");
    let found = editor.settled(&nix, 1);
    assert_eq!(found[0]["severity"], 3);
    assert!(found[0]["message"].as_str().unwrap().contains("nix flake lock"));
    flake.write("flake.lock", r#"{"nodes":{"root":{}},"root":"root","version":7}"#);
    let changes = json!([{ "uri": uri(&flake.at("flake.lock")), "type": 1 }]);
    editor.notify("workspace/didChangeWatchedFiles", json!({ "changes": changes }));
    while !editor.found(&nix).is_empty() {
        editor.receive();
    }
    assert_eq!(editor.leave(), 0);
}
