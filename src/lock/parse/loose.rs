//! Values of any kind.

use crate::lock::AttributeValue;

/// A scalar, or the text of another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loose<'a> {
    Bool(bool),
    Number(u64),
    Text(&'a str),
    /// `null`, an array or an object, as written.
    Other(&'a str),
}

impl<'a> Loose<'a> {
    /// Its name in messages.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Loose::Bool(_) => "a boolean",
            Loose::Number(_) => "a number",
            Loose::Text(_) => "a string",
            Loose::Other(text) if text.starts_with('[') => "an array",
            Loose::Other(text) if text.starts_with('{') => "an object",
            Loose::Other(_) => "null",
        }
    }

    /// The same as the value of an attribute.
    pub(super) fn attribute(self) -> AttributeValue<'a> {
        match self {
            Loose::Text(text) => AttributeValue::Text(text),
            Loose::Bool(bool) => AttributeValue::Bool(bool),
            Loose::Number(number) => AttributeValue::Number(number),
            Loose::Other(text) => AttributeValue::Other(text),
        }
    }
}
