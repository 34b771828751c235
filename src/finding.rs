//! Rules, and the findings that they push: facts that are not yet formatted, filtered or sorted.

use std::fmt;

use crate::change::Fix;
use crate::instance::Analysis;
use crate::lock::{InputId, NodeId, Site};
use crate::source::TreePath;
use crate::source::evaluate::facts::{FileId, OutputId, Place};
use crate::text::Span;

/// A rule: its name, its default levels, and its check.
pub struct Rule {
    /// Its name, in kebab case; never changes. Code must not decide by it; it is for people.
    pub id: &'static str,
    /// Its default level; that of firm findings if it has light ones.
    pub level: Level,
    /// The default level of its light findings.
    pub light: Level,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Its page: what `explain` prints.
    pub page: &'static str,
    /// What it judges.
    pub judges: Judges,
    /// Whether a wrong or missing wrapper hides its findings. If so, findings that appear once the
    /// wrapper is repaired do not count as new.
    pub hidden_by_wrapper: bool,
    /// Pushes its findings.
    pub check: for<'a> fn(&Analysis<'_, '_, 'a>, &mut Vec<Finding<'a>>),
}

/// What a rule judges, and so whether it profits from sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judges {
    /// The resolved graph of the lock.
    Graph,
    /// What the references of nodes say, whatever leads to these.
    References,
    /// The graph, and how sources use it if they were read.
    Use,
    /// What sources do; silent if they were not read.
    Source,
    /// The spelling of the file: gone as soon as Nix writes the lock again.
    Spelling,
}

impl Judges {
    /// Whether the rule can find more if sources are read.
    pub fn reads_source(self) -> bool {
        match self {
            Judges::Use | Judges::Source => true,
            Judges::Graph | Judges::References | Judges::Spelling => false,
        }
    }

    /// Whether overrides applied to the lock may bring findings, or cure them: what a reference says
    /// no override changes, and none leads to a node that nothing led to before.
    pub fn sees_overrides(self) -> bool {
        match self {
            Judges::Graph | Judges::Use => true,
            Judges::Source | Judges::References | Judges::Spelling => false,
        }
    }
}

impl Rule {
    /// The level of a finding of this rule, unless the user sets one.
    pub fn default_level(&self, strength: Option<Strength>) -> Level {
        match strength {
            Some(Strength::Light) => self.light,
            Some(Strength::Firm) | None => self.level,
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

/// What a rule reports about one thing.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// Firm or light, if the rule makes the distinction.
    pub strength: Option<Strength>,
    /// What it is about.
    pub subject: Subject,
    /// Distinguishes it from other findings of the rule about the same subject, if there can be
    /// several.
    pub discriminator: Option<Discriminator>,
    /// The items of a finding that is a list: each of them is recognized by itself in another state
    /// of the flake.
    pub parts: Vec<Part>,
    /// The message: one line, with names from the lock unescaped.
    pub message: String,
    /// The label beside the marked place, a few words.
    pub label: Option<String>,
    /// Why it matters here: one line.
    pub why: Option<String>,
    /// Evidence and further facts: one line each.
    pub notes: Vec<String>,
    /// How it is worded in a group with others of the rule.
    pub together: Option<Together>,
    /// Its place in the root's source, if that is better known than from the subject.
    pub place: Option<Place>,
    /// The same in a file of the root's source that no output uses: the `flake.nix` of a flake in a
    /// subfolder.
    pub file: Option<(TreePath, Span)>,
    /// Its place in the node's entry of the lock, if it is about the lock alone.
    pub site: Option<Site<'a>>,
    /// The node it is about.
    pub node: Option<NodeId>,
    /// Other inputs that it explains.
    pub affects: Vec<InputId>,
    /// The root's outputs that it concerns.
    pub outputs: Vec<OutputId>,
    /// The packages that show it.
    pub packages: Vec<String>,
    /// The fix.
    pub fix: Option<Fix<'a>>,
}

/// The wording of several findings of one rule that are reported as one, with their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// What is said after the number: `inputs are plain nixpkgs, …`.
    pub what: String,
    /// How this finding is listed among the others.
    pub member: ListedBy,
}

/// How a finding is listed in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListedBy {
    /// By its input.
    Input,
    /// By its message, on a line of its own.
    Message,
    /// By these few words.
    Words(String),
}

/// What a finding is about, which determines its input path, chain and place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The whole flake; the place is this node's entry, if one is given.
    Flake(Option<NodeId>),
    /// A node, at its owner path.
    Node(NodeId),
    /// An input.
    Input(InputId),
}

/// One of several things that a finding lists, with what would be its subject and discriminator if
/// it were a finding of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its input; `None` for that of the finding.
    pub input: Option<InputId>,
    /// Distinguishes it from others.
    pub discriminator: Discriminator,
}

/// Distinguishes a finding from others of its rule about the same subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Discriminator {
    /// An override that flake.nix declares: its input path.
    Override(String),
    /// An input of the subject that the lock does not have: its name.
    Input(String),
    /// The settings of the nixpkgs that something lacks.
    Settings(String),
}

impl Discriminator {
    /// Its text in fingerprints.
    pub fn as_str(&self) -> &str {
        match self {
            Discriminator::Override(text)
            | Discriminator::Input(text)
            | Discriminator::Settings(text) => text,
        }
    }
}

/// How certain it is that a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// It may not matter.
    Light,
    /// It matters, as far as is known.
    Firm,
}

impl Strength {
    /// Its name in reports.
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
    /// Not reported.
    Allow,
    /// Reported.
    Warn,
    /// Reported, and fails the run.
    Deny,
}

impl Level {
    /// Its name in reports and configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

impl<'a> Finding<'a> {
    /// A finding with the required fields only.
    pub fn new(rule: &'static Rule, subject: Subject, message: String) -> Self {
        let (notes, affects) = (Vec::new(), Vec::new());
        Self {
            rule,
            strength: None,
            subject,
            discriminator: None,
            parts: Vec::new(),
            message,
            label: None,
            why: None,
            notes,
            together: None,
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

    /// Sets the strength.
    #[must_use]
    pub fn strength(mut self, strength: Strength) -> Self {
        self.strength = Some(strength);
        self
    }

    /// Sets what distinguishes it from others about the same subject.
    #[must_use]
    pub fn discriminator(mut self, by: Discriminator) -> Self {
        self.discriminator = Some(by);
        self
    }

    /// Makes it a list of these, each of which is compared by itself.
    #[must_use]
    pub fn of_parts(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.parts = parts.into_iter().collect();
        self
    }

    /// Sets the label at its place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Sets why it matters.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Groups it with findings that say the same about other inputs.
    #[must_use]
    pub fn together(mut self, what: impl Into<String>) -> Self {
        self.together = Some(Together { what: what.into(), member: ListedBy::Input });
        self
    }

    /// Groups it with findings that say the same, listed by `words`.
    #[must_use]
    pub fn together_as(mut self, what: impl Into<String>, words: String) -> Self {
        self.together = Some(Together { what: what.into(), member: ListedBy::Words(words) });
        self
    }

    /// Groups it with findings that say the same, each listed with its own message.
    #[must_use]
    pub fn listed_together(mut self, what: impl Into<String>) -> Self {
        self.together = Some(Together { what: what.into(), member: ListedBy::Message });
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets its place in `flake.nix`.
    #[must_use]
    pub fn at(self, span: Option<Span>) -> Self {
        self.placed(span.map(|span| Place::new(FileId::FLAKE, span)))
    }

    /// Sets its place in the root's source.
    #[must_use]
    pub fn placed(mut self, place: Option<Place>) -> Self {
        self.place = place;
        self
    }

    /// Sets its place in another file of the root's source.
    #[must_use]
    pub fn in_file(mut self, file: Option<(TreePath, Span)>) -> Self {
        self.file = file;
        self
    }

    /// Sets its place in the entry of the node that it is about.
    #[must_use]
    pub fn in_lock(mut self, site: Site<'a>) -> Self {
        self.site = Some(site);
        self
    }

    /// Sets the node that it is about.
    #[must_use]
    pub fn node(mut self, node: Option<NodeId>) -> Self {
        self.node = node;
        self
    }

    /// Sets the other inputs that it explains.
    #[must_use]
    pub fn affects(mut self, affects: Vec<InputId>) -> Self {
        self.affects = affects;
        self
    }

    /// Sets the outputs that it concerns, and the packages that show it.
    #[must_use]
    pub fn in_outputs(mut self, outputs: Vec<OutputId>, packages: Vec<String>) -> Self {
        self.outputs = outputs;
        self.packages = packages;
        self
    }

    /// Sets the fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix<'a>) -> Self {
        self.fix = Some(fix);
        self
    }
}
