//! A flake that Nix has in its store, ready to be asked about.

use std::path::{Path, PathBuf};

use super::attribute::Attribute;
use super::expression::{expression, packages};
use super::flake::{self, Flake};
use super::nix::{Nix, NixError};
use super::outcome::{Answer, Outcome, Verdict};
use super::subject::Subject;

/// A Nix, and the flake and the system that it is asked about.
pub struct Session<'n> {
    nix: &'n Nix,
    folder: PathBuf,
    flake: Flake,
    system: String,
}

impl<'n> Session<'n> {
    /// Brings the flake in a folder into Nix's store, as it is now. Without a system it is about the
    /// one that Nix runs on.
    ///
    /// # Errors
    /// Nix does not run, or not on this flake.
    pub fn open(nix: &'n Nix, folder: &Path, system: Option<&str>) -> Result<Self, NixError> {
        let flake = flake::locked(nix, folder)?;
        let system = match system {
            Some(system) => system.to_owned(),
            None => nix.current_system(folder)?,
        };
        Ok(Self { nix, folder: folder.to_path_buf(), flake, system })
    }

    /// What each instance makes of each attribute, and which of that is the same. `asking` hears of
    /// each question before it is asked: of a real nixpkgs they take seconds.
    ///
    /// # Errors
    /// Nix makes another lock of the flake than the one that the subjects are from. What goes wrong
    /// with a single instance is part of the outcome.
    pub fn compare(
        &self,
        subjects: &[Subject],
        attributes: &[Attribute],
        mut asking: impl FnMut(&Subject, &Attribute),
    ) -> Result<Outcome, NixError> {
        self.flake.agrees(subjects)?;
        let verdicts = attributes.iter().map(|attribute| {
            let answers = subjects.iter().map(|subject| {
                asking(subject, attribute);
                self.ask(subject, attribute)
            });
            Verdict::new(attribute, answers.collect())
        });
        Ok(Outcome { verdicts: verdicts.collect(), system: self.system.clone() })
    }

    fn ask(&self, subject: &Subject, attribute: &Attribute) -> Answer {
        match expression(&self.flake.reference, subject, attribute, &self.system) {
            Ok(expression) => self.nix.derivation(&self.folder, &expression).into(),
            Err(reason) => Answer::Failed(reason),
        }
    }

    /// The derivations of all packages, shells and checks of one flake of the lock, the root where
    /// the path is empty: whether they can be evaluated at all, as they cannot where a wrapper lacks
    /// what the flake takes from its nixpkgs. Empty where the flake has none for this system.
    ///
    /// # Errors
    /// The reason why one of them cannot be evaluated, for people.
    pub fn packages(&self, path: &[String]) -> Result<Vec<String>, String> {
        let expression = packages(&self.flake.reference, path, &self.system)?;
        match self.nix.texts(&self.folder, &expression) {
            Ok(paths) => Ok(paths),
            Err(NixError::Failed { reason, .. }) => Err(reason),
            Err(error) => Err(error.to_string()),
        }
    }
}
