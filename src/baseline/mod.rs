//! Findings that were there before: only what is new counts.
//!
//! What is compared are the keys of findings ([`Key`](crate::audit::Key)), which neither lines, node
//! keys and revisions change, nor how sure a finding is. They come from another state of the flake,
//! or from a file in which they were written down ([`Baseline`]).

mod file;
mod known;

pub use file::{Audited, Baseline, BaselineError, Entry, write};
pub use known::KnownFindings;
