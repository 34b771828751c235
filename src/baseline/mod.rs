//! Earlier findings, so that only new ones count.
//!
//! What is compared are the keys of findings ([`Key`](crate::audit::Key)), which do not depend on
//! lines, node keys, revisions or strength. They come from another state of the flake, or from a
//! file in which they were saved ([`Baseline`]).

mod file;
mod known;

pub use file::{Audited, Baseline, BaselineEntry, BaselineError, write};
pub use known::KnownFindings;
