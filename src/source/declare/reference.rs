//! What an input refers to or follows, as flake.nix writes it.

use crate::flake_ref::{OwnedRef, is_flake_id, parse};
use crate::text::Span;

/// A flake reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `url = …`.
    Url {
        /// The text. For a path literal, Nix's reading of it: `./x` is `path:x`.
        text: String,
        /// The value.
        span: Span,
    },
    /// Attributes, `type` and maybe `url` among them, by name.
    Attributes(Vec<DeclaredAttribute>),
}

impl Reference {
    /// Its attributes; `None` if it is not certain how Nix reads it. `is_flake` is false beside
    /// `flake = false`.
    pub fn spelled(&self, is_flake: bool) -> Option<OwnedRef> {
        let attributes = match self {
            Reference::Url { text, .. } => return parse(text, is_flake),
            Reference::Attributes(attributes) => attributes,
        };
        let mut reference = OwnedRef::default();
        for DeclaredAttribute { name, value, .. } in attributes {
            match value {
                DeclaredValue::Text(text) => reference.set(name, text.as_str()),
                DeclaredValue::Bool(value) => reference.set(name, *value),
                DeclaredValue::Number(number) => reference.set(name, *number),
                DeclaredValue::List => return None,
            }
        }
        Some(reference)
    }
}

/// An attribute of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredAttribute {
    /// `owner`, `rev`, …
    pub name: String,
    /// Its value.
    pub value: DeclaredValue,
    /// Where the value stands.
    pub span: Span,
}

/// The value of an attribute of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeclaredValue {
    /// A string.
    Text(String),
    /// A Boolean.
    Bool(bool),
    /// A number.
    Number(u64),
    /// A list, which only `publicKeys` may be.
    List,
}

/// A `follows`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follows {
    /// As written.
    pub text: String,
    /// The input path that it stands for; empty for this flake itself.
    pub path: Vec<String>,
    /// The span of the value.
    pub value: Span,
    /// The span of the binding, with its semicolon.
    pub binding: Span,
}

impl Follows {
    /// Splits as Nix does: at slashes, dropping empty pieces.
    pub(super) fn new(text: String, value: Span, binding: Span) -> Self {
        let path = text.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        Self { text, path, value, binding }
    }

    /// The first name in it that cannot be an input's (Nix source, `flakeIdRegex`).
    pub(super) fn illegal(&self) -> Option<&str> {
        self.path.iter().map(String::as_str).find(|name| !is_flake_id(name))
    }
}
