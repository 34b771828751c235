//! Validates SARIF by the official schema: `cargo test --features sarif-tests --test sarif`, with
//! its file named by `FLAKE_AUDIT_SARIF_SCHEMA`. It is not part of this repository: CONTRIBUTING.md
//! says where it comes from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say how much they saw"
)]

use std::path::Path;
use std::{env, fs};

use assert_cmd::Command;
use jsonschema::Validator;
use serde_json::Value;

fn schema() -> Validator {
    let file = env::var_os("FLAKE_AUDIT_SARIF_SCHEMA").expect("FLAKE_AUDIT_SARIF_SCHEMA");
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    // A superfluous bracket makes this an invalid regular expression. It concerns fields that are
    // not written here.
    for object in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][object]["properties"]["language"];
        language.as_object_mut().unwrap().remove("pattern").unwrap();
    }
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

fn log(folder: &Path) -> Value {
    let mut command = Command::cargo_bin("flake-audit").unwrap();
    let output = command.current_dir(folder).args(["check", "--format", "sarif"]).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn problems(schema: &Validator, log: &Value) -> Vec<String> {
    let problem =
        |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    schema.iter_errors(log).map(problem).collect()
}

#[test]
fn logs_are_valid() {
    let schema = schema();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let all = log(&fixtures);
    assert_eq!(problems(&schema, &all), [""; 0]);
    let results = all["runs"][0]["results"].as_array().unwrap();
    let count = |field: &str| {
        let has = |result: &&Value| result[field].as_array().is_some_and(|all| !all.is_empty());
        results.iter().filter(has).count()
    };
    println!(
        "{} results are valid: {} with fixes, {} suppressed",
        results.len(),
        count("fixes"),
        count("suppressions")
    );
    assert!(count("fixes") > 0 && count("suppressions") > 0);

    assert_eq!(problems(&schema, &log(&fixtures.join("seed/c-clean"))), [""; 0]);
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(problems(&schema, &log(empty.path())), [""; 0]);
}

#[test]
fn what_is_wrong_is_seen() {
    let schema = schema();
    let mut log = log(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seed/a-follows-plain"));
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] =
        0.into();
    assert_eq!(problems(&schema, &log).len(), 1);
}
