//! `flake-audit.toml`: the user's decisions. Read here, applied in `audit`.

mod exempt;
mod find;
mod parse;
mod pattern;

pub use exempt::ConfigExemption;
pub use find::{ConfigFinder, ConfigInScope, FoundConfig};
pub use pattern::PathPattern;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::finding::{Level, Strength};
use crate::flake_ref::NixVersion;
use crate::text::{Excerpt, Position, did_you_mean, distance};

/// The name of the file.
pub const FILE_NAME: &str = "flake-audit.toml";

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// One line.
    pub message: String,
    /// Where, if it could be read at all.
    pub position: Option<Position>,
    /// The line there, where it is shown.
    pub excerpt: Option<Excerpt>,
}

/// A configuration file, read and checked.
#[derive(Debug, Default)]
pub struct Config {
    /// The file name for messages.
    pub file: PathBuf,
    /// The folder that contains it.
    pub folder: PathBuf,
    /// Inputs that carry the configured nixpkgs, the preferred one first.
    pub configured: Vec<DeclaredInput>,
    /// Further inputs to treat as plain nixpkgs.
    pub nixpkgs: Vec<DeclaredInput>,
    /// The oldest Nix that the flake must work with.
    pub requires_nix: Option<NixVersion>,
    /// Levels by rule.
    pub rules: BTreeMap<String, RuleLevel>,
    /// Exemptions, in the order of the file.
    pub exempt: Vec<ConfigExemption>,
}

/// An input path that the user wrote.
#[derive(Debug)]
pub struct DeclaredInput {
    /// Its names.
    pub path: Vec<String>,
    /// Its place.
    pub position: Position,
    /// The line there, if it is in a file.
    pub excerpt: Option<Excerpt>,
    /// Whether any lock has it: a file that serves several flakes may name an input of one.
    seen: AtomicBool,
    /// The nearest name in a lock that does not have it.
    meant: Mutex<Option<String>>,
}

impl DeclaredInput {
    /// An input path, and where it is written.
    pub fn new(path: Vec<String>, position: Position) -> Self {
        let (seen, meant) = (AtomicBool::new(false), Mutex::default());
        Self { path, position, excerpt: None, seen, meant }
    }

    /// Records that a lock has it.
    pub fn see(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }

    /// Whether any lock has it.
    pub fn was_seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }

    /// Records the nearest name in a lock that does not have it. Of several locks' names the
    /// nearest one is kept, so that their order does not matter.
    pub fn miss(&self, meant: String) {
        let path = self.path.join("/");
        let rank = |name: &String| (distance(&path, name), name.clone());
        // The value is complete at all times, so a poisoned lock is harmless.
        let mut kept = self.meant.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| rank(&meant) < rank(kept)) {
            *kept = Some(meant);
        }
    }

    /// The question whether another name was meant, for the message that no lock has it.
    pub fn hint(&self) -> String {
        did_you_mean(self.meant.lock().unwrap_or_else(PoisonError::into_inner).as_deref())
    }
}

/// A rule's level, as set by the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleLevel {
    /// For all its findings.
    Both(Level),
    /// For firm and light ones separately; `None` keeps the default.
    Apart {
        /// For firm findings.
        firm: Option<Level>,
        /// For light ones.
        light: Option<Level>,
    },
}

impl RuleLevel {
    /// The level for a finding, if this sets one.
    pub fn of(self, strength: Option<Strength>) -> Option<Level> {
        match self {
            RuleLevel::Both(level) => Some(level),
            RuleLevel::Apart { firm, light } => match strength {
                Some(Strength::Light) => light,
                Some(Strength::Firm) | None => firm,
            },
        }
    }
}
