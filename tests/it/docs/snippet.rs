//! Blocks for pasting: each is parsed by whatever reads it there.

use std::fs;
use std::path::Path;

use flake_audit::config::{Config, FILE_NAME};
use flake_audit::rules::RULES;
use saphyr::{LoadableYamlNode, Yaml};

use super::page::{all, repository};

/// An expression, the inside of a set, or a value with its semicolon.
fn is_nix(text: &str) -> bool {
    [text.to_owned(), format!("{{\n{text}\n}}"), format!("{{ value = {text}\n}}")]
        .iter()
        .any(|text| rnix::Root::parse(text).errors().is_empty())
}

/// A value, or the inside of an object.
fn is_json(text: &str) -> bool {
    [text.to_owned(), format!("{{{text}}}")]
        .iter()
        .any(|text| serde_json::from_str::<serde_json::Value>(text).is_ok())
}

fn wrong(language: &str, text: &str) -> Option<String> {
    match language {
        "toml" => {
            let rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
            Config::parse(Path::new(FILE_NAME), text, &rules)
                .err()
                .map(|error| format!("{error:?}"))
        }
        "nix" => (!is_nix(text)).then(|| "no Nix".to_owned()),
        "json" => (!is_json(text)).then(|| "no JSON".to_owned()),
        "yaml" => match Yaml::load_from_str(text) {
            Ok(documents) => documents.iter().find_map(unknown_hook),
            Err(error) => Some(error.to_string()),
        },
        // Run here or, if a program is missing here, in tests/shells.rs; or only shown: a graph, a
        // flow.
        "console" | "sh" | "mermaid" | "text" => None,
        _ => Some("nothing tests a block in this language".to_owned()),
    }
}

/// A hook of ours in a `.pre-commit-config.yaml` that is not in `.pre-commit-hooks.yaml`.
fn unknown_hook(config: &Yaml<'_>) -> Option<String> {
    let ids = |hooks: &Yaml<'_>| -> Vec<String> {
        let hooks = hooks.as_vec().into_iter().flatten();
        hooks.filter_map(|hook| hook["id"].as_str().map(str::to_owned)).collect()
    };
    let repositories = config.as_mapping_get("repos").and_then(|repos| repos.as_vec())?;
    let used: Vec<_> = repositories.iter().flat_map(|repo| ids(&repo["hooks"])).collect();
    let file = fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap();
    let offered = ids(&Yaml::load_from_str(&file).unwrap()[0]);
    let ours = used.into_iter().filter(|id| id.starts_with("flake-audit"));
    ours.into_iter().find(|id| !offered.contains(id)).map(|id| format!("no hook {id}"))
}

#[test]
fn snippets_can_be_read() {
    let mut seen = 0;
    for page in all() {
        for block in &page.blocks {
            if let Some(wrong) = wrong(&block.language, &block.text) {
                panic!("{}: `{}`: {wrong}\n{}", page.name, block.language, block.text);
            }
            seen += 1;
        }
    }
    println!("{seen} blocks were read");
    assert!(seen > 60, "only {seen} blocks");
}

#[test]
fn a_wrong_snippet_is_found() {
    for (language, text) in [
        ("toml", "configurd = []"),
        ("toml", "[rules]\nno-such-rule = \"deny\"\n"),
        ("nix", "inputs.a.url = "),
        ("json", "{"),
        ("yaml", "a: [b\nc: d"),
        ("haskell", "main"),
    ] {
        assert!(wrong(language, text).is_some(), "{language}: {text}");
    }
}
