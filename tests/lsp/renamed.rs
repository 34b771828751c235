//! Renaming an input.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::checked::by_check;
use crate::edited::{files, position_of};
use crate::editor::{Editor, uri};
use crate::flake::{Flake, fixtures};

fn renamed(
    editor: &mut Editor,
    flake: &Flake,
    at: &Value,
    new: &str,
) -> Result<BTreeMap<String, String>, String> {
    let document = json!({ "uri": uri(&flake.at("flake.nix")) });
    let params = json!({ "textDocument": document, "position": at, "newName": new });
    let edit = editor.request("textDocument/rename", params);
    let edit = edit.map_err(|error| error["message"].as_str().unwrap().to_owned())?;
    Ok(files(flake, &edit))
}

fn prepared(editor: &mut Editor, flake: &Flake, at: &Value) -> Value {
    let document = json!({ "uri": uri(&flake.at("flake.nix")) });
    let params = json!({ "textDocument": document, "position": at });
    editor.request("textDocument/prepareRename", params).unwrap()
}

#[test]
fn a_name_is_changed_wherever_it_stands() {
    let flake = Flake::of("seed/a-follows-plain");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let text = flake.read("flake.nix");
    editor.open(&flake.at("flake.nix"), 1, &text);
    let mut all = Vec::new();
    for part in ["nixpkgs-gpu.url", "nixpkgs-gpu.inputs", "nixpkgs-gpu, another-dep"] {
        let at = position_of(&text, part);
        assert_eq!(prepared(&mut editor, &flake, &at)["placeholder"], "nixpkgs-gpu", "{part}");
        all.push(renamed(&mut editor, &flake, &at, "cuda").unwrap());
    }
    assert_eq!((&all[0], &all[0]), (&all[1], &all[2]));
    let nix = &all[0]["flake.nix"];
    // The repository keeps its name.
    let expected = text.replace("nixpkgs-gpu", "cuda").replace("acme/cuda", "acme/nixpkgs-gpu");
    assert_eq!(*nix, expected);
    let lock: Value = serde_json::from_str(&all[0]["flake.lock"]).unwrap();
    assert_eq!(lock["nodes"]["root"]["inputs"]["cuda"], "cuda");
    assert!(lock["nodes"]["nixpkgs-gpu"].is_null());
    assert_eq!(lock["nodes"]["cuda"]["locked"]["repo"], "nixpkgs-gpu");
    // What follows it uses the new name.
    let dep = position_of(&text, "nixpkgs.url");
    let made = renamed(&mut editor, &flake, &dep, "stable").unwrap();
    assert_eq!(made["flake.nix"].matches("follows = \"stable\"").count(), 2);
    let lock: Value = serde_json::from_str(&made["flake.lock"]).unwrap();
    assert_eq!(lock["nodes"]["another-dep"]["inputs"]["nixpkgs"], json!(["stable"]));
    // Elsewhere there is nothing to rename.
    for part in ["github:acme/another-dep", "description", "self, nixpkgs", "pkgs.mkShell"] {
        let at = position_of(&text, part);
        assert_eq!(prepared(&mut editor, &flake, &at), Value::Null, "{part}");
        renamed(&mut editor, &flake, &at, "other").unwrap_err();
    }
    for (name, why) in
        [("nixpkgs", "already"), ("a.b", "no name"), ("self", "no name"), ("", "no name")]
    {
        let refused = renamed(&mut editor, &flake, &dep, name).err();
        let at = position_of(&text, "another-dep.url");
        let refused = refused
            .filter(|_| name != "nixpkgs")
            .unwrap_or_else(|| renamed(&mut editor, &flake, &at, name).unwrap_err());
        assert!(refused.contains(why), "{name}: {refused}");
    }
}

/// A flake with the inputs of `seed/a-follows-plain`, and other outputs.
fn with_outputs(outputs: &str) -> Flake {
    let flake = Flake::of("seed/a-follows-plain");
    let text = flake.read("flake.nix");
    let start = text.find("  outputs =").unwrap();
    flake.write("flake.nix", &format!("{}  outputs = {outputs};\n}}\n", &text[..start]));
    flake
}

/// The outputs after renaming `another-dep` to `dep`.
fn outputs(flake: &Flake) -> Result<(String, BTreeMap<String, String>), String> {
    let mut editor = Editor::new(&["--store", &flake.store()]);
    let text = flake.read("flake.nix");
    editor.open(&flake.at("flake.nix"), 1, &text);
    let at = position_of(&text, "another-dep.url");
    let made = renamed(&mut editor, flake, &at, "dep")?;
    let nix = &made["flake.nix"];
    let start = nix.find("outputs = ").unwrap() + "outputs = ".len();
    let outputs = nix[start..].strip_suffix(";\n}\n").unwrap().to_owned();
    Ok((outputs, made))
}

#[test]
fn what_takes_it_takes_it_by_its_new_name() {
    for (before, after) in [
        (
            "{ self, another-dep, ... }: { packages.x.y = another-dep.packages.x.z; }",
            "{ self, dep, ... }: { packages.x.y = dep.packages.x.z; }",
        ),
        (
            "inputs: { packages.x.y = inputs.another-dep.packages.x.another-dep; }",
            "inputs: { packages.x.y = inputs.dep.packages.x.another-dep; }",
        ),
        (
            "{ self, ... }@all: { lib = { inherit (all) nixpkgs another-dep; }; }",
            "{ self, ... }@all: { lib = { inherit (all) nixpkgs; another-dep = all.dep; }; }",
        ),
        (
            "{ another-dep, ... }: { lib = { inherit another-dep; b = \"${another-dep}/x\"; }; }",
            "{ dep, ... }: { lib = { inherit; another-dep = dep; b = \"${dep}/x\"; }; }",
        ),
        (
            "{ self, ... }: { lib.a = self.inputs.another-dep.lib; lib.another-dep = 1; }",
            "{ self, ... }: { lib.a = self.inputs.dep.lib; lib.another-dep = 1; }",
        ),
        (
            "{ ... }@i: let inherit (i) another-dep; in { lib.a = another-dep.lib; }",
            "{ ... }@i: let inherit (i); another-dep = i.dep; in { lib.a = another-dep.lib; }",
        ),
        (
            "{ ... }@i: { lib.a = i.\"another-dep\" or { }; lib.b = i ? another-dep; }",
            "{ ... }@i: { lib.a = i.dep or { }; lib.b = i ? dep; }",
        ),
    ] {
        let told = outputs(&with_outputs(before)).map(|(outputs, _)| outputs);
        assert_eq!(told.as_deref(), Ok(after), "{before}");
    }
}

#[test]
fn what_is_not_certain_is_refused_with_its_place() {
    for (before, why) in [
        ("{ another-dep, ... }: { lib = x: let another-dep = x; in another-dep; }", "bound anew"),
        ("{ another-dep, ... }: { lib = dep: another-dep dep; }", "bound anew"),
        ("{ another-dep, ... }: { lib = { another-dep }: another-dep; }", "bound anew"),
        (
            "{ another-dep, ... }: { lib = rec { another-dep = 1; x = another-dep; }; }",
            "bound anew",
        ),
        ("{ another-dep, ... }: with builtins; { lib = dep another-dep; }", "bound anew"),
        ("inputs: with inputs; { lib = another-dep.lib; }", "`with`"),
    ] {
        let refused = outputs(&with_outputs(before)).unwrap_err();
        assert!(refused.contains(why) && refused.starts_with("flake.nix:"), "{before}: {refused}");
    }
}

#[test]
fn other_files_that_take_it_are_changed_too() {
    let flake = with_outputs("inputs: { packages.x.y = import ./pkg.nix { inherit inputs; }; }");
    flake.write("pkg.nix", "{ inputs }: inputs.another-dep.packages.x.z");
    let (_, made) = outputs(&flake).unwrap();
    assert_eq!(made["pkg.nix"], "{ inputs }: inputs.dep.packages.x.z");
    let flake = with_outputs("inputs: { packages.x.y = import ./pkg.nix inputs; }");
    flake.write("pkg.nix", "{ another-dep, ... }: another-dep.packages.x.z");
    let refused = outputs(&flake).unwrap_err();
    assert!(refused.starts_with("pkg.nix:1: this file takes `another-dep`"), "{refused}");
}

#[test]
fn the_configuration_is_changed_too_unless_others_have_it() {
    let flake = Flake::of("seed/a-follows-plain");
    let config = "configured = [\"nixpkgs-gpu\"]\n";
    flake.write("flake-audit.toml", config);
    let text = flake.read("flake.nix");
    let at = position_of(&text, "nixpkgs-gpu.url");
    let mut editor = Editor::new(&["--store", &flake.store()]);
    editor.open(&flake.at("flake.nix"), 1, &text);
    let made = renamed(&mut editor, &flake, &at, "cuda").unwrap();
    assert_eq!(made["flake-audit.toml"], "configured = [\"cuda\"]\n");
    // A configuration above several flakes is shared with others.
    let several = Flake::empty();
    several.write("flake-audit.toml", config);
    for file in ["flake.nix", "flake.lock"] {
        several.write(&format!("one/{file}"), &flake.read(file));
    }
    let nix = several.at("one/flake.nix");
    editor.open(&nix, 1, &text);
    let document = json!({ "uri": uri(&nix) });
    let params = json!({ "textDocument": document, "position": at, "newName": "cuda" });
    let refused = editor.request("textDocument/rename", params).unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("other flakes"), "{refused}");
}

#[test]
fn a_renamed_flake_is_as_it_was() {
    let (mut made, mut refused) = (0, Vec::new());
    for name in fixtures().into_iter().step_by(5) {
        let flake = Flake::of(&name);
        let Ok(text) = std::fs::read_to_string(flake.at("flake.nix")) else { continue };
        let store = flake.store();
        let mut editor = Editor::new(&["--store", &store]);
        editor.open(&flake.at("flake.nix"), 1, &text);
        let before = by_check(&flake, &["--store", &store]);
        let document = json!({ "textDocument": { "uri": uri(&flake.at("flake.nix")) } });
        let symbols = editor.request("textDocument/documentSymbol", document).unwrap();
        for symbol in symbols.as_array().into_iter().flatten() {
            let at = &symbol["selectionRange"]["start"];
            if prepared(&mut editor, &flake, at).is_null() {
                continue;
            }
            match renamed(&mut editor, &flake, at, "quite-another") {
                Err(why) => refused.push(format!("{name} {}: {why}", symbol["name"])),
                Ok(files) => {
                    let copy = Flake::of(&name);
                    files.iter().for_each(|(file, text)| copy.write(file, text));
                    let after = by_check(&copy, &["--store", &copy.store()]);
                    let rules = |found: &std::collections::BTreeSet<crate::checked::Finding>| {
                        let mut rules: Vec<_> = found.iter().map(|f| (f.2, f.3.clone())).collect();
                        rules.sort();
                        rules
                    };
                    assert_eq!(rules(&before), rules(&after), "{name} {}", symbol["name"]);
                    made += 1;
                }
            }
        }
    }
    println!("{made} renamed, {} refused:\n{}", refused.len(), refused.join("\n"));
    assert!(made > 40 && made > 4 * refused.len(), "{made}: {refused:#?}");
}
