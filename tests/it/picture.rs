//! Pictures (`graph --format svg`): well-formed XML, every node and input once, no overlaps, no
//! text outside its box.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use std::collections::BTreeSet;
use std::time::Instant;

use flake_audit::draw::Format;
use insta::assert_snapshot;
use roxmltree::Document;
use serde_json::Value;

use crate::support::drawing::{Part, drawn};
use crate::support::locks::{fixtures, locks_below};
use crate::support::pictures::{CELL, assert_clean, expected};
use crate::support::property::check_locks;
use crate::support::random::Shape;

const WHOLE: Part<'_> = Part { focus: None, nixpkgs_only: false, depth: None };

fn of_fixture(name: &str) -> String {
    let bytes = std::fs::read(fixtures().join(name).join("flake.lock")).unwrap();
    drawn(&bytes, WHOLE, Format::Svg).unwrap()
}

#[test]
fn the_seed_scenario() {
    assert_snapshot!(of_fixture("seed/a-follows-plain"));
}

#[test]
fn three_levels() {
    assert_snapshot!(of_fixture("seed/d-three-levels"));
}

#[test]
fn what_leads_nowhere_or_is_disabled_is_told() {
    let broken = of_fixture("dangling-follows/missing-input");
    assert!(broken.contains("✗") && broken.contains("dangling: no input"), "{broken}");
    let cycle = of_fixture("follows-cycle/each-other");
    assert!(cycle.contains("follows cycle"), "{cycle}");
    let disabled = of_fixture("unconfigured-nixpkgs/disabled-slots");
    assert!(disabled.contains("class=\"said disabled\""), "{disabled}");
    let left = of_fixture("unreachable-node/left-behind");
    assert!(left.contains("unreachable") && left.contains("no input leads here"), "{left}");
}

#[test]
fn every_fixture_is_a_picture() {
    let mut seen = 0;
    for path in locks_below(&fixtures()) {
        let bytes = std::fs::read(&path).unwrap();
        let Ok(picture) = drawn(&bytes, WHOLE, Format::Svg) else { continue };
        let (sheets, arrows) = assert_clean(&picture, CELL);
        let (nodes, inputs) = expected(&bytes);
        assert_eq!(sheets, nodes, "{}", path.display());
        // Disabled inputs have no arrow.
        let disabled = picture.matches("class=\"row disabled\"").count();
        assert!(arrows <= inputs && arrows + disabled >= inputs, "{}", path.display());
        seen += 1;
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn random_locks_are_pictures() {
    check_locks(Shape::WILD, |lock, seed| {
        let text = lock.to_string();
        if let Ok(picture) = drawn(text.as_bytes(), WHOLE, Format::Svg) {
            let (sheets, _) = assert_clean(&picture, CELL);
            assert_eq!(sheets, expected(text.as_bytes()).0, "{seed}");
        }
    });
}

#[test]
fn names_are_text() {
    let name = "</title><script>alert(1)</script>\\u0000]]>&#60;日本語日本語日本語日本語日本語日本語日本語日本語";
    let quoted = Value::from(name).to_string();
    let lock = format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{quoted}:{quoted},"b":[{quoted}]}}}},
        {quoted}:{{"locked":{{"type":"git","url":{quoted}}},"original":{{"type":"git","url":{quoted}}}}}}}}}"#
    );
    let picture = drawn(lock.as_bytes(), WHOLE, Format::Svg).unwrap();
    assert_eq!(assert_clean(&picture, CELL), (2, 2));
    let document = Document::parse(&picture).unwrap();
    let names: BTreeSet<_> = document.descendants().map(|node| node.tag_name().name()).collect();
    let known = ["", "defs", "g", "marker", "path", "rect", "style", "svg", "text", "title"];
    assert!(names.iter().all(|name| known.contains(name)), "{names:?}");
}

#[test]
fn what_is_too_big_is_drawn_in_part() {
    let node = |name: &str, inputs: &str| {
        format!(
            r#""{name}":{{"inputs":{{{inputs}}},"locked":{{"type":"git","url":"x"}},"original":{{"type":"git","url":"x"}}}}"#
        )
    };
    // A chain in which each follows to the last, which needs the most bends.
    let count = 3000;
    let mut nodes: Vec<_> = (0..count - 1)
        .map(|at| node(&at.to_string(), &format!(r#""n":"{}","l":["last"]"#, at + 1)))
        .collect();
    nodes.push(node(&(count - 1).to_string(), ""));
    nodes.push(node("last", ""));
    let lock = format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{"n":"0","last":"last"}}}},{}}}}}"#,
        nodes.join(",")
    );
    let picture = drawn(lock.as_bytes(), WHOLE, Format::Svg).unwrap();
    let (sheets, _) = assert_clean(&picture, CELL);
    assert!((100..=400).contains(&sheets), "{sheets}");
    assert!(picture.contains("Left out: 2"), "it says so");
}

/// Boxes that all lead to all others, and one with many inputs that take the same long path.
#[test]
fn arrows_beyond_number_are_no_work_beyond_measure() {
    let node = |name: &str, inputs: &str| {
        format!(
            r#""{name}":{{"inputs":{{{inputs}}},"locked":{{"type":"git","url":"x"}},"original":{{"type":"git","url":"x"}}}}"#
        )
    };
    let drawn = |root: &str, nodes: &[String]| {
        let lock = format!(
            r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{root}}}}},{}}}}}"#,
            nodes.join(",")
        );
        let start = Instant::now();
        let picture = drawn(lock.as_bytes(), WHOLE, Format::Svg).unwrap();
        assert_clean(&picture, CELL);
        // A line of some 150 bytes for an input of 14.
        assert!(picture.len() < 20 * lock.len(), "{} of {}", picture.len(), lock.len());
        println!("{} bytes of {} in {:?}", picture.len(), lock.len(), start.elapsed());
        picture
    };
    let all: Vec<_> = (0..300).map(|at| format!(r#""{at}":"{at}""#)).collect();
    let nodes: Vec<_> = (0..300).map(|at| node(&at.to_string(), &all.join(","))).collect();
    assert!(drawn(r#""a":"0""#, &nodes).contains("Left out: "));

    let mut chain: Vec<_> =
        (0..300).map(|at| node(&at.to_string(), &format!(r#""n":"{}""#, at + 1))).collect();
    chain.push(node("300", ""));
    let many: Vec<_> = (0..20_000).map(|at| format!(r#""{at}":"300""#)).collect();
    let root = format!(r#""n":"0",{}"#, many.join(","));
    // Arrows that would cover each other are drawn once, so nothing is left out.
    assert!(!drawn(&root, &chain).contains("Left out: "));
}

/// Flakes that all take one nixpkgs, and separate pairs: neither a list nor a column.
#[test]
fn many_flakes_of_one_kind_share_a_sheet_and_parts_stand_beside_each_other() {
    let entry = |name: &str, inputs: &str| {
        format!(
            r#""{name}":{{"inputs":{{{inputs}}},"locked":{{"type":"github","owner":"NixOS","repo":"{name}","rev":"0"}},"original":{{"type":"github","owner":"NixOS","repo":"{name}"}}}}"#
        )
    };
    let mut nodes = vec![entry("nixpkgs", "")];
    let mut inputs = vec![r#""nixpkgs":"nixpkgs""#.to_owned()];
    for at in 0..30 {
        nodes.push(entry(&format!("dep{at}"), r#""nixpkgs":["nixpkgs"]"#));
        inputs.push(format!(r#""dep{at}":"dep{at}""#));
    }
    for at in 0..12 {
        nodes.push(entry(&format!("own{at}"), &format!(r#""nixpkgs":"nixpkgs_{at}""#)));
        nodes.push(entry("nixpkgs", "").replacen("nixpkgs", &format!("nixpkgs_{at}"), 1));
        inputs.push(format!(r#""own{at}":"own{at}""#));
    }
    let lock = format!(
        r#"{{"version":7,"root":"root","nodes":{{"root":{{"inputs":{{{}}}}},{}}}}}"#,
        inputs.join(","),
        nodes.join(",")
    );
    let handed_on = Part { nixpkgs_only: true, ..WHOLE };
    let picture = drawn(lock.as_bytes(), handed_on, Format::Svg).unwrap();
    let (sheets, _) = assert_clean(&picture, CELL);
    // This flake, nixpkgs, one box for thirty, and twelve pairs.
    assert_eq!(sheets, 3 + 2 * 12);
    assert!(picture.contains(">30 flakes</text>"), "{picture}");
    let document = Document::parse(&picture).unwrap();
    let size =
        |name: &str| document.root_element().attribute(name).unwrap().parse::<f64>().unwrap();
    let (width, height) = (size("width"), size("height"));
    assert!(width <= 1000.0 && height < 1000.0, "{width} x {height}");
}
