//! Properties of every picture (`graph --format svg`): well-formed XML, every node and input once,
//! no overlaps, no text outside its box.

use flake_audit::draw::Format;
use roxmltree::{Document, Node};
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::drawing::{Part, drawn};

fn attribute(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

/// Checks a picture; `cell` is the width of a character. Returns the number of boxes and arrows.
pub(crate) fn assert_clean(picture: &str, cell: f64) -> (usize, usize) {
    let document = Document::parse(picture).unwrap();
    let root = document.root_element();
    let (width, height) = (attribute(root, "width"), attribute(root, "height"));
    let class = |node: Node<'_, '_>| node.attribute("class").unwrap_or_default().to_owned();
    let sheets: Vec<_> = document
        .descendants()
        .filter(|node| {
            class(*node).starts_with("sheet") && node.children().any(|c| c.has_tag_name("title"))
        })
        .collect();
    let mut boxes: Vec<[f64; 4]> = Vec::new();
    for sheet in &sheets {
        let rect = sheet.children().find(|node| node.has_tag_name("rect")).unwrap();
        let [x, y, w, h] = ["x", "y", "width", "height"].map(|name| attribute(rect, name));
        assert!(x >= 0.0 && y >= 0.0 && x + w <= width && y + h <= height, "{x} {y} {w} {h}");
        boxes.push([x, y, x + w, y + h]);
        for text in sheet.children().filter(|node| node.has_tag_name("text")) {
            let (left, baseline) = (attribute(text, "x"), attribute(text, "y"));
            let right = left + cell * text.text().unwrap_or_default().width() as f64;
            assert!(left > x && right < x + w && baseline > y && baseline < y + h, "{text:?}");
        }
    }
    boxes.sort_by(|a, b| a[0].total_cmp(&b[0]));
    for (at, a) in boxes.iter().enumerate() {
        for b in boxes[at + 1..].iter().take_while(|b| b[0] < a[2]) {
            assert!(b[1] >= a[3] || a[1] >= b[3], "{a:?} {b:?}");
        }
    }
    for leads_out in ["href", "script", "onload"] {
        let leads = |node: Node<'_, '_>| {
            node.has_tag_name(leads_out) || node.attributes().any(|a| a.name() == leads_out)
        };
        assert!(!document.descendants().any(leads), "{leads_out}");
    }
    let arrows = document.descendants().filter(|node| {
        class(*node).starts_with("arrow") && node.children().any(|c| c.has_tag_name("title"))
    });
    (sheets.len(), arrows.count())
}

/// The expected number of boxes and arrows, from the drawing as JSON.
pub(crate) fn expected(lock: &[u8]) -> (usize, usize) {
    let json = drawn(lock, Part::default(), Format::Json).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let edges = json["edges"].as_array().unwrap().iter();
    let arrows = edges.filter(|edge| !edge["to"].is_null() && edge["to"] != edge["from"]);
    (json["nodes"].as_array().unwrap().len(), arrows.count())
}

/// A monospaced font that is a little wider than most.
pub(crate) const CELL: f64 = 6.62;
