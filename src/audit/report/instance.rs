//! A nixpkgs instance in a report.

use super::Location;
use crate::graph::InputPath;
use crate::instance::{Effect, EvidenceKind, ShownSettings};

/// A nixpkgs instance.
#[derive(Debug)]
pub struct ReportedInstance<'a> {
    /// The node's key.
    pub node: &'a str,
    /// Its owner path.
    pub path: InputPath<'a>,
    /// The key of the plain nixpkgs that it is made of.
    pub base: Option<&'a str>,
    /// Locked reference of the node.
    pub reference: String,
    /// Locked reference of the base.
    pub base_reference: Option<String>,
    /// The node's source in words.
    pub source: String,
    /// The base's source in words, if that is another node.
    pub base_source: Option<String>,
    /// Day of the base's last change.
    pub base_date: Option<String>,
    /// Where the root makes it, if it does.
    pub made_at: Option<Location>,
    /// How it is made, by its name in reports.
    pub made_by: &'static str,
    /// The number of its overlays, if known.
    pub overlays: Option<u32>,
    /// How much of its settings could be read: `all`, `part` or `none`.
    pub readable: &'static str,
    /// The evidence that it is a wrapper, if it is one.
    pub evidence: Option<(EvidenceKind, String)>,
    /// What its settings do to packages; `None` for plain nixpkgs.
    pub effect: Option<Effect>,
    /// Its settings, if known.
    pub settings: Option<ShownSettings>,
    /// Whether an input of the root ends at it.
    pub held_by_root: bool,
    /// The slots that end at it: the first [`Report::LONGEST`](super::Report::LONGEST).
    pub consumers: Vec<InputPath<'a>>,
    /// How many slots there are.
    pub consumers_total: usize,
}
