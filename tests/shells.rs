//! Real shells, asked what they would complete: `cargo test --features shell-tests --test shells`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What is typed, and what must be offered for its last word.
const TYPED: [(&str, &[&str]); 8] = [
    ("flake-audit check --deny wrapper-", &["wrapper-incomplete", "wrapper-loop", "wrapper-skew"]),
    ("flake-audit check --format nd", &["ndjson"]),
    ("flake-audit explain dangling", &["dangling-follows"]),
    ("flake-audit fix --rule stale", &["stale-lock"]),
    ("flake-audit verif", &["verify"]),
    ("flake-audit completions el", &["elvish"]),
    // From the lock in the folder.
    ("flake-audit why nixpkgs", &["nixpkgs", "nixpkgs-gpu"]),
    ("flake-audit graph --focus another-dep/", &["another-dep/nixpkgs"]),
];

/// The script for a shell.
fn script(shell: &str) -> String {
    let program = env!("CARGO_BIN_EXE_flake-audit");
    let output = Command::new(program).args(["completions", shell]).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a shell beside a lock, with the program on its path, and returns its output.
fn ask(shell: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let flake = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seed/a-follows-plain");
    fs::copy(flake.join("flake.lock"), folder.path().join("flake.lock")).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_flake-audit")).parent().unwrap().to_path_buf();
    let others = env::var_os("PATH").unwrap();
    let path = env::join_paths([program].into_iter().chain(env::split_paths(&others))).unwrap();
    let output = Command::new(shell)
        .args(arguments)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("PATH", path)
        .output()
        .unwrap_or_else(|error| panic!("{shell} is needed: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Checks that a shell offers what it should: `answers` returns a line for each offer, whose first
/// word counts.
fn offers(answers: impl Fn(&str) -> String) {
    for (typed, offered) in TYPED {
        let answer = answers(typed);
        let words = answer.lines().map(|line| line.split(['\t', ':']).next().unwrap().trim());
        let mut words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        assert_eq!(words, offered, "{typed}");
    }
}

#[test]
fn bash() {
    // Like bash calls the function: the command, the word, and the one before it.
    let line = "eval \"$1\"; read -ra COMP_WORDS <<< \"$2\"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); \
                function=$(complete -p flake-audit | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
                $function flake-audit \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD - 1]}\"; \
                printf '%s\\n' \"${COMPREPLY[@]}\"";
    let script = script("bash");
    offers(|typed| ask("bash", &["--norc", "-c", line, "bash", &script, typed]));
}

#[test]
fn fish() {
    let line = "echo $argv[1] | source; complete -C $argv[2]";
    let script = script("fish");
    offers(|typed| ask("fish", &["--no-config", "-c", line, &script, typed]));
}

/// The script, run like `compinit` does: from a folder of functions, at the first completion.
#[test]
fn zsh() {
    let line = "compdef() { :; }; _describe() { print -rl -- ${(P)@[-1]}; }; \
                print -r -- \"$1\" > _flake-audit; fpath=($PWD); autoload -U _flake-audit; \
                words=(${(z)2}); CURRENT=$#words; _flake-audit";
    let script = script("zsh");
    offers(|typed| ask("zsh", &["-f", "-c", line, "zsh", &script, typed]));
}

/// The editor only exists in a terminal; the script needs its table of completers.
#[test]
fn elvish() {
    let script = script("elvish");
    offers(|typed| {
        let table = "var edit: = (ns [&completion:=(ns [&arg-completer=[&]])])";
        let code = format!(
            "{table}\n{script}\nput ($edit:completion:arg-completer[flake-audit] {typed}) | to-lines"
        );
        ask("elvish", &["-norc", "-c", &code])
    });
}

/// PowerShell itself is not run; this is the command that its script runs.
#[test]
fn powershell() {
    let script = script("powershell");
    assert!(
        script.contains("-CommandName flake-audit") && script.contains("& flake-audit -- $args")
    );
    offers(|typed| {
        let line = format!("FLAKE_AUDIT_COMPLETE=powershell flake-audit -- {typed}");
        ask("bash", &["--norc", "-c", &line])
    });
}

/// The advice of `docs/ci.md` for reports.
#[test]
fn jq() {
    let page = include_str!("../docs/ci.md");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = tempfile::tempdir().unwrap();
    let answer = |format: &str, start: &str| -> Value {
        let report = Command::new(env!("CARGO_BIN_EXE_flake-audit"))
            .args(["check", "--format", format, "unused-override", "unconfigured-nixpkgs"])
            .current_dir(&fixtures)
            .output()
            .unwrap();
        fs::write(folder.path().join("report"), report.stdout).unwrap();
        let (_, filter) = page.split_once(&format!("jq '{start}")).unwrap();
        let filter = format!("{start}{}", filter.split('\'').next().unwrap());
        let mut jq = Command::new("jq");
        let output = jq.arg(filter).arg(folder.path().join("report")).output();
        let output = output.unwrap_or_else(|error| panic!("jq is needed: {error}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };

    let shown = answer("sarif", "del(");
    let results = shown["runs"][0]["results"].as_array().unwrap();
    assert!(results.len() > 50, "{}", results.len());
    let exempted = |result: &Value| result["suppressions"] != serde_json::json!([]);
    assert!(!results.iter().any(exempted), "without those that are exempted");
}
