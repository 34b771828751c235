//! Changes: overrides that would cure a finding, and how safely they can be applied.
//!
//! An override is a semantic change, `owner path + input → follows path`, of the root's
//! `flake.nix`; it is lowered to Nix text here, and to edits of files elsewhere.

use crate::flake_ref::is_flake_id;
use crate::graph::{Graph, Overrides};
use crate::lock::{InputId, NodeId};
use crate::source::Splice;
use crate::text::{AttrPath, NixString, Position, is_hidden};

/// One input made to follow a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override<'a> {
    /// The input.
    pub input: InputId,
    /// Its input path, whole.
    pub path: Vec<&'a str>,
    /// The path to follow, from the root.
    pub follows: Vec<&'a str>,
}

/// How a fix may be applied, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// By a person: the overrides, if any, are a suggestion.
    Manual,
    /// Automatically; but whether the flakes still evaluate was not read.
    Unverified,
    /// Automatically.
    Safe,
}

impl Applicability {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Applicability::Manual => "manual",
            Applicability::Unverified => "unverified",
            Applicability::Safe => "safe",
        }
    }
}

/// What cures a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix<'a> {
    /// How it may be applied.
    pub applicability: Applicability,
    /// Why it is not safe, or what it does where that is not an override: one line.
    pub reason: String,
    /// What is done; where a person has to do it, a suggestion.
    pub remedy: Remedy<Override<'a>>,
}

/// What a fix is. `O` is an override, or one as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy<O> {
    /// A person does what the reason says.
    ByHand,
    /// Inputs are made to follow.
    Override(Vec<O>),
    /// The same of what a wrapper is built on: another nixpkgs than it is pinned to now.
    Repin(Vec<O>),
    /// An override that flake.nix declares goes: its input path.
    Remove(Vec<String>),
    /// A setting of nixpkgs goes to where nixpkgs reads it.
    Move(MovedSetting),
    /// flake.lock is brought to what flake.nix says.
    Relock,
}

/// A setting of nixpkgs that is moved within flake.nix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedSetting {
    /// Its name.
    pub name: String,
    /// Where it goes: `config`.
    pub into: &'static str,
    /// What takes the place of which bytes.
    pub splices: Vec<Splice>,
}

impl<O> Remedy<O> {
    /// The inputs that are made to follow.
    pub fn overrides(&self) -> &[O] {
        match self {
            Remedy::Override(overrides) | Remedy::Repin(overrides) => overrides,
            Remedy::ByHand | Remedy::Remove(_) | Remedy::Move(_) | Remedy::Relock => &[],
        }
    }

    /// The override of flake.nix that goes.
    pub fn removed(&self) -> Option<&Vec<String>> {
        match self {
            Remedy::Remove(path) => Some(path),
            _ => None,
        }
    }

    /// The setting that is moved.
    pub fn moved(&self) -> Option<&MovedSetting> {
        match self {
            Remedy::Move(setting) => Some(setting),
            _ => None,
        }
    }

    /// Whether flake.lock is brought to what flake.nix says, and nothing else done.
    pub fn is_relock(&self) -> bool {
        matches!(self, Remedy::Relock)
    }

    /// The same, with its overrides told in another way.
    pub fn told<T>(self, tell: impl FnMut(O) -> T) -> Remedy<T> {
        match self {
            Remedy::ByHand => Remedy::ByHand,
            Remedy::Override(all) => Remedy::Override(all.into_iter().map(tell).collect()),
            Remedy::Repin(all) => Remedy::Repin(all.into_iter().map(tell).collect()),
            Remedy::Remove(path) => Remedy::Remove(path),
            Remedy::Move(setting) => Remedy::Move(setting),
            Remedy::Relock => Remedy::Relock,
        }
    }
}

/// A part of a file's text that is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextChange {
    /// Where what goes starts.
    pub start: Position,
    /// One past what goes; the start, where nothing does.
    pub end: Position,
    /// What comes.
    pub text: String,
}

/// What a fix changes in a file, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// The file, as it is to be named.
    pub file: String,
    /// The changes, in their order; at least one.
    pub hunks: Vec<Hunk>,
}

/// Lines that go, and lines that come in their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The same as a change of the text.
    pub change: TextChange,
    /// Number of the first line that comes, in the text as it will be.
    pub after: usize,
    /// The line above, where none goes: it shows where the new ones are to stand.
    pub above: Option<String>,
    /// What goes, without ends of lines.
    pub removed: Vec<String>,
    /// What comes.
    pub added: Vec<String>,
}

/// A line of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffLine<'d> {
    /// ` `, `-` or `+`.
    pub sign: char,
    /// Its number: of one that comes in the text as it will be, of others as it is.
    pub number: usize,
    /// The line.
    pub text: &'d str,
}

impl FileDiff {
    /// All lines to be shown.
    pub fn lines(&self) -> impl Iterator<Item = DiffLine<'_>> {
        self.hunks.iter().flat_map(Hunk::lines)
    }

    /// The changes of the text.
    pub fn changes(&self) -> impl Iterator<Item = &TextChange> {
        self.hunks.iter().map(|hunk| &hunk.change)
    }
}

impl Hunk {
    /// Its lines: the one above, those that go, those that come.
    pub fn lines(&self) -> impl Iterator<Item = DiffLine<'_>> {
        fn numbered(
            sign: char,
            first: usize,
            lines: &[String],
        ) -> impl Iterator<Item = DiffLine<'_>> {
            (first..).zip(lines).map(move |(number, text)| DiffLine { sign, number, text })
        }
        let first = self.change.start.line;
        let above = self.above.as_slice();
        numbered(' ', first.saturating_sub(1), above)
            .chain(numbered('-', first, &self.removed))
            .chain(numbered('+', self.after, &self.added))
    }
}

impl<'a> Fix<'a> {
    fn new(
        applicability: Applicability,
        reason: impl Into<String>,
        remedy: Remedy<Override<'a>>,
    ) -> Self {
        Self { applicability, reason: reason.into(), remedy }
    }

    /// A fix that a person has to make.
    pub fn manual(reason: impl Into<String>) -> Self {
        Self::new(Applicability::Manual, reason, Remedy::ByHand)
    }

    /// An override without effect goes.
    pub fn remove(path: Vec<String>, reason: impl Into<String>) -> Self {
        Self::new(Applicability::Safe, reason, Remedy::Remove(path))
    }

    /// A setting goes to where nixpkgs reads it: what that changes is told, where it is more than what
    /// nixpkgs permits.
    pub fn move_setting(setting: MovedSetting, changes: Option<String>) -> Self {
        let (applicability, reason) = match changes {
            Some(changes) => (Applicability::Unverified, changes),
            None => {
                let what = format!("move `{}` into `{}`", setting.name, setting.into);
                (Applicability::Safe, what)
            }
        };
        Self::new(applicability, reason, Remedy::Move(setting))
    }

    /// flake.lock is brought to what flake.nix says.
    pub fn relock(reason: impl Into<String>) -> Self {
        Self::new(Applicability::Safe, reason, Remedy::Relock)
    }

    /// The same, where only Nix can do it: something has to be fetched.
    pub fn relock_by_hand(reason: impl Into<String>) -> Self {
        Self::new(Applicability::Manual, reason, Remedy::Relock)
    }

    /// A fix whose effect was read from the sources concerned; or a manual one where it cannot be
    /// written.
    pub fn safe(overrides: Result<Vec<Override<'a>>, String>) -> Self {
        match overrides {
            Ok(overrides) => Self::new(Applicability::Safe, "", Remedy::Override(overrides)),
            Err(reason) => Self::manual(reason),
        }
    }

    /// A fix that may be applied, but whose effect was not read from source; or a manual one
    /// where it cannot be written.
    pub fn unverified(
        overrides: Result<Vec<Override<'a>>, String>,
        reason: impl Into<String>,
    ) -> Self {
        match overrides {
            Ok(overrides) => {
                Self::new(Applicability::Unverified, reason, Remedy::Override(overrides))
            }
            Err(reason) => Self::manual(reason),
        }
    }

    /// The same fix, where what it changes is what a wrapper is built on.
    #[must_use]
    pub fn repinning(mut self) -> Self {
        self.remedy = match self.remedy {
            Remedy::Override(overrides) => Remedy::Repin(overrides),
            other => other,
        };
        self
    }

    /// The same fix, for a person to make, with another reason.
    #[must_use]
    pub fn to_manual(mut self, reason: impl Into<String>) -> Self {
        // A fix that could not be written has the more basic reason already.
        if self.applicability != Applicability::Manual {
            self.reason = reason.into();
            self.applicability = Applicability::Manual;
        }
        self
    }

    /// The lines for `flake.nix`; empty where there are no overrides.
    pub fn nix(&self) -> String {
        let lines: Vec<_> = self.remedy.overrides().iter().map(Override::nix).collect();
        lines.join("\n")
    }

    /// Whether Nix before 2.30 would not understand it: it overrides inputs of inputs of inputs.
    pub fn is_deep(&self) -> bool {
        self.remedy.overrides().iter().any(|change| change.path.len() > 2)
    }
}

impl<'a> Override<'a> {
    /// `inputs.a.inputs.nixpkgs.follows = "wrapper";`
    pub fn nix(&self) -> String {
        let mut path = Vec::with_capacity(self.path.len() * 2 + 1);
        for name in &self.path {
            path.push("inputs");
            path.push(name);
        }
        path.push("follows");
        format!("{} = {};", AttrPath(&path), NixString(&self.follows.join("/")))
    }

    /// Overrides that make inputs follow the owner path of a node.
    ///
    /// # Errors
    /// Why Nix could not be told so.
    pub fn all(
        graph: &Graph<'_, 'a>,
        inputs: &[InputId],
        target: NodeId,
    ) -> Result<Vec<Self>, String> {
        let follows = graph.owner_path(target);
        let Some(follows) = follows.whole().map(<[&str]>::to_vec) else {
            return Err("the path to follow is too long to be written".into());
        };
        if let Some(name) = follows.iter().find(|name| !is_flake_id(name)) {
            return Err(format!(
                "Nix cannot follow an input called `{name}`: rename it to letters, digits, `-` and `_`"
            ));
        }
        inputs
            .iter()
            .map(|&input| match graph.input_path(input).whole() {
                // What is shown of it is not what Nix would have to read, and what Nix would read
                // cannot be told from another name.
                Some(path) if path.iter().any(|name| name.chars().any(is_hidden)) => {
                    Err("a name in the input path has characters that cannot be seen: rename it"
                        .into())
                }
                Some(path) => Ok(Self { input, path: path.to_vec(), follows: follows.clone() }),
                None => Err("the input path is too long to be written".into()),
            })
            .collect()
    }
}

/// Overrides as they are laid over a lock.
pub fn lay_over<'a>(fixes: &[&Fix<'a>]) -> Overrides<'a> {
    fixes
        .iter()
        .flat_map(|fix| fix.remedy.overrides())
        .map(|change| (change.input, change.follows.clone()))
        .collect()
}
