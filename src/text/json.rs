//! JSON without hidden characters.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use super::Visible;
use super::escape::is_plain;

/// Writes a value as compact JSON, with DEL, C1 controls, bidirectional and invisible characters as
/// `\u` escapes; JSON itself requires that for C0 controls only.
///
/// # Errors
/// Those of the sink.
pub fn write_json(value: &impl Serialize, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    let mut json = serde_json::Serializer::with_formatter(out, EscapeHidden);
    Ok(value.serialize(&mut json)?)
}

struct EscapeHidden;

impl Formatter for EscapeHidden {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        write!(out, "{}", Visible(fragment))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_and_come_back() {
        let hostile = "\"\\\u{1b}[31m\n\u{7f}\u{9b}\u{202e}\u{2028}\u{feff}\u{e0041}</script>ü";
        let mut out = Vec::new();
        write_json(&hostile, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "\"\\\"\\\\\\u001b[31m\\n\\u007f\\u009b\\u202e\\u2028\\ufeff\\udb40\\udc41</script>ü\""
        );
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
