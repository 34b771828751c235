//! Running Nix.
//!
//! Every run is told not to build and not to write a lock, whatever the user's settings are, and
//! gets no terminal to ask questions on. What it says is read to its end, but only so much of it is
//! kept.

use std::fmt::Display;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::thread;

use serde_json::Value;
use thiserror::Error;

/// Longer answers are none: the longest known lock is 1.4 MB.
const LONGEST_ANSWER: usize = 64 << 20;
/// What is kept of the end of its complaints.
const LONGEST_COMPLAINT: usize = 64 << 10;
/// What is shown of one.
const LONGEST_REASON: usize = 1_000;

/// What goes before every subcommand, in all versions since 2.4.
const GENERAL: [&str; 8] = [
    "--extra-experimental-features",
    "nix-command flakes",
    // A flake's own settings are not what is asked about, and nobody is there to confirm them.
    "--option",
    "accept-flake-config",
    "false",
    // To import what has to be built first would build it.
    "--option",
    "allow-import-from-derivation",
    "false",
];

/// A Nix to run.
#[derive(Debug, Clone)]
pub struct Nix {
    program: PathBuf,
}

/// Why Nix gave no answer.
#[derive(Debug, Error)]
pub enum NixError {
    /// The program cannot be run.
    #[error("cannot run `{}`: {error}", .program.display())]
    Missing {
        /// The program.
        program: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It ended with an error.
    #[error("{subcommand}: {reason}")]
    Failed {
        /// What it was asked to do.
        subcommand: String,
        /// The last error that it told.
        reason: String,
    },
    /// It said something that no known version says.
    #[error("{0}: what it says is not understood")]
    Unknown(&'static str),
    /// The folder has a lock only.
    #[error("there is no flake.nix beside the lock, and without it nothing can be evaluated")]
    NoFlake,
    /// It makes another lock of the flake.
    #[error(
        "flake.lock is not what Nix evaluates this flake with: run `nix flake lock`, and in a Git \
         repository `git add` it"
    )]
    OtherLock,
}

impl Nix {
    /// A Nix by its name on `PATH`, or by its path.
    pub fn new(program: &Path) -> Self {
        // It runs in other folders: a path stays that of this one.
        let is_path = program.components().count() > 1;
        let absolute = is_path.then(|| std::path::absolute(program).ok()).flatten();
        Self { program: absolute.unwrap_or_else(|| program.to_path_buf()) }
    }

    /// The system that it builds for.
    pub(super) fn current_system(&self, folder: &Path) -> Result<String, NixError> {
        let system = ["eval", "--impure", "--raw", "--expr", "builtins.currentSystem"];
        Ok(self.run(folder, &system)?.trim().to_owned())
    }

    /// What it knows of a flake, whose source it brings into the store.
    pub(super) fn metadata(&self, folder: &Path, reference: &str) -> Result<Value, NixError> {
        let metadata = ["flake", "metadata", "--json", "--no-write-lock-file", reference];
        let json = self.run(folder, &metadata)?;
        serde_json::from_str(&json).map_err(|_| NixError::Unknown("nix flake metadata"))
    }

    /// The hash of something in the store.
    pub(super) fn hash(&self, folder: &Path, path: &str) -> Result<String, NixError> {
        Ok(self.run(folder, &["hash", "path", path])?.trim().to_owned())
    }

    /// The derivation path that an expression gives, in pure mode.
    pub(super) fn derivation(&self, folder: &Path, expression: &str) -> Result<String, NixError> {
        let eval = ["eval", "--raw", "--no-write-lock-file", "--expr", expression];
        let path = self.run(folder, &eval)?;
        if path.starts_with('/') && path.ends_with(".drv") && !path.contains(['\n', ' ']) {
            Ok(path)
        } else {
            Err(failed(&eval, "its `drvPath` is not that of a derivation".into()))
        }
    }

    /// The list of texts that an expression gives, in pure mode.
    pub(super) fn texts(&self, folder: &Path, expression: &str) -> Result<Vec<String>, NixError> {
        let eval = ["eval", "--json", "--no-write-lock-file", "--expr", expression];
        let json = self.run(folder, &eval)?;
        serde_json::from_str(&json).map_err(|_| failed(&eval, "its answer is no list".into()))
    }

    /// Runs it in a folder; what it answers.
    fn run(&self, folder: &Path, arguments: &[&str]) -> Result<String, NixError> {
        let missing = |error| NixError::Missing { program: self.program.clone(), error };
        let mut child = Command::new(&self.program)
            .args(GENERAL)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(missing)?;
        let complaints = child.stderr.take();
        // Both at once: it stops where one of them is full.
        let complaints = thread::spawn(move || complaints.map(last).transpose());
        let answer = child.stdout.take().map(first).transpose();
        let complaints = complaints.join().unwrap_or(Ok(None));
        let status = child.wait().map_err(missing)?;
        let complaints = complaints.map_err(missing)?.unwrap_or_default();
        if !status.success() {
            return Err(failed(arguments, reason(&String::from_utf8_lossy(&complaints), status)));
        }
        let answer = answer.map_err(missing)?.flatten();
        let answer = answer.ok_or_else(|| failed(arguments, "its answer is too long".into()))?;
        String::from_utf8(answer).map_err(|_| failed(arguments, "its answer is no text".into()))
    }
}

fn failed(arguments: &[&str], reason: String) -> NixError {
    let words = arguments.iter().copied().take_while(|word| !word.starts_with('-'));
    let subcommand = words.take(2).collect::<Vec<_>>().join(" ");
    NixError::Failed { subcommand: format!("nix {subcommand}"), reason }
}

/// All of an answer, or nothing where it is too long.
fn first(mut from: ChildStdout) -> io::Result<Option<Vec<u8>>> {
    let mut kept = Vec::new();
    from.by_ref().take(LONGEST_ANSWER as u64 + 1).read_to_end(&mut kept)?;
    // Whoever writes more is heard out.
    io::copy(&mut from, &mut io::sink())?;
    Ok((kept.len() <= LONGEST_ANSWER).then_some(kept))
}

/// The last part of what is said.
fn last(mut from: impl Read) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    loop {
        let more = from.by_ref().take(LONGEST_COMPLAINT as u64).read_to_end(&mut kept)?;
        let start = kept.len().saturating_sub(LONGEST_COMPLAINT);
        kept.drain(..start);
        if more == 0 {
            return Ok(kept);
        }
    }
}

/// Why it failed: the text after its last `error:`, in one line. What stands above is how it came to
/// that, what stands below is where.
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

    #[test]
    fn only_the_end_of_complaints_is_kept() {
        let text: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        let kept = last(&*text).unwrap();
        assert_eq!(kept, text[text.len() - LONGEST_COMPLAINT..]);
        assert_eq!(last(&b"ab"[..]).unwrap(), b"ab");
    }
}
