//! A nixpkgs instance, told.

use super::Location;
use crate::graph::InputPath;
use crate::instance::{Effect, EvidenceKind, Settings};

/// A nixpkgs instance.
#[derive(Debug)]
pub struct ReportedInstance<'a> {
    /// The node's key.
    pub node: &'a str,
    /// Its owner path.
    pub path: InputPath<'a>,
    /// The key of the raw nixpkgs that it is made of.
    pub base: Option<&'a str>,
    /// Locked reference of the node.
    pub reference: String,
    /// Locked reference of the base.
    pub base_reference: Option<String>,
    /// The node's source in words.
    pub source: String,
    /// The base's source in words, where it is another node.
    pub base_source: Option<String>,
    /// Day of the base's last change.
    pub base_date: Option<String>,
    /// Where the root makes it, if it does.
    pub made_at: Option<Location>,
    /// How it comes about, as it is written in reports.
    pub made_by: &'static str,
    /// How many overlays it has, where that is known.
    pub overlays: Option<u32>,
    /// How much of its settings could be read: `all`, `part` or `none`.
    pub readable: &'static str,
    /// Whether a wrapper makes it, and what shows that.
    pub evidence: Option<(EvidenceKind, String)>,
    /// What its settings do; `None` for raw nixpkgs.
    pub effect: Option<Effect>,
    /// Its settings, where they are known.
    pub settings: Option<Settings>,
    /// Whether an input of the root ends at it.
    pub held_by_root: bool,
    /// The slots that end at it: the first [`Report::LONGEST`](super::Report::LONGEST).
    pub consumers: Vec<InputPath<'a>>,
    /// How many slots there are.
    pub consumers_total: usize,
}
