//! Causes, looked up by the inputs that they explain.

use super::analysis::Analysis;
use super::cause::{Cause, CauseTag};
use crate::lock::{Id, InputId, InputTag, Table};

/// For each unconfigured slot its cause.
#[derive(Debug)]
pub struct Explained {
    /// The cause, and whether the input is one of those to override.
    causes: Table<InputTag, Option<(Id<CauseTag>, bool)>>,
}

impl Explained {
    /// Goes through the causes once. Linear in what they explain.
    pub fn new(analysis: &Analysis<'_, '_, '_>) -> Self {
        let mut causes = Table::like(analysis.graph().lock().inputs(), None);
        for (id, cause) in analysis.cause_table().iter() {
            for &slot in cause.affects.iter().chain([&cause.slot]).chain(&cause.through) {
                *causes.at_mut(slot) = Some((id, false));
            }
            for &slot in &cause.overrides {
                *causes.at_mut(slot) = Some((id, true));
            }
        }
        Self { causes }
    }

    /// Why a slot is unconfigured, and whether overriding this slot cures it. `analysis` must be
    /// the one that this was made from.
    pub fn cause<'f>(
        &self,
        analysis: &'f Analysis<'_, '_, '_>,
        input: InputId,
    ) -> Option<(&'f Cause, bool)> {
        let (id, is_override) = (*self.causes.at(input))?;
        Some((analysis.cause_table().at(id), is_override))
    }
}
