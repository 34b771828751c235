//! Files of a flake that are no code: texts, JSON and TOML.

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::sight::At;
use crate::evaluate::value::{Value, attr};
use crate::syntax::Name;

/// The most bytes of a file that is read as text.
const LONGEST: usize = 256 << 10;

impl Evaluator<'_> {
    pub(super) fn data_function(&mut self, name: &str, args: &mut Args) -> Value {
        let given = args.next(self);
        let text = match name {
            "fromJSON" | "fromTOML" => given,
            _ => self.text_of_file(&given),
        };
        let Value::Text(text) = text.unconditional().0 else {
            return match name {
                // Unknown data may contain anything.
                "fromJSON" | "fromTOML" | "importJSON" | "importTOML" => Value::outside(),
                _ => Value::condition(),
            };
        };
        match name {
            "fromJSON" | "importJSON" => self.data("JSON", text),
            "fromTOML" | "importTOML" => self.data("TOML", text),
            "fileContents" => Value::text(text.strip_suffix('\n').unwrap_or(text)),
            _ => Value::Text(text.clone()),
        }
    }

    /// The value of a text in a data language, parsed once: every host may need the same.
    fn data(&mut self, language: &'static str, text: &Name) -> Value {
        let key = (language, text.clone());
        if let Some(known) = self.loaded.data.get(&key) {
            return known.clone();
        }
        let said = match language {
            "JSON" => serde_json::from_str(text).ok().map(|json| self.of_json(&json)),
            _ => text.parse().ok().map(|toml| self.of_toml(&toml::Value::Table(toml))),
        };
        let said = said.unwrap_or_else(Value::outside);
        self.loaded.data.insert(key, said.clone());
        said
    }

    /// The text of a file of a flake; unknown text if it cannot be read.
    fn text_of_file(&mut self, path: &Value) -> Value {
        let Value::Path(flake, path) = path.unconditional().0 else { return Value::condition() };
        let key = (*flake, path.clone());
        if let Some(known) = self.loaded.texts.get(&key) {
            return known.clone();
        }
        let Some(files) = self.files(*flake) else { return Value::condition() };
        let read = files.text(path).ok();
        let length = read.as_ref().map_or(0, |text| text.len());
        self.sight.saw(*flake, At::Text, path, &read);
        if length > LONGEST || !self.counts(length) {
            return Value::condition();
        }
        let text = read.map_or_else(Value::condition, Value::Text);
        self.loaded.texts.insert(key, text.clone());
        text
    }

    /// Counts a text that is to be read; false if that is too expensive.
    fn counts(&mut self, bytes: usize) -> bool {
        let goes_on = self.budget.meter.text(bytes);
        self.budget.within(goes_on)
    }

    // Both parsers limit how deep values may nest.
    fn of_json(&mut self, json: &serde_json::Value) -> Value {
        use serde_json::Value as Json;
        if !self.budget.step() {
            return Value::outside();
        }
        match json {
            Json::Null => Value::Null,
            Json::Bool(value) => Value::Bool(*value),
            Json::Number(number) => Value::Number(number.as_i64()),
            Json::String(text) => Value::text(text.as_str()),
            Json::Array(items) => {
                let items = items.iter().map(|item| {
                    let item = self.of_json(item);
                    self.done(item)
                });
                let items = items.collect();
                Value::list(items, false)
            }
            Json::Object(attrs) => {
                let attrs = attrs.iter().map(|(name, value)| {
                    let value = self.of_json(value);
                    attr(name.as_str(), self.done(value))
                });
                let attrs = attrs.collect();
                Value::set(attrs, None, false)
            }
        }
    }

    fn of_toml(&mut self, toml: &toml::Value) -> Value {
        use toml::Value as Toml;
        if !self.budget.step() {
            return Value::outside();
        }
        match toml {
            Toml::Boolean(value) => Value::Bool(*value),
            Toml::Integer(number) => Value::Number(Some(*number)),
            Toml::Float(_) => Value::Number(None),
            Toml::String(text) => Value::text(text.as_str()),
            Toml::Datetime(_) => Value::condition(),
            Toml::Array(items) => {
                let items = items.iter().map(|item| {
                    let item = self.of_toml(item);
                    self.done(item)
                });
                let items = items.collect();
                Value::list(items, false)
            }
            Toml::Table(attrs) => {
                let attrs = attrs.iter().map(|(name, value)| {
                    let value = self.of_toml(value);
                    attr(name.as_str(), self.done(value))
                });
                let attrs = attrs.collect();
                Value::set(attrs, None, false)
            }
        }
    }
}
