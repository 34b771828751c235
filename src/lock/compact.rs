//! Attributes as a lock keeps them. There are some thirteen to a node, so each has its place in the
//! text instead of pointers, and a number for a name that references have.

use super::attributes::{Attribute, AttributeValue, Slice};
use crate::text::Span;

/// The attributes of all references of a lock, in the order of the file.
#[derive(Debug)]
pub(super) struct AttributeTable<'a> {
    text: &'a str,
    all: Vec<Compact>,
    /// Names that no reference has, and strings that are not in the text as they are read.
    others: Vec<&'a str>,
}

/// One attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compact {
    /// Of a known name its number; of any other the number of all known ones more than its place
    /// among the others.
    name: u32,
    kind: Kind,
    /// Of a text its place, of a number its upper half.
    first: u32,
    /// Of a text its length, of a number its lower half.
    second: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A string that stands in the text.
    Text,
    /// One of the others.
    Other,
    True,
    False,
    Number,
}

macro_rules! names {
    ($($number:literal $name:literal)*) => {
        /// The names that references have, by their numbers.
        const NAMES: &[&str] = &[$($name),*];

        /// The number of a name.
        pub(super) fn number(name: &str) -> Option<u32> {
            match name {
                $($name => Some($number),)*
                _ => None,
            }
        }
    };
}

names! {
    0 "type" 1 "owner" 2 "repo" 3 "rev" 4 "narHash" 5 "lastModified" 6 "url" 7 "ref" 8 "dir"
    9 "path" 10 "host" 11 "id" 12 "revCount" 13 "submodules" 14 "shallow" 15 "name"
}

/// How many there are.
const KNOWN: u32 = 16;

impl<'a> AttributeTable<'a> {
    pub(super) fn new(text: &'a str, expected: usize) -> Self {
        Self { text, all: Vec::with_capacity(expected), others: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn push(&mut self, name: &'a str, value: AttributeValue<'a>) {
        let name = number(name).unwrap_or_else(|| KNOWN.saturating_add(self.other(name)));
        let (kind, first, second) = match value {
            AttributeValue::Text(text) => match Span::of(text, self.text) {
                // A lock is shorter than 2^32 bytes.
                Some(Span { start, .. }) => (Kind::Text, narrow(start), narrow(text.len())),
                None => (Kind::Other, self.other(text), 0),
            },
            AttributeValue::Bool(true) => (Kind::True, 0, 0),
            AttributeValue::Bool(false) => (Kind::False, 0, 0),
            AttributeValue::Number(number) => {
                (Kind::Number, narrow_half(number >> 32), narrow_half(number & 0xFFFF_FFFF))
            }
        };
        self.all.push(Compact { name, kind, first, second });
    }

    fn other(&mut self, text: &'a str) -> u32 {
        self.others.push(text);
        narrow(self.others.len() - 1)
    }

    /// Adds once more what is in the list already.
    pub(super) fn repeat(&mut self, slice: Slice) {
        self.all.extend_from_within(slice.start as usize..slice.end as usize);
    }

    pub(super) fn slice(&self, slice: Slice) -> &[Compact] {
        self.all.get(slice.start as usize..slice.end as usize).unwrap_or_default()
    }

    /// An attribute of this table, as it is to be looked at.
    pub(super) fn attribute(&self, compact: Compact) -> Attribute<'a> {
        Attribute { name: self.name(compact), value: self.value(compact) }
    }

    pub(super) fn name(&self, compact: Compact) -> &'a str {
        let name = match compact.name.checked_sub(KNOWN) {
            None => NAMES.get(compact.name as usize),
            Some(other) => self.others.get(other as usize),
        };
        name.copied().unwrap_or_default()
    }

    pub(super) fn value(&self, compact: Compact) -> AttributeValue<'a> {
        let Compact { kind, first, second, .. } = compact;
        let (start, length) = (first as usize, second as usize);
        match kind {
            Kind::Text => {
                AttributeValue::Text(self.text.get(start..start + length).unwrap_or_default())
            }
            Kind::Other => {
                AttributeValue::Text(self.others.get(start).copied().unwrap_or_default())
            }
            Kind::True => AttributeValue::Bool(true),
            Kind::False => AttributeValue::Bool(false),
            Kind::Number => AttributeValue::Number(u64::from(first) << 32 | u64::from(second)),
        }
    }

    /// Whether no attribute behind one in a list has the same name.
    pub(super) fn is_last(&self, list: &[Compact], at: usize) -> bool {
        let Some((this, behind)) = list.get(at..).and_then(<[Compact]>::split_first) else {
            return true;
        };
        let is_known = this.name < KNOWN;
        !behind.iter().any(|other| {
            this.name == other.name
                || !is_known && other.name >= KNOWN && self.name(*this) == self.name(*other)
        })
    }

    /// The last attribute of this name in a list.
    pub(super) fn find(&self, list: &[Compact], name: &str) -> Option<Compact> {
        let mut from_behind = list.iter().rev().copied();
        match number(name) {
            Some(number) => from_behind.find(|compact| compact.name == number),
            None => from_behind.find(|compact| self.name(*compact) == name),
        }
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn narrow_half(half: u64) -> u32 {
    u32::try_from(half).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_number() {
        assert_eq!(NAMES.len(), KNOWN as usize);
        for (name, at) in NAMES.iter().zip(0..) {
            assert_eq!(number(name), Some(at), "{name}");
        }
        assert_eq!(size_of::<Compact>(), 16);
    }

    #[test]
    fn what_is_kept_comes_back() {
        let text = String::from("nixos own");
        let mut table = AttributeTable::new(&text, 0);
        let all = [
            ("owner", AttributeValue::Text(&text[..5])),
            ("x", AttributeValue::Text("elsewhere")),
            ("y", AttributeValue::Number(u64::MAX - 1)),
            ("rev", AttributeValue::Bool(true)),
            ("owner", AttributeValue::Bool(false)),
            ("x", AttributeValue::Text("")),
        ];
        for (name, value) in all {
            table.push(name, value);
        }
        let list = table.slice(Slice::new(0, table.len()));
        let back: Vec<_> = list.iter().map(|it| table.attribute(*it)).collect();
        assert_eq!(back, all.map(|(name, value)| Attribute { name, value }));
        let found = |name| table.find(list, name).map(|it| table.value(it));
        assert_eq!(found("owner"), Some(AttributeValue::Bool(false)));
        assert_eq!(found("x"), Some(AttributeValue::Text("")));
        assert_eq!(found("z"), None);
        let last: Vec<_> = (0..all.len()).map(|at| table.is_last(list, at)).collect();
        assert_eq!(last, [false, false, true, true, true, true]);
    }
}
