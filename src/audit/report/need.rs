//! What Nix a flake and its lock need, told.

use super::Location;
use crate::needs::{Needed, Reason};

/// Something that not every Nix can read: wherever it is, told once.
#[derive(Debug)]
pub struct ReportedNeed {
    /// Which can.
    pub nix: Needed,
    /// What it is.
    pub reason: Reason,
    /// The inputs that it is about, the first [`Report::LONGEST`](super::Report::LONGEST); the empty
    /// path for the flake itself.
    pub inputs: Vec<Vec<String>>,
    /// How many there are.
    pub inputs_total: usize,
    /// Where the first of them is written.
    pub location: Option<Location>,
}
