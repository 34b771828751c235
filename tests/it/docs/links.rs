//! Links inside the repository must lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::page::{all, repository};

/// The anchors that GitHub makes of a page's headings.
fn anchors(file: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(file).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// The targets of links in a text: `](target)`, and `src` and `srcset` of pictures.
fn targets(text: &str) -> Vec<&str> {
    let marks = [("](", ')'), ("src=\"", '"'), ("srcset=\"", '"')];
    let found = marks.iter().flat_map(|&(before, end)| {
        text.split(before).skip(1).map(move |rest| rest.split(end).next().unwrap())
    });
    found.filter(|target| !target.starts_with("http")).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for page in all() {
        let here = repository().join(&page.name);
        let prose = page.prose.join("\n");
        for target in targets(&prose) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = match path {
                "" => here.clone(),
                path => here.parent().unwrap().join(path),
            };
            assert!(file.exists(), "{}: {target} is nowhere", page.name);
            let known = anchor.is_empty() || anchors(&file).contains(anchor);
            assert!(known, "{}: {target} has no such heading", page.name);
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} links");
}
