//! What is printed as JSON is what the schemas in docs/ say: `cargo test --features schema-tests --test schemas`.
//!
//! Apart from the other tests, because what validates turns on features of libraries that the program
//! has, too: with it among them `cargo test` would build the program a second time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use jsonschema::Validator;
use serde_json::{Value, json};

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

/// What the program prints over fixtures.
fn over_fixtures(arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("flake-audit").unwrap();
    let output = command.current_dir(fixtures()).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The published schema of a report.
fn published() -> Value {
    published_as("report.schema.json")
}

fn published_as(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// The schema without room for later versions: no other fields, no other values.
fn strict(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(strict);
            if let Some(mut examples) = object.remove("examples") {
                // The type says which values may be null.
                if object.get("type").is_some_and(Value::is_array) {
                    examples.as_array_mut().unwrap().push(Value::Null);
                }
                object.insert("enum".into(), examples);
            }
            if object.contains_key("properties") {
                object.insert("additionalProperties".into(), json!(false));
            }
        }
        Value::Array(array) => array.iter_mut().for_each(strict),
        _ => {}
    }
}

/// Validates whole documents, and validates single reports.
fn validators(mut schema: Value) -> (Validator, Validator) {
    let document = jsonschema::validator_for(&schema).unwrap();
    for field in ["type", "properties", "required", "additionalProperties"] {
        schema.as_object_mut().unwrap().remove(field);
    }
    schema["$ref"] = json!("#/$defs/Report");
    (document, jsonschema::validator_for(&schema).unwrap())
}

fn problems(validator: &Validator, value: &Value) -> Vec<String> {
    let problem =
        |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    validator.iter_errors(value).map(problem).collect()
}

#[test]
fn every_fixture_is_printed_as_the_schema_says() {
    let mut schema = published();
    let (document, _) = validators(schema.clone());
    strict(&mut schema);
    let (strict_document, strict_report) = validators(schema);
    let text = over_fixtures(&["check", "--format", "json", "."]);
    let printed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problems(&document, &printed), [""; 0]);
    assert_eq!(problems(&strict_document, &printed), [""; 0]);

    let text = over_fixtures(&["check", "--format", "ndjson", "."]);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 200, "{}", lines.len());
    for line in &lines {
        assert_eq!(problems(&strict_report, line), [""; 0], "{}", line["lock_file"]);
    }
    // Each of these is non-empty somewhere.
    for field in ["error", "instances", "findings"] {
        let has =
            |value: &Value| !value.is_null() && value.as_array().is_none_or(|a| !a.is_empty());
        assert!(lines.iter().any(|line| has(&line[field])), "{field}");
    }
}

#[test]
fn what_is_wrong_is_seen() {
    let (document, report) = validators(published());
    let text = over_fixtures(&["check", "--format", "json", "seed/a-follows-plain"]);
    let good: Value = serde_json::from_str(&text).unwrap();
    assert!(document.is_valid(&good));
    let broken: [fn(&mut Value); 4] = [
        |value| value["schema_version"] = json!(2),
        |value| value["summary"]["deny"] = json!("1"),
        |value| value["reports"][0]["findings"][0]["input_path"] = json!("a/b"),
        |value| drop(value["reports"][0].as_object_mut().unwrap().remove("status")),
    ];
    for (number, break_it) in broken.iter().enumerate() {
        let mut value = good.clone();
        break_it(&mut value);
        assert!(!document.is_valid(&value), "{number}");
    }
    // Additions of a later version are no error.
    let mut later = good.clone();
    later["reports"][0]["status"] = json!("later");
    later["reports"][0]["later"] = json!(1);
    assert!(document.is_valid(&later));
    assert!(report.is_valid(&later["reports"][0]));
}

#[test]
fn why_prints_what_its_schema_says() {
    let mut schema = published_as("why.schema.json");
    strict(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (seed, hosts) = ("seed/d-three-levels", "source/several-hosts");
    for (case, asked) in [
        (seed, &["toolkit/viewer/nixpkgs", "nixpkgs_2"][..]),
        (hosts, &["desk", "server", "packages.speech", "solver/nixpkgs"]),
    ] {
        let store = format!("{case}/store");
        let why = ["why", "--format", "json", "--lock", case, "--store", &store];
        let shown = over_fixtures(&[&why[..], asked].concat());
        let printed = serde_json::from_str(&shown).unwrap();
        assert_eq!(problems(&validator, &printed), [""; 0]);
        assert_eq!(printed["answers"].as_array().unwrap().len(), asked.len());
    }
}

#[test]
fn diff_prints_what_its_schema_says() {
    let mut schema = published_as("diff.schema.json");
    strict(&mut schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let cases = fs::read_dir(fixtures().join("seed")).unwrap();
    let mut cases: Vec<String> =
        cases.map(|case| case.unwrap().path().to_str().unwrap().to_owned()).collect();
    cases.sort();
    let mut filled: Vec<String> = Vec::new();
    for pair in cases.windows(2) {
        let shown = over_fixtures(&["diff", &pair[0], &pair[1], "--format", "json"]);
        let printed: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(problems(&validator, &printed), [""; 0], "{pair:?}");
        let lists =
            printed.as_object().unwrap().iter().chain(printed["nixpkgs"].as_object().unwrap());
        let lists = lists.filter(|(_, list)| list.as_array().is_some_and(|list| !list.is_empty()));
        filled.extend(lists.map(|(name, _)| name.clone()));
    }
    for list in ["came", "went", "moved", "inputs_rebound", "findings", "inputs"] {
        assert!(filled.iter().any(|name| name == list), "{list}");
    }
}

#[test]
fn twice_prints_what_its_schema_says() {
    // Nix would have to evaluate: what is written of a report that was made up
    // (`src/twice/tests/told.rs`).
    let snapshot =
        include_str!("../src/twice/tests/snapshots/flake_audit__twice__tests__formats__json.snap");
    let document: Value =
        serde_json::from_str(snapshot.splitn(3, "---\n").nth(2).unwrap()).unwrap();
    let mut schema = published_as("twice.schema.json");
    let validator = jsonschema::validator_for(&schema).unwrap();
    strict(&mut schema);
    assert_eq!(problems(&jsonschema::validator_for(&schema).unwrap(), &document), [""; 0]);
    // And what is missing or of another type is none.
    for (field, value) in [("schema_version", json!(2)), ("outputs", json!("none"))] {
        let mut other = document.clone();
        other[field] = value;
        assert!(!validator.is_valid(&other), "{field}");
    }
    let mut other = document;
    other["outputs"][0]["twice"][0]["begins"][0].as_object_mut().unwrap().remove("values");
    assert!(!validator.is_valid(&other));
}
