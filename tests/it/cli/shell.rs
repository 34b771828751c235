//! The output for shells and `man`, and the answer to a wrong name. `tests/shells.rs` uses real
//! shells.

use std::fs;

use flake_audit::cli::command;
use flake_audit::rules::RULES;
use insta::assert_snapshot;

use super::{fixtures, flake_audit, over_fixtures};

/// The output without what changes with each release.
fn page(arguments: &[&str]) -> String {
    over_fixtures(arguments).replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[test]
fn scripts_ask_the_program() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = over_fixtures(&["completions", shell]);
        assert!(script.contains("flake-audit"), "{script}");
        assert!(script.contains("FLAKE_AUDIT_COMPLETE"), "{script}");
    }
}

/// The answer to a shell with these words before the cursor.
fn answered(words: &[&str]) -> String {
    let mut asked = flake_audit(&fixtures().join("seed/a-follows-plain"));
    let output = asked.env("FLAKE_AUDIT_COMPLETE", "fish").arg("--").args(words).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_shell_is_answered() {
    let rules = answered(&["flake-audit", "explain", ""]);
    for rule in RULES {
        assert!(rules.contains(&format!("{}\t{}\n", rule.id, rule.summary)), "{rules}");
    }
    assert!(answered(&["flake-audit", "graph", "--format", "me"]).starts_with("mermaid\t"));
    assert!(
        answered(&["flake-audit", "fix", "--input", "another-dep/"])
            .starts_with("another-dep/nixpkgs\t")
    );
    assert!(answered(&["flake-audit", "check", "fl"]).contains("flake.lock\n"));
}

#[test]
fn pages_of_the_manual() {
    assert_snapshot!(page(&["man"]));
    assert_snapshot!(page(&["man", "fix"]));
    assert_snapshot!(page(&["man", "chek"]));
}

#[test]
fn every_page_is_written_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("share/man1");
    flake_audit(fixtures()).args(["man", "--dir"]).arg(&dir).assert().success().stdout("");
    let command = command();
    let mut wanted: Vec<_> = command
        .get_subcommands()
        .map(|command| format!("flake-audit-{}.1", command.get_name()))
        .chain(["flake-audit.1".to_owned()])
        .collect();
    wanted.sort();
    let entries = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut written: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    written.sort();
    assert_eq!(written, wanted);
    for name in written {
        let text = fs::read_to_string(dir.join(&name)).unwrap();
        let title = name.strip_suffix(".1").unwrap();
        assert!(text.contains(&format!(".TH {title} 1 ")), "{name}");
    }
}

#[test]
fn the_help_of_every_subcommand_has_examples() {
    for command in command().get_subcommands() {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let example = format!("flake-audit {}", command.get_name());
        assert!(after.starts_with("Examples:\n"), "{}", command.get_name());
        assert!(after.contains(&example), "{}", command.get_name());
    }
}

#[test]
fn a_wrong_name_is_answered_with_the_nearest() {
    let deep = "seed/d-three-levels";
    assert_snapshot!(
        [
            over_fixtures(&["chekc"]),
            over_fixtures(&["check", "--deny", "unconfigured-nixpkg", deep]),
            over_fixtures(&["fix", "--rule", "wrapper-skw", deep]),
            over_fixtures(&["check", "--quiet", "--configured", "nixpkgs-gpo", deep]),
            over_fixtures(&["fix", "--dry-run", "--configured", "toolkt", deep]),
            over_fixtures(&["graph", "--focus", "toolkit/viewr", deep]),
            over_fixtures(&["why", "tolkit/engine/solvr", "--lock", deep]),
            over_fixtures(&["why", "nothing-like-it/at-all", "--lock", deep]),
            over_fixtures(&["fix", "--dry-run", "--input", "toolkit/viewr", deep]),
        ]
        .join("\n")
    );
}
