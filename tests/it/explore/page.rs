//! Checks the screens in docs/explore.md, and that its list of keys is complete.
//! `INSTA_UPDATE=always` writes both.

use std::fs;
use std::path::Path;

use flake_audit::explore::{Explorer, HELP};

use super::{fixture_with_sources, press, screen};

#[test]
fn the_page_shows_what_is_drawn() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/explore.md");
    let page = fs::read_to_string(&file).unwrap();
    let shown = with_keys(&with_screens(&page));
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(file, shown).unwrap();
    } else {
        assert_eq!(page, shown);
    }
}

/// The page with each block below `<!-- explore: CASE WIDTHxHEIGHT KEYS -->` drawn.
fn with_screens(page: &str) -> String {
    let mut parts = page.split("<!-- explore: ");
    let mut shown = parts.next().unwrap().to_owned();
    let mut drawn = 0;
    for part in parts {
        let (told, rest) = part.split_once(" -->\n```text\n").unwrap();
        let (_, rest) = rest.split_once("```\n").unwrap();
        let mut words = told.splitn(3, ' ');
        let mut next = || words.next().unwrap();
        let (name, (width, height), keys) = (next(), next().split_once('x').unwrap(), next());
        let drawn_of = |explorer: &mut Explorer<'_, '_, '_, '_>| {
            press(explorer, keys);
            screen(explorer, width.parse().unwrap(), height.parse().unwrap())
        };
        let text = fixture_with_sources(name, drawn_of);
        shown += &format!("<!-- explore: {told} -->\n```text\n{text}\n```\n{rest}");
        drawn += 1;
    }
    assert!(drawn > 0);
    shown
}

fn with_keys(page: &str) -> String {
    let [before, _, after] = page.splitn(3, "<!-- keys -->").collect::<Vec<_>>()[..] else {
        panic!("the list of keys")
    };
    let keys = |keys: &str| {
        let keys = keys.split(' ').filter(|key| !key.is_empty());
        keys.map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" ")
    };
    let rows: Vec<_> =
        HELP.iter().map(|(key, words)| format!("| {} | {words} |", keys(key))).collect();
    format!(
        "{before}<!-- keys -->\n| key | |\n| --- | --- |\n{}\n<!-- keys -->{after}",
        rows.join("\n")
    )
}
