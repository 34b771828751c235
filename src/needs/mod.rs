//! Which Nix a flake and its lock need: what not every release with flakes can read.
//!
//! Only what is certain is listed: that an older release refuses the lock or `flake.nix`, or reads
//! it differently. What evaluating the code needs is not checked.
//!
//! Source of each fact: [`Reason`]. `tests/nix/needs.rs` asks the installed Nix.

mod flake;
mod lock;

use std::fmt::{self, Display};

use crate::flake_ref::NixVersion;
use crate::instance::Analysis;
use crate::lock::{InputId, NodeId, Site};
use crate::text::Span;

/// Something that not every Nix can read.
#[derive(Debug, Clone)]
pub struct Need {
    /// The versions of Nix that can.
    pub nix: Needed,
    /// The feature.
    pub reason: Reason,
    /// Its place.
    pub place: NeedPlace,
}

/// The Nix that something needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Needed {
    /// This release or a later one.
    Since(NixVersion),
    /// Determinate Nix, and no release of the Nix project.
    Determinate,
}

/// Features that need a newer Nix, with their sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A relative input. Release notes of 2.26: "Previous Nix versions will not be able to use lock
    /// files that have locks for relative path inputs in them."
    Relative,
    /// A follows whose path leads through another follows. `LockFile::check` resolves it step by
    /// step since 2.18; before, the path itself had to be one in the lock.
    ThroughFollows,
    /// An attribute of a reference ([`crate::flake_ref::since`]).
    Attribute(&'static str),
    /// A source of the type `file` (`src/libfetchers/tarball.cc`, 2.9).
    File,
    /// An override two or more levels deep (`addOverrides` in `flake.cc`, 2.30, pull request
    /// 13400). Before, the input above it was taken from the registry by its name.
    DeepOverride,
    /// An attribute of `inputs.self` (release notes of 2.27).
    Own(&'static str),
    /// A path in place of a string (`parseFlakeInput` accepts `nPath` since 2.26).
    PathLiteral,
    /// `buildTime`, which `parseFlakeInput` of the Nix project refuses.
    BuildTime,
}

/// Where something is.
#[derive(Debug, Clone)]
pub enum NeedPlace {
    /// In this place of a node's entry.
    Node(NodeId, Site<'static>),
    /// An input in the lock.
    Input(InputId),
    /// In `flake.nix`: an input path, empty for the flake itself, and the span.
    Flake(Vec<String>, Span),
}

/// Everything that not every Nix can read: of the lock in its order, then of `flake.nix`.
pub fn needs(analysis: &Analysis<'_, '_, '_>) -> Vec<Need> {
    let mut needs = lock::needs(analysis.graph());
    if let Some(declarations) = analysis.declarations() {
        needs.extend(flake::needs(analysis.graph(), declarations));
    }
    needs
}

impl Needed {
    /// Whether every Nix from this release on can read it.
    pub fn is_met_from(self, oldest: NixVersion) -> bool {
        match self {
            Self::Since(version) => version <= oldest,
            Self::Determinate => false,
        }
    }
}

impl Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Since(version) => write!(f, "Nix {version}"),
            Self::Determinate => f.write_str("Determinate Nix"),
        }
    }
}

impl Reason {
    /// The feature in words: `a relative input`.
    pub fn words(self) -> String {
        match self {
            Self::Relative => "a relative input".into(),
            Self::ThroughFollows => "a follows through an input that is itself a follows".into(),
            Self::Attribute(name) => format!("a reference with `{name}`"),
            Self::File => "a source of the type `file`".into(),
            Self::DeepOverride => "an override two or more levels deep".into(),
            Self::Own(name) => format!("`inputs.self.{name}`"),
            Self::PathLiteral => "a `url` that is a path, not a string".into(),
            Self::BuildTime => "`buildTime`".into(),
        }
    }

    /// What a Nix that is too old, or of another kind, does.
    pub fn otherwise(self) -> &'static str {
        match self {
            Self::Relative => "older versions take it for an unlocked input and refuse the lock",
            Self::ThroughFollows => "older versions say that it follows a non-existent input",
            Self::Attribute(_) => "older versions do not know it and refuse the whole lock",
            Self::File => "older versions cannot fetch it",
            Self::DeepOverride => {
                "older versions ignore it and ask the registry for the input above it"
            }
            Self::Own(_) | Self::PathLiteral => "older versions refuse flake.nix",
            Self::BuildTime => "any other Nix refuses flake.nix",
        }
    }
}

#[cfg(test)]
mod tests;
