//! Values of any kind: names, scalars, and everything else.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::lock::{AttributeValue, Unescaped};

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

/// Reads the key of a member.
pub(super) struct Name<'a>(pub(super) &'a Unescaped);

impl<'a> DeserializeSeed<'a> for Name<'a> {
    type Value = &'a str;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<&'a str, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Name<'a> {
    type Value = &'a str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<&'a str, E> {
        Ok(text)
    }

    fn visit_str<E>(self, text: &str) -> Result<&'a str, E> {
        Ok(self.0.keep(text))
    }
}

/// Reads a value of any kind; the contents of arrays and objects are skipped.
pub(super) struct LooseSeed<'a>(pub(super) &'a Unescaped);

impl<'a> DeserializeSeed<'a> for LooseSeed<'a> {
    type Value = Loose<'a>;

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<Loose<'a>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for LooseSeed<'a> {
    type Value = Loose<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Loose<'a>, E> {
        Ok(Loose::Text(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose<'a>, E> {
        Ok(Loose::Text(self.0.keep(text)))
    }

    fn visit_bool<E>(self, bool: bool) -> Result<Loose<'a>, E> {
        Ok(Loose::Bool(bool))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Loose<'a>, E> {
        Ok(Loose::Number(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Loose<'a>, E> {
        Ok(Loose::Number(number.cast_unsigned()))
    }

    #[expect(clippy::cast_possible_truncation, reason = "Nix cuts the fraction off")]
    fn visit_f64<E>(self, number: f64) -> Result<Loose<'a>, E> {
        let whole = if number < 0.0 { (number as i64).cast_unsigned() } else { number as u64 };
        Ok(Loose::Number(whole))
    }

    fn visit_unit<E>(self) -> Result<Loose<'a>, E> {
        Ok(Loose::Null)
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<Loose<'a>, S::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::Array)
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Loose<'a>, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::Object)
    }
}

/// Visitor methods that turn every scalar and array into one fixed value, for visitors that want an
/// object.
macro_rules! visit_others_as {
    ($value:expr) => {
        fn visit_seq<S: serde::de::SeqAccess<'a>>(
            self,
            mut seq: S,
        ) -> Result<Self::Value, S::Error> {
            while seq.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok($value)
        }

        $crate::lock::parse::loose::visit_scalars_as!($value);
    };
}

/// The same for scalars only.
macro_rules! visit_scalars_as {
    ($value:expr) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

pub(in crate::lock) use {visit_others_as, visit_scalars_as};
