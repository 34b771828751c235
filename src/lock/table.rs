//! Tables with typed indices: the only place that indexes.
//!
//! An [`Id`] is only made by the table that it belongs to, so looking it up cannot fail; the
//! phantom tag keeps the id of a node from being used among inputs.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::NonZeroU32;

/// An index into a [`Table`] with the same tag. One more than that is kept, so that an id that may be
/// missing takes no more room than one that is there.
pub struct Id<Tag>(NonZeroU32, PhantomData<fn() -> Tag>);

impl<Tag> Id<Tag> {
    pub(crate) fn new(index: usize) -> Self {
        // A lock is at most 4 GiB long (see `Lock::parse`), so it has fewer nodes than this.
        Self(NonZeroU32::MIN.saturating_add(narrow(index)), PhantomData)
    }

    /// The index as a number, for tables kept elsewhere (petgraph).
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

// Derives would require the tag to have these traits.
impl<Tag> Clone for Id<Tag> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Tag> Copy for Id<Tag> {}
impl<Tag> PartialEq for Id<Tag> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<Tag> Eq for Id<Tag> {}
impl<Tag> PartialOrd for Id<Tag> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<Tag> Ord for Id<Tag> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<Tag> Hash for Id<Tag> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<Tag> fmt::Debug for Id<Tag> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.index())
    }
}

/// Consecutive ids, half open.
pub struct Range<Tag> {
    start: u32,
    end: u32,
    tag: PhantomData<fn() -> Tag>,
}

impl<Tag> Clone for Range<Tag> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Tag> Copy for Range<Tag> {}
impl<Tag> fmt::Debug for Range<Tag> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}..#{}", self.start, self.end)
    }
}

impl<Tag> Range<Tag> {
    pub(crate) fn new(start: usize, end: usize) -> Self {
        Self { start: narrow(start), end: narrow(end), tag: PhantomData }
    }

    /// The number of ids.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it has no ids.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The ids in order.
    pub fn ids(self) -> impl DoubleEndedIterator<Item = Id<Tag>> + ExactSizeIterator {
        (self.start..self.end).map(|index| Id::new(index as usize))
    }

    /// The id at an index of the range.
    pub fn nth(self, position: usize) -> Option<Id<Tag>> {
        (position < self.len()).then(|| Id::new(self.start as usize + position))
    }
}

/// A vector that is indexed by its own kind of [`Id`].
pub struct Table<Tag, T> {
    items: Vec<T>,
    tag: PhantomData<fn() -> Tag>,
}

impl<Tag, T: fmt::Debug> fmt::Debug for Table<Tag, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

impl<Tag, T: Clone> Clone for Table<Tag, T> {
    fn clone(&self) -> Self {
        self.items.clone().into()
    }
}

impl<Tag, T> From<Vec<T>> for Table<Tag, T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, tag: PhantomData }
    }
}

impl<Tag, T> Default for Table<Tag, T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<Tag, T> FromIterator<T> for Table<Tag, T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        items.into_iter().collect::<Vec<_>>().into()
    }
}

impl<Tag, T> Table<Tag, T> {
    /// A table as long as `other`, every entry the same.
    pub fn like<U>(other: &Table<Tag, U>, value: T) -> Self
    where
        T: Clone,
    {
        vec![value; other.len()].into()
    }

    /// A table as long as `other`, each entry made by `make`.
    pub fn from_fn<U>(other: &Table<Tag, U>, make: impl FnMut() -> T) -> Self {
        let mut items = Vec::with_capacity(other.len());
        items.resize_with(other.len(), make);
        items.into()
    }

    /// Adds an entry.
    pub(crate) fn push(&mut self, item: T) -> Id<Tag> {
        self.items.push(item);
        Id::new(self.items.len() - 1)
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The entry of an id that this table (or one just as long) made.
    #[expect(clippy::indexing_slicing, reason = "ids are made for existing entries only")]
    pub fn at(&self, id: Id<Tag>) -> &T {
        &self.items[id.index()]
    }

    /// The same, mutable.
    #[expect(clippy::indexing_slicing, reason = "ids are made for existing entries only")]
    pub fn at_mut(&mut self, id: Id<Tag>) -> &mut T {
        &mut self.items[id.index()]
    }

    /// All entries, in their order.
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    /// The entries of a range.
    pub fn slice(&self, range: Range<Tag>) -> &[T] {
        self.items.get(range.start as usize..range.end as usize).unwrap_or_default()
    }

    /// The id with this index, if there is such an entry.
    pub fn id(&self, index: usize) -> Option<Id<Tag>> {
        (index < self.items.len()).then(|| Id::new(index))
    }

    /// All ids.
    pub fn ids(
        &self,
    ) -> impl DoubleEndedIterator<Item = Id<Tag>> + ExactSizeIterator + use<Tag, T> {
        Range::new(0, self.items.len()).ids()
    }

    /// All entries with their ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<Tag>, &T)> + ExactSizeIterator {
        self.ids().zip(&self.items)
    }
}
