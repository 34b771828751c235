//! Real locks, drawn.

use std::time::{Duration, Instant};

use flake_audit::draw::Format;
use serde_json::Value;

use crate::real::locks;
use crate::support::drawing::{FORMATS, Part, drawn, fits_into_mermaid, page_data};
use crate::support::pictures::{CELL, assert_clean, expected};

const WHOLE: Part<'_> = Part { focus: None, nixpkgs_only: false, depth: None };
const NIXPKGS_ONLY: Part<'_> = Part { focus: None, nixpkgs_only: true, depth: None };

#[test]
fn every_lock_is_drawn() {
    let (mut seen, mut slowest) = (0, (Duration::ZERO, String::new()));
    for lock in locks() {
        let start = Instant::now();
        let json = match drawn(&lock.bytes, WHOLE, Format::Json) {
            Ok(json) => json,
            Err(error) => {
                println!("{}: {error}", lock.name);
                continue;
            }
        };
        for format in FORMATS {
            for part in [WHOLE, NIXPKGS_ONLY] {
                drawn(&lock.bytes, part, format).unwrap();
            }
        }
        slowest = slowest.max((start.elapsed(), lock.name));
        assert!(fits_into_mermaid(&drawn(&lock.bytes, WHOLE, Format::Mermaid).unwrap()));
        compare(&lock.bytes, &json);
        seen += 1;
    }
    println!("{seen} locks drawn in all formats, the slowest in {slowest:?}");
    assert!(seen > 0);
}

/// The drawing must have each node and each input of the lock, and nothing else.
fn compare(lock: &[u8], json: &str) {
    let lock: Value = serde_json::from_slice(lock).unwrap();
    let json: Value = serde_json::from_str(json).unwrap();
    assert_eq!(json["schema_version"], 1);
    let nodes = lock["nodes"].as_object().unwrap();
    let mut drawn: Vec<_> = json["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| node["key"].as_str().unwrap())
        .collect();
    let mut written: Vec<_> = nodes.keys().map(String::as_str).collect();
    drawn.sort_unstable();
    written.sort_unstable();
    assert_eq!(drawn, written);
    let mut edges = 0;
    for edge in json["edges"].as_array().unwrap() {
        let target =
            &nodes[edge["from"].as_str().unwrap()]["inputs"][edge["input"].as_str().unwrap()];
        assert_eq!(*target, if target.is_array() { &edge["follows"] } else { &edge["to"] }.clone());
        edges += 1;
    }
    let written = nodes.values().filter_map(|node| node["inputs"].as_object()).map(|i| i.len());
    assert_eq!(edges, written.sum::<usize>());
}

#[test]
fn every_lock_is_a_page() {
    let (mut seen, mut largest) = (0, 0);
    for lock in locks() {
        let Ok(page) = drawn(&lock.bytes, WHOLE, Format::Html) else { continue };
        let page: Value = serde_json::from_str(page_data(&page)).unwrap();
        let json = drawn(&lock.bytes, WHOLE, Format::Json).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        let count = |of: &Value, what: &str| of[what].as_array().unwrap().len();
        assert_eq!(count(&page, "nodes"), count(&json, "nodes"), "{}", lock.name);
        assert_eq!(count(&page, "inputs"), count(&json, "edges"), "{}", lock.name);
        largest = largest.max(page.to_string().len());
        seen += 1;
    }
    println!("{seen} pages, the largest with {largest} bytes of data");
    assert!(seen > 0);
}

#[test]
fn every_lock_is_a_picture() {
    let (mut seen, mut whole, mut slowest, mut largest) = (0, 0, Duration::ZERO, 0);
    for lock in locks() {
        let start = Instant::now();
        let Ok(picture) = drawn(&lock.bytes, WHOLE, Format::Svg) else { continue };
        slowest = slowest.max(start.elapsed());
        largest = largest.max(picture.len());
        let (sheets, _) = assert_clean(&picture, CELL);
        whole += usize::from(sheets == expected(&lock.bytes).0);
        seen += 1;
    }
    println!("{seen} pictures, {whole} of them whole, the slowest in {slowest:?}, {largest} bytes");
    assert!(seen > 0);
    assert_eq!(seen, whole);
}
