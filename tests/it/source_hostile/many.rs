//! Many nodes: the total of their sources is bounded, and each is read once.

use serde_json::{Value, json};

use super::*;

/// A text of one megabyte.
fn filled(start: &str, unit: &str, end: &str) -> String {
    let room = LONGEST - 300 - start.len() - end.len();
    format!("{start}{}{end}", unit.repeat(room / unit.len()))
}

/// A dependency with this package.
fn dependency(package: &str) -> String {
    format!(
        "{{ outputs = {{ nixpkgs, ... }}: {{ packages.x.a = {package}; overlays.a = _: _: 1; }}; }}"
    )
}

/// A dependency that builds something which the GPU changes, and also has this.
fn dependency_with(aside: &str) -> String {
    format!(
        "{{ outputs = {{ nixpkgs, ... }}: {{
           packages.x.a = nixpkgs.legacyPackages.x.ollama; lib.a = {aside}; }}; }}"
    )
}

/// A root that takes a package of each of so many flakes.
fn taking(count: usize, folder: impl Fn(usize) -> String) -> FlakeFolder {
    taking_of(count, folder, |at| format!("packages.x.p{at} = inputs.d{at}.packages.x.a;\n"))
}

/// A root that takes something of each of so many flakes, in bindings of its outputs.
pub(super) fn taking_of(
    count: usize,
    folder: impl Fn(usize) -> String,
    bindings: impl Fn(usize) -> String,
) -> FlakeFolder {
    let flake = FlakeFolder::new();
    let locked = std::fs::read_to_string(flake.path().join("flake.lock")).unwrap();
    let mut lock: Value = serde_json::from_str(&locked).unwrap();
    let mut declared = String::new();
    let mut takes = String::new();
    for at in 0..count {
        let name = format!("d{at}");
        let folder = folder(at);
        let reference = json!({ "type": "path", "path": format!("./{folder}") });
        lock["nodes"]["root"]["inputs"][&name] = json!(name);
        lock["nodes"][&name] = json!({
            "inputs": { "nixpkgs": ["nixpkgs"], format!("i{at}"): ["nixpkgs"] },
            "locked": reference, "original": reference, "parent": [],
        });
        declared.push_str(&format!(
            "inputs.{name} = {{ url = \"path:./{folder}\"; inputs.nixpkgs.follows = \"nixpkgs\";
             inputs.i{at}.follows = \"nixpkgs\"; }};\n"
        ));
        takes.push_str(&bindings(at));
    }
    let root = ROOT_FLAKE.replacen("  outputs", &format!("{declared}  outputs"), 1).replacen(
        "    packages.x",
        &format!("{takes}    packages.x"),
        1,
    );
    flake.file("flake.nix", root).file("flake.lock", serde_json::to_string_pretty(&lock).unwrap());
    flake
}

fn assert_found(name: &str, told: &Told, count: usize) {
    assert_holds(name, told, ROOT_FINDING);
    for at in 0..count {
        assert_holds(name, told, &format!("unconfigured-nixpkgs d{at}/nixpkgs"));
    }
}

/// A hundred nodes that lead to one file, distinguished by their inputs.
#[test]
fn many_nodes_with_one_source() {
    for (name, text) in [
        ("lists", dependency_with(&filled("[", "[]", "]"))),
        ("names", dependency_with(&filled("[", "a ", "]"))),
        ("brackets", filled("", "[", "")),
        ("updates", dependency_with(&filled("{ }", "//{}", "").replacen("//{}", "//{}\n", 900))),
    ] {
        let flake = taking(100, |_| "same".into());
        flake.file("same/flake.nix", &text);
        assert_found(name, &flake.audit(name), 100);
    }
}

/// What exceeds the budget is reported, and judged as if it were not on disk.
#[test]
fn many_sources() {
    let text = dependency_with(&filled("[", "[]", "]"));
    let flake = taking(30, |at| format!("f{at}"));
    for at in 0..30 {
        flake.file(&format!("f{at}/flake.nix"), &text);
    }
    let told = flake.audit("many sources");
    assert_found("many sources", &told, 30);
    assert!(told.dependencies_cut_short, "{told:#?}");
    assert!(told.read > 1 && told.read < 31, "{}", told.read);
}

/// Small ones all fit.
#[test]
fn many_small_sources() {
    const MANY: usize = 300;
    let flake = taking(MANY, |at| format!("f{at}"));
    for at in 0..MANY {
        let package = "nixpkgs.legacyPackages.x.ollama";
        flake.file(&format!("f{at}/flake.nix"), dependency(package));
    }
    let told = flake.audit("many small sources");
    assert_found("many small sources", &told, MANY);
    assert!(!told.dependencies_cut_short && !told.cut_short, "{:#?}", told.warnings);
    assert_eq!(told.read, MANY + 1);
}

/// A folder that is listed again and again, whole and in parts.
#[test]
fn folders_that_are_listed_again_and_again() {
    for list in [
        "(builtins.attrNames (builtins.readDir ./many))",
        "(import (./many + \"/${i}\"))",
        "(nixpkgs.lib.filesystem.listFilesRecursive ./many)",
        "./many/${i}.nix",
    ] {
        let flake = taking(10, |at| format!("f{}", at % 2));
        for folder in ["f0", "f1"] {
            let text = list.repeat(2_000);
            flake.file(&format!("{folder}/flake.nix"), dependency(&format!("i: [ {text} ]")));
            for at in 0..2_000 {
                flake.file(&format!("{folder}/many/{at}.nix"), "_: 1");
            }
        }
        // Some of it may use nixpkgs, some certainly does not.
        assert_holds(list, &flake.audit(list), ROOT_FINDING);
    }
}

/// Every format says what was cut short, and none says that the flake is clean.
#[test]
fn nothing_is_found_in_what_was_looked_at() {
    let flake = taking(1, |_| "f".into());
    let joined: String = (1..600).map(|at| format!("x{at} = x{0} ++ x{0};", at - 1)).collect();
    flake.file("f/flake.nix", dependency(&format!("let x0 = [ 1 ]; {joined} in x599")));
    let run = |format: &str| {
        let mut command = flake_audit(flake.path());
        command.args(["check", "--format", format, "--store"]).arg(flake.store());
        // One rule that reads sources, and finds nothing here.
        for rule in RULES.iter().filter(|rule| rule.id != "inline-configuration") {
            command.args(["--allow", rule.id]);
        }
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let warning = "flake.lock: these of its sources are too much to be \
                   read completely: d0";
    let (code, out, err) = run("human");
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.ends_with("1 lock: nothing found, but not everything was read\n"), "{out}");
    assert_eq!(err, format!("warning: {warning}\n"));
    let (_, out, _) = run("json");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["reports"][0]["sources"]["cut_short"], 1);
    assert_eq!(report["summary"]["cut_short"], 1);
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1);
}
