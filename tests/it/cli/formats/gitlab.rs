//! GitLab's code quality report. There is no schema, so the fields are those in GitLab's
//! documentation, "Code Quality report format".

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::{checked, fixtures, many};

/// Errors in a report.
fn problems(report: &Value) -> Vec<String> {
    let Some(issues) = report.as_array() else { return vec!["it is no array".into()] };
    let mut problems = Vec::new();
    let mut fingerprints = BTreeSet::new();
    for (number, issue) in issues.iter().enumerate() {
        let mut wrong = |what: &str| problems.push(format!("{number}: {what}: {issue}"));
        for field in ["description", "check_name", "fingerprint"] {
            if issue[field].as_str().is_none_or(str::is_empty) {
                wrong(field);
            }
        }
        if !["info", "minor", "major", "critical", "blocker"]
            .iter()
            .any(|it| issue["severity"] == *it)
        {
            wrong("severity");
        }
        let path = issue["location"]["path"].as_str().unwrap_or_default();
        if path.is_empty() || path.starts_with("./") || path.starts_with('/') {
            wrong("location.path");
        }
        if issue["location"]["lines"]["begin"].as_u64().is_none_or(|line| line == 0) {
            wrong("location.lines.begin");
        }
        // Of two with the same fingerprint, GitLab shows only the first.
        if !fingerprints.insert(issue["fingerprint"].to_string()) {
            wrong("the fingerprint is there twice");
        }
    }
    problems
}

#[test]
fn reports_are_as_gitlab_reads_them() {
    let (text, _) = checked(fixtures(), &["--format", "gitlab", "."]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(problems(&report), [""; 0]);
    let issues = report.as_array().unwrap();
    assert!(issues.len() > 200, "{}", issues.len());
    let checks: BTreeSet<&str> =
        issues.iter().map(|it| it["check_name"].as_str().unwrap()).collect();
    assert!(
        checks.contains("not-audited") && checks.contains("unconfigured-nixpkgs"),
        "{checks:?}"
    );

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), many(0, "nixpkgs")).unwrap();
    let (text, _) = checked(folder.path(), &["--format", "gitlab"]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!([]));
}

#[test]
fn what_is_wrong_is_seen() {
    let (text, _) = checked(&fixtures().join("seed/a-follows-plain"), &["--format", "gitlab"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    for (field, value) in [
        ("/0/description", json!("")),
        ("/0/severity", json!("error")),
        ("/0/location/path", json!("./flake.nix")),
        ("/0/location/lines/begin", json!(0)),
    ] {
        let mut broken = report.clone();
        *broken.pointer_mut(field).unwrap() = value;
        assert_eq!(problems(&broken).len(), 1, "{field}");
    }
    let one = report[0].clone();
    assert_eq!(problems(&json!([one.clone(), one])).len(), 1);
}
