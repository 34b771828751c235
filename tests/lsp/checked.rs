//! The findings of `check` for the same files, in the server's form.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::editor::Editor;
use crate::flake::Flake;

/// The prefix of findings of an earlier text.
pub(crate) const OLD: &str = "before the error that there is now: ";

/// A finding: file, place, level, rule, and message.
pub(crate) type Finding = (String, [u64; 4], u64, String, String);

/// The findings of `check` for a flake on disk. Columns are in `encoding`: the bytes of a
/// character.
pub(crate) fn by_check(flake: &Flake, arguments: &[&str]) -> BTreeSet<Finding> {
    let program = assert_cmd::cargo::cargo_bin("flake-audit");
    let output = Command::new(program)
        .current_dir(flake.at(""))
        .env_remove("NIX_STORE_DIR")
        .args(["check", "flake.lock", "--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let report = &document["reports"][0];
    let mut found = BTreeSet::new();
    for finding in report["findings"].as_array().unwrap() {
        if !finding["exempted"].is_null() {
            continue;
        }
        let level = if finding["level"] == "deny" { 1 } else { 2 };
        let location = &finding["location"];
        let (file, place) = if location.is_null() {
            let file = if report["sources"]["root"] == true { "flake.nix" } else { "flake.lock" };
            (file.to_owned(), [0; 4])
        } else {
            let file = location["file"].as_str().unwrap().to_owned();
            let ends = ["line", "column", "end_line", "end_column"];
            let ends = ends.map(|name| location[name].as_u64().unwrap());
            (file.clone(), converted(&flake.read(&file), ends))
        };
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        found.insert((file, place, level, text("rule"), text("message")));
    }
    if !report["error"].is_null() {
        let error = &report["error"];
        let message = error["message"].as_str().unwrap().to_owned();
        found.insert((String::new(), [0; 4], 1, String::new(), message));
    }
    found
}

/// A place in UTF-16, from 0.
fn converted(text: &str, [line, column, end_line, end_column]: [u64; 4]) -> [u64; 4] {
    let units = |line: u64, column: u64| -> u64 {
        let line = text.split('\n').nth(line as usize - 1).unwrap_or_default();
        line.chars().take(column as usize - 1).map(|c| c.len_utf16() as u64).sum()
    };
    [line - 1, units(line, column), end_line - 1, units(end_line, end_column)]
}

/// The diagnostics that the server has published for a flake, without warnings of the run and old
/// ones.
pub(crate) fn by_server(flake: &Flake, editor: &Editor) -> BTreeSet<Finding> {
    let root = format!("file://{}", flake.at("").display());
    let mut found = BTreeSet::new();
    for (uri, (_, diagnostics)) in &editor.published {
        let Some(file) = uri.strip_prefix(&root) else { continue };
        let file = file.trim_start_matches('/').to_owned();
        for diagnostic in diagnostics {
            let text = diagnostic["message"].as_str().unwrap();
            let level = diagnostic["severity"].as_u64().unwrap();
            let message = text.lines().next().unwrap().to_owned();
            if text.starts_with(OLD) {
                continue;
            }
            let range = &diagnostic["range"];
            let ends = ["start", "end"]
                .map(|end| ["line", "character"].map(|part| range[end][part].as_u64().unwrap()));
            match diagnostic["code"].as_str() {
                Some(rule) => {
                    let place = [ends[0][0], ends[0][1], ends[1][0], ends[1][1]];
                    found.insert((file.clone(), place, level, rule.to_owned(), message));
                }
                None if level == 1 => {
                    found.insert((String::new(), [0; 4], 1, String::new(), message));
                }
                None => {}
            }
        }
    }
    found
}
