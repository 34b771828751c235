//! Causes: unconfigured slots grouped by the one input whose override cures them.
//!
//! A chain is walked once, from its end: the cause of a slot is the last judged slot on its chain
//! before the chain enters an input of the flake that holds the wrapper, or the wrapper itself.

mod find;
mod judged;
mod kinds;
mod reach;

pub(super) use find::find_causes;
pub(super) use judged::raw_slots_below_root;
pub(super) use kinds::CauseTag;
pub use kinds::{Cause, CauseKind, Light, UseLight};
