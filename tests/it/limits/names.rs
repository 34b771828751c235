//! Names with an effect: on a terminal, on a reader's eyes, on the service that reads the log. Each
//! through every subcommand and format, in every line of the output.

use std::path::Path;

use flake_audit::text::is_hidden;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{run, text, write};

/// The parts of names.
const PIECES: [&str; 30] = [
    "::",
    ":",
    "##[",
    "##",
    "#",
    "[",
    "##vso[",
    "error",
    "::error::x",
    "::stop-commands::t",
    "]",
    "\n",
    "\r",
    "\r\n::warning::",
    " ",
    "\t",
    "\u{1b}[2J",
    "\u{9b}",
    "\u{7}",
    "\u{202e}",
    "\u{ad}",
    "\u{115f}",
    "\u{3164}",
    "\u{2800}",
    "\u{e000}",
    "\u{f0001}",
    "\u{a0}",
    "\u{2028}",
    "a",
    "\"`${<&|%",
];

fn name() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 1..6)
        .prop_map(|pieces| pieces.concat())
}

/// A lock in which each place for any text contains one of these.
fn lock(names: &[String]) -> Value {
    let [a, b, c, d] = names else { unreachable!() };
    let reference = json!({ "type": "git", "url": format!("https://{c}"), "ref": d, "rev": a });
    let nixpkgs = json!({ "type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": b });
    json!({
        "nodes": {
            "root": { "inputs": { a: "dep", "dep": "dep", "nixpkgs": "nixpkgs", "nixpkgs-gpu": "gpu", "z": [c, d] } },
            "dep": { "inputs": { b: c, "nixpkgs": ["nixpkgs"] }, "locked": reference, "original": reference },
            c: { "inputs": { "nixpkgs": "nixpkgs", d: ["nixpkgs"] }, "locked": reference, "original": reference },
            "nixpkgs": { "locked": nixpkgs, "original": nixpkgs },
            "gpu": { "inputs": { "nixpkgs": ["nixpkgs"] },
                     "locked": { "type": "github", "owner": d, "repo": "nixpkgs-gpu" },
                     "original": { "type": "github", "owner": d, "repo": "nixpkgs-gpu" } },
            d: {},
        },
        "root": "root", "version": 7,
    })
}

fn is_command(line: &str) -> bool {
    let blank = |c: char| c.is_whitespace() || is_hidden(c);
    line.trim_start_matches(blank).starts_with("::")
}

fn assert_inert(what: &str, printed: &[u8]) {
    let printed = std::str::from_utf8(printed).unwrap();
    let is_patch = what.contains("--diff");
    for line in printed.split(['\n', '\r']) {
        let is_own =
            ["::error ", "::warning ", "::notice "].iter().any(|own| line.starts_with(own));
        let may_command = what.contains("github") && is_own;
        assert!(may_command || !is_command(line), "{what}: {line:?}");
        assert!(!line.contains("##[") && !line.contains("##vso["), "{what}: {line:?}");
        // A patch is for a program, so what it changes is unescaped.
        let hidden = line.chars().find(|c| is_hidden(*c)).filter(|_| !is_patch);
        assert_eq!(hidden, None, "{what}: {line:?}");
    }
}

fn inert(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = run(folder, arguments);
    let what = arguments.join(" ");
    assert!(matches!(output.status.code(), Some(0..=2)), "{what}: {}", text(&output.stderr));
    assert_inert(&what, &output.stdout);
    assert_inert(&what, &output.stderr);
    output.stdout
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_name_acts_in_any_output(names in prop::collection::vec(name(), 4)) {
        // Equal names would make another lock.
        let names: Vec<_> = (0..).zip(names).map(|(at, name): (u32, String)| format!("{name}{at}")).collect();
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        write(here, "flake.lock", lock(&names).to_string());
        let comment: String = names.iter().map(|name| format!("    # {name}\n{name} #\n")).collect();
        // In a comment of many lines, so that none of it is code.
        let comment = comment.replace("*/", "");
        write(here, "flake.nix", format!(
            "{{\n  /*\n{comment}  */\n  inputs.dep.url = \"git+https://x\";\n  outputs = {{ ... }}: {{ }};\n}}\n"
        ));
        let reason = serde_json::to_string(&names[0]).unwrap();
        write(here, "flake-audit.toml", format!(
            "[[exempt]]\nrule = \"duplicate-nixpkgs\"\ninput = \"x\"\nreason = {reason}\n"
        ));
        for format in ["human", "json", "ndjson", "sarif", "github", "markdown"] {
            let printed = inert(here, &["check", "-v", "--format", format]);
            if format == "json" || format == "sarif" {
                serde_json::from_slice::<Value>(&printed).unwrap();
            }
        }
        for format in ["dot", "json", "tree", "mermaid", "svg"] {
            let printed = inert(here, &["graph", "--format", format]);
            if format == "json" {
                let graph: Value = serde_json::from_slice(&printed).unwrap();
                let has_it = graph["nodes"].as_array().unwrap().iter().any(|node| node["key"] == names[2]);
                assert!(has_it, "JSON says the name as it is");
            }
        }
        for name in &names {
            inert(here, &["why", "--", name]);
            inert(here, &["check", "--configured", name]);
            inert(here, &["check", "--format", name]);
            inert(here, &["check", "--", name]);
            inert(here, &["explain", "--", name]);
        }
        inert(here, &["fix", "--dry-run"]);
        inert(here, &["fix", "--diff"]);
        // Messages quote a file that cannot be parsed, and a lock.
        write(here, "flake-audit.toml", format!("{}\n", names[1]));
        inert(here, &["check"]);
        write(here, "flake-audit.toml", "");
        write(here, "flake.nix", format!("{{ {} ; {}", names[2], names[3]));
        inert(here, &["check", "--format", "github"]);
        inert(here, &["check"]);
        write(here, "flake.lock", format!("{{\"nodes\":{{\"root\":{{\"inputs\":{{{}:\"x\"}}}}}},\"root\":\"root\",\"version\":7}}",
            serde_json::to_string(&names[0]).unwrap()));
        inert(here, &["check"]);
        inert(here, &["check", "--format", "github"]);
    }
}

/// A pasted text must not do more than it shows.
#[test]
fn a_name_that_cannot_be_seen_makes_a_fix_manual() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for (name, is_seen) in [
        ("dep", true),
        ("ü b", true),
        ("dep\u{ad}", false),
        ("\u{e000}", false),
        ("a\u{a0}", false),
    ] {
        let source = json!({ "type": "github", "owner": "acme", "repo": "dep" });
        let nixpkgs = json!({ "type": "github", "owner": "NixOS", "repo": "nixpkgs" });
        let gpu = json!({ "type": "github", "owner": "acme", "repo": "nixpkgs-gpu" });
        let lock = json!({ "nodes": {
            "root": { "inputs": { name: "dep", "nixpkgs": "nixpkgs", "nixpkgs-gpu": "gpu" } },
            "dep": { "inputs": { "nixpkgs": ["nixpkgs"] }, "locked": source, "original": source },
            "gpu": { "inputs": { "nixpkgs": ["nixpkgs"] }, "locked": gpu, "original": gpu },
            "nixpkgs": { "locked": nixpkgs, "original": nixpkgs },
        }, "root": "root", "version": 7 });
        write(here, "flake.lock", lock.to_string());
        let printed = run(here, &["check", "--format", "json"]).stdout;
        let report: Value = serde_json::from_slice(&printed).unwrap();
        let findings = report["reports"][0]["findings"].as_array().unwrap();
        let rule = |finding: &&Value| finding["rule"] == "unconfigured-nixpkgs";
        let fix = &findings.iter().find(rule).unwrap()["fix"];
        assert_eq!(fix["applicability"] != "manual", is_seen, "{name:?}: {fix}");
        assert_eq!(fix["nix"] == "", !is_seen, "{name:?}: {fix}");
        let reason = fix["reason"].as_str().unwrap_or_default();
        assert_eq!(reason.contains("cannot be seen"), !is_seen, "{name:?}: {fix}");
    }
}
