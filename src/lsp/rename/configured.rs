//! Renames an input in `flake-audit.toml`.

use serde_json::json;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Splice;
use super::uses::Rename;
use crate::text::Span;

impl Rename<'_> {
    /// The changes of a configuration.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn in_configuration(self, text: &str) -> Result<Vec<Splice>, String> {
        let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
        let mut splices = Vec::new();
        for (key, value) in table.get_ref() {
            match (&**key.get_ref(), value.get_ref()) {
                ("configured" | "nixpkgs", DeValue::Array(paths)) => {
                    splices.extend(paths.iter().filter_map(|path| self.path(path)));
                }
                ("configured" | "nixpkgs", _) => splices.extend(self.path(value)),
                ("exempt", DeValue::Array(entries)) => {
                    let inputs = entries.iter().filter_map(|entry| entry.get_ref().get("input"));
                    splices.extend(inputs.filter_map(|input| self.path(input)));
                }
                _ => {}
            }
        }
        Ok(splices)
    }

    /// The change of an input path (a text, or an array of names) that begins with the old name.
    fn path(self, path: &Spanned<DeValue<'_>>) -> Option<Splice> {
        let first = match path.get_ref() {
            DeValue::String(_) => path,
            DeValue::Array(names) => names.iter().next()?,
            _ => return None,
        };
        let text = first.get_ref().as_str()?;
        let (name, rest) = match path.get_ref() {
            DeValue::String(_) => text.split_at(text.find('/').unwrap_or(text.len())),
            _ => (text, ""),
        };
        let span = first.span();
        let new = json!(format!("{}{rest}", self.new)).to_string();
        (name == self.old).then_some((Span { start: span.start, end: span.end }, new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_the_new_name_and_nothing_else_has() {
        let text = r#"configured = ["gpu", ["gpu", "x"], "a/gpu", "gpu-2"]
nixpkgs = "gpu/x"
[rules]
gpu = "warn"
[[exempt]]
rule = "gpu"
input = 'gpu/**'
reason = "gpu"
"#;
        let name = Rename { old: "gpu", new: "cuda" };
        let mut changed = text.to_owned();
        let mut splices = name.in_configuration(text).unwrap();
        splices.sort();
        for (span, new) in splices.into_iter().rev() {
            changed.replace_range(span.range(), &new);
        }
        let expected = r#"configured = ["cuda", ["cuda", "x"], "a/gpu", "gpu-2"]
nixpkgs = "cuda/x"
[rules]
gpu = "warn"
[[exempt]]
rule = "gpu"
input = "cuda/**"
reason = "gpu"
"#;
        assert_eq!(changed, expected);
    }
}
