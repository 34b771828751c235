//! `flake-audit.toml`: descriptions of its keys, rules and inputs, and completions. The file is
//! seldom valid while somebody types, and no flake is audited then, so this only needs its text and
//! the lock.

mod named;

use std::path::Path;

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Position, TextEdit};
use serde_json::json;

use named::Kind;
pub(super) use named::Named;

use super::positions::Lines;
use super::texts::Texts;
use crate::flake_ref::source_of;
use crate::graph::{Graph, Overrides};
use crate::load::LOCK_NAME;
use crate::lock::{Lock, Unescaped};
use crate::rules::{self, RULES};
use crate::text::{Span, Visible};

/// The keys of a table with their descriptions.
type Keys = &'static [(&'static str, &'static str)];

const KEYS: Keys = &[
    ("configured", "inputs that carry the configured nixpkgs, the preferred one first"),
    ("nixpkgs", "further inputs to treat as plain nixpkgs"),
    ("requires-nix", "the oldest Nix that the flake is to be used with, like \"2.18\""),
];
const TABLES: Keys = &[
    ("rules", "a level for each rule: \"deny\", \"warn\" or \"allow\""),
    ("exempt", "findings that are accepted"),
];
const EXEMPT: Keys = &[
    ("rule", "the rule whose findings are accepted"),
    ("input", "the finding's input path; `*` is one name, `**` any number of them"),
    ("inputs", "several input paths"),
    ("reason", "why they are accepted; required"),
    ("expires", "a day, after which a warning says that the exemption is due for review"),
];
const LEVELS: Keys = &[("deny", "fails the run"), ("warn", "is shown"), ("allow", "is silent")];
const STRENGTHS: Keys =
    &[("firm", "the level of certain findings"), ("light", "the level of possible findings")];

/// The title and description of a key, rule or level, which need no flake.
pub(super) fn explained(text: &str, named: &Named) -> Option<(&'static str, &'static str)> {
    let name = text.get(named.part.range())?;
    let among = |keys: Keys| keys.iter().find(|(key, _)| *key == name).copied();
    match named.kind {
        Kind::Rule => rules::rule_named(name).map(|rule| (rule.id, rule.summary)),
        Kind::Top | Kind::Header => among(KEYS).or_else(|| among(TABLES)),
        Kind::Exempt => among(EXEMPT),
        Kind::Strength => among(STRENGTHS),
        Kind::Level => among(LEVELS),
        Kind::Input => None,
    }
}

/// The input path that a name stands for.
pub(super) fn input_path<'t>(text: &'t str, named: &Named) -> Option<Vec<&'t str>> {
    let path = text.get(named.part.range()).filter(|_| named.kind == Kind::Input)?;
    Some(path.split('/').filter(|name| !name.is_empty()).collect())
}

/// The completions for what is being typed.
pub(super) fn completed(
    texts: &Texts,
    flake: &Path,
    path: &Path,
    position: Position,
) -> Option<Vec<CompletionItem>> {
    let lines = texts.get(path)?;
    let named = Named::before(lines.text(), lines.offset(position))?;
    let mut items = Items { lines: &lines, named: &named, items: Vec::new() };
    let rules = RULES.iter().map(|rule| (rule.id, rule.summary));
    match named.kind {
        Kind::Top => {
            items.all(KEYS.iter().copied());
            for (name, told) in TABLES {
                let table = if *name == "exempt" { "[[exempt]]" } else { "[rules]" };
                items.push(name, told, table.to_owned(), named.part);
            }
        }
        Kind::Header => items.all(TABLES.iter().copied()),
        Kind::Exempt => items.all(EXEMPT.iter().copied()),
        Kind::Strength => items.all(STRENGTHS.iter().copied()),
        Kind::Level => items.all(LEVELS.iter().copied()),
        Kind::Rule => items.all(rules),
        Kind::Input => items.inputs(texts.get(&flake.join(LOCK_NAME))?.text())?,
    }
    Some(items.items)
}

struct Items<'t> {
    lines: &'t Lines,
    named: &'t Named,
    items: Vec<CompletionItem>,
}

impl Items<'_> {
    fn push(&mut self, name: &str, told: &str, text: String, part: Span) {
        let edit = TextEdit { range: self.lines.range(part), new_text: text };
        let is_value = self.named.is_value;
        self.items.push(CompletionItem {
            label: Visible(name).to_string(),
            kind: Some(if is_value {
                CompletionItemKind::VALUE
            } else {
                CompletionItemKind::PROPERTY
            }),
            detail: Some(Visible(told).to_string()),
            // Keeps the order given here.
            sort_text: Some(format!("{:05}", self.items.len())),
            filter_text: Some(name.to_owned()),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..CompletionItem::default()
        });
    }

    fn all<'n>(&mut self, names: impl Iterator<Item = (&'n str, &'n str)>) {
        for (name, told) in names {
            self.push(name, told, self.written(name), self.named.part);
        }
    }

    /// A name as it is inserted: values are in quotes.
    fn written(&self, name: &str) -> String {
        let quoted = json!(name).to_string();
        let is_whole = self.named.is_value && !self.named.is_quoted;
        let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        if is_whole { quoted } else { inner.to_owned() }
    }

    /// The inputs of the node that is typed up to the last slash.
    fn inputs(&mut self, lock: &str) -> Option<()> {
        let unescaped = Unescaped::new();
        let lock = Lock::parse(lock.as_bytes(), &unescaped).ok()?;
        let overrides = Overrides::new();
        let graph = Graph::build(&lock, &overrides).ok()?;
        let part = self.named.part;
        let typed = self.lines.text().get(part.range())?;
        let (above, last) = typed.rsplit_once('/').unwrap_or(("", typed));
        let names: Vec<&str> = above.split('/').filter(|name| !name.is_empty()).collect();
        let holder = match names.as_slice() {
            [] => lock.root(),
            names => graph.end(graph.find_input(names.iter().copied())?)?,
        };
        let part = Span { start: part.end - last.len(), end: part.end };
        for input in graph.inputs_of(holder) {
            let name = lock.input(input).name;
            let source = graph.end(input).map(|end| source_of(&lock, end));
            self.push(name, &source.unwrap_or_default(), self.written(name), part);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::finding::Level;

    #[test]
    fn keys_are_those_that_are_read() {
        let rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        let parsed = |text: &str| Config::parse("x".as_ref(), text, &rules).map_err(|e| e.message);
        let are = |text: &str, keys: &[Keys]| {
            let error = parsed(text).unwrap_err();
            let names = keys.iter().flat_map(|keys| keys.iter()).map(|(key, _)| format!("`{key}`"));
            let names: Vec<String> = names.collect();
            assert!(error.ends_with(&format!(": there are {}", names.join(", "))), "{error}");
        };
        are("zzz = 1", &[KEYS, TABLES]);
        are("[[exempt]]\nzzz = 1", &[EXEMPT]);
        for ((level, _), (strength, _)) in LEVELS.iter().zip(STRENGTHS.iter().cycle()) {
            parsed(&format!("[rules]\nstale-lock = {{ {strength} = {level:?} }}")).unwrap();
        }
        let levels = [Level::Deny, Level::Warn, Level::Allow].map(Level::as_str);
        assert_eq!(LEVELS.iter().map(|(level, _)| *level).collect::<Vec<_>>(), levels);
    }
}
