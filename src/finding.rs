//! Rules, and the findings that they push: facts, which are not rendered, filtered or sorted here.

use std::fmt;

use crate::change::Fix;
use crate::instance::Analysis;
use crate::lock::{InputId, NodeId, Site};
use crate::source::TreePath;
use crate::source::evaluate::facts::{FileId, OutputId, Place};
use crate::text::Span;

/// A rule: what it is called, how loud it is, and how it looks.
pub struct Rule {
    /// Its name, in kebab case; stable for ever. Nothing is decided by it but what people say of it.
    pub id: &'static str,
    /// Its level, for firm findings where it tells them from light ones.
    pub level: Level,
    /// The level of its light findings.
    pub light: Level,
    /// What it finds, in one line.
    pub summary: &'static str,
    /// Its page: what `explain` prints.
    pub page: &'static str,
    /// What it judges.
    pub judges: Judges,
    /// Whether a wrapper that is wrong or missing hides what it finds: where one is set right or
    /// brought in, a new finding of it was there before.
    pub hidden_by_wrapper: bool,
    /// Pushes its findings.
    pub check: for<'a> fn(&Analysis<'_, '_, 'a>, &mut Vec<Finding<'a>>),
}

/// What a rule judges, and so what it gains where sources are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judges {
    /// The graph that the lock stands for.
    Graph,
    /// That graph, by what is done with it where sources were read.
    Use,
    /// What sources do with the graph; silent where they were not read.
    Source,
    /// How the file spells it: gone as soon as Nix writes the lock again.
    Spelling,
}

impl Judges {
    /// Whether there is more to say where sources are read.
    pub fn reads_source(self) -> bool {
        match self {
            Judges::Use | Judges::Source => true,
            Judges::Graph | Judges::Spelling => false,
        }
    }

    /// Whether overrides that are laid over the lock change what is found.
    pub fn sees_overrides(self) -> bool {
        match self {
            Judges::Graph | Judges::Use => true,
            Judges::Source | Judges::Spelling => false,
        }
    }
}

impl Rule {
    /// The level of a finding of this rule, if the user says nothing.
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

/// What a rule has to say of one thing.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The rule.
    pub rule: &'static Rule,
    /// Firm or light, for rules that tell them apart.
    pub strength: Option<Strength>,
    /// What it is about.
    pub subject: Subject,
    /// What tells it from other findings of the rule about the same subject, where there can be
    /// several.
    pub discriminator: Option<Discriminator>,
    /// What it holds several of, where it is a list: each of them is known again by itself.
    pub parts: Vec<Part>,
    /// What is the case: one line. Names from the lock stand in it as they are.
    pub message: String,
    /// What is to be seen at the place, in a few words.
    pub label: Option<String>,
    /// Why it matters here: one line.
    pub why: Option<String>,
    /// What shows it, and what else is to be known: one line each.
    pub notes: Vec<String>,
    /// What it says together with others of the rule that say the same.
    pub together: Option<Together>,
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
    /// The root's outputs that it concerns.
    pub outputs: Vec<OutputId>,
    /// The packages that show it.
    pub packages: Vec<String>,
    /// What to do.
    pub fix: Option<Fix<'a>>,
}

/// What several findings of one rule are told as: one, with their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Together {
    /// What is the case, after the number: `inputs are plain nixpkgs, …`.
    pub what: String,
    /// What tells this one from the others.
    pub member: Member,
}

/// How a finding is listed among those that it is told with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member {
    /// By its input.
    Input,
    /// By its message, on a line of its own.
    Message,
    /// By these few words.
    Words(String),
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

/// One of several things that a finding is about: what would be its subject, and what would tell it
/// apart, if it were a finding of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The input; that of the finding where there is none.
    pub input: Option<InputId>,
    /// What tells it from others.
    pub discriminator: Discriminator,
}

/// What tells a finding from others of its rule about the same subject.
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
    /// As a part of what stays the same while the finding does.
    pub fn as_str(&self) -> &str {
        match self {
            Discriminator::Override(text)
            | Discriminator::Input(text)
            | Discriminator::Settings(text) => text,
        }
    }
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

    /// With this strength.
    #[must_use]
    pub fn strength(mut self, strength: Strength) -> Self {
        self.strength = Some(strength);
        self
    }

    /// Told by this from others about the same subject.
    #[must_use]
    pub fn discriminator(mut self, by: Discriminator) -> Self {
        self.discriminator = Some(by);
        self
    }

    /// A list of these: what it is compared by is each of them, and not how many there are.
    #[must_use]
    pub fn of_parts(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        self.parts = parts.into_iter().collect();
        self
    }

    /// With this at its place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Mattering for this reason.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Told together with others that say this of other inputs.
    #[must_use]
    pub fn together(mut self, what: impl Into<String>) -> Self {
        self.together = Some(Together { what: what.into(), member: Member::Input });
        self
    }

    /// Told together with others that say this; among them by `words`.
    #[must_use]
    pub fn together_as(mut self, what: impl Into<String>, words: String) -> Self {
        self.together = Some(Together { what: what.into(), member: Member::Words(words) });
        self
    }

    /// Told together with others that say this, each with its own message.
    #[must_use]
    pub fn listed_together(mut self, what: impl Into<String>) -> Self {
        self.together = Some(Together { what: what.into(), member: Member::Message });
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
        self.placed(span.map(|span| Place { file: FileId::FLAKE, span }))
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
    pub fn in_outputs(mut self, outputs: Vec<OutputId>, packages: Vec<String>) -> Self {
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
