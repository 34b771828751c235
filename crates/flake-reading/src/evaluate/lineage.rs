//! Which calls led to a call. Calls are lazy, so that a recursion need not nest: it shows in how
//! many calls of the same function led to one.

use super::value::Code;

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
    /// The call that led to it, and how many did.
    before: Lineage,
    length: u32,
}

impl Lineages {
    /// A call of a function that two others led to: one by where the function is from, one by its
    /// argument. The longer lineage counts.
    pub(super) fn call(&mut self, code: Code, of_function: Lineage, of_arg: Lineage) -> Lineage {
        let (function, arg) = (self.length(of_function), self.length(of_arg));
        let before = if arg > function { of_arg } else { of_function };
        let length = arg.max(function).saturating_add(1);
        self.0.push(Made { code, before, length });
        Lineage(u32::try_from(self.0.len()).unwrap_or_default())
    }

    fn made(&self, call: Lineage) -> Option<&Made> {
        self.0.get((call.0 as usize).checked_sub(1)?)
    }

    fn length(&self, call: Lineage) -> u32 {
        self.made(call).map_or(0, |made| made.length)
    }

    /// How many calls of the same function led to a call, of those that were made last.
    pub(super) fn of_same(&self, call: Lineage) -> usize {
        let Some(last) = self.made(call) else { return 0 };
        let before = std::iter::successors(self.made(last.before), |made| self.made(made.before));
        before.take(FARTHEST).filter(|made| made.code == last.code).count()
    }
}
