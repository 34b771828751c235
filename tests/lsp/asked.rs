//! Questions about a place: hovers, completion, definitions and inlay hints.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::edited::{applied, offset, position, position_of};
use crate::editor::{Editor, capabilities, uri};
use crate::flake::{Flake, fixtures};

struct Asker {
    flake: Flake,
    editor: Editor,
}

impl Asker {
    fn of(fixture: &str) -> Self {
        Self::with(fixture, capabilities(), Value::Null)
    }

    fn with(fixture: &str, capabilities: Value, options: Value) -> Self {
        let flake = Flake::of(fixture);
        let mut editor = Editor::with(&["--store", &flake.store()], capabilities, options);
        for file in ["flake.nix", "flake.lock"] {
            editor.open(&flake.at(file), 1, &flake.read(file));
        }
        Self { flake, editor }
    }

    /// The answer at a place of a file.
    fn at(&mut self, method: &str, file: &str, at: &Value) -> Value {
        let document = json!({ "uri": uri(&self.flake.at(file)) });
        let params = json!({ "textDocument": document, "position": at });
        self.editor.request(&format!("textDocument/{method}"), params).unwrap()
    }

    /// The same at the start of a text that occurs once.
    fn on(&mut self, method: &str, file: &str, part: &str) -> Value {
        let at = position_of(&self.flake.read(file), part);
        self.at(method, file, &at)
    }

    fn hover(&mut self, file: &str, part: &str) -> String {
        let hover = self.on("hover", file, part);
        hover["contents"]["value"].as_str().unwrap_or_else(|| panic!("{part}: {hover}")).to_owned()
    }

    /// The targets of a definition: the file, and the text there.
    fn definitions(&mut self, file: &str, part: &str) -> Vec<(String, String)> {
        let found = self.on("definition", file, part);
        let found = found.as_array().unwrap_or_else(|| panic!("{part}: {found}")).clone();
        let told = found.iter().map(|location| {
            let path = location["uri"].as_str().unwrap().strip_prefix("file://").unwrap();
            let text = std::fs::read_to_string(path).unwrap();
            let range = &location["range"];
            let span = offset(&text, &range["start"])..offset(&text, &range["end"]);
            let root = self.flake.at("").to_str().unwrap().trim_end_matches('/').to_owned();
            let name = path.strip_prefix(&root).unwrap().trim_start_matches('/');
            (name.to_owned(), text[span].to_owned())
        });
        told.collect()
    }

    /// The completions in a text, at the bar: labels in the order in which they are shown, and the
    /// text with the first of them inserted.
    fn completed(&mut self, version: i64, typed: &str) -> (Vec<String>, String) {
        let bar = typed.find('|').unwrap();
        let text = typed.replace('|', "");
        self.editor.replace(&self.flake.at("flake.nix"), version, &text);
        let items = self.at("completion", "flake.nix", &position(&text, bar));
        let mut items = items.as_array().unwrap_or_else(|| panic!("{typed}")).clone();
        items.sort_by_key(|item| item["sortText"].as_str().unwrap().to_owned());
        let labels = items.iter().map(|item| item["label"].as_str().unwrap().to_owned());
        let first = items.first().map(|item| applied(&text, &json!([item["textEdit"]])));
        (labels.collect(), first.unwrap_or_default())
    }
}

#[test]
fn a_hover_tells_what_why_knows() {
    let mut asker = Asker::of("seed/a-follows-plain");
    let input = asker.hover("flake.nix", "another-dep.inputs");
    assert!(input.starts_with("```text\nanother-dep\n"), "{input}");
    assert!(input.contains("github:acme/another-dep/ed604690837a"), "{input}");
    let follows = asker.hover("flake.nix", "nixpkgs.follows = \"nixpkgs\";\n  };");
    assert!(follows.contains("another-dep/nixpkgs follows nixpkgs"), "{follows}");
    assert!(follows.contains("gets plain nixpkgs, while this flake uses"), "{follows}");
    assert!(follows.contains("nixos-24.11, 2025-06-02"), "{follows}");
    let formal = asker.hover("flake.nix", "nixpkgs-gpu, another-dep");
    assert!(formal.starts_with("```text\nnixpkgs-gpu\n"), "{formal}");
    let output = asker.hover("flake.nix", "default = pkgs.mkShell");
    assert!(output.starts_with("```text\ndevShells.x86_64-linux.default\n"), "{output}");
    assert!(output.contains("nixpkgs-gpu"), "{output}");
    // In the lock: a node, and an input of one.
    let node = asker.hover("flake.lock", "\"another-dep\": {");
    assert!(node.starts_with("```text\nnode another-dep\n"), "{node}");
    let input = asker.hover("flake.lock", "\"another-dep\": \"another-dep\"");
    assert!(input.starts_with("```text\nanother-dep\n"), "{input}");
    // Without information there is no answer; for a broken file there is what the lock shows.
    assert_eq!(asker.on("hover", "flake.nix", "description"), Value::Null);
    let text = asker.flake.read("flake.nix");
    asker.editor.replace(&asker.flake.at("flake.nix"), 2, &text[..text.len() - 3]);
    assert_eq!(asker.on("hover", "flake.nix", "another-dep.inputs"), Value::Null);
    assert!(asker.hover("flake.lock", "\"another-dep\": {").contains("github:acme/another-dep"));

    let mut plain = Asker::with("seed/a-follows-plain", json!({}), Value::Null);
    let hover = plain.on("hover", "flake.nix", "another-dep.inputs");
    assert_eq!(hover["contents"]["kind"], "plaintext");
}

#[test]
fn settings_tell_what_they_make() {
    let mut asker = Asker::of("inline-configuration/import-literal");
    let setting = asker.hover("flake.nix", "cudaSupport");
    assert!(setting.starts_with("```text\nnixpkgs as it is configured here\n"), "{setting}");
    assert!(setting.contains("cudaSupport"), "{setting}");
}

#[test]
fn names_are_offered_as_the_lock_has_them() {
    let mut asker = Asker::of("seed/a-follows-plain");
    let flake =
        |inputs: &str| format!("{{\n  inputs = {{\n    {inputs}\n  outputs = _: {{ }};\n}}\n");
    let (labels, first) = asker.completed(2, &flake("another-dep.inputs.nixpkgs.follows = \"|\";"));
    assert_eq!(labels, ["nixpkgs-gpu", "nixpkgs", "another-dep"]);
    assert!(first.contains("follows = \"nixpkgs-gpu\";"), "{first}");
    // In the middle of a path, and while the file is far from complete.
    let (labels, first) = asker.completed(3, &flake("x.follows = \"nixpkgs-gpu/n|"));
    assert_eq!(labels, ["nixpkgs"]);
    assert!(first.contains("follows = \"nixpkgs-gpu/nixpkgs\n"), "{first}");
    let (labels, first) = asker.completed(4, &flake("another-dep.inputs.|"));
    assert_eq!(labels, ["nixpkgs"]);
    assert!(first.contains("another-dep.inputs.nixpkgs\n"), "{first}");
    let (labels, _) = asker.completed(5, &flake("nixpkgs.follows = \"|\";"));
    assert_eq!(labels, ["nixpkgs-gpu", "another-dep"]);
    let at = |text: &str| position(&text.replace('|', ""), text.find('|').unwrap());
    for nothing in ["description = \"|\";", "x.url = \"|\";", "none.inputs.|", "x = { url = |"] {
        let text = flake(nothing);
        asker.editor.replace(&asker.flake.at("flake.nix"), 6, &text.replace('|', ""));
        assert_eq!(asker.at("completion", "flake.nix", &at(&text)), Value::Null, "{nothing}");
    }
    // Names that are no identifiers are quoted, except inside a string.
    let mut asker = Asker::of("seed/a-follows-plain");
    let lock = asker.flake.read("flake.lock");
    let dotted = lock.replace("\"another-dep\": \"another-dep\"", "\"a.b\": \"another-dep\"");
    asker.editor.replace(&asker.flake.at("flake.lock"), 2, &dotted);
    let (labels, first) = asker.completed(7, "{ inputs.a|");
    assert_eq!(labels[2], "a.b");
    assert!(first.starts_with("{ inputs.nixpkgs-gpu"), "{first}");
    let (labels, _) = asker.completed(8, "{ inputs.\"a.b\".inputs.|");
    assert_eq!(labels, ["nixpkgs"]);
}

#[test]
fn definitions_lead_from_name_to_name() {
    let some = |file: &str, text: &str| vec![(file.to_owned(), text.to_owned())];
    let mut asker = Asker::of("seed/a-follows-plain");
    // A follows leads to the input; so does a formal; an input leads to its node.
    let followed = asker.definitions("flake.nix", "nixpkgs\";\n  };");
    assert_eq!(followed, some("flake.nix", "nixpkgs"));
    let taken = asker.definitions("flake.nix", "another-dep }:");
    assert_eq!(taken, some("flake.nix", "another-dep"));
    let node = asker.definitions("flake.nix", "another-dep.inputs");
    assert_eq!(node, some("flake.lock", "\"another-dep\""));
    // In the lock: a node leads to its declaration, an input to its node.
    let declared = asker.definitions("flake.lock", "\"another-dep\": {");
    assert_eq!(declared, some("flake.nix", "another-dep"));
    let node = asker.definitions("flake.lock", "\"another-dep\": \"another-dep\"");
    assert_eq!(node, some("flake.lock", "\"another-dep\""));
    assert_eq!(asker.on("definition", "flake.nix", "description"), Value::Null);
}

#[test]
fn an_override_leads_into_the_dependency() {
    let mut led = 0;
    for name in fixtures() {
        if !Flake::of(&name).at("store").exists() || !Flake::of(&name).at("flake.nix").exists() {
            continue;
        }
        let mut asker = Asker::of(&name);
        let text = asker.flake.read("flake.nix");
        for (at, part) in text.match_indices("nixpkgs.follows") {
            let place = position(&text, at);
            let found = asker.at("definition", "flake.nix", &place);
            for location in found.as_array().into_iter().flatten() {
                let path = location["uri"].as_str().unwrap().strip_prefix("file://").unwrap();
                if path.contains("/store/") {
                    let theirs = std::fs::read_to_string(path).unwrap();
                    let start = offset(&theirs, &location["range"]["start"]);
                    assert!(theirs[start..].starts_with("nixpkgs"), "{name} {part}: {location}");
                    led += 1;
                }
            }
        }
    }
    assert!(led > 20, "{led}");
}

/// Names come from the lock, which anyone may have written.
#[test]
fn a_name_does_not_become_code() {
    let mut asker = Asker::of("seed/c-clean");
    let lock = asker.flake.read("flake.lock");
    let name = r#"another-dep\"${builtins.x}"#;
    let mut lock: Value = serde_json::from_str(&lock).unwrap();
    let inputs = lock["nodes"]["root"]["inputs"].as_object_mut().unwrap();
    let target = inputs["another-dep"].clone();
    inputs.insert(name.to_owned(), target.clone());
    inputs.insert("```".to_owned(), target);
    let lock = serde_json::to_string_pretty(&lock).unwrap();
    asker.flake.write("flake.lock", &lock);
    asker.editor.replace(&asker.flake.at("flake.lock"), 2, &lock);
    for typed in ["{ inputs.x.follows = \"|\"; }", "{ inputs.\"|\""] {
        let bar = typed.find('|').unwrap();
        let text = typed.replace('|', "");
        asker.editor.replace(&asker.flake.at("flake.nix"), bar as i64, &text);
        let items = asker.at("completion", "flake.nix", &position(&text, bar));
        let new = |item: &Value| item["textEdit"]["newText"].as_str().unwrap().to_owned();
        let new: Vec<String> = items.as_array().unwrap().iter().map(new).collect();
        assert!(new.contains(&r#"another-dep\\\"\${builtins.x}"#.to_owned()), "{new:?}");
    }
    let hover =
        asker.at("hover", "flake.lock", &position(&lock, lock.find("\"```\"").unwrap() + 1));
    let hover = hover["contents"]["value"].as_str().unwrap();
    assert!(hover.starts_with("````text\n```\n") && hover.ends_with("\n````"), "{hover}");
}

#[test]
fn a_configuration_is_known_while_it_is_typed() {
    let mut asker = Asker::of("seed/a-follows-plain");
    let toml = asker.flake.at("flake-audit.toml");
    let whole = "configured = [\"nixpkgs-gpu\"]\n\n[rules]\nstale-lock = \"warn\"\n";
    asker.flake.write("flake-audit.toml", whole);
    asker.editor.open(&toml, 1, whole);
    let hover = asker.hover("flake-audit.toml", "nixpkgs-gpu");
    assert!(hover.contains("nixpkgs-gpu is the node nixpkgs-gpu"), "{hover}");
    let hover = asker.hover("flake-audit.toml", "stale-lock");
    assert!(hover.contains("disagree on inputs"), "{hover}");
    let found = asker.definitions("flake-audit.toml", "nixpkgs-gpu");
    assert_eq!(found, [("flake.nix".to_owned(), "nixpkgs-gpu".to_owned())]);
    let mut version = 1;
    let mut completed = |typed: &str| {
        version += 1;
        let bar = typed.find('|').unwrap();
        let text = typed.replace('|', "");
        asker.editor.replace(&toml, version, &text);
        let items = asker.at("completion", "flake-audit.toml", &position(&text, bar));
        let items = items.as_array().unwrap_or_else(|| panic!("{typed}")).clone();
        let labels: Vec<String> =
            items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect();
        let first = items.first().map(|item| applied(&text, &json!([item["textEdit"]])));
        (labels, first.unwrap_or(text))
    };
    // None of these is a valid configuration, and most are no TOML.
    let (labels, first) = completed("conf|");
    assert_eq!(labels, ["configured", "nixpkgs", "requires-nix", "rules", "exempt"]);
    assert_eq!(first, "configured");
    let (labels, first) = completed("configured = |");
    assert_eq!(labels, ["another-dep", "nixpkgs", "nixpkgs-gpu"]);
    assert_eq!(first, "configured = \"another-dep\"");
    let (labels, first) = completed("[[exempt]]\ninput = \"another-dep/|\"\n");
    assert_eq!(
        (&*labels, &*first),
        (&["nixpkgs".to_owned()][..], "[[exempt]]\ninput = \"another-dep/nixpkgs\"\n")
    );
    let (labels, _) = completed("[[exempt]]\nrule = \"|");
    assert!(labels.contains(&"unconfigured-nixpkgs".to_owned()), "{labels:?}");
    let (labels, first) = completed("[rules]\nstale-lock = \"|\"");
    assert_eq!(labels, ["deny", "warn", "allow"]);
    assert_eq!(first, "[rules]\nstale-lock = \"deny\"");
    assert_eq!(asker.editor.leave(), 0);
}

#[test]
fn hints_are_there_for_who_asks() {
    let everything = json!({
        "start": { "line": 0, "character": 0 }, "end": { "line": 999, "character": 0 }
    });
    let asker = Asker::of("seed/a-follows-plain");
    assert!(asker.editor.offered["capabilities"].get("inlayHintProvider").is_none());
    let options = json!({ "inlayHints": true });
    let mut asker = Asker::with("seed/a-follows-plain", capabilities(), options);
    assert_eq!(asker.editor.offered["capabilities"]["inlayHintProvider"], true);
    let document = json!({ "uri": uri(&asker.flake.at("flake.nix")) });
    let mut ask = |range: Value| {
        let params = json!({ "textDocument": document, "range": range });
        let hints = asker.editor.request("textDocument/inlayHint", params).unwrap();
        let hints = hints.as_array().unwrap().clone();
        let line = |hint: &Value| hint["position"]["line"].as_u64().unwrap();
        let told: Vec<_> = hints
            .iter()
            .map(|hint| (line(hint), hint["label"].as_str().unwrap().to_owned()))
            .collect();
        told
    };
    let hints = ask(everything);
    assert_eq!(hints.len(), 5);
    let nixpkgs = "→ github:NixOS/nixpkgs/18b20080c026 (nixos-24.11, 2025-06-02)";
    assert_eq!(hints[0], (4, nixpkgs.to_owned()));
    assert_eq!(hints[4], (10, nixpkgs.to_owned()));
    let line = |line| json!({ "line": line, "character": 0 });
    assert_eq!(ask(json!({ "start": line(4), "end": line(5) })).len(), 1);
}

#[test]
fn every_question_at_every_word_of_every_fixture_has_an_answer() {
    let mut answered = BTreeSet::new();
    for name in fixtures().into_iter().step_by(4) {
        if !Flake::of(&name).at("flake.nix").exists() {
            continue;
        }
        if std::fs::read_to_string(Flake::of(&name).at("flake.lock")).is_err() {
            continue;
        }
        let options = json!({ "inlayHints": true });
        let mut asker = Asker::with(&name, capabilities(), options);
        for file in ["flake.nix", "flake.lock"] {
            let text = asker.flake.read(file);
            let words = text.char_indices().filter(|(_, c)| !c.is_alphanumeric());
            for (at, _) in words.step_by(7).take(150) {
                for method in ["hover", "completion", "definition"] {
                    let answer = asker.at(method, file, &position(&text, at));
                    if !answer.is_null() {
                        answered.insert((method, file));
                    }
                }
            }
        }
        assert_eq!(asker.editor.leave(), 0, "{name}");
    }
    assert_eq!(answered.len(), 5, "{answered:?}");
}
