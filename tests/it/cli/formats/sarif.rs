//! SARIF: how other programs read it. `tests/sarif.rs` validates it by the official schema.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::{checked, fixtures, flake_audit, many};
use flake_audit::rules::RULES;

/// The only run of a log.
fn run(folder: &Path, arguments: &[&str]) -> Value {
    let (text, _) = checked(folder, &[&["--format", "sarif"], arguments].concat());
    let mut log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let [run] = log["runs"].as_array_mut().unwrap().as_mut_slice() else { panic!("{text}") };
    run.take()
}

/// Without the parts that are the same in all runs.
fn pretty(mut run: Value) -> String {
    run["tool"]["driver"]["rules"] = json!("…");
    serde_json::to_string_pretty(&run).unwrap()
}

#[test]
fn a_log() {
    let paths = ["seed/a-follows-plain", "seed/c-clean", "malformed/truncated", "unused-override"];
    assert_snapshot!(pretty(run(fixtures(), &paths)));
}

#[test]
fn nothing_found() {
    assert_snapshot!(pretty(run(fixtures(), &["seed/c-clean"])));
}

#[test]
fn every_rule_has_its_page() {
    let run = run(fixtures(), &["seed/c-clean"]);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    for (written, rule) in rules.iter().zip(RULES) {
        assert_eq!(written["id"], rule.id);
        assert_eq!(written["help"]["markdown"], rule.page);
    }
}

#[test]
fn results_point_at_their_rules() {
    let run = run(fixtures(), &["."]);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 200, "{}", results.len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

/// GitHub merges results in one file that have the same fingerprint.
#[test]
fn fingerprints_are_apart() {
    let run = run(fixtures(), &["."]);
    let mut seen = BTreeSet::new();
    for result in run["results"].as_array().unwrap() {
        let file = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let hash = &result["partialFingerprints"]["flakeAudit/v1"];
        assert!(seen.insert((file.to_string(), hash.to_string())), "{result}");
    }
}

/// Inserting lines before a finding moves it, but it stays the same finding.
#[test]
fn fingerprints_survive_edits() {
    let folder = tempfile::tempdir().unwrap();
    let lock = folder.path().join("flake.lock");
    fs::write(&lock, many(20, "nixpkgs")).unwrap();
    let fingerprints = |run: &Value| -> BTreeSet<String> {
        let results = run["results"].as_array().unwrap();
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect()
    };
    let before = run(folder.path(), &[]);
    fs::write(&lock, "\n\n".to_owned() + &many(21, "nixpkgs")).unwrap();
    let after = run(folder.path(), &[]);
    let (before_all, after_all) = (fingerprints(&before), fingerprints(&after));
    assert_eq!((before_all.len(), after_all.len()), (20, 21));
    assert!(before_all.is_subset(&after_all));
    assert_ne!(before["results"][0]["locations"], after["results"][0]["locations"]);
}

#[test]
fn exempted_findings_are_suppressed() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), many(2, "nixpkgs")).unwrap();
    let config = "[[exempt]]\nrule = \"unconfigured-nixpkgs\"\ninput = \"dep-00/nixpkgs\"\n\
                  reason = \"formatter only\"\n";
    fs::write(folder.path().join("flake-audit.toml"), config).unwrap();
    let run = run(folder.path(), &[]);
    let suppressions: Vec<_> =
        run["results"].as_array().unwrap().iter().map(|result| &result["suppressions"]).collect();
    let accepted =
        json!([{"kind": "external", "status": "accepted", "justification": "formatter only"}]);
    assert!(suppressions.contains(&&accepted), "{suppressions:?}");
    assert!(suppressions.contains(&&json!([])), "{suppressions:?}");
}

#[test]
fn comments_suppress_in_the_source() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flake.lock"), many(1, "nixpkgs")).unwrap();
    let flake = "{\n  inputs.nixpkgs.url = \"github:NixOS/nixpkgs\";\n  \
                 inputs.nixpkgs-gpu.url = \"github:acme/nixpkgs-gpu\";\n  \
                 # flake-audit: allow(unconfigured-nixpkgs) formatter only\n  \
                 inputs.dep-00.url = \"github:acme/dep-00\";\n  \
                 outputs = inputs: {\n    devShells.x86_64-linux.default =\n      \
                 inputs.nixpkgs-gpu.legacyPackages.x86_64-linux.mkShell {\n        \
                 packages = [ inputs.dep-00.packages.x86_64-linux.default ];\n      };\n  };\n}\n";
    fs::write(folder.path().join("flake.nix"), flake).unwrap();
    let run = run(folder.path(), &[]);
    let results = run["results"].as_array().unwrap();
    let result = results.iter().find(|result| result["ruleId"] == "unconfigured-nixpkgs").unwrap();
    let accepted =
        json!([{"kind": "inSource", "status": "accepted", "justification": "formatter only"}]);
    assert_eq!(result["suppressions"], accepted);
}

/// The text after the replacements of a fix, applied like an editor would.
fn applied(text: &str, fix: &Value) -> String {
    let offset = |line: &Value, column: &Value| {
        let (line, column) = (line.as_u64().unwrap() as usize, column.as_u64().unwrap() as usize);
        let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        start + text[start..].chars().take(column - 1).map(char::len_utf8).sum::<usize>()
    };
    let mut result = text.to_owned();
    let replacements = fix["artifactChanges"][0]["replacements"].as_array().unwrap();
    for replacement in replacements.iter().rev() {
        let region = &replacement["deletedRegion"];
        let from = offset(&region["startLine"], &region["startColumn"]);
        let to = offset(&region["endLine"], &region["endColumn"]);
        let inserted = replacement["insertedContent"]["text"].as_str().unwrap_or_default();
        result.replace_range(from..to, inserted);
    }
    result
}

/// If a flake has one finding, with a fix that edits flake.nix, an editor makes the same change as
/// `fix`.
#[test]
fn fixes_are_what_fix_does() {
    let all = run(fixtures(), &["."]);
    let mut compared = 0;
    for result in all["results"].as_array().unwrap() {
        let Some(fix) = result["fixes"].get(0) else { continue };
        let flake = fix["artifactChanges"][0]["artifactLocation"]["uri"].as_str().unwrap();
        let folder = Path::new(flake).parent().unwrap();
        let text = fs::read_to_string(fixtures().join(flake)).unwrap();
        let edited = applied(&text, fix);
        assert_ne!(edited, text, "{flake}");
        let of_folder = |other: &&Value| {
            other["fixes"][0]["artifactChanges"][0]["artifactLocation"]["uri"] == flake
        };
        if all["results"].as_array().unwrap().iter().filter(of_folder).count() > 1 {
            continue;
        }
        let copy = tempfile::tempdir().unwrap();
        for file in fs::read_dir(fixtures().join(folder)).unwrap().map(Result::unwrap) {
            if file.path().is_file() {
                fs::copy(file.path(), copy.path().join(file.file_name())).unwrap();
            }
        }
        let rule = result["ruleId"].as_str().unwrap();
        let output = flake_audit(copy.path())
            .args(["fix", "--no-lock", "--no-source", "--rule", rule])
            .output()
            .unwrap();
        let written = fs::read_to_string(copy.path().join("flake.nix")).unwrap();
        if written != text {
            let told = String::from_utf8_lossy(&output.stdout);
            assert_eq!(written, edited, "{flake}: {told}");
            compared += 1;
        }
    }
    assert!(compared > 0, "no fix was compared");
    println!("{compared} fixes are what `fix` writes");
}

/// GitHub refuses larger files completely.
#[cfg(unix)]
#[test]
fn a_log_stays_below_what_github_takes() {
    const LOCKS: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    // Long names make long results: in a URI each blank takes three characters.
    let lock = many(300, "gone");
    let deep: std::path::PathBuf = std::iter::repeat_n(" a".repeat(120), 12).collect();
    for number in 0..LOCKS {
        let flake = folder.path().join(format!("flake-{number:02}")).join(&deep);
        fs::create_dir_all(&flake).unwrap();
        fs::write(flake.join("flake.lock"), &lock).unwrap();
    }
    let (text, code) = checked(folder.path(), &["--format", "sarif"]);
    assert_eq!(code, 1);
    assert!((8 << 20..10_000_000).contains(&text.len()), "{}", text.len());
    let log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let told = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    let left_out = format!("{} results are left out", LOCKS * 300 - results.len());
    assert!(told[0]["message"]["text"].as_str().unwrap().starts_with(&left_out), "{told}");
}
