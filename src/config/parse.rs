//! Reading and checking the file's text.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;
use toml::value::Datetime;

use super::{Config, ConfigError, ConfigExemption, DeclaredInput, PathPattern, RuleLevel};
use crate::finding::Level;
use crate::text::{
    Date, Excerpt, LineIndex, Position, Span, did_you_mean, excerpt, merge_conflict, nearest,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    configured: Option<Spanned<Inputs>>,
    nixpkgs: Option<Spanned<Inputs>>,
    #[serde(rename = "requires-nix")]
    requires_nix: Option<Spanned<String>>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, LevelText>,
    #[serde(default)]
    exempt: Vec<Spanned<ExemptText>>,
}

/// Input paths: a list, or a single one without brackets, which has the span of the whole value.
enum Inputs {
    One(String),
    All(Vec<Spanned<InputText>>),
}

impl<'de> Deserialize<'de> for Inputs {
    // Derived untagged enums lose spans.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Inputs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of input paths like [\"a/b\"]")
            }

            fn visit_str<E>(self, text: &str) -> Result<Inputs, E> {
                Ok(Inputs::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Inputs, A::Error> {
                let mut inputs = Vec::new();
                while let Some(input) = all.next_element()? {
                    inputs.push(input);
                }
                Ok(Inputs::All(inputs))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// All of them, each with its place.
fn placed(inputs: Option<Spanned<Inputs>>) -> Vec<Spanned<InputText>> {
    let Some(inputs) = inputs else { return Vec::new() };
    let span = inputs.span();
    match inputs.into_inner() {
        Inputs::One(text) => vec![Spanned::new(span, InputText::Text(text))],
        Inputs::All(all) => all,
    }
}

/// An input path: `"a/b"`, or an array of names where a name holds a slash.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected an input path like \"a/b\", or an array of names")]
enum InputText {
    Text(String),
    Names(Vec<String>),
}

impl InputText {
    fn names(&self) -> Vec<&str> {
        match self {
            InputText::Text(text) => text.split('/').filter(|name| !name.is_empty()).collect(),
            InputText::Names(names) => names.iter().map(String::as_str).collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected \"deny\", \"warn\" or \"allow\", or { firm = …, light = … } with those"
)]
enum LevelText {
    Both(Level),
    Apart(ApartText),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApartText {
    firm: Option<Level>,
    light: Option<Level>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExemptText {
    rule: Spanned<String>,
    input: Option<InputText>,
    inputs: Option<Spanned<Inputs>>,
    reason: Spanned<String>,
    expires: Option<Spanned<Datetime>>,
}

impl Config {
    /// Reads a configuration; `rules` are the ids that it may name.
    ///
    /// # Errors
    /// Text that is not TOML, unknown keys and rules, missing reasons; with the position.
    pub fn parse(file: &Path, text: &str, rules: &[&str]) -> Result<Self, ConfigError> {
        let lines = LineIndex::new(text);
        let fail_at = |span: Option<Range<usize>>, message: String| ConfigError {
            file: file.to_path_buf(),
            message,
            position: span.as_ref().map(|span| lines.position(span.start)),
            excerpt: span.and_then(|span| excerpt_of(text, &lines, span)),
        };
        let parsed: File = toml::from_str(text).map_err(|error| {
            let stopped = error.span().map_or(0, |span| span.start);
            if let Some(mark) = merge_conflict(text, stopped) {
                let span = Some(mark.start..mark.start);
                return fail_at(span, "an unresolved merge conflict begins here".into());
            }
            fail_at(error.span(), syntax_message(&error, text))
        })?;
        let known = |rule: &Spanned<String>| {
            let id = rule.get_ref();
            if rules.contains(&id.as_str()) {
                return Ok(id.clone());
            }
            let meant = nearest(id, rules.iter().copied());
            let message = format!("there is no rule `{id}`{}", did_you_mean(meant));
            Err(fail_at(Some(rule.span()), message))
        };
        let inputs = |inputs: Option<Spanned<Inputs>>| -> Vec<DeclaredInput> {
            let declare = |input: Spanned<InputText>| {
                let path = input.get_ref().names().into_iter().map(str::to_owned).collect();
                let excerpt = excerpt_of(text, &lines, input.span());
                let position = lines.position(input.span().start);
                DeclaredInput { excerpt, ..DeclaredInput::new(path, position) }
            };
            placed(inputs).into_iter().map(declare).collect()
        };
        let requires_nix = match &parsed.requires_nix {
            None => None,
            Some(text) => Some(
                text.get_ref()
                    .parse()
                    .map_err(|()| fail_at(Some(text.span()), NOT_A_VERSION.to_owned()))?,
            ),
        };
        let mut levels = BTreeMap::new();
        for (rule, level) in parsed.rules {
            let level = match level {
                LevelText::Both(level) => RuleLevel::Both(level),
                LevelText::Apart(ApartText { firm, light }) => RuleLevel::Apart { firm, light },
            };
            levels.insert(known(&rule)?, level);
        }
        let mut exempt = Vec::new();
        for entry in parsed.exempt {
            let span = entry.span();
            let position = lines.position(span.start);
            let entry = entry.into_inner();
            if entry.reason.get_ref().trim().is_empty() {
                let message = "an exemption needs a reason".into();
                return Err(fail_at(Some(entry.reason.span()), message));
            }
            let expires = match &entry.expires {
                None => None,
                Some(date) => Some(
                    day(date.get_ref())
                        .ok_or_else(|| fail_at(Some(date.span()), NOT_A_DATE.to_owned()))?,
                ),
            };
            // One exemption for each input, so that each can warn that it matches nothing.
            let inputs: Vec<(PathPattern, Position)> = match (entry.input, entry.inputs) {
                (Some(input), None) => vec![(PathPattern::new(input.names()), position)],
                (None, inputs @ Some(_)) => {
                    let placed = placed(inputs).into_iter();
                    let placed = placed.map(|input| (lines.position(input.span().start), input));
                    placed
                        .map(|(at, input)| (PathPattern::new(input.get_ref().names()), at))
                        .collect()
                }
                _ => {
                    let message = "an exemption needs an `input`, or several `inputs`".to_owned();
                    return Err(fail_at(Some(span), message));
                }
            };
            let rule = known(&entry.rule)?;
            exempt.extend(inputs.into_iter().map(|(input, position)| {
                let reason = entry.reason.get_ref().clone();
                ConfigExemption::new(rule.clone(), input, reason, expires, position)
            }));
        }
        Ok(Self {
            file: file.to_path_buf(),
            folder: PathBuf::new(),
            configured: inputs(parsed.configured),
            nixpkgs: inputs(parsed.nixpkgs),
            requires_nix,
            rules: levels,
            exempt,
        })
    }
}

const NOT_A_VERSION: &str = "`requires-nix` must be a version of Nix in quotes, like \"2.18\"";
const NOT_A_DATE: &str = "`expires` must be a date without quotes, like 2027-06-30";

/// The line of a span, if it can be shown.
fn excerpt_of(text: &str, lines: &LineIndex<'_>, span: Range<usize>) -> Option<Excerpt> {
    // Of a span over several lines, mark the first.
    let first = text.get(span.clone())?.lines().next().map_or(0, str::len);
    excerpt(text, lines, Span { start: span.start, end: span.start + first })
}

/// The error for a text that cannot be read, with what to write instead: one line.
fn syntax_message(error: &toml::de::Error, text: &str) -> String {
    let message = error.message();
    let at = error.span().and_then(|span| text.get(span)).unwrap_or_default();
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let (field, known) = rest.split_once('`').unwrap_or((rest, ""));
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        let meant = match nearest(field, known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("there are `{}`", known.join("`, `")),
        };
        return format!("there is no key `{field}`: {meant}");
    }
    if at.trim_end().ends_with("[exempt]") || is_in_table(text, error, "[exempt]") {
        return "there may be several exemptions: write `[[exempt]]`, in two pairs of brackets"
            .into();
    }
    if at.starts_with('"') && is_value_of(text, error, "expires") {
        return NOT_A_DATE.to_owned();
    }
    if is_value_of(text, error, "requires-nix") {
        return NOT_A_VERSION.to_owned();
    }
    let start = error.span().map_or(0, |span| span.start);
    let value = text.get(start..).unwrap_or_default();
    let word: String =
        value.chars().take_while(|c| !c.is_whitespace() && !",]\"".contains(*c)).collect();
    let is_bare = word.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_bare && ["configured", "nixpkgs"].iter().any(|key| is_value_of(text, error, key)) {
        return format!("an input is written in quotes: `[\"{word}\"]`");
    }
    // Some of the parser's messages have two lines.
    format!("this cannot be read: {}", message.replace('\n', "; "))
}

/// Whether an error is in the table with this head.
fn is_in_table(text: &str, error: &toml::de::Error, head: &str) -> bool {
    let end = error.span().map_or(0, |span| span.end);
    let before = text.get(..end).unwrap_or_default();
    let mut heads = before.lines().map(str::trim).filter(|line| line.starts_with('['));
    heads.rfind(|line| !line.contains('=')) == Some(head)
}

/// Whether an error is in the value of a key.
fn is_value_of(text: &str, error: &toml::de::Error, key: &str) -> bool {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.split('=').next().is_some_and(|name| name.trim() == key)
}

fn day(datetime: &Datetime) -> Option<Date> {
    let date = datetime.date?;
    Some(Date { year: date.year.into(), month: date.month.into(), day: date.day.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [&str; 2] = ["unconfigured-nixpkgs", "node-cycle"];

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("flake-audit.toml"), text, &RULES)
    }

    #[test]
    fn a_whole_file() {
        let config = parse(
            r#"
configured = ["nixpkgs-gpu", ["a/b", "gpu"]]
nixpkgs = ["corp/packages"]
[rules]
node-cycle = "warn"
unconfigured-nixpkgs = { firm = "deny", light = "allow" }
[[exempt]]
rule = "unconfigured-nixpkgs"
input = "*/treefmt-nix/**"
reason = "formatter only"
expires = 2027-06-30
"#,
        )
        .unwrap();
        assert_eq!(config.configured[1].path, ["a/b", "gpu"]);
        assert_eq!(config.configured[1].position.line, 2);
        assert_eq!(config.nixpkgs[0].path, ["corp", "packages"]);
        assert_eq!(config.rules["node-cycle"], RuleLevel::Both(Level::Warn));
        let exempt = &config.exempt[0];
        assert!(
            exempt
                .warning(Date { year: 1970, month: 1, day: 1 })
                .unwrap()
                .contains("matches nothing")
        );
        assert!(exempt.applies("unconfigured-nixpkgs", &["x", "treefmt-nix", "y"]));
        assert_eq!(exempt.warning(Date { year: 2027, month: 6, day: 30 }), None);
        assert!(exempt.warning(Date { year: 2027, month: 7, day: 1 }).unwrap().contains("review"));
    }

    #[test]
    fn an_exemption_has_one_input_or_several() {
        let with = |inputs: &str| {
            parse(&format!("[[exempt]]\nrule = \"node-cycle\"\nreason = \"r\"\n{inputs}"))
        };
        let several = with("inputs = [\"a\", [\"b/c\", \"d\"]]").unwrap().exempt;
        assert!(several[0].applies("node-cycle", &["a"]));
        assert!(several[1].applies("node-cycle", &["b/c", "d"]));
        assert_eq!(several[1].position, Position { line: 4, column: 16 });
        assert!(with("inputs = \"a\"").unwrap().exempt[0].applies("node-cycle", &["a"]));
        let whole = with("input = \"\"").unwrap().exempt;
        assert!(whole[0].applies("node-cycle", &[]) && !whole[0].applies("node-cycle", &["a"]));
        for wrong in ["", "input = \"a\"\ninputs = [\"b\"]"] {
            assert!(with(wrong).unwrap_err().message.contains("needs an `input`"), "{wrong}");
        }
    }

    #[test]
    fn a_list_of_one_needs_no_brackets() {
        let config = parse("configured = \"dep/gpu\"\nnixpkgs = \"corp\"").unwrap();
        assert_eq!(config.configured[0].path, ["dep", "gpu"]);
        assert_eq!(config.configured[0].position.column, 14);
        assert_eq!(config.nixpkgs[0].path, ["corp"]);
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        let told: Vec<_> = [
            "configured = nixpkgs-gpu",
            "configured = [3]",
            "[rules]\nunconfigured-nixpkg = \"deny\"",
            "[rules]\nnode-cycle = \"fatal\"",
            "[rules]\nnode-cycle = { frim = \"deny\" }",
            "configred = []",
            "cnfg = []",
            "[exempt]\nrule = \"node-cycle\"\ninput = \"a\"\nreason = \"r\"",
            "[[exempt]]\nrule = \"node-cycle\"\ninput = \"a\"\nreason = \"r\"\nexpires = \"2027-06-30\"",
            "[[exempt]]\nrule = \"node-cycle\"\ninput = \"a\"\nresaon = \"r\"",
            "[[exempt]]\nrule = \"node-cycle\"\ninput = \"a\"",
            "[[exempt]]\nrule = \"node-cycle\"\ninput = \"a\"\nreason = \" \"",
            "[[exempt]]\nrule = \"node-cycle\"\ninput = \"a\"\nreason = \"r\"\nexpires = 10:00:00",
        ]
        .map(|text| {
            let error = parse(text).unwrap_err();
            let position = error.position.unwrap();
            format!("{}:{}: {}", position.line, position.column, error.message)
        })
        .into();
        insta::assert_snapshot!(told.join("\n"));
    }
}
