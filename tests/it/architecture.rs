//! The import picture of `docs/architecture.md`, held.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The parts in their order, as the page lists them: `- `name/`: …`.
fn parts() -> Vec<String> {
    let page = include_str!("../../docs/architecture.md");
    let list = page.split("<!-- parts -->").nth(1).expect("the list of parts");
    let lines = list.lines().filter_map(|line| line.strip_prefix("- `"));
    lines.map(|line| line.split('`').next().unwrap().trim_end_matches('/').to_owned()).collect()
}

/// All text of the Rust files of a part, without tests.
fn text(path: &Path) -> String {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        return entries.iter().map(|entry| text(entry)).collect();
    }
    if path.extension().is_none_or(|e| e != "rs") || path.file_stem().is_some_and(|s| s == "tests")
    {
        return String::new();
    }
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn part_text(part: &str) -> String {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let file = src.join(format!("{part}.rs"));
    let file = if file.exists() { text(&file) } else { String::new() };
    let folder = src.join(part);
    file + &if folder.is_dir() { text(&folder) } else { String::new() }
}

/// The parts that a part imports: every `crate::NAME` in it.
fn imports(part: &str) -> Vec<String> {
    let text = part_text(part);
    let mut found: Vec<String> = text
        .split("crate::")
        .skip(1)
        .map(|rest| {
            rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap().to_owned()
        })
        .filter(|name| !name.is_empty() && name != part)
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn each_part_imports_only_parts_above_it() {
    let parts = parts();
    let place: BTreeMap<_, _> = parts.iter().zip(0..).collect();
    for part in &parts {
        assert!(!part_text(part).is_empty(), "docs/architecture.md lists {part}, which is nowhere");
        for import in imports(part) {
            let above = place.get(&import).unwrap_or_else(|| panic!("{part} imports {import}"));
            assert!(above < &place[part], "{part} imports {import}, which stands below it");
        }
    }
}

#[test]
fn the_list_of_parts_is_complete() {
    let parts = parts();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(src).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_stem().unwrap().to_str().unwrap().to_owned();
        let listed = parts.contains(&name) || ["lib", "main"].contains(&name.as_str());
        assert!(listed, "docs/architecture.md does not list {name}");
    }
}

#[test]
fn formats_do_not_know_each_other() {
    let formats = |folder: &str| -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder);
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file());
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let render = formats("render");
    for format in render.iter().filter(|format| *format != "mod") {
        let text = part_text(&format!("render/{format}"));
        for other in render.iter().filter(|other| *other != format) {
            assert!(!text.contains(&format!("render::{other}")), "{format} imports {other}");
        }
    }
}
