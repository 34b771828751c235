//! Settings that a wrapper does not take over, with the reason and what people can do.

use std::fmt::{self, Display, Formatter};

use crate::audit::SourceFiles;
use crate::source::evaluate::facts::Place;
use crate::source::nixpkgs_config::{self, KeyKind};

/// A setting that is not taken over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SkippedSetting {
    /// The setting, as an attribute path.
    pub name: String,
    /// Where it is set.
    pub place: Option<Place>,
    /// Why.
    pub why: SkipReason,
    /// Its value if some condition holds, if that is a literal.
    pub if_set: Option<String>,
}

impl SkippedSetting {
    /// In words, with its place.
    pub fn in_words(&self, files: &SourceFiles<'_>) -> String {
        match self.place {
            Some(place) => format!("{} ({}): {}", self.name, files.place_in_words(place), self.why),
            None => format!("{}: {}", self.name, self.why),
        }
    }

    /// How a person gets it into the wrapper.
    pub fn help(&self) -> String {
        let is_code = ["Overrides", "Predicate", "Stdenv", "BootstrapFiles"];
        if self.name == "config"
            || self.why == SkipReason::Platform
            || is_code.iter().any(|end| self.name.ends_with(end))
        {
            return "write the wrapper with `flake-audit init`, and edit it".into();
        }
        let value = self.if_set.as_deref().unwrap_or("VALUE");
        let argument = format!("{}={value}", self.name);
        format!("if the dependencies should have it, add `--config {}`", shell(&argument))
    }

    /// Whether it changes builds, or may: without it the wrapper is another nixpkgs than the one
    /// that the flake builds from.
    pub fn changes_builds(&self) -> bool {
        match nixpkgs_config::kind(&self.name) {
            Some(kind) => kind == KeyKind::Build,
            None => self.why == SkipReason::Unreadable,
        }
    }
}

/// Why a setting is not taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// It depends on a condition.
    Conditional,
    /// Its value has to be evaluated.
    Computed,
    /// It is set more than once, to different values.
    Ambiguous,
    /// It cannot be read at all.
    Unreadable,
    /// Overlays are the flake's own code.
    Overlays,
    /// A platform is no part of `config`, and is passed to nixpkgs beside it.
    Platform,
}

impl Display for SkipReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkipReason::Conditional => "it is set under a condition",
            SkipReason::Computed => "its value is computed",
            SkipReason::Ambiguous => "it is set to different values in several places",
            SkipReason::Unreadable => "it cannot be read",
            SkipReason::Overlays => "they are not settings, and stay with the flake",
            SkipReason::Platform => "it belongs to the platform, not to `config`",
        })
    }
}

/// An argument quoted for a shell.
fn shell(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:+,".contains(c);
    match argument.chars().all(is_plain) {
        true => argument.to_owned(),
        false => format!("'{}'", argument.replace('\'', "'\\''")),
    }
}
