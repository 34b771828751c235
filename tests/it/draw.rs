//! Drawings: the seed scenario in all formats, parts of a lock, hostile locks.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use flake_audit::draw::Format;
use flake_audit::text::is_hidden;
use insta::assert_snapshot;
use serde_json::Value;

use crate::support::drawing::{FORMATS, Part, drawn, fits_into_mermaid};
use crate::support::locks::{fixtures, locks_below};

const WHOLE: Part<'_> = Part { focus: None, nixpkgs_only: false, depth: None };
const NIXPKGS_ONLY: Part<'_> = Part { focus: None, nixpkgs_only: true, depth: None };

fn around(focus: &str) -> Part<'_> {
    Part { focus: Some(focus), nixpkgs_only: false, depth: None }
}

fn fixture(name: &str, part: Part<'_>, format: Format) -> String {
    let bytes = std::fs::read(fixtures().join(name).join("flake.lock")).unwrap();
    drawn(&bytes, part, format).unwrap()
}

fn text(lock: &str, part: Part<'_>, format: Format) -> String {
    drawn(lock.as_bytes(), part, format).unwrap()
}

#[test]
fn the_seed_scenario_in_dot() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Dot));
}

#[test]
fn the_seed_scenario_in_json() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Json));
}

#[test]
fn the_seed_scenario_as_a_tree() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Tree));
}

#[test]
fn the_seed_scenario_in_mermaid() {
    assert_snapshot!(fixture("seed/a-follows-plain", WHOLE, Format::Mermaid));
}

#[test]
fn three_levels_as_a_tree() {
    assert_snapshot!(fixture("seed/d-three-levels", WHOLE, Format::Tree));
}

#[test]
fn a_focus_shows_what_leads_to_and_from_it() {
    assert_snapshot!(fixture("seed/d-three-levels", around("toolkit/viewer"), Format::Json));
    assert_snapshot!(fixture("seed/d-three-levels", around("toolkit/viewer"), Format::Tree));
}

#[test]
fn a_focus_on_a_follows_is_the_node_where_it_ends() {
    let by_follows = around("toolkit/viewer/nixpkgs");
    let by_owner = around("toolkit/engine/solver/nixpkgs");
    for format in FORMATS {
        let drawing = fixture("seed/d-three-levels", by_follows, format);
        assert_eq!(drawing, fixture("seed/d-three-levels", by_owner, format));
    }
}

#[test]
fn nixpkgs_only_leaves_out_what_hands_no_nixpkgs_on() {
    let part = NIXPKGS_ONLY;
    assert_snapshot!(fixture("unconfigured-nixpkgs/helpers-keep-the-shape", part, Format::Json));
    assert_snapshot!(fixture("seed/a-follows-plain", part, Format::Mermaid));
}

#[test]
fn a_depth_leaves_out_what_is_further_away() {
    let deep = |focus, depth, nixpkgs_only, format| {
        fixture("seed/d-three-levels", Part { focus, nixpkgs_only, depth: Some(depth) }, format)
    };
    assert_snapshot!(deep(None, 0, false, Format::Tree));
    assert_snapshot!(deep(None, 1, false, Format::Tree));
    assert_snapshot!(deep(Some("toolkit/engine"), 1, false, Format::Json));
    assert_snapshot!(deep(Some("toolkit/engine"), 2, true, Format::Mermaid));
    for format in FORMATS {
        let whole = fixture("seed/d-three-levels", WHOLE, format);
        let far = deep(None, u32::MAX, false, format);
        assert!(far.len() > whole.len(), "all of it, and a sentence that nothing is left out");
        assert!(far.contains("Left out: 0 of") || format == Format::Json, "{far}");
    }
}

#[test]
fn mermaid_is_no_bigger_than_it_takes() {
    let large = chain(3000);
    let drawing = text(&large, WHOLE, Format::Mermaid);
    assert!(fits_into_mermaid(&drawing) && drawing.contains("Left out: 2"), "{drawing}");
    let drawing = text(&large, around(&("n/".repeat(2000) + "n")), Format::Mermaid);
    assert!(fits_into_mermaid(&drawing) && !drawing.contains("n2000["));
    assert!(drawing.contains("stroke-width:4px"), "the focus is there: {drawing}");
    // One node with more inputs than there is room for.
    let inputs: Vec<_> = (0..1000).map(|at| format!(r#""{at}":[]"#)).collect();
    let drawing = text(&lock_of(&inputs.join(","), &[node("x", "")]), WHOLE, Format::Mermaid);
    assert!(fits_into_mermaid(&drawing) && drawing.contains("1000 of 1000 inputs"), "{drawing}");
}

#[test]
fn broken_disabled_and_unreachable_are_told_apart() {
    assert_snapshot!(fixture("dangling-follows/missing-input", WHOLE, Format::Tree));
    assert_snapshot!(fixture("follows-cycle/each-other", WHOLE, Format::Tree));
    assert_snapshot!(fixture("unconfigured-nixpkgs/disabled-slots", WHOLE, Format::Tree));
    assert_snapshot!(fixture("unreachable-node/left-behind", WHOLE, Format::Tree));
    let dot = fixture("dangling-follows/missing-input", WHOLE, Format::Dot);
    assert!(dot.contains("label=\"?\", shape=circle"), "{dot}");
    let dot = fixture("unconfigured-nixpkgs/disabled-slots", WHOLE, Format::Dot);
    assert!(dot.contains("weight=0"), "{dot}");
    let dot = fixture("unreachable-node/left-behind", WHOLE, Format::Dot);
    assert!(dot.contains("style=\"dotted\""), "{dot}");
}

#[test]
fn shared_nodes_and_loops_end() {
    assert_snapshot!(fixture("shared-node/subtree", WHOLE, Format::Tree));
    assert_snapshot!(fixture("node-cycle/two-nodes", WHOLE, Format::Tree));
}

/// Everything that could end a string, a line, a label or a tag, move the cursor, or reorder text.
const HOSTILE: &str = "\\\"']});--><script>&quot;#quot;`**[x](y)|{{<b>\\N\\\\\n  n9 [label=<x>]\r\t\u{1b}[31m\u{9b}\u{7f}\u{202e}\u{2028}\u{feff}\u{e0041}%%{init}%%;end";

fn hostile_lock() -> String {
    let name = |suffix: &str| Value::from(format!("{HOSTILE}{suffix}"));
    let reference = |kind: &str| {
        format!(
            r#"{{"type":{kind},"owner":{0},"repo":{0},"url":{0},"rev":{0},"ref":{0}}}"#,
            name("")
        )
    };
    let node = |inputs: &str, kind: &str| {
        let reference = reference(kind);
        format!(r#"{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}}"#)
    };
    let kind = name("k").to_string();
    format!(
        r#"{{"version":7,"root":{root},"nodes":{{
          {root}:{{"inputs":{{{a}:{a},"nixpkgs-gpu":"g",{b}:[{a},{a}],{c}:[{c}]}}}},
          {a}:{first}, "g":{wrapper}, {b}:{unreachable}
        }}}}"#,
        root = name(""),
        a = name("a"),
        b = name("b"),
        c = name("c"),
        first = node(&format!("{}:[{},{}]", name(""), name("a"), name("no")), "\"git\""),
        wrapper = node("", "\"github\""),
        unreachable = node(&format!("{}:\"g\"", name("")), &kind),
    )
}

#[test]
fn hostile_names_stay_inside_their_labels() {
    let lock = hostile_lock();
    for format in FORMATS {
        let drawing = text(&lock, WHOLE, format);
        let hidden: Vec<_> = drawing.chars().filter(|c| is_hidden(*c) && *c != '\n').collect();
        assert!(hidden.is_empty(), "{format:?}: {hidden:?}");
        let part = text(
            &lock,
            Part { focus: Some("nixpkgs-gpu"), nixpkgs_only: true, depth: None },
            format,
        );
        assert!(!part.chars().any(|c| is_hidden(c) && c != '\n'), "{format:?}");
    }

    let dot = text(&lock, WHOLE, Format::Dot);
    let plain = outside_strings(&dot);
    assert!(
        plain.chars().all(|c| c.is_ascii_alphanumeric() || " \n_-=,.>[]{}\"".contains(c)),
        "{plain}"
    );
    assert_eq!(plain.matches('>').count(), plain.matches("->").count(), "{plain}");
    assert!(!dot.contains("=<") && !plain.contains("script"), "{dot}");

    let json: Value = serde_json::from_str(&text(&lock, WHOLE, Format::Json)).unwrap();
    assert_eq!(json["root"], HOSTILE);
    assert_eq!(json["nodes"][1]["owner_path"][0], format!("{HOSTILE}a"));

    let mermaid = text(&lock, WHOLE, Format::Mermaid);
    for line in mermaid.lines() {
        for (at, part) in line.split('"').enumerate() {
            let plain = part.replace("<br/>", "");
            let inside = at % 2 == 1;
            assert!(
                !inside || !plain.contains(['<', '>', '[', '`', '\\', '|', '{', '*']),
                "{line}"
            );
            assert!(inside || !plain.contains("script"), "{line}");
        }
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
    }

    // One line per input, and the two about what is left out.
    let tree = text(&lock, WHOLE, Format::Tree);
    assert_eq!(tree.lines().count(), 1 + 5 + 2, "{tree}");
}

/// The text of a DOT file with each string replaced by `""`.
fn outside_strings(dot: &str) -> String {
    let mut plain = String::new();
    let mut chars = dot.chars();
    let mut inside = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => inside = !inside,
            '\\' if inside => {
                chars.next();
            }
            _ => {}
        }
        if !inside || c == '"' {
            plain.push(c);
        }
    }
    assert!(!inside, "a string is open at the end");
    plain
}

fn node(key: &str, inputs: &str) -> String {
    let reference = r#"{"type":"github","owner":"acme","repo":"x","rev":"97521cfea6d77335d8661"}"#;
    format!(r#""{key}":{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}}"#)
}

fn lock_of(root_inputs: &str, nodes: &[String]) -> String {
    let nodes = nodes.join(",");
    format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{root_inputs}}}}},{nodes}}}}}"#
    )
}

#[test]
fn a_lock_with_2_to_the_40_paths_is_drawn_once() {
    let nodes: Vec<_> = (1..=40)
        .map(|level| match level {
            40 => node("40", ""),
            _ => node(&level.to_string(), &format!(r#""a":"{0}","b":"{0}""#, level + 1)),
        })
        .collect();
    let lock = lock_of(r#""a":"1","b":"1""#, &nodes);
    for format in FORMATS {
        let drawing = text(&lock, WHOLE, format);
        assert!(drawing.len() < 60_000, "{format:?}: {} bytes", drawing.len());
    }
    let tree = text(&lock, WHOLE, Format::Tree);
    assert_eq!(tree.matches("(*)").count(), 39);
    assert_eq!(tree.lines().count(), 1 + 80);
}

pub(crate) fn chain(length: usize) -> String {
    let nodes: Vec<_> = (0..length)
        .map(|at| match at + 1 {
            next if next == length => node(&at.to_string(), ""),
            next => node(&at.to_string(), &format!(r#""n":"{next}""#)),
        })
        .collect();
    lock_of(r#""n":"0""#, &nodes)
}

#[test]
fn a_chain_of_100_000_inputs_is_drawn_in_linear_size() {
    let (short, long) = (chain(10_000), chain(100_000));
    for format in FORMATS {
        let sizes = [&short, &long].map(|lock| text(lock, WHOLE, format).len());
        assert!(sizes[1] < 11 * sizes[0], "{format:?}: {sizes:?}");
        assert!(sizes[1] < 3 * long.len(), "{format:?}: {sizes:?} of {}", long.len());
    }
    let tree = text(&short, WHOLE, Format::Tree);
    assert_eq!(tree.lines().count(), 1 + 64 + 1);
    assert!(tree.ends_with("└───… its inputs are deeper than 64 levels\n"), "{tree}");
    let focus = "n/".repeat(100) + "n";
    assert!(text(&short, around(&focus), Format::Tree).contains("… its inputs are deeper"));
}

#[test]
fn a_long_reference_is_not_repeated_by_all_who_share_it() {
    let url = "x".repeat(100_000);
    let reference = format!(r#"{{"type":"git","url":"{url}"}}"#);
    let shared = format!(r#""shared":{{"locked":{reference},"original":{reference}}}"#);
    let inputs: Vec<_> = (0..1000).map(|at| format!(r#""{at}":"shared""#)).collect();
    let lock = lock_of(&inputs.join(","), &[shared]);
    for format in FORMATS {
        let drawing = text(&lock, WHOLE, format);
        assert!(drawing.len() < 4 * lock.len(), "{format:?}: {} bytes", drawing.len());
    }
}

#[test]
fn every_fixture_is_drawn() {
    let mut drawings = 0;
    for path in locks_below(&fixtures()) {
        if path.components().any(|part| part.as_os_str() == "malformed") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for format in FORMATS {
            for part in [WHOLE, NIXPKGS_ONLY] {
                // Locks that cannot be read are covered by other tests.
                drawings += usize::from(drawn(&bytes, part, format).is_ok());
            }
        }
    }
    assert!(drawings > 800, "only {drawings} drawings");
}
