//! Attributes of a reference that are owned, because they do not stand in a lock.

use std::borrow::Cow;

use crate::lock::{Attribute, AttributeValue, Attributes, SourceKind, relative_path, usual_name};

/// The attributes of a reference that does not stand in a lock, by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnedRef {
    /// In the order of their names, of which there are few.
    attributes: Vec<(Cow<'static, str>, OwnedValue)>,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnedValue {
    /// A string.
    Text(String),
    /// A Boolean.
    Bool(bool),
    /// A number.
    Number(u64),
}

impl OwnedRef {
    /// A reference of this kind.
    pub fn new(kind: SourceKind<'_>) -> Self {
        let mut reference = Self::default();
        reference.set_kind(kind);
        reference
    }

    /// The meaning of an input without a reference: the flake of that name in the registry.
    pub fn registry(id: &str) -> Self {
        let mut reference = Self::new(SourceKind::Indirect);
        reference.set("id", id);
        reference
    }

    /// Sets its `type`.
    pub(super) fn set_kind(&mut self, kind: SourceKind<'_>) {
        self.set("type", kind.as_str());
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: impl Into<OwnedValue>) {
        let value = value.into();
        match self.place(name) {
            Ok(at) => {
                if let Some((_, known)) = self.attributes.get_mut(at) {
                    *known = value;
                }
            }
            Err(at) => self.attributes.insert(at, (owned_name(name), value)),
        }
    }

    /// Where the attribute of this name is, or would be.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.attributes.binary_search_by(|(known, _)| (**known).cmp(name))
    }

    /// Sets an attribute unless it is set.
    pub(super) fn set_first(&mut self, name: &str, value: impl Into<OwnedValue>) {
        if self.place(name).is_err() {
            self.set(name, value);
        }
    }

    /// Removes an attribute.
    pub(super) fn remove(&mut self, name: &str) -> Option<OwnedValue> {
        let at = self.place(name).ok()?;
        Some(self.attributes.remove(at).1)
    }

    /// The value of an attribute that is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        match &self.attributes.get(self.place(name).ok()?)?.1 {
            OwnedValue::Text(text) => Some(text),
            OwnedValue::Bool(_) | OwnedValue::Number(_) => None,
        }
    }

    /// Its kind of source.
    pub fn kind(&self) -> SourceKind<'_> {
        self.text("type").map_or(SourceKind::Unnamed, SourceKind::named)
    }

    /// The path, if it is relative to the flake that has the reference.
    pub fn relative_path(&self) -> Option<&str> {
        relative_path(self.kind(), self.text("path"))
    }

    /// All attributes, for use as [`Attributes`].
    pub fn list(&self) -> Vec<Attribute<'_>> {
        let attributes = self.attributes.iter();
        attributes
            .map(|(name, value)| Attribute {
                name,
                value: match value {
                    OwnedValue::Text(text) => AttributeValue::Text(text),
                    OwnedValue::Bool(value) => AttributeValue::Bool(*value),
                    OwnedValue::Number(number) => AttributeValue::Number(*number),
                },
            })
            .collect()
    }

    pub(super) fn drop_false(&mut self) {
        self.attributes.retain(|(_, value)| *value != OwnedValue::Bool(false));
    }
}

fn owned_name(name: &str) -> Cow<'static, str> {
    usual_name(name).map_or_else(|| name.to_owned().into(), Cow::Borrowed)
}

impl From<Attributes<'_, '_>> for OwnedRef {
    fn from(attributes: Attributes<'_, '_>) -> Self {
        let owned = |attribute: &Attribute<'_>| {
            let value: OwnedValue = match attribute.value {
                AttributeValue::Text(text) => text.into(),
                AttributeValue::Bool(value) => value.into(),
                AttributeValue::Number(number) => number.into(),
                // No reference that does not stand in a lock has it.
                AttributeValue::Other(_) => return None,
            };
            Some((owned_name(attribute.name), value))
        };
        let mut attributes: Vec<_> = attributes.those_that_count().filter_map(owned).collect();
        attributes.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Self { attributes }
    }
}

impl From<&str> for OwnedValue {
    fn from(text: &str) -> Self {
        OwnedValue::Text(text.to_owned())
    }
}
impl From<String> for OwnedValue {
    fn from(text: String) -> Self {
        OwnedValue::Text(text)
    }
}
impl From<bool> for OwnedValue {
    fn from(value: bool) -> Self {
        OwnedValue::Bool(value)
    }
}
impl From<u64> for OwnedValue {
    fn from(number: u64) -> Self {
        OwnedValue::Number(number)
    }
}
