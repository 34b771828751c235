//! Real shells, asked what they would complete: `cargo test --features shell-tests --test shells`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// What is typed, and what must be offered for its last word.
const TYPED: [(&str, &[&str]); 5] = [
    ("flake-audit check --deny wrapper-", &["wrapper-incomplete", "wrapper-loop", "wrapper-skew"]),
    ("flake-audit check --format nd", &["ndjson"]),
    ("flake-audit explain dangling", &["dangling-follows"]),
    ("flake-audit fix --rule stale", &["stale-lock"]),
    ("flake-audit verif", &["verify"]),
];

/// Writes the script for a shell into a folder, beside a file that a shell would offer instead.
fn script(shell: &str, folder: &Path, name: &str) {
    let program = env!("CARGO_BIN_EXE_flake-audit");
    let output = Command::new(program).args(["completions", shell]).output().unwrap();
    assert!(output.status.success());
    fs::write(folder.join(name), output.stdout).unwrap();
}

/// Runs a shell in a folder and gives what it prints.
fn ask(shell: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(shell)
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .output()
        .unwrap_or_else(|error| panic!("{shell} is needed: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The words of what a shell offers, in order of the alphabet.
fn sorted(words: impl Iterator<Item = impl Into<String>>) -> Vec<String> {
    let mut words: Vec<String> = words.map(Into::into).collect();
    words.sort();
    words
}

#[test]
fn bash() {
    let folder = tempfile::tempdir().unwrap();
    script("bash", folder.path(), "script");
    for (typed, offered) in TYPED {
        // As bash itself calls the function: the command, the word, and the one before it.
        let line = "source ./script; read -ra COMP_WORDS <<< \"$1\"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); \
                    function=$(complete -p flake-audit | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
                    $function flake-audit \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; \
                    echo \"${COMPREPLY[@]}\"";
        let answer = ask("bash", &["--norc", "-c", line, "bash", typed], folder.path());
        assert_eq!(sorted(answer.split_whitespace()), offered, "{typed}");
    }
}

#[test]
fn fish() {
    let folder = tempfile::tempdir().unwrap();
    script("fish", folder.path(), "script");
    for (typed, offered) in TYPED {
        let line = "source ./script; complete -C $argv[1]";
        let answer = ask("fish", &["--no-config", "-c", line, typed], folder.path());
        let words = answer.lines().map(|line| line.split('\t').next().unwrap());
        assert_eq!(sorted(words), offered, "{typed}");
    }
}
