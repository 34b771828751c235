//! Changes: overrides that would cure a finding, and how safely they can be applied.
//!
//! An override is a semantic change, `owner path + input → follows path`, of the root's
//! `flake.nix`; it is lowered to Nix text here, and to edits of files elsewhere.

use crate::flake_ref::is_flake_id;
use crate::graph::{Graph, Overrides};
use crate::lock::{InputId, NodeId};
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
    /// The overrides.
    pub overrides: Vec<Override<'a>>,
    /// Overrides of flake.nix that go: their input paths.
    pub removes: Vec<Vec<String>>,
    /// Whether flake.lock is brought to what flake.nix says.
    pub relocks: bool,
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

impl<'a> Fix<'a> {
    fn new(
        applicability: Applicability,
        reason: impl Into<String>,
        overrides: Vec<Override<'a>>,
    ) -> Self {
        let reason = reason.into();
        Self { applicability, reason, overrides, removes: Vec::new(), relocks: false }
    }

    /// A fix that a person has to make.
    pub fn manual(reason: impl Into<String>) -> Self {
        Self::new(Applicability::Manual, reason, Vec::new())
    }

    /// An override without effect goes.
    pub fn remove(path: Vec<String>, reason: impl Into<String>) -> Self {
        Self { removes: vec![path], ..Self::new(Applicability::Safe, reason, Vec::new()) }
    }

    /// flake.lock is brought to what flake.nix says.
    pub fn relock(reason: impl Into<String>) -> Self {
        Self { relocks: true, ..Self::new(Applicability::Safe, reason, Vec::new()) }
    }

    /// A fix whose effect was read from the sources concerned; or a manual one where it cannot be
    /// written.
    pub fn safe(overrides: Result<Vec<Override<'a>>, String>) -> Self {
        match overrides {
            Ok(overrides) => Self::new(Applicability::Safe, "", overrides),
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
            Ok(overrides) => Self::new(Applicability::Unverified, reason, overrides),
            Err(reason) => Self::manual(reason),
        }
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
        let lines: Vec<_> = self.overrides.iter().map(Override::nix).collect();
        lines.join("\n")
    }

    /// Whether Nix before 2.30 would not understand it: it overrides inputs of inputs of inputs.
    pub fn is_deep(&self) -> bool {
        self.overrides.iter().any(|change| change.path.len() > 2)
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
        .flat_map(|fix| &fix.overrides)
        .map(|change| (change.input, change.follows.clone()))
        .collect()
}
