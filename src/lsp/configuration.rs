//! `flake-audit.toml`: what is known of its keys, rules and inputs, and what may be meant by what is
//! being typed. The file is hardly ever whole while somebody types, and no flake is audited then, so
//! this needs its text and the lock alone.

use std::path::Path;

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Position, TextEdit};
use serde_json::json;

use super::positions::Lines;
use super::texts::Texts;
use crate::flake_ref::source_of;
use crate::graph::{Graph, Overrides};
use crate::load::LOCK_NAME;
use crate::lock::{Lock, Unescaped};
use crate::rules::{self, RULES};
use crate::text::{Span, Visible};

/// The keys of a table, and what each is for.
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

/// What a place is in.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// A key at the top, the name of a table.
    Top,
    Header,
    /// A key of `[rules]`, or the rule of an exemption.
    Rule,
    /// A key of an exemption.
    Exempt,
    /// `firm` or `light`.
    Strength,
    Level,
    Input,
}

/// What stands at a place, or is being typed there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    kind: Kind,
    /// The name, or what there is of it.
    pub(super) part: Span,
    is_quoted: bool,
    is_value: bool,
}

impl Named {
    /// What stands around a byte.
    pub(super) fn around(text: &str, at: usize) -> Option<Self> {
        let ends = |c: char| c.is_whitespace() || "\"'=,[]{}#.".contains(c);
        let before = Self::before(text, at)?;
        // In quotes a dot is a part of the name.
        let ends = |c: char| ends(c) && !(c == '.' && before.is_quoted);
        let rest = text.get(at..)?;
        let end = at + rest.find(ends).unwrap_or(rest.len());
        Self::before(text, end).filter(|named| named.part.start < named.part.end)
    }

    /// What is being typed up to a byte.
    fn before(text: &str, at: usize) -> Option<Self> {
        let mut reading = Reading::default();
        let mut rest = text.get(..at)?;
        while let Some(first) = rest.chars().next() {
            let start = at - rest.len();
            rest = match first {
                '#' => rest.get(rest.find('\n')?..)?,
                '"' | '\'' => {
                    let quotes = if first == '"' { "\"\"\"" } else { "'''" };
                    match rest.strip_prefix(quotes) {
                        Some(inner) => inner.get(inner.find(quotes)? + 3..)?,
                        None => match closed(rest, first) {
                            Some((inner, behind)) => {
                                reading.name(inner);
                                behind
                            }
                            None => return reading.named(Span { start: start + 1, end: at }, true),
                        },
                    }
                }
                c if is_bare(c) => {
                    let behind = rest.trim_start_matches(is_bare);
                    if behind.is_empty() {
                        return reading.named(Span { start, end: at }, false);
                    }
                    reading.name(rest.get(..rest.len() - behind.len())?);
                    behind
                }
                other => {
                    reading.sign(other);
                    rest.get(other.len_utf8()..)?
                }
            };
        }
        reading.named(Span { start: at, end: at }, false)
    }
}

fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

/// The inside of a text in quotes, and what comes behind it; nothing where its line ends before.
fn closed(text: &str, quote: char) -> Option<(&str, &str)> {
    let inner = text.get(1..)?;
    let mut is_escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            '\n' => return None,
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            c if c == quote => return Some((inner.get(..at)?, inner.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

/// Where reading has got to.
#[derive(Debug, Default)]
struct Reading {
    /// The table that was begun last.
    table: Vec<String>,
    /// Whether its name is being read.
    in_header: bool,
    /// The keys of the binding that is being read, those of tables in its line included.
    keys: Vec<String>,
    in_value: bool,
    /// How many keys there were where each table in this line begins.
    inline: Vec<usize>,
    /// Lists that are not closed.
    lists: usize,
}

impl Reading {
    fn name(&mut self, name: &str) {
        if self.in_header {
            self.table.push(name.to_owned());
        } else if !self.in_value {
            self.keys.push(name.to_owned());
        }
    }

    fn sign(&mut self, sign: char) {
        let in_list = self.in_value && self.lists > 0;
        match sign {
            '=' => self.in_value = true,
            '[' if self.in_value => self.lists += 1,
            '[' => {
                self.table.clear();
                self.keys.clear();
                self.in_header = true;
            }
            ']' if self.in_value => self.lists = self.lists.saturating_sub(1),
            ']' => self.in_header = false,
            '{' if self.in_value => {
                self.inline.push(self.keys.len());
                self.in_value = false;
            }
            ',' if !in_list => {
                self.keys.truncate(self.inline.last().copied().unwrap_or(0));
                self.in_value = false;
            }
            '}' => {
                self.keys.truncate(self.inline.pop().unwrap_or(0));
                self.in_value = true;
            }
            // A list goes on in the next line, and nothing else does.
            '\n' if !in_list => {
                let Self { table, .. } = std::mem::take(self);
                self.table = table;
            }
            _ => {}
        }
    }

    fn named(self, part: Span, is_quoted: bool) -> Option<Named> {
        let path: Vec<&str> = self.table.iter().chain(&self.keys).map(String::as_str).collect();
        let kind = match (path.as_slice(), self.in_value) {
            _ if self.in_header => Kind::Header,
            ([], false) => Kind::Top,
            (["rules"], false) | (["exempt", "rule"], true) => Kind::Rule,
            (["rules", _], false) => Kind::Strength,
            (["rules", _] | ["rules", _, "firm" | "light"], true) => Kind::Level,
            (["exempt"], false) => Kind::Exempt,
            (["configured" | "nixpkgs"] | ["exempt", "input" | "inputs"], true) => Kind::Input,
            _ => return None,
        };
        Some(Named { kind, part, is_quoted, is_value: self.in_value })
    }
}

/// What is known of a name without looking at the flake: of keys, rules and levels. A title, and what
/// it is.
pub(super) fn explained(text: &str, named: &Named) -> Option<(&'static str, &'static str)> {
    let name = text.get(named.part.range())?;
    let among = |keys: Keys| keys.iter().find(|(key, _)| *key == name).copied();
    match named.kind {
        Kind::Rule => rules::find(name).map(|rule| (rule.id, rule.summary)),
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

/// What may be meant by what is being typed.
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
            // In the order in which they stand here.
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

    /// A name as it is to stand here: values are in quotes.
    fn written(&self, name: &str) -> String {
        let quoted = json!(name).to_string();
        let is_whole = self.named.is_value && !self.named.is_quoted;
        let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        if is_whole { quoted } else { inner.to_owned() }
    }

    /// The inputs of what is typed up to the last slash, as the lock has them.
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

    /// What stands at the bar.
    fn around(text: &str) -> Option<(Kind, String)> {
        let at = text.find('|').unwrap();
        let whole = text.replacen('|', "", 1);
        let named = Named::around(&whole, at)?;
        Some((named.kind, whole[named.part.range()].to_owned()))
    }

    #[test]
    fn every_name_is_of_its_kind() {
        for (text, kind, name) in [
            ("confi|gured = [\"a\"]", Kind::Top, "configured"),
            ("configured = [\"a/b\", 'c|/d']", Kind::Input, "c/d"),
            ("configured = [\n  # \"x\n  \"a\",\n  \"|b.c\",\n]", Kind::Input, "b.c"),
            ("nixpkgs = \"|a\"\n[rules]\n", Kind::Input, "a"),
            ("[rul|es]", Kind::Header, "rules"),
            ("[[exempt|]]", Kind::Header, "exempt"),
            ("x = '''\n[[exempt]]\n'''\n[rules]\nstale-l|ock = 1", Kind::Rule, "stale-lock"),
            ("[rules]\n\"stale-lock\" = \"de|ny\"", Kind::Level, "deny"),
            ("rules.stale-lock|.firm = \"deny\"", Kind::Rule, "stale-lock"),
            ("rules = { a = \"warn\", b = { firm = 1, |light = 1 } }", Kind::Strength, "light"),
            ("[rules]\na = { firm = \"deny\", light = \"|warn\" }", Kind::Level, "warn"),
            ("[rules]\na = {}\n[[exempt]]\nrule = \"stale|-lock\"", Kind::Rule, "stale-lock"),
            ("[[exempt]]\ninputs = [\"a\", \"|b\"]\nreason = \"x\"", Kind::Input, "b"),
            ("[[exempt]]\nrule = 7\nrea|son = \"x\"", Kind::Exempt, "reason"),
        ] {
            assert_eq!(around(text), Some((kind, name.to_owned())), "{text}");
        }
        for text in
            ["# confi|gured", "[[exempt]]\nreason = \"in|puts\"", "a = |", "[a]\nb|c = 1", "|"]
        {
            assert_eq!(around(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_half_typed_is_known() {
        let before = |text: &str| {
            let named = Named::before(text, text.len())?;
            Some((named.kind, text[named.part.range()].to_owned(), named.is_quoted))
        };
        let some = |kind, part: &str, is_quoted| Some((kind, part.to_owned(), is_quoted));
        assert_eq!(before(""), some(Kind::Top, "", false));
        assert_eq!(before("conf"), some(Kind::Top, "conf", false));
        assert_eq!(before("["), some(Kind::Header, "", false));
        assert_eq!(before("[rules]\n"), some(Kind::Rule, "", false));
        assert_eq!(before("[rules]\na = "), some(Kind::Level, "", false));
        assert_eq!(before("[rules]\na = { "), some(Kind::Strength, "", false));
        assert_eq!(before("configured = [ \"x/"), some(Kind::Input, "x/", true));
        assert_eq!(before("[rules]\na = \"deny\"\n[[exempt]]\n"), some(Kind::Exempt, "", false));
        for text in ["\"", "'''", "[[[[", "]]}}", "{{{{", "= = =", "\\", "a = \"\\", "𝄞", "a.\"𝄞"]
        {
            Named::before(text, text.len());
            Named::around(text, 0);
        }
    }

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
