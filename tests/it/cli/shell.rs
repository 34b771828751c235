//! What shells and `man` get, and what a wrong name is answered with. Real shells are asked in
//! `tests/shells.rs`.

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
fn scripts_know_the_program() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = over_fixtures(&["completions", shell]);
        for word in ["configured", "completions", "safe-only"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        // The others complete subcommands and options only.
        if ["bash", "fish", "zsh"].contains(&shell) {
            for rule in RULES {
                assert!(script.contains(rule.id), "{shell}: {}", rule.id);
            }
            assert!(script.contains("ndjson") && script.contains("mermaid"), "{shell}");
        }
    }
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
