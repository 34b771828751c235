//! Reading and checking the file's text.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::{Config, ConfigError, DeclaredInput, Exemption, Pattern, RuleLevel};
use crate::finding::Level;
use crate::text::{Date, LineIndex, hint, merge_conflict, nearest};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    configured: Vec<Spanned<InputText>>,
    #[serde(default)]
    nixpkgs: Vec<Spanned<InputText>>,
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, LevelText>,
    #[serde(default)]
    exempt: Vec<Spanned<ExemptText>>,
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
    input: InputText,
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
        let fail = |start: Option<usize>, message: String| ConfigError {
            file: file.to_path_buf(),
            message,
            position: start.map(|start| lines.position(start)),
        };
        let parsed: File = toml::from_str(text).map_err(|error| {
            if let Some(mark) = merge_conflict(text) {
                return fail(Some(mark.start), "an unresolved merge conflict begins here".into());
            }
            // The reason is one line: some of the parser's are two.
            let reason = error.message().replace('\n', "; ");
            fail(error.span().map(|span| span.start), format!("bad configuration: {reason}"))
        })?;
        let known = |rule: &Spanned<String>| {
            let id = rule.get_ref();
            if rules.contains(&id.as_str()) {
                return Ok(id.clone());
            }
            let meant = nearest(id, rules.iter().copied());
            let message = format!("there is no rule `{id}`{}", hint(meant));
            Err(fail(Some(rule.span().start), message))
        };
        let inputs = |inputs: Vec<Spanned<InputText>>| -> Vec<DeclaredInput> {
            let declare = |input: Spanned<InputText>| {
                let path = input.get_ref().names().into_iter().map(str::to_owned).collect();
                DeclaredInput::new(path, lines.position(input.span().start))
            };
            inputs.into_iter().map(declare).collect()
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
            let position = lines.position(entry.span().start);
            let entry = entry.into_inner();
            if entry.reason.get_ref().trim().is_empty() {
                let message = "an exemption needs a reason".into();
                return Err(fail(Some(entry.reason.span().start), message));
            }
            let expires = match &entry.expires {
                None => None,
                Some(date) => Some(day(date.get_ref()).ok_or_else(|| {
                    let message = "`expires` must be a date, like 2027-06-30".into();
                    fail(Some(date.span().start), message)
                })?),
            };
            exempt.push(Exemption::new(
                known(&entry.rule)?,
                Pattern::new(entry.input.names()),
                entry.reason.into_inner(),
                expires,
                position,
            ));
        }
        Ok(Self {
            file: file.to_path_buf(),
            folder: PathBuf::new(),
            configured: inputs(parsed.configured),
            nixpkgs: inputs(parsed.nixpkgs),
            rules: levels,
            exempt,
        })
    }
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
    fn mistakes_are_told_with_their_place() {
        let told: Vec<_> = [
            "configured = nixpkgs-gpu",
            "configured = [3]",
            "[rules]\nunconfigured-nixpkg = \"deny\"",
            "[rules]\nnode-cycle = \"fatal\"",
            "[rules]\nnode-cycle = { frim = \"deny\" }",
            "configred = []",
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
