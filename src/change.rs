//! Changes: overrides that would cure a finding, and how safely they can be applied.
//!
//! An override is a semantic change, `owner path + input → follows path`, of the root's
//! `flake.nix`; here it is turned into Nix text, and in `fix` into edits of files.

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

/// How a fix may be applied, in ascending order of safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applicability {
    /// By a person: the overrides, if any, are a suggestion.
    Manual,
    /// Automatically, but it was not read whether the flakes still evaluate.
    Unverified,
    /// Automatically.
    Safe,
}

impl Applicability {
    /// Its name in reports.
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
    /// Why it is not safe, or what it does if it is not an override: one line.
    pub reason: String,
    /// What is done; for a manual fix, what is suggested.
    pub remedy: Remedy<Override<'a>>,
    /// That it brings another version of nixpkgs, too: one line.
    pub new_version: Option<String>,
}

/// The kinds of fixes. `O` is an override, or its form in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy<O> {
    /// A person does what the reason says.
    ByHand,
    /// A person has a wrapper made, as the reason says; or, if flake.nix is generated, as this does.
    Wrap(String),
    /// Inputs are made to follow.
    Override(Vec<O>),
    /// The same for what a wrapper is built on, so that its pin moves.
    Repin(Vec<O>),
    /// An override is removed from flake.nix, given by its input path.
    Remove(Vec<String>),
    /// A setting of nixpkgs is moved to where nixpkgs reads it.
    Move(MovedSetting),
    /// flake.lock is locked again to match flake.nix.
    Relock,
}

/// A setting of nixpkgs that is moved within flake.nix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedSetting {
    /// Its name.
    pub name: String,
    /// The attribute that it moves into: `config`.
    pub into: &'static str,
    /// The edits of the text.
    pub splices: Vec<Splice>,
}

impl<O> Remedy<O> {
    /// The inputs that are made to follow.
    pub fn overrides(&self) -> &[O] {
        match self {
            Remedy::Override(overrides) | Remedy::Repin(overrides) => overrides,
            Remedy::ByHand
            | Remedy::Wrap(_)
            | Remedy::Remove(_)
            | Remedy::Move(_)
            | Remedy::Relock => &[],
        }
    }

    /// The override that is removed from flake.nix.
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

    /// Whether it only locks again.
    pub fn is_relock(&self) -> bool {
        matches!(self, Remedy::Relock)
    }

    /// The same remedy with its overrides in another form.
    pub fn map_overrides<T>(self, tell: impl FnMut(O) -> T) -> Remedy<T> {
        match self {
            Remedy::ByHand => Remedy::ByHand,
            Remedy::Wrap(reason) => Remedy::Wrap(reason),
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
    /// The start of what is removed.
    pub start: Position,
    /// One past what is removed; the start if nothing is.
    pub end: Position,
    /// What is inserted.
    pub text: String,
}

/// What a fix changes in a file, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDiff {
    /// The file name to print.
    pub file: String,
    /// The changes, in their order; at least one.
    pub hunks: Vec<Hunk>,
}

/// Lines that are removed, and lines that replace them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// The same as a change of the text.
    pub change: TextChange,
    /// The number of the first inserted line, in the new text.
    pub after: usize,
    /// The line above if none is removed, to show where the new ones go.
    pub above: Option<String>,
    /// The removed lines, without line ends.
    pub removed: Vec<String>,
    /// The inserted lines.
    pub added: Vec<String>,
}

/// A line of a diff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffLine<'d> {
    /// ` `, `-` or `+`.
    pub sign: char,
    /// Its number: of an inserted line in the new text, of others in the old one.
    pub number: usize,
    /// The line.
    pub text: &'d str,
}

impl FileDiff {
    /// All lines to show.
    pub fn lines(&self) -> impl Iterator<Item = DiffLine<'_>> {
        self.hunks.iter().flat_map(Hunk::lines)
    }

    /// The changes of the text.
    pub fn changes(&self) -> impl Iterator<Item = &TextChange> {
        self.hunks.iter().map(|hunk| &hunk.change)
    }
}

impl Hunk {
    /// Its lines: the one above, those removed, those inserted.
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
        Self { applicability, reason: reason.into(), remedy, new_version: None }
    }

    /// A fix that a person has to make.
    pub fn manual(reason: impl Into<String>) -> Self {
        Self::new(Applicability::Manual, reason, Remedy::ByHand)
    }

    /// What a person can do to have a wrapper made, and what if flake.nix is generated.
    pub fn wrap(reason: impl Into<String>, if_generated: impl Into<String>) -> Self {
        Self::new(Applicability::Manual, reason, Remedy::Wrap(if_generated.into()))
    }

    /// Removes an override that has no effect.
    pub fn remove(path: Vec<String>, reason: impl Into<String>) -> Self {
        Self::new(Applicability::Safe, reason, Remedy::Remove(path))
    }

    /// Moves a setting to where nixpkgs reads it; `changes` says what else that changes, if it is
    /// more than a permission.
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

    /// Locks again to match flake.nix.
    pub fn relock(reason: impl Into<String>) -> Self {
        Self::new(Applicability::Safe, reason, Remedy::Relock)
    }

    /// The same for a person with Nix, because something has to be fetched.
    pub fn relock_by_hand(reason: impl Into<String>) -> Self {
        Self::new(Applicability::Manual, reason, Remedy::Relock)
    }

    /// A fix whose effect was read from the sources concerned; a manual one if it cannot be
    /// written.
    pub fn safe(overrides: Result<Vec<Override<'a>>, String>) -> Self {
        match overrides {
            Ok(overrides) => Self::new(Applicability::Safe, "", Remedy::Override(overrides)),
            Err(reason) => Self::manual(reason),
        }
    }

    /// A fix that may be applied, but whose effect was not read from source; a manual one if it
    /// cannot be written.
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

    /// The same fix, marked as changing what a wrapper is built on.
    #[must_use]
    pub fn repinning(mut self) -> Self {
        self.remedy = match self.remedy {
            Remedy::Override(overrides) => Remedy::Repin(overrides),
            other => other,
        };
        self
    }

    /// The same fix as a manual one, with another reason.
    #[must_use]
    pub fn to_manual(mut self, reason: impl Into<String>) -> Self {
        // A fix that cannot be written already has the more basic reason.
        if self.applicability != Applicability::Manual {
            self.reason = reason.into();
            self.applicability = Applicability::Manual;
        }
        self
    }

    /// The lines for `flake.nix`; empty if there are no overrides.
    pub fn nix(&self) -> String {
        let lines: Vec<_> = self.remedy.overrides().iter().map(Override::nix).collect();
        lines.join("\n")
    }

    /// Whether it needs Nix 2.30, because it overrides inputs of inputs of inputs.
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
    /// Why Nix has no syntax for it.
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
                // A name with hidden characters cannot be shown as Nix reads it, and may look like
                // another.
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

/// The overrides of fixes in the form that the graph takes.
pub fn lay_over<'a>(fixes: &[&Fix<'a>]) -> Overrides<'a> {
    fixes
        .iter()
        .flat_map(|fix| fix.remedy.overrides())
        .map(|change| (change.input, change.follows.clone()))
        .collect()
}
