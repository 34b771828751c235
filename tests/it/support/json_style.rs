//! The same JSON in other bytes: other orders of members, escapes in strings, other white space.

use std::fmt::Write;

use serde_json::Value;

/// A writer that varies its style by a seed.
#[derive(Debug)]
pub(crate) struct Style {
    state: u64,
    /// Whether to write characters as escapes now and then.
    pub(crate) escapes: bool,
    /// Whether to write blanks now and then.
    pub(crate) blanks: bool,
}

impl Style {
    /// Members in an order chosen by the seed, without other changes.
    pub(crate) fn shuffled(seed: u64) -> Self {
        Self { state: seed, escapes: false, blanks: false }
    }

    /// All variations at once.
    pub(crate) fn wild(seed: u64) -> Self {
        Self { state: seed, escapes: true, blanks: true }
    }

    /// Writes a value.
    pub(crate) fn write(&mut self, value: &Value) -> String {
        let mut text = String::new();
        self.value(value, &mut text);
        text
    }

    /// A number below `limit` (splitmix64).
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let mixed = usize::try_from((mixed ^ (mixed >> 31)) >> 8).unwrap_or(0);
        mixed % limit.max(1)
    }

    fn value(&mut self, value: &Value, text: &mut String) {
        self.blank(text);
        match value {
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                for last in (1..members.len()).rev() {
                    members.swap(last, self.below(last + 1));
                }
                text.push('{');
                for (at, (name, value)) in members.into_iter().enumerate() {
                    self.separate(at, text);
                    self.string(name, text);
                    self.blank(text);
                    text.push(':');
                    self.value(value, text);
                }
                self.blank(text);
                text.push('}');
            }
            Value::Array(items) => {
                text.push('[');
                for (at, value) in items.iter().enumerate() {
                    self.separate(at, text);
                    self.value(value, text);
                }
                self.blank(text);
                text.push(']');
            }
            Value::String(string) => self.string(string, text),
            scalar => write!(text, "{scalar}").unwrap(),
        }
        self.blank(text);
    }

    fn separate(&mut self, at: usize, text: &mut String) {
        if at > 0 {
            text.push(',');
        }
        self.blank(text);
    }

    fn blank(&mut self, text: &mut String) {
        if self.blanks {
            text.push_str(["", "", "", " ", "\n", "\t", "\r\n", "  "][self.below(8)]);
        }
    }

    fn string(&mut self, string: &str, text: &mut String) {
        text.push('"');
        for c in string.chars() {
            if self.escapes && self.below(4) == 0 || matches!(c, '"' | '\\') || c < ' ' {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(text, "\\u{unit:04x}").unwrap();
                }
            } else {
                text.push(c);
            }
        }
        text.push('"');
    }
}

#[test]
fn other_bytes_are_the_same_json() {
    let value = serde_json::json!({"a": [1, {"b\u{1F600}\n": null}, []], "c": {"\"\\": "ü"}});
    for seed in 0..100 {
        let text = Style::wild(seed).write(&value);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value, "{text}");
    }
}
