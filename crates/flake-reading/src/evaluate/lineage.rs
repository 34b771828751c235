//! Which calls led to a call. Calls are lazy, so that a recursion need not nest: it shows in how
//! many calls of the same function led to one.

use super::value::{Code, Thunk};

/// How many calls are looked back at.
const FARTHEST: usize = 128;

/// A call, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Lineage(u32);

/// All calls.
#[derive(Default)]
pub(super) struct Lineages(Vec<Made>);

struct Made {
    code: Code,
    arg: Thunk,
    /// Whether nothing was known of its arguments.
    of_unknown: bool,
    /// The call that gave the function.
    outer: Lineage,
    /// The call that led to it, and how many did.
    before: Lineage,
    length: u32,
}

impl Lineages {
    /// A call of a function that two others led to: one by where the function is from, one by its
    /// argument. The longer lineage counts.
    pub(super) fn call(
        &mut self,
        code: Code,
        arg: Thunk,
        of_function: Lineage,
        of_arg: Lineage,
    ) -> Lineage {
        let (by_function, by_arg) = (self.length(of_function), self.length(of_arg));
        let before = if by_arg > by_function { of_arg } else { of_function };
        let length = by_arg.max(by_function).saturating_add(1);
        self.0.push(Made { code, arg, of_unknown: false, outer: of_function, before, length });
        Lineage(u32::try_from(self.0.len()).unwrap_or_default())
    }

    /// Records that nothing is known of a call's arguments.
    pub(super) fn set_of_unknown(&mut self, call: Lineage) {
        let made = (call.0 as usize).checked_sub(1).and_then(|at| self.0.get_mut(at));
        if let Some(made) = made {
            made.of_unknown = true;
        }
    }

    /// The function that was called, its argument, and the call that gave the function.
    pub(super) fn function(&self, call: Lineage) -> Option<(Code, Thunk, Lineage)> {
        self.made(call).map(|made| (made.code, made.arg, made.outer))
    }

    fn made(&self, call: Lineage) -> Option<&Made> {
        self.0.get((call.0 as usize).checked_sub(1)?)
    }

    fn length(&self, call: Lineage) -> u32 {
        self.made(call).map_or(0, |made| made.length)
    }

    /// How many calls of the same function led to a call, of those that were made last.
    pub(super) fn of_same(&self, call: Lineage) -> usize {
        self.same(call).count()
    }

    /// How many of them had arguments of which nothing was known.
    pub(super) fn of_same_unknown(&self, call: Lineage) -> usize {
        self.same(call).filter(|made| made.of_unknown).count()
    }

    fn same(&self, call: Lineage) -> impl Iterator<Item = &Made> {
        let last = self.made(call);
        let before = last.and_then(|last| self.made(last.before));
        let before = std::iter::successors(before, |made| self.made(made.before)).take(FARTHEST);
        before.filter(move |made| last.is_some_and(|last| made.code == last.code))
    }
}
