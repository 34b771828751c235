//! An incomplete rule fails here, with what it lacks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::RULES;

/// Files of this folder that are no rules.
const SHARED: [&str; 8] =
    ["declared", "duplicates", "mismatches", "mod", "remedies", "tests", "unconfigured", "words"];

fn names(folder: &Path, extension: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-"))
        .collect()
}

#[test]
fn every_rule_has_its_file_page_and_fixtures() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table: BTreeSet<String> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(table.len(), RULES.len(), "a rule stands twice in RULES");
    let mut files = names(&here.join("src/rules"), "rs");
    files.retain(|name| !SHARED.contains(&name.as_str()));
    let lacking: Vec<_> = files.difference(&table).collect();
    assert!(lacking.is_empty(), "add to RULES in src/rules/mod.rs: {lacking:?}");
    let mut pages = names(&here.join("docs/rules"), "md");
    assert!(pages.remove("README"), "docs/rules/ has an index");
    assert_eq!(pages, table, "docs/rules/ has one page a rule");
    for rule in &table {
        let fires = |line: &str| line.split(' ').nth(1) == Some(rule);
        let cases = fs::read_dir(here.join("fixtures").join(rule));
        let cases = cases.unwrap_or_else(|_| panic!("{rule} has no folder in fixtures/"));
        let firing: Vec<bool> = cases
            .map(|case| fs::read_to_string(case.unwrap().path().join("findings.txt")).unwrap())
            .map(|expected| expected.lines().any(fires))
            .collect();
        assert!(firing.contains(&true), "{rule} has no fixture in which it fires");
        assert!(firing.contains(&false), "{rule} has no fixture in which it stays silent");
    }
}

/// The code of a file, or of all files below a folder, without comments and tests.
fn code(path: &Path) -> Vec<(String, String)> {
    let name = path.file_stem().unwrap().to_str().unwrap();
    if name == "tests" {
        return Vec::new();
    }
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        return entries.flat_map(|entry| code(&entry)).collect();
    }
    if path.extension().is_none_or(|found| found != "rs") {
        return Vec::new();
    }
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    vec![(path.to_str().unwrap().to_owned(), lines.collect::<Vec<_>>().join("\n"))]
}

#[test]
fn nothing_is_decided_by_the_name_of_a_rule() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = code(&src);
    for rule in RULES {
        let own = src.join("rules").join(rule.id.replace('-', "_"));
        let own = own.to_str().unwrap();
        let named = format!("\"{}\"", rule.id);
        let naming: Vec<_> = files.iter().filter(|(_, code)| code.contains(&named)).collect();
        assert!(naming.iter().any(|(path, _)| path.starts_with(own)), "{}", rule.id);
        let others = naming.iter().map(|(path, _)| path).filter(|path| !path.starts_with(own));
        let others: Vec<_> = others.collect();
        assert!(others.is_empty(), "{} should be a field of Rule or Finding: {others:?}", rule.id);
    }
}

#[test]
fn pages_begin_alike() {
    for rule in RULES {
        let mut lines = rule.page.lines().filter(|line| !line.is_empty());
        assert_eq!(lines.next(), Some(&*format!("# {}", rule.id)));
        let level = lines.next().unwrap();
        let stated = format!("Default level: {}", rule.level.as_str());
        assert!(level.starts_with(&stated), "{}: {level}", rule.id);
        for heading in [
            "What it does",
            "Why it matters",
            "Example",
            "Use instead",
            "Fix safety",
            "When it stays silent",
            "Configuration",
            "Sources",
        ] {
            assert!(rule.page.contains(&format!("\n## {heading}\n")), "{}: {heading}", rule.id);
        }
    }
}
