//! Locks made to be slow. Time is not measured: anything that is not linear would take minutes.

use std::fmt::Write;

use flake_audit::explore::{ExplorerEffect, Sink};
use flake_audit::text::is_hidden;

use super::{explore, press, screen};

fn node(key: &str, inputs: &str) -> String {
    let reference = r#"{"type":"github","owner":"acme","repo":"x","rev":"97521cfea6d77335d8661"}"#;
    format!(r#""{key}":{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}}"#)
}

fn lock(root_inputs: &str, nodes: &[String]) -> Vec<u8> {
    let nodes = nodes.join(",");
    format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{root_inputs}}}}},{nodes}}}}}"#
    )
    .into_bytes()
}

#[test]
fn two_to_the_40_paths_are_80_rows() {
    let nodes: Vec<_> = (1..=40)
        .map(|level| match level {
            40 => node("40", ""),
            _ => node(&level.to_string(), &format!(r#""a":"{0}","b":"{0}""#, level + 1)),
        })
        .collect();
    explore(&lock(r#""a":"1","b":"1""#, &nodes), Sink::File, |explorer| {
        press(explorer, "*");
        assert_eq!(explorer.lists.rows().all().len(), 1 + 80);
        press(explorer, "/acme esc /40 enter u *");
        assert_eq!(explorer.lists.rows().all().len(), 1 + 80);
        screen(explorer, 80, 24);
        press(explorer, "esc /a/a/a/a/b enter nnn d enter");
        screen(explorer, 80, 24);
    })
    .unwrap();
}

#[test]
fn a_chain_of_100_000_nodes_is_walked() {
    let count = 100_000;
    let nodes: Vec<_> = (0..count)
        .map(|at| match at + 1 {
            next if next == count => node(&at.to_string(), ""),
            next => node(&at.to_string(), &format!(r#""n":"{next}""#)),
        })
        .collect();
    explore(&lock(r#""n":"0""#, &nodes), Sink::File, |explorer| {
        press(explorer, "* end");
        assert_eq!(explorer.lists.rows().all().len(), 1 + count);
        let shown = screen(explorer, 80, 24);
        assert!(shown.contains("… "), "{shown}");
        press(explorer, "uf");
        for _ in 0..5 {
            press(explorer, "u*");
            screen(explorer, 80, 24);
        }
        press(explorer, "esc /99998 enter N f back d enter");
        press(explorer, "home h");
        assert_eq!(explorer.lists.rows().all().len(), 1);
    })
    .unwrap();
}

#[test]
fn a_root_of_100_000_inputs_is_scrolled() {
    let count = 100_000;
    let mut inputs = String::new();
    for at in 0..count {
        write!(inputs, r#""i{at}":"x{at}","f{at}":["i{at}"],"#).unwrap();
    }
    let nodes: Vec<_> = (0..count).map(|at| node(&format!("x{at}"), "")).collect();
    explore(&lock(inputs.trim_end_matches(','), &nodes), Sink::File, |explorer| {
        assert_eq!(explorer.lists.rows().all().len(), 1 + 2 * count);
        for _ in 0..200 {
            press(explorer, "pagedown");
            screen(explorer, 80, 24);
        }
        press(explorer, "end /i99999 enter f u");
        assert_eq!(explorer.lists.rows().all().len(), 1 + 2);
    })
    .unwrap();
}

#[test]
fn names_that_are_no_names_stay_in_their_columns() {
    let piled = format!("e{}", "\\u0301".repeat(100_000));
    let names = [
        "\\u001b[2J\\u001b]52;c;AAAA\\u0007",
        "\\u202egpj.exe",
        "日本語の長い名前がここに続いていて、画面の端を越えてしまう",
        "\\ud83d\\udc69\\u200d\\ud83d\\udcbb\\ufe0f",
        "\\u0301\\u0302",
        &piled,
        &"x".repeat(1_000_000),
        "",
        " ",
        "a/b",
        "line\\nbreak",
    ];
    let inputs: Vec<_> =
        names.iter().enumerate().map(|(at, name)| format!(r#""{name}":"{at}""#)).collect();
    let nodes: Vec<_> = (0..names.len()).map(|at| node(&at.to_string(), "")).collect();
    explore(&lock(&inputs.join(","), &nodes), Sink::File, |explorer| {
        for (width, height) in [(80, 24), (40, 8), (200, 50)] {
            press(explorer, "home");
            for _ in 0..=names.len() {
                let shown = screen(explorer, width, height);
                assert!(!shown.contains(|c| is_hidden(c) && c != '\n'), "{shown}");
                // Borders stay in place.
                let inner = usize::from(height) - 4;
                let ends = shown.lines().skip(2).take(inner);
                for line in ends {
                    let columns = unicode_width::UnicodeWidthStr::width(line);
                    assert_eq!(columns, usize::from(width), "{line}");
                    assert!(line.ends_with(['┃', '│']), "{line}");
                }
                assert!(shown.len() < 40_000, "{} bytes", shown.len());
                press(explorer, "j");
            }
        }
    })
    .unwrap();
}

#[test]
fn a_fix_with_hidden_characters_is_not_copied() {
    let github = |owner: &str, repo: &str| {
        format!(r#"{{"type":"github","owner":"{owner}","repo":"{repo}","rev":"97521cfea6"}}"#)
    };
    let entry = |inputs: &str, owner: &str, repo: &str| {
        let reference = github(owner, repo);
        format!(r#"{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}}"#)
    };
    let evil = r"dep\u001b[201~\u202e";
    let nodes = [
        format!(r#""nixpkgs":{}"#, entry("", "NixOS", "nixpkgs")),
        format!(r#""gpu":{}"#, entry(r#""nixpkgs":["nixpkgs"]"#, "acme", "nixpkgs-gpu")),
        format!(r#""dep":{}"#, entry(r#""nixpkgs":["nixpkgs"]"#, "acme", "dep")),
    ];
    let inputs = format!(r#""nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu","{evil}":"dep""#);
    explore(&lock(&inputs, &nodes), Sink::File, |explorer| {
        assert_eq!(press(explorer, "! y"), ExplorerEffect::None);
        let said = explorer.message.clone().unwrap();
        assert!(said.contains("no lines to copy"), "{said}");
    })
    .unwrap();
}
