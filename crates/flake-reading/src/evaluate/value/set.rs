//! Sets, possibly with unknown names.

use super::Thunk;
use crate::evaluate::facts::Place;
use crate::syntax::Name;

#[derive(Debug, Default, Clone)]
pub(in crate::evaluate) struct Set {
    /// Sorted by name.
    pub(in crate::evaluate) attrs: Vec<SetAttr>,
    /// The value under any other name.
    pub(in crate::evaluate) rest: Option<Thunk>,
    /// Whether there may be other names.
    pub(in crate::evaluate) open: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::evaluate) struct SetAttr {
    pub(in crate::evaluate) name: Name,
    pub(in crate::evaluate) thunk: Thunk,
    /// The place of the name.
    pub(in crate::evaluate) place: Option<Place>,
    /// Whether it depends on a condition.
    pub(in crate::evaluate) conditional: bool,
}

impl Set {
    /// Whether all of its attributes are known, and certainly there.
    pub(in crate::evaluate) fn is_certain(&self) -> bool {
        !self.open && self.rest.is_none() && self.attrs.iter().all(|attr| !attr.conditional)
    }

    pub(in crate::evaluate) fn get(&self, name: &str) -> Option<&SetAttr> {
        let at = self.attrs.binary_search_by(|attr| (*attr.name).cmp(name)).ok()?;
        self.attrs.get(at)
    }

    /// A set of attributes in any order; of several with one name the last counts.
    pub(in crate::evaluate) fn new(
        mut attrs: Vec<SetAttr>,
        rest: Option<Thunk>,
        open: bool,
    ) -> Self {
        // A stable sort, which is fast for sorted input, such as most arguments of modules.
        attrs.sort_by(|a, b| a.name.cmp(&b.name));
        attrs.dedup_by(|later, kept| {
            let is_same = later.name == kept.name;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        Self { attrs, rest, open }
    }

    /// `self // right`
    pub(in crate::evaluate) fn update(&self, right: &Set) -> Set {
        let mut attrs = Vec::with_capacity(self.attrs.len() + right.attrs.len());
        let (mut a, mut b) = (self.attrs.iter().peekable(), right.attrs.iter().peekable());
        loop {
            match (a.peek(), b.peek()) {
                (Some(left), Some(other)) => match left.name.cmp(&other.name) {
                    std::cmp::Ordering::Less => attrs.extend(a.next().cloned()),
                    std::cmp::Ordering::Greater => attrs.extend(b.next().cloned()),
                    std::cmp::Ordering::Equal => {
                        attrs.extend(b.next().cloned());
                        a.next();
                    }
                },
                (Some(_), None) => attrs.extend(a.next().cloned()),
                (None, Some(_)) => attrs.extend(b.next().cloned()),
                (None, None) => break,
            }
        }
        Set { attrs, rest: right.rest.or(self.rest), open: self.open || right.open }
    }
}

/// An attribute without a place.
pub(in crate::evaluate) fn attr(name: impl Into<Name>, thunk: Thunk) -> SetAttr {
    SetAttr { name: name.into(), thunk, place: None, conditional: false }
}
