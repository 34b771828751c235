//! Causes, found by the inputs that they explain.

use super::cause::Cause;
use super::facts::Facts;
use crate::lock::{InputId, InputTag, Table};

/// For each unconfigured slot its cause.
#[derive(Debug)]
pub struct Explained {
    /// The cause, by index, and whether the input is one of those that would be overridden.
    causes: Table<InputTag, Option<(u32, bool)>>,
}

impl Explained {
    /// Looks through the causes once. Linear in what they explain.
    pub fn new(facts: &Facts<'_, '_, '_>) -> Self {
        let mut causes = Table::like(facts.graph().lock().inputs(), None);
        for (index, cause) in facts.causes().iter().enumerate() {
            let Ok(index) = u32::try_from(index) else { break };
            for &slot in cause.affects.iter().chain([&cause.slot]) {
                *causes.at_mut(slot) = Some((index, false));
            }
            for &slot in &cause.overrides {
                *causes.at_mut(slot) = Some((index, true));
            }
        }
        Self { causes }
    }

    /// Why a slot is unconfigured, and whether overriding this slot is what cures it. The facts
    /// are those that this was made from.
    pub fn cause<'f>(
        &self,
        facts: &'f Facts<'_, '_, '_>,
        input: InputId,
    ) -> Option<(&'f Cause, bool)> {
        let (index, is_override) = (*self.causes.at(input))?;
        let cause = facts.causes().get(usize::try_from(index).ok()?)?;
        Some((cause, is_override))
    }
}
