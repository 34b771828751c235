//! What is still to be examined of an output, of each kind the last that was found first.

use std::ops::Range;
use std::rc::Rc;

use super::contexts::ContextId;
use crate::evaluate::facts::Place;
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::{Set, SetAttr, Thunk, Value};

/// Something that is still to be examined.
pub(super) enum Pending {
    Value(Value),
    Thunk(Thunk),
    /// A value that has to be a package, or several, and the place that names it: it is reported if
    /// it is not understood. Most other values that are not understood are no packages.
    Packages(Thunk, Option<Place>),
    Class(ClassId),
    /// An option that a module of a system sets.
    Option(ClassId, SetAttr),
}

/// What is still to be examined.
///
/// Options come first, which say what there is; then what has to be a package; then texts, files and
/// all else: a list of packages is seen however much work the texts beside it are.
#[derive(Default)]
pub(super) struct Open {
    options: Vec<(Entry, ContextId)>,
    packages: Vec<(Pending, ContextId)>,
    rest: Vec<(Pending, ContextId)>,
}

enum Entry {
    One(Pending),
    /// Options that a module of a system sets, by their indices in its set: from one to before
    /// another.
    Options(ClassId, Rc<Set>, u32, u32),
}

impl Open {
    pub(super) fn push(&mut self, what: Pending, context: ContextId) {
        match what {
            Pending::Class(_) | Pending::Option(..) => {
                self.options.push((Entry::One(what), context));
            }
            Pending::Packages(..) => self.packages.push((what, context)),
            Pending::Value(_) | Pending::Thunk(_) => self.rest.push((what, context)),
        }
    }

    /// Adds the options of a module with these indices in its set.
    pub(super) fn push_options(
        &mut self,
        class: ClassId,
        set: &Rc<Set>,
        options: Range<usize>,
        context: ContextId,
    ) {
        if let (Ok(from), Ok(to)) = (u32::try_from(options.start), u32::try_from(options.end)) {
            self.options.push((Entry::Options(class, set.clone(), from, to), context));
        }
    }

    pub(super) fn pop(&mut self) -> Option<(Pending, ContextId)> {
        self.pop_option().or_else(|| self.packages.pop()).or_else(|| self.rest.pop())
    }

    fn pop_option(&mut self) -> Option<(Pending, ContextId)> {
        loop {
            if let (Entry::Options(class, set, next, end), context) = self.options.last_mut()? {
                let attr = set.attrs.get(*next as usize);
                let found = attr.map(|attr| (Pending::Option(*class, attr.clone()), *context));
                *next += 1;
                if next >= end {
                    self.options.pop();
                }
                if found.is_some() {
                    return found;
                }
            } else if let (Entry::One(what), context) = self.options.pop()? {
                return Some((what, context));
            }
        }
    }

    /// Takes out all but options; those are dropped.
    pub(super) fn take_values(&mut self) -> Vec<(Pending, ContextId)> {
        let Self { packages, rest, .. } = std::mem::take(self);
        rest.into_iter().chain(packages).collect()
    }

    pub(super) fn contexts(&mut self) -> impl Iterator<Item = ContextId> + use<> {
        let Self { options, packages, rest } = std::mem::take(self);
        let options = options.into_iter().map(|(_, context)| context);
        options.chain(packages.into_iter().chain(rest).map(|(_, context)| context))
    }
}
