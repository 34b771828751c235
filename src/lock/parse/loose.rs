//! Values of any kind.

use crate::lock::AttributeValue;

/// A scalar, or the kind of another value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loose<'a> {
    Null,
    Bool(bool),
    Number(u64),
    Text(&'a str),
    Array,
    Object,
}

impl<'a> Loose<'a> {
    /// Its name in messages.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Loose::Null => "null",
            Loose::Bool(_) => "a boolean",
            Loose::Number(_) => "a number",
            Loose::Text(_) => "a string",
            Loose::Array => "an array",
            Loose::Object => "an object",
        }
    }

    pub(super) fn attribute(self) -> Option<AttributeValue<'a>> {
        match self {
            Loose::Text(text) => Some(AttributeValue::Text(text)),
            Loose::Bool(bool) => Some(AttributeValue::Bool(bool)),
            Loose::Number(number) => Some(AttributeValue::Number(number)),
            Loose::Null | Loose::Array | Loose::Object => None,
        }
    }
}
