//! The Nix that a flake and its lock need, in a report.

use super::Location;
use crate::needs::{Needed, Reason};

/// Something that not every Nix can read, with all its places.
#[derive(Debug)]
pub struct ReportedNeed {
    /// The versions of Nix that can.
    pub nix: Needed,
    /// The feature.
    pub reason: Reason,
    /// The inputs that have it, the first [`Report::LONGEST`](super::Report::LONGEST); the empty
    /// path for the flake itself.
    pub inputs: Vec<Vec<String>>,
    /// How many there are.
    pub inputs_total: usize,
    /// The place of the first.
    pub location: Option<Location>,
}
