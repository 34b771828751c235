//! Pasting the fix that `check` prints gives the same file as `fix`.

use flake_audit::rules::RULES;
use similar::TextDiff;

use super::fixable::flakes;
use super::fixtures;
use crate::support::workspace::Workspace;

/// Lines of a printed diff: number, sign and text.
type Lines = Vec<(usize, char, String)>;

/// The first diff of an automatic fix that `check` prints, in a terminal of 80 columns.
fn printed(flake: &Workspace, levels: &[&str]) -> Option<Lines> {
    let mut command = flake.command(&["check", "-q", "flake.lock"]);
    command.args(levels);
    let output = command.env("COLUMNS", "80").output().unwrap().stdout;
    let output = String::from_utf8(output).unwrap();
    let (mut is_automatic, mut lines) = (false, Lines::new());
    for line in output.lines() {
        if line.starts_with("error[") || line.starts_with("warning[") {
            is_automatic = false;
        }
        if let Some((_, help)) = line.split_once("= help: ") {
            is_automatic = ["let ", "remove", "move "].iter().any(|by| help.starts_with(by));
        }
        let numbered = line.trim_start().split_once(' ').and_then(|(number, rest)| {
            let number: usize = number.parse().ok()?;
            let (sign, text) = rest.split_at(1);
            Some((number, sign.chars().next()?, text.strip_prefix(' ').unwrap_or(text).to_owned()))
        });
        match numbered {
            Some(line) if is_automatic => lines.push(line),
            _ if lines.is_empty() => {}
            _ => break,
        }
    }
    (!lines.is_empty()).then_some(lines)
}

/// A file after typing in a diff, line by line.
fn typed(text: &str, diff: &Lines) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<&str> = text.split(end).collect();
    for (number, sign, shown) in diff {
        // Each of these must already be there.
        if matches!(sign, '-' | '|') {
            assert_eq!(lines[number - 1].trim_end(), shown.trim_end());
        }
    }
    let gone: Vec<usize> = diff.iter().filter(|line| line.1 == '-').map(|line| line.0).collect();
    let mut number = 0;
    lines.retain(|_| {
        number += 1;
        !gone.contains(&number)
    });
    for (number, _, line) in diff.iter().filter(|line| line.1 == '+') {
        lines.insert(number - 1, line);
    }
    lines.join(end)
}

/// Flakes whose second diff is shown only after the first was locked, too.
const IN_TWO_STEPS: [&str; 1] = ["split-configuration/copy-holds-a-pin"];

#[test]
fn what_check_prints_is_what_fix_writes() {
    let (mut same, mut others) = (0, Vec::new());
    for flake in flakes() {
        let name = flake.strip_prefix(fixtures()).unwrap().display().to_string();
        let (by_hand, by_fix) = (Workspace::of(&flake), Workspace::of(&flake));
        let before = by_hand.read("flake.nix");
        for _ in 0..20 {
            let Some(diff) = printed(&by_hand, &[]) else { break };
            by_hand.write("flake.nix", typed(&by_hand.read("flake.nix"), &diff));
        }
        by_fix.command(&["fix", "--no-lock"]).output().unwrap();
        let (fixed, pasted) = (by_fix.read("flake.nix"), by_hand.read("flake.nix"));
        if fixed == before || IN_TWO_STEPS.contains(&name.as_str()) {
            continue;
        }
        if fixed == pasted {
            same += 1;
        } else {
            others.push(format!(
                "== {name}\n{}",
                TextDiff::from_lines(&fixed, &pasted).unified_diff()
            ));
        }
    }
    println!("{same} flakes were mended by hand");
    assert!(others.is_empty(), "{}", others.join("\n"));
    assert!(same > 40, "only {same} flakes");
}

/// The same for rules that are silent by default, each by itself.
#[test]
fn so_it_is_of_rules_that_are_asked_for() {
    let (mut same, mut others) = (0, Vec::new());
    for asked in ["duplicate-nixpkgs", "duplicate-input", "unconfigured-secondary"] {
        // If every rule that judges sources is off, flake.nix is not read; this one has no diffs.
        let is_off = |id: &str| id != asked && id != "ineffective-setting";
        let off = RULES.iter().filter(|rule| is_off(rule.id)).flat_map(|rule| ["--allow", rule.id]);
        let levels: Vec<&str> = ["--warn", asked].into_iter().chain(off).collect();
        for flake in flakes() {
            let (by_hand, by_fix) = (Workspace::of(&flake), Workspace::of(&flake));
            let before = by_hand.read("flake.nix");
            by_fix.command(&["fix", "--no-lock", "--rule", asked]).output().unwrap();
            let fixed = by_fix.read("flake.nix");
            if fixed == before {
                continue;
            }
            for _ in 0..20 {
                let Some(diff) = printed(&by_hand, &levels) else { break };
                by_hand.write("flake.nix", typed(&by_hand.read("flake.nix"), &diff));
            }
            let pasted = by_hand.read("flake.nix");
            if fixed == pasted {
                same += 1;
            } else {
                let name = flake.strip_prefix(fixtures()).unwrap().display();
                let diff = TextDiff::from_lines(&fixed, &pasted).unified_diff().to_string();
                others.push(format!("== {asked} {name}\n{diff}"));
            }
        }
    }
    println!("{same} flakes were mended by hand");
    assert!(others.is_empty(), "{}", others.join("\n"));
    assert!(same >= 10, "only {same} flakes");
}
