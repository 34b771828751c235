//! `flake-audit.toml`: what the user has decided. Read here, applied in `audit`.

mod error;
mod exempt;
mod find;
mod parse;
mod pattern;

pub use error::ConfigError;
pub use exempt::Exemption;
pub use find::{ConfigFinder, ConfigInScope, Found};
pub use pattern::Pattern;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::finding::{Level, Strength};
use crate::flake_ref::NixVersion;
use crate::text::{Excerpt, Position, distance, hint};

/// The name of the file.
pub const FILE_NAME: &str = "flake-audit.toml";

/// A configuration file, read and checked.
#[derive(Debug, Default)]
pub struct Config {
    /// The file, as it is to be named in messages.
    pub file: PathBuf,
    /// The folder that it was found in.
    pub folder: PathBuf,
    /// Inputs that carry the configured nixpkgs, the preferred one first.
    pub configured: Vec<DeclaredInput>,
    /// Further inputs to treat as raw nixpkgs.
    pub nixpkgs: Vec<DeclaredInput>,
    /// The oldest Nix that the flake is to be used with.
    pub requires_nix: Option<NixVersion>,
    /// Levels by rule.
    pub rules: BTreeMap<String, RuleLevel>,
    /// Exemptions, in the order of the file.
    pub exempt: Vec<Exemption>,
}

/// An input path that the user wrote.
#[derive(Debug)]
pub struct DeclaredInput {
    /// Its names.
    pub path: Vec<String>,
    /// Where it is written.
    pub position: Position,
    /// The line where it is written, if it is in a file.
    pub excerpt: Option<Excerpt>,
    /// Whether some lock had it: a file that serves several flakes may name an input of one.
    seen: AtomicBool,
    /// What a lock that has it not has instead.
    meant: Mutex<Option<String>>,
}

impl DeclaredInput {
    /// An input path, and where it is written.
    pub fn new(path: Vec<String>, position: Position) -> Self {
        let (seen, meant) = (AtomicBool::new(false), Mutex::default());
        Self { path, position, excerpt: None, seen, meant }
    }

    /// Remembers that a lock has it.
    pub fn see(&self) {
        self.seen.store(true, Ordering::Relaxed);
    }

    /// Whether some lock had it.
    pub fn was_seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }

    /// Remembers that a lock has it not, but this. Of several locks' the most like it counts, so
    /// that the order in which they are read does not.
    pub fn miss(&self, meant: String) {
        let path = self.path.join("/");
        let rank = |name: &String| (distance(&path, name), name.clone());
        // Whoever panicked has left a name here, or none.
        let mut kept = self.meant.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| rank(&meant) < rank(kept)) {
            *kept = Some(meant);
        }
    }

    /// The question whether something else was meant, for a message that no lock has it.
    pub fn hint(&self) -> String {
        hint(self.meant.lock().unwrap_or_else(PoisonError::into_inner).as_deref())
    }
}

/// A rule's level, as the user set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleLevel {
    /// For all its findings.
    Both(Level),
    /// For firm and light ones apart; `None` keeps the default.
    Apart {
        /// For firm findings.
        firm: Option<Level>,
        /// For light ones.
        light: Option<Level>,
    },
}

impl RuleLevel {
    /// The level for a finding, if this sets it.
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
