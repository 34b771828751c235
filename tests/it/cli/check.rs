use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use super::{fixtures, flake_audit, over_fixtures, shown};

#[test]
fn the_seed_scenario() {
    for case in [
        "a-follows-plain",
        "b-own-nixpkgs",
        "c-clean",
        "d-three-levels",
        "e-team-wrappers",
        "f-skewed-wrapper",
        "g-root-follows-wrapper",
        "g-root-is-unfree",
        "h-pin-holder",
        "i-lib-slot",
        "j-through-unstable",
    ] {
        assert_snapshot!(
            format!("seed-{case}"),
            over_fixtures(&["check", &format!("seed/{case}")])
        );
    }
}

#[test]
fn json_of_the_seed_scenario() {
    let shown = over_fixtures(&["check", "--format", "json", "seed/d-three-levels"]);
    let json = shown.split_once("--- stdout\n").unwrap().1;
    let json: Value = serde_json::from_str(json).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn ndjson_is_the_elements_of_reports() {
    let paths = ["seed/a-follows-plain", "seed/c-clean", "malformed/truncated"];
    let run = |format: &str| {
        let arguments = [&["check", "--format", format][..], &paths[..]].concat();
        let output = flake_audit(fixtures()).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stdout).unwrap()
    };
    let json: Value = serde_json::from_str(&run("json")).unwrap();
    let lines: Vec<Value> =
        run("ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json["reports"], Value::Array(lines));
    assert_eq!(
        json["summary"],
        serde_json::json!({"locks": 3, "errors": 1, "deny": 1, "warn": 0, "exempted": 0, "fixable": 1})
    );
    let status: Vec<_> =
        json["reports"].as_array().unwrap().iter().map(|report| &report["status"]).collect();
    assert_eq!(status, ["findings", "clean", "error"]);
}

#[test]
fn colours_on_demand_only() {
    let case = fixtures().join("seed/a-follows-plain");
    let stdout = |arguments: &[&str], environment: &[(&str, &str)]| {
        let mut command = flake_audit(&case);
        command.arg("check").args(arguments).envs(environment.iter().copied());
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    let plain = stdout(&[], &[]);
    assert!(!plain.contains('\u{1b}'));
    let colored = stdout(&["--color", "always"], &[]);
    assert!(colored.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
    assert_eq!(stdout(&["--color", "always"], &[("NO_COLOR", "1")]), colored);
    assert_eq!(stdout(&[], &[("CLICOLOR_FORCE", "1")]), colored);
    assert_eq!(stdout(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]), plain);
    assert_eq!(stdout(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]), plain);
}

#[test]
fn levels_by_flag() {
    let case = "seed/a-follows-plain";
    let code = |arguments: &[&str]| {
        let mut command = flake_audit(fixtures());
        command.args(["check", case]).args(arguments).output().unwrap().status.code().unwrap()
    };
    assert_eq!(code(&[]), 1);
    assert_eq!(code(&["--warn", "unconfigured-nixpkgs"]), 0);
    assert_eq!(code(&["--allow", "unconfigured-nixpkgs"]), 0);
    let rule = "unconfigured-nixpkgs";
    assert_eq!(code(&["--allow", rule, "--deny", rule]), 1);
    assert_eq!(code(&["--deny", rule, "--warn", rule]), 0);
    assert_snapshot!(over_fixtures(&["check", "--deny", "unconfigured-nixpkg", case]));
    assert_snapshot!(over_fixtures(&[
        "check",
        "--deny",
        "duplicate-nixpkgs",
        "--allow",
        rule,
        "seed/b-own-nixpkgs"
    ]));
}

#[test]
fn quiet_and_verbose() {
    assert_snapshot!(over_fixtures(&["check", "-q", "seed/a-follows-plain", "seed/c-clean"]));
    assert_snapshot!(over_fixtures(&["check", "-v", "seed/c-clean"]));
}

#[test]
fn declared_by_flag() {
    let case = "unconfigured-nixpkgs/configured-not-declared";
    assert_snapshot!(
        fs::read_to_string(fixtures().join(case).join("README.md")).unwrap()
            + &over_fixtures(&["check", case])
    );
    assert_snapshot!(over_fixtures(&[
        "check",
        "seed/a-follows-plain",
        "--configured",
        "nixpkgs-gpu"
    ]));
    assert_snapshot!(over_fixtures(&[
        "check",
        "seed/a-follows-plain",
        "--configured",
        "nixpkgs-cpu"
    ]));
}

#[test]
fn the_order_does_not_depend_on_the_number_of_threads() {
    let run = |threads: &str| {
        let mut command = flake_audit(fixtures());
        command.args(["check", "."]).env("RAYON_NUM_THREADS", threads).output().unwrap().stdout
    };
    let one = run("1");
    assert!(one.len() > 10_000);
    assert_eq!(one, run("2"));
    assert_eq!(one, run("7"));
}

#[test]
fn hostile_names_are_escaped() {
    let folder = tempfile::tempdir().unwrap();
    let name = "\u{1b}[31m\u{202e}\u{9b}x\u{7f}\n\"${a}\\<b>";
    let reference = serde_json::json!({"type": "github", "owner": name, "repo": name, "rev": name});
    let node = |inputs: Value| serde_json::json!({"inputs": inputs, "locked": reference, "original": reference});
    let nixpkgs =
        serde_json::json!({"type": "github", "owner": name, "repo": "nixpkgs", "rev": name});
    let lock = serde_json::json!({"version": 7, "root": name, "nodes": {
        name: {"inputs": {"nixpkgs": "n", "nixpkgs-gpu": "gpu", name: "dep", "missing": [name, name]}},
        "n": {"locked": nixpkgs, "original": nixpkgs},
        "gpu": node(serde_json::json!({"nixpkgs": ["nixpkgs"]})),
        "dep": node(serde_json::json!({"nixpkgs": ["nixpkgs"]})),
    }});
    fs::write(folder.path().join("flake.lock"), lock.to_string()).unwrap();
    for format in ["human", "json", "ndjson", "sarif", "github", "markdown"] {
        let output =
            flake_audit(folder.path()).args(["check", "--format", format]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8(output.stdout).unwrap();
        let hidden = |c: char| c != '\n' && flake_audit::text::is_hidden(c);
        assert_eq!(text.chars().find(|c| hidden(*c)), None, "{format}:\n{text}");
        if ["github", "markdown"].contains(&format) {
            assert_snapshot!(format!("hostile-{format}"), text);
        } else if format == "human" {
            assert_snapshot!(text);
        } else if format == "sarif" {
            let json: Value = serde_json::from_str(&text).unwrap();
            let results = json["runs"][0]["results"].as_array().unwrap();
            let mut texts = results.iter().map(|r| r["message"]["text"].as_str().unwrap());
            assert!(texts.all(|text| !text.contains(|c: char| hidden(c))));
        } else {
            let json: Value = serde_json::from_str(text.lines().next().unwrap())
                .or_else(|_| serde_json::from_str(&text))
                .unwrap();
            let reports = if format == "json" { &json["reports"][0] } else { &json };
            let paths = reports["findings"].as_array().unwrap();
            let paths: Vec<_> = paths.iter().map(|finding| &finding["input_path"]).collect();
            assert!(paths.contains(&&serde_json::json!([name, "nixpkgs"])), "{paths:?}");
        }
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("flake-audit"));
    command.current_dir(fixtures()).args(["check", "."]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn help_has_examples() {
    assert_snapshot!(shown(
        flake_audit(fixtures()).args(["check", "--help"]).env("COLUMNS", "100")
    ));
}
