//! Every request on small and on large flakes, with the time of each. Times are only printed,
//! because they depend on the machine. `FLAKE_AUDIT_TEST_TIMES` says how often each is sent,
//! `FLAKE_AUDIT_TEST_PROGRAM` names a release build, and `FLAKE_AUDIT_TEST_FLAKES` folders with
//! flakes, separated by colons.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::edited::position;
use crate::editor::{Editor, capabilities, uri};
use crate::flake::Flake;

/// As many nodes as the largest known public lock has, and as many of nixpkgs.
fn large() -> Flake {
    let locked = |owner: &str, repo: &str| {
        json!({
            "lastModified": 1_748_884_238, "owner": owner, "repo": repo, "type": "github",
            "narHash": "sha256-KeQdkpKZrKXSkM2d55Bjv1WRL7XX9DwOnjeEg+rH5zc=",
            "rev": "18b20080c026fc68c1ab951e21f9d8e0033b179c",
        })
    };
    let node = |owner: &str, repo: &str, inputs: Value| {
        let original = json!({ "owner": owner, "repo": repo, "type": "github" });
        json!({ "inputs": inputs, "locked": locked(owner, repo), "original": original })
    };
    let mut nodes = serde_json::Map::new();
    let (mut root, mut lines) = (serde_json::Map::new(), String::new());
    let mut add = |root: &mut serde_json::Map<String, Value>, name: &str, url: &str| {
        root.insert(name.to_owned(), json!(name));
        lines += &format!("    {name}.url = \"github:{url}\";\n");
    };
    nodes.insert("nixpkgs".into(), node("NixOS", "nixpkgs", json!({})));
    add(&mut root, "nixpkgs", "NixOS/nixpkgs");
    let gpu = node("acme", "nixpkgs-gpu", json!({ "nixpkgs": ["nixpkgs"] }));
    nodes.insert("nixpkgs-gpu".into(), gpu);
    add(&mut root, "nixpkgs-gpu", "acme/nixpkgs-gpu");
    for flake in 0..520 {
        let name = format!("dep-{flake:03}");
        let [own, utils, systems, below] =
            ["nixpkgs", "utils", "systems", "below"].map(|kind| format!("{kind}-{flake:03}"));
        nodes.insert(own.clone(), node("NixOS", "nixpkgs", json!({})));
        nodes.insert(systems.clone(), node("nix-systems", "default", json!({})));
        nodes.insert(utils.clone(), node("numtide", "flake-utils", json!({ "systems": systems })));
        let nixpkgs = json!({ "nixpkgs": [name.clone(), "nixpkgs"] });
        nodes.insert(below.clone(), node("acme", &below, nixpkgs));
        let inputs = json!({ "nixpkgs": own, "utils": utils, "below": below });
        nodes.insert(name.clone(), node("acme", &name, inputs));
        add(&mut root, &name, &format!("acme/{name}"));
    }
    nodes.insert("root".into(), json!({ "inputs": root }));
    let lock = json!({ "nodes": nodes, "root": "root", "version": 7 });
    let flake = Flake::empty();
    flake.write("flake.lock", &serde_json::to_string_pretty(&lock).unwrap());
    let text = format!(
        "{{\n  inputs = {{\n{lines}    nixpkgs-gpu.inputs.nixpkgs.follows = \"nixpkgs\";\n  }};\n\
         \n  outputs = inputs: {{\n    devShells.x86_64-linux.default =\n      \
         inputs.nixpkgs-gpu.legacyPackages.x86_64-linux.mkShell {{\n        \
         packages = [ inputs.dep-007.packages.x86_64-linux.default ];\n      }};\n  }};\n}}\n"
    );
    flake.write("flake.nix", &text);
    flake
}

/// The median time.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

/// Repeats something, and prints how long it takes until the last answer arrives, and how much
/// processor time the server uses: on a busy machine, the latter counts.
fn tell(editor: &mut Editor, what: &str, mut once: impl FnMut(&mut Editor)) {
    let many = std::env::var("FLAKE_AUDIT_TEST_TIMES").ok().and_then(|many| many.parse().ok());
    let (mut taken, mut worked) = (Vec::new(), Vec::new());
    for _ in 0..many.unwrap_or(1) {
        let (start, before) = (Instant::now(), editor.worked());
        once(editor);
        taken.push(editor.arrived.duration_since(start));
        worked.push(editor.worked() - before);
    }
    println!("    {what:26} {:8.1} ms, works {:8.1} ms", median(taken), median(worked));
}

fn measure(name: &str, folder: &Path) {
    let store = folder.join("store");
    let store = store.to_str().unwrap();
    let mut editor =
        Editor::with(&["--store", store], capabilities(), json!({ "inlayHints": true }));
    let (nix, lock) = (folder.join("flake.nix"), folder.join("flake.lock"));
    let text = std::fs::read_to_string(&nix).unwrap();
    let locked = std::fs::read_to_string(&lock).unwrap();
    println!("{name}: {} nodes, {} KiB", locked.matches("\"locked\"").count(), locked.len() >> 10);
    editor.open(&lock, 1, &locked);
    editor.open(&nix, 1, &text);
    editor.settled(&nix, 1);
    let mut version = 1;
    tell(&mut editor, "diagnostics after an edit", |editor| {
        version += 1;
        // The server's delay is included.
        editor.replace(&nix, version, &format!("{text}# {version}\n"));
        editor.hears_of(&nix, version);
    });
    let inside = text.find("inputs").unwrap();
    let name_at = text[inside..].find(".url").map_or(inside, |at| inside + at - 1);
    let at = position(&text, name_at);
    let everything = json!({ "start": position(&text, 0), "end": position(&text, text.len()) });
    let here = json!({ "start": at, "end": at });
    let asked = |path: &Path| json!({ "textDocument": { "uri": uri(path) }, "position": at });
    let context = json!({ "diagnostics": [] });
    let with = |mut params: Value, name: &str, value: &Value| {
        params[name] = value.clone();
        params
    };
    let actions = with(with(asked(&nix), "range", &here), "context", &context);
    for (method, params) in [
        ("hover", asked(&nix)),
        ("completion", asked(&nix)),
        ("definition", asked(&nix)),
        ("documentSymbol", asked(&nix)),
        ("documentSymbol", asked(&lock)),
        ("inlayHint", with(asked(&nix), "range", &everything)),
        ("codeAction", actions.clone()),
        ("prepareRename", asked(&nix)),
        ("rename", with(asked(&nix), "newName", &json!("quite-another"))),
    ] {
        tell(&mut editor, method, |editor| {
            let _ = editor.request(&format!("textDocument/{method}"), params.clone());
        });
    }
    tell(&mut editor, "hover, right after an edit", |editor| {
        version += 1;
        editor.replace(&nix, version, &format!("{text}# {version}\n"));
        let _ = editor.request("textDocument/hover", asked(&nix));
    });
    let only = json!({ "diagnostics": [], "only": ["source.fixAll"] });
    let offered =
        editor.request("textDocument/codeAction", with(actions, "context", &only)).unwrap();
    if let Some(all) = offered.as_array().and_then(|all| all.first()) {
        tell(&mut editor, "all fixes worked out", |editor| {
            let _ = editor.request("codeAction/resolve", all.clone());
        });
    }
    assert_eq!(editor.leave(), 0);
}

#[test]
fn every_request_is_answered_for_small_flakes_and_large_ones() {
    if let Some(folders) = std::env::var_os("FLAKE_AUDIT_TEST_FLAKES") {
        for folder in std::env::split_paths(&folders) {
            measure(&folder.display().to_string(), &folder);
        }
        return;
    }
    measure("seed", &Flake::of("seed/a-follows-plain").at(""));
    measure("large", &large().at(""));
}
