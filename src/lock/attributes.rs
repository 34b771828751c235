//! Attributes of a locked or original reference.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::SourceKind;

/// One attribute of a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// `owner`, `rev`, …
    pub name: &'a str,
    /// Its value.
    pub value: AttributeValue<'a>,
}

impl<'a> Attribute<'a> {
    /// One of these, where a usual name, and a usual `type`, is not the text of the lock: whoever
    /// looks for it would wait for the memory of a large one.
    pub(super) fn new(name: &'a str, value: AttributeValue<'a>) -> Self {
        let name = usual_name(name).unwrap_or(name);
        let value = match value {
            AttributeValue::Text(text) if name == "type" => {
                AttributeValue::Text(SourceKind::named(text).as_str())
            }
            value => value,
        };
        Self { name, value }
    }
}

/// The names that most references have.
pub(crate) fn usual_name(name: &str) -> Option<&'static str> {
    // By length first: this is asked of every attribute of a lock.
    match name.len() {
        2 if name == "id" => Some("id"),
        3 => match name {
            "dir" => Some("dir"),
            "ref" => Some("ref"),
            "rev" => Some("rev"),
            "url" => Some("url"),
            _ => None,
        },
        4 => match name {
            "host" => Some("host"),
            "path" => Some("path"),
            "repo" => Some("repo"),
            "type" => Some("type"),
            _ => None,
        },
        5 if name == "owner" => Some("owner"),
        7 if name == "narHash" => Some("narHash"),
        8 if name == "revCount" => Some("revCount"),
        12 if name == "lastModified" => Some("lastModified"),
        _ => None,
    }
}

/// The value of an attribute (Nix source, `jsonToAttrs` in `src/libfetchers/attrs.cc`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeValue<'a> {
    /// A string.
    Text(&'a str),
    /// A boolean.
    Bool(bool),
    /// A number of any kind, turned into an unsigned integer as Nix turns it: 1.9 is 1.
    Number(u64),
    /// `null`, an array or an object, as written: Nix takes none of them.
    Other(&'a str),
}

/// A range in one of the lock's lists: the attributes of a reference, the names of a path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice {
    start: u32,
    /// One more than the end, so that one that is missing takes no more room.
    beyond: NonZeroU32,
}

/// The attributes of one reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes<'l, 'a>(&'l [Attribute<'a>]);

impl<'l, 'a> Attributes<'l, 'a> {
    pub(super) fn new(all: &'l [Attribute<'a>], slice: Slice) -> Self {
        Self(all.get(slice.range()).unwrap_or_default())
    }

    /// Attributes that do not stand in a lock.
    pub fn of(attributes: &'l [Attribute<'a>]) -> Self {
        Self(attributes)
    }

    /// All in the order of the file. A name written twice is here twice; the last one counts.
    pub fn iter(self) -> impl Iterator<Item = &'l Attribute<'a>> {
        self.0.iter()
    }

    /// The same without attributes whose name occurs again later.
    pub fn those_that_count(self) -> impl Iterator<Item = &'l Attribute<'a>> {
        // Nix writes them in order, and none twice.
        let is_in_order = self.0.is_sorted_by(|one, next| one.name < next.name);
        // In others, the place of the last one of each name.
        let mut last = BTreeMap::new();
        if !is_in_order {
            last.extend(self.0.iter().enumerate().map(|(at, attribute)| (attribute.name, at)));
        }
        let all = self.0.iter().enumerate();
        all.filter(move |(at, attribute)| is_in_order || last.get(attribute.name) == Some(at))
            .map(|(_, attribute)| attribute)
    }

    /// As Nix writes them into a lock: in the order of their names, none twice, without an empty
    /// `dir`, and without the mark `__final`. Those of a lock that Nix wrote are as they are.
    pub fn as_written(self) -> Cow<'l, [Attribute<'a>]> {
        let is_dropped = |it: &Attribute<'_>| {
            it.name == "__final" || it.name == "dir" && it.value == AttributeValue::Text("")
        };
        let is_in_order = self.0.is_sorted_by(|one, next| one.name < next.name);
        if is_in_order && !self.0.iter().any(is_dropped) {
            return Cow::Borrowed(self.0);
        }
        let mut kept: Vec<_> =
            self.those_that_count().filter(|it| !is_dropped(it)).copied().collect();
        kept.sort_unstable_by_key(|it| it.name);
        Cow::Owned(kept)
    }

    /// The value of an attribute; the last one if a name occurs twice, as in JSON readers.
    pub fn get(self, name: &str) -> Option<AttributeValue<'a>> {
        self.0.iter().rev().find(|attribute| attribute.name == name).map(|a| a.value)
    }

    /// The value of an attribute that is a string.
    pub fn text(self, name: &str) -> Option<&'a str> {
        match self.get(name)? {
            AttributeValue::Text(text) => Some(text),
            AttributeValue::Bool(_) | AttributeValue::Number(_) | AttributeValue::Other(_) => None,
        }
    }

    /// The value of an attribute that is a number.
    pub fn number(self, name: &str) -> Option<u64> {
        match self.get(name)? {
            AttributeValue::Number(number) => Some(number),
            AttributeValue::Bool(_) | AttributeValue::Text(_) | AttributeValue::Other(_) => None,
        }
    }

    /// Its kind of source.
    pub fn kind(self) -> SourceKind<'a> {
        self.text("type").map_or(SourceKind::Unnamed, SourceKind::named)
    }

    /// The path, if it is relative to the flake that has the reference.
    pub fn relative_path(self) -> Option<&'a str> {
        relative_path(self.kind(), self.text("path"))
    }
}

/// The path of a reference of this kind, if it is relative to the flake that has the reference.
pub(crate) fn relative_path<'a>(kind: SourceKind<'_>, path: Option<&'a str>) -> Option<&'a str> {
    path.filter(|path| kind == SourceKind::Path && !path.starts_with('/'))
}

impl Slice {
    pub(super) fn new(start: usize, end: usize) -> Self {
        let narrow = |index| u32::try_from(index).unwrap_or(u32::MAX);
        Self { start: narrow(start), beyond: NonZeroU32::MIN.saturating_add(narrow(end)) }
    }

    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.beyond.get() as usize - 1
    }
}
