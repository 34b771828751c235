//! Asks Git which files of a work tree it tracks, because Nix sees no others.
//!
//! The repository is not trusted. Git is asked in ways that read the index and run none of the
//! programs that a repository's configuration can name.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use thiserror::Error;

use super::nix::Nix;
use super::process::{self, Patience, Stopped};
use super::surroundings::forget_surroundings;

/// Options before every subcommand: no programs are run, nothing is written on the side, and no
/// folder inside a checkout is taken for a repository.
const GENERAL: [&str; 10] = [
    "--no-pager",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.untrackedCache=false",
    "-c",
    "safe.bareRepository=explicit",
];

/// Why Git gave no answer.
#[derive(Debug, Error)]
pub enum GitError {
    /// The program cannot be run.
    #[error("cannot run `git`, which knows what Nix sees of a work tree: {0}")]
    Missing(io::Error),
    /// It ended with an error.
    #[error("git {subcommand}: {reason}")]
    Failed {
        /// The subcommand.
        subcommand: String,
        /// Its message.
        reason: String,
    },
    /// It took too long.
    #[error("git had no answer in time")]
    TooSlow,
    /// The user does not want to know any more.
    #[error("interrupted")]
    Interrupted,
}

impl GitError {
    /// The reason if Git gives none.
    pub(crate) const SILENT: &str = "it fails and says nothing";
}

/// The type of a tracked name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TrackedEntry {
    /// A file or a symlink.
    File,
    /// Another repository, at this commit.
    Submodule(String),
}

/// The work tree that contains a folder, as Nix finds it.
pub(crate) fn work_tree(folder: &Path) -> Option<&Path> {
    folder.ancestors().find(|above| above.join(".git").exists())
}

/// Everything below a folder of a work tree that Git tracks: committed, staged or only announced
/// (`git add -N`).
///
/// # Errors
/// Git cannot be run, or does not understand the repository.
pub(super) fn tracked_files(
    folder: &Path,
    below: &[&str],
    patience: &Patience,
) -> Result<BTreeMap<PathBuf, TrackedEntry>, GitError> {
    let arguments = [&["ls-files", "--cached", "--stage", "-z", "--"], below].concat();
    let list = run(folder, &arguments, patience)?;
    Ok(list.split(|byte| *byte == 0).filter_map(entry).collect())
}

/// Settings that make a new repository readable for Nix, regardless of the user's own.
const PLAIN: [&str; 14] = [
    "-c",
    "init.defaultObjectFormat=sha1",
    "-c",
    "init.defaultRefFormat=files",
    "-c",
    "feature.manyFiles=false",
    "-c",
    "index.skipHash=false",
    "-c",
    "index.version=2",
    "-c",
    "core.splitIndex=false",
    "-c",
    "core.sharedRepository=false",
];

/// Creates a repository in a folder, tracking everything in it.
///
/// # Errors
/// Git cannot be run, or cannot write there.
pub(super) fn make_repository(folder: &Path, patience: &Patience) -> Result<(), GitError> {
    run(folder, &[&PLAIN[..], &["init", "--quiet", "--template="]].concat(), patience)?;
    // Only announces the files, so that their contents are not read and no filter runs.
    let add = ["add", "--intent-to-add", "--force", "--", "."];
    run(folder, &[&PLAIN[..], &add].concat(), patience).map(drop)
}

/// Registers a submodule in a repository.
///
/// # Errors
/// Git cannot be run, or cannot write there.
pub(super) fn add_submodule(
    folder: &Path,
    path: &Path,
    commit: &str,
    patience: &Patience,
) -> Result<(), GitError> {
    let Some(path) = path.to_str() else { return Ok(()) };
    let entry = format!("160000,{commit},{path}");
    let add = ["update-index", "--add", "--cacheinfo", &entry];
    run(folder, &[&PLAIN[..], &add].concat(), patience).map(drop)
}

/// Which of the two files of the flake in a folder are not tracked by its work tree. Empty without
/// a work tree, and if Git fails: Nix will report that itself.
pub fn unknown_to_git(folder: &Path, nix: &Nix) -> Vec<&'static str> {
    let names = ["flake.nix", "flake.lock"];
    let folder = fs::canonicalize(folder).ok();
    let folder = folder.as_deref().filter(|folder| work_tree(folder).is_some());
    match folder.and_then(|folder| tracked_files(folder, &names, nix.patience()).ok()) {
        Some(known) => {
            names.into_iter().filter(|name| !known.contains_key(Path::new(name))).collect()
        }
        None => Vec::new(),
    }
}

/// A line of `ls-files --stage`: mode, object, number, and after a tab the path.
fn entry(line: &[u8]) -> Option<(PathBuf, TrackedEntry)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (head, path) = line.split_at_checked(tab)?;
    let mut words = std::str::from_utf8(head).ok()?.split(' ');
    let entry = match (words.next()?, words.next()?) {
        ("160000", commit) => TrackedEntry::Submodule(commit.to_owned()),
        _ => TrackedEntry::File,
    };
    Some((path_of(path.get(1..)?)?, entry))
}

/// A path in Git's output.
#[cfg(unix)]
pub(crate) fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(std::ffi::OsStr::from_bytes(bytes).into())
}

/// A path in Git's output.
#[cfg(not(unix))]
pub(crate) fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

fn run(folder: &Path, arguments: &[&str], patience: &Patience) -> Result<Vec<u8>, GitError> {
    ask(folder, arguments, Stdio::null(), patience)
}

/// Runs Git in a folder, whose repository is not trusted. Missing objects are not fetched, because
/// the repository names the program that would.
///
/// # Errors
/// Git cannot be run, or fails.
pub(crate) fn ask(
    folder: &Path,
    arguments: &[&str],
    input: Stdio,
    patience: &Patience,
) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command.args(GENERAL).args(arguments).current_dir(folder);
    forget_surroundings(&mut command).env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
    command.env("GIT_NO_LAZY_FETCH", "1").env("GIT_TERMINAL_PROMPT", "0");
    // Older versions do not know the variable above, so they are allowed no protocol to fetch by.
    command.env("GIT_ALLOW_PROTOCOL", "none");
    let subcommand = || {
        let mut words =
            arguments.iter().filter(|word| !word.starts_with('-') && !word.contains('='));
        words.next().copied().unwrap_or_default().to_owned()
    };
    let failed =
        |reason: &str| GitError::Failed { subcommand: subcommand(), reason: reason.into() };
    let output =
        process::run_on(&mut command, input, patience).map_err(|stopped| match stopped {
            Stopped::Failed(error) => GitError::Missing(error),
            Stopped::TooSlow => GitError::TooSlow,
            Stopped::TooLong => failed("its answer is too long"),
            Stopped::Interrupted => GitError::Interrupted,
        })?;
    if output.status.success() {
        return Ok(output.answer);
    }
    let complaints = String::from_utf8_lossy(&output.complaints);
    let mut lines = complaints.lines().map(str::trim).filter(|line| !line.is_empty());
    Err(failed(lines.next().unwrap_or(GitError::SILENT)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_index_is_read() {
        let file = |path: &str| Some((PathBuf::from(path), TrackedEntry::File));
        assert_eq!(entry(b"100644 e69de29b 0\ta b\tc"), file("a b\tc"));
        assert_eq!(entry(b"120000 e69de29b 2\tlink"), file("link"));
        let submodule = TrackedEntry::Submodule("e69de29b".into());
        assert_eq!(entry(b"160000 e69de29b 0\tsub"), Some(("sub".into(), submodule)));
        for line in [&b""[..], b"100644 e69de29b 0", b"\tpath", b"\xff \tpath"] {
            assert_eq!(entry(line), None);
        }
    }
}
