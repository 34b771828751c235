//! Running Nix.
//!
//! Every run is told not to build and not to write a lock, whatever the user's settings are, and
//! gets no terminal to ask questions on. All questions to one Nix share one time limit.

use std::fmt::Display;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::interrupts::Interrupts;
use super::process::{self, Patience, Stopped};
use super::surroundings::forget_surroundings;

/// How much of an error message is shown.
const LONGEST_REASON: usize = 1_000;

/// Options before every subcommand, valid in all versions since 2.4.
const GENERAL: [&str; 8] = [
    "--extra-experimental-features",
    "nix-command flakes",
    // A flake's own settings are not needed, and nobody could confirm them.
    "--option",
    "accept-flake-config",
    "false",
    // Importing a derivation's output would build it.
    "--option",
    "allow-import-from-derivation",
    "false",
];

/// A Nix to run.
#[derive(Debug, Clone)]
pub struct Nix {
    program: PathBuf,
    patience: Patience,
}

/// Why Nix gave no answer.
#[derive(Debug, Error)]
pub enum NixError {
    /// The program was not found.
    #[error("cannot run `{}`: {error}", .program.display())]
    Missing {
        /// The program.
        program: PathBuf,
        /// The error of the system.
        error: io::Error,
    },
    /// It ended with an error.
    #[error("{subcommand}: {reason}")]
    Failed {
        /// The subcommand.
        subcommand: String,
        /// The last error in its output.
        reason: String,
    },
    /// Its answer is not that of any known version.
    #[error("{0}: what it says is not understood")]
    Unknown(&'static str),
    /// It exceeds the time limit.
    #[error(
        "{subcommand}: Nix had no answer within {} seconds; --timeout gives it more", .limit.as_secs()
    )]
    TooSlow {
        /// The subcommand.
        subcommand: String,
        /// The time limit for all questions.
        limit: Duration,
    },
    /// The user does not want to know any more.
    #[error("interrupted")]
    Interrupted,
    /// The folder only has a lock.
    #[error("there is no flake.nix beside the lock, and without it nothing can be evaluated")]
    NoFlake,
    /// It makes another lock for the flake.
    #[error(
        "flake.lock is not what Nix evaluates this flake with: run `nix flake lock`, and in a Git \
         repository `git add` it"
    )]
    OtherLock,
}

impl Nix {
    /// The default time limit.
    pub const LIMIT: Duration = Duration::from_secs(600);

    /// A Nix by its name on `PATH`, or by its path.
    pub fn new(program: &Path) -> Self {
        Self::within(program, Self::LIMIT, &Interrupts::default())
    }

    /// A Nix with this time limit for all questions, which ends with the run.
    pub fn within(program: &Path, limit: Duration, interrupts: &Interrupts) -> Self {
        // It runs in other folders, so make a path absolute.
        let is_path = program.components().count() > 1;
        let absolute = is_path.then(|| std::path::absolute(program).ok()).flatten();
        Self {
            program: absolute.unwrap_or_else(|| program.to_path_buf()),
            patience: Patience::new(limit, interrupts.clone()),
        }
    }

    /// The time that is left for it.
    pub(super) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// The system that it builds for.
    pub(super) fn current_system(&self, folder: &Path) -> Result<String, NixError> {
        let system = ["eval", "--impure", "--raw", "--expr", "builtins.currentSystem"];
        Ok(self.run(folder, &system)?.trim().to_owned())
    }

    /// The metadata of a flake, whose source it copies into the store.
    pub(super) fn metadata(&self, folder: &Path, reference: &str) -> Result<Value, NixError> {
        let metadata = ["flake", "metadata", "--json", "--no-write-lock-file", reference];
        let json = self.run(folder, &metadata)?;
        serde_json::from_str(&json).map_err(|_| NixError::Unknown("nix flake metadata"))
    }

    /// The hash of a path in the store.
    pub(super) fn hash(&self, folder: &Path, path: &str) -> Result<String, NixError> {
        Ok(self.run(folder, &["hash", "path", path])?.trim().to_owned())
    }

    /// Evaluates an expression for a derivation path, in pure mode.
    pub(super) fn derivation(&self, folder: &Path, expression: &str) -> Result<String, NixError> {
        let eval = ["eval", "--raw", "--no-write-lock-file", "--expr", expression];
        let path = self.run(folder, &eval)?;
        if path.starts_with('/') && path.ends_with(".drv") && !path.contains(['\n', ' ']) {
            Ok(path)
        } else {
            Err(failed(&eval, "its `drvPath` is not that of a derivation".into()))
        }
    }

    /// Evaluates an expression for a list, in pure mode.
    pub(super) fn list<T: DeserializeOwned>(
        &self,
        folder: &Path,
        expression: &str,
    ) -> Result<Vec<T>, NixError> {
        let eval = ["eval", "--json", "--no-write-lock-file", "--expr", expression];
        let json = self.run(folder, &eval)?;
        serde_json::from_str(&json)
            .map_err(|_| failed(&eval, "its answer is not what was asked".into()))
    }

    /// Runs it in a folder and returns its output.
    fn run(&self, folder: &Path, arguments: &[&str]) -> Result<String, NixError> {
        let mut command = Command::new(&self.program);
        command.args(GENERAL).args(arguments).current_dir(folder);
        // Nobody would see a prompt.
        forget_surroundings(&mut command).env("GIT_TERMINAL_PROMPT", "0");
        let output =
            process::run(&mut command, &self.patience).map_err(|stopped| match stopped {
                Stopped::Failed(error) => {
                    NixError::Missing { program: self.program.clone(), error }
                }
                Stopped::TooSlow => {
                    let limit = self.patience.limit;
                    NixError::TooSlow { subcommand: subcommand(arguments), limit }
                }
                Stopped::TooLong => failed(arguments, "its answer is too long".into()),
                Stopped::Interrupted => NixError::Interrupted,
            })?;
        if !output.status.success() {
            let reason = reason(&String::from_utf8_lossy(&output.complaints), output.status);
            return Err(failed(arguments, reason));
        }
        String::from_utf8(output.answer)
            .map_err(|_| failed(arguments, "its answer is no text".into()))
    }
}

fn failed(arguments: &[&str], reason: String) -> NixError {
    NixError::Failed { subcommand: subcommand(arguments), reason }
}

fn subcommand(arguments: &[&str]) -> String {
    let words = arguments.iter().copied().take_while(|word| !word.starts_with('-'));
    format!("nix {}", words.take(2).collect::<Vec<_>>().join(" "))
}

/// Why it failed: the text after its last `error:`, in one line. Above it is the trace, below it
/// the place.
fn reason(complaints: &str, status: impl Display) -> String {
    let lines = || complaints.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().find_map(|line| {
        let error = line.strip_prefix("error:")?.trim();
        (!error.is_empty()).then_some(error)
    });
    match error.or_else(|| lines().next()) {
        Some(text) => text.chars().take(LONGEST_REASON).collect(),
        None => format!("it ends with {status} and says nothing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_error_is_the_reason() {
        let status = "exit status: 1";
        for (complaints, expected) in [
            (
                "error:\n       … while calling the 'import' builtin\n\n       error: attribute 'jax' \
                 missing\n       at «string»:1:192:\n            1| let error: x\n",
                "attribute 'jax' missing",
            ),
            (
                "warning: a\nerror: attribute 'jax' missing\n(use '--show-trace')\n",
                "attribute 'jax' missing",
            ),
            ("Aborted\n", "Aborted"),
            ("", "it ends with exit status: 1 and says nothing"),
        ] {
            assert_eq!(reason(complaints, status), expected);
        }
        assert_eq!(reason(&"x".repeat(5_000), status).len(), LONGEST_REASON);
    }
}
