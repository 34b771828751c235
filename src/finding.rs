//! Findings: facts that a rule pushes. They are not rendered, filtered or sorted here.

use crate::change::Fix;
use crate::lock::{InputId, NodeId, Site};
use crate::source::TreePath;
use crate::source::evaluate::facts::Place;
use crate::text::Span;

/// What a rule has to say of one thing.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The rule's id.
    pub rule: &'static str,
    /// Firm or light, for rules that tell them apart.
    pub strength: Option<Strength>,
    /// What it is about.
    pub subject: Subject,
    /// What tells it from other findings of the rule about the same subject, where there can be
    /// several: an override that flake.nix declares, a setting.
    pub apart: Option<String>,
    /// What is the case: one line. Names from the lock stand in it as they are.
    pub message: String,
    /// Why it matters here, and what else is to be known: one line each.
    pub notes: Vec<String>,
    /// Where it is written in the root's source, if that is known better than by the subject.
    pub place: Option<Place>,
    /// The same in a file of the root's source that no output leads to: the `flake.nix` of a flake
    /// in a folder.
    pub file: Option<(TreePath, Span)>,
    /// Where in the entry of the node it is written, if it is a matter of the lock alone.
    pub site: Option<Site<'a>>,
    /// The node it is about.
    pub node: Option<NodeId>,
    /// Other inputs that it explains.
    pub affects: Vec<InputId>,
    /// The numbers of the root's outputs that it concerns.
    pub outputs: Vec<usize>,
    /// The packages that show it.
    pub packages: Vec<String>,
    /// What to do.
    pub fix: Option<Fix<'a>>,
}

/// What a finding is about: it decides the input path, the chain and the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The whole flake; the place is this node's entry, if there is one.
    Flake(Option<NodeId>),
    /// A node, at its owner path.
    Node(NodeId),
    /// An input.
    Input(InputId),
}

/// How sure a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// It may well not.
    Light,
    /// It does, as far as is known.
    Firm,
}

impl Strength {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Strength::Light => "light",
            Strength::Firm => "firm",
        }
    }
}

/// What a finding does to the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Silent.
    Allow,
    /// Shown.
    Warn,
    /// Shown, and fails the run.
    Deny,
}

impl Level {
    /// As it is written in reports and configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

impl<'a> Finding<'a> {
    /// A finding with nothing but what every finding has.
    pub fn new(rule: &'static str, subject: Subject, message: String) -> Self {
        let (notes, affects) = (Vec::new(), Vec::new());
        Self {
            rule,
            strength: None,
            subject,
            apart: None,
            message,
            notes,
            place: None,
            file: None,
            site: None,
            node: None,
            affects,
            outputs: Vec::new(),
            packages: Vec::new(),
            fix: None,
        }
    }

    /// With this strength.
    #[must_use]
    pub fn strength(mut self, strength: Strength) -> Self {
        self.strength = Some(strength);
        self
    }

    /// Told by this from others about the same subject.
    #[must_use]
    pub fn apart(mut self, by: impl Into<String>) -> Self {
        self.apart = Some(by.into());
        self
    }

    /// With one more note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Written here in `flake.nix`.
    #[must_use]
    pub fn at(self, span: Option<Span>) -> Self {
        self.placed(span.map(|span| Place { file: 0, span }))
    }

    /// Written here in the root's source.
    #[must_use]
    pub fn placed(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Written here in another file of the root's source.
    #[must_use]
    pub fn in_file(mut self, file: Option<(TreePath, Span)>) -> Self {
        self.file = file;
        self
    }

    /// Written here in the entry of the node that it is about.
    #[must_use]
    pub fn in_lock(mut self, site: Site<'a>) -> Self {
        self.site = Some(site);
        self
    }

    /// About this node.
    #[must_use]
    pub fn node(mut self, node: Option<NodeId>) -> Self {
        self.node = node;
        self
    }

    /// Explaining these other inputs.
    #[must_use]
    pub fn affects(mut self, affects: Vec<InputId>) -> Self {
        self.affects = affects;
        self
    }

    /// Concerning these outputs, as these packages show.
    #[must_use]
    pub fn in_outputs(mut self, outputs: Vec<usize>, packages: Vec<String>) -> Self {
        self.outputs = outputs;
        self.packages = packages;
        self
    }

    /// With this fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix<'a>) -> Self {
        self.fix = Some(fix);
        self
    }
}
