//! What Git knows of a merge: the versions of a conflicted file, and, during a merge, what
//! `flake.nix` will become.
//!
//! Git runs a merge driver before it touches the work tree, which still has our side, and nothing
//! is recorded yet. Names that Git passes on tell which commits are merged; they are trusted only
//! if their lock is the one being merged.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::NamedTempFile;
use thiserror::Error;

use super::LIMIT;
use crate::text::Visible;
use crate::verify::interrupts::Interrupts;
use crate::verify::{GitError, Patience, ask_git, work_tree};

/// How many files are merged to learn their outcome: one work tree has fewer flakes.
const FILES: usize = 100;

/// Why nothing is known of a merge.
#[derive(Debug, Error)]
pub enum MergeError {
    /// There is no repository.
    #[error("{} is in no Git work tree", Visible(&.0.to_string_lossy()))]
    NoRepository(PathBuf),
    /// The file has no conflict.
    #[error("Git knows of no conflict in {}", Visible(.0))]
    NoConflict(String),
    /// One side has deleted the file.
    #[error("{} is deleted on one side: keep it or `git rm` it", Visible(.0))]
    Deleted(String),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitError),
    /// Input for Git could not be written.
    #[error("cannot write into the folder for temporary files: {0}")]
    Unwritten(#[from] std::io::Error),
}

/// The versions of a conflicted file.
#[derive(Debug)]
pub struct Conflicted {
    /// The common version, if there is one.
    pub base: Option<Vec<u8>>,
    /// The version that is merged into.
    pub ours: Vec<u8>,
    /// The version that is merged.
    pub theirs: Vec<u8>,
}

/// What files become in a running merge.
#[derive(Debug, PartialEq, Eq)]
pub enum Becomes {
    /// These texts, for files that differ from our side, by path from the folder.
    Texts(Vec<(String, Vec<u8>)>),
    /// Both sides changed the same lines of this one.
    Conflict(String),
    /// Git has not told which commits are merged, or has synthesized their base.
    Unknown,
}

/// The files that a merge driver is given, and what else is known.
#[derive(Debug)]
pub struct Driven<'p> {
    /// The common version; an empty file if there is none.
    pub base: &'p Path,
    /// The version that is merged into.
    pub ours: &'p Path,
    /// The version that is merged.
    pub theirs: &'p Path,
    /// Git's label for the merged commit; its first word is a name of it.
    pub label: Option<&'p str>,
    /// Names of merged commits.
    pub heads: Vec<String>,
}

/// A repository with a merge.
#[derive(Debug)]
pub struct Merging {
    top: PathBuf,
    /// The path from its top to the folder, ending in `/` unless it is empty.
    above: String,
    patience: Patience,
}

impl Merging {
    /// The repository that contains a folder.
    ///
    /// # Errors
    /// There is none.
    pub fn of(folder: &Path) -> Result<Self, MergeError> {
        let none = || MergeError::NoRepository(folder.to_path_buf());
        let folder = std::fs::canonicalize(folder).map_err(|_| none())?;
        let top = work_tree(&folder).ok_or_else(none)?.to_path_buf();
        let below = folder.strip_prefix(&top).map_err(|_| none())?;
        let below = below.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        let above = if below.is_empty() { below } else { below + "/" };
        Ok(Self { top, above, patience: Patience::new(LIMIT, Interrupts::default()) })
    }

    /// The versions of a file in the folder.
    ///
    /// # Errors
    /// It has no conflict, or one side has deleted it.
    pub fn conflicted(&self, name: &str) -> Result<Conflicted, MergeError> {
        let path = format!("{}{name}", self.above);
        let list =
            ["ls-files", "--unmerged", "-z", "--full-name", "--", &format!(":(top,literal){path}")];
        let list = ask_git(&self.top, &list, Stdio::null(), &self.patience)?;
        let mut versions: [Option<Vec<u8>>; 3] = [None, None, None];
        let mut is_there = false;
        for line in list.split(|byte| *byte == 0) {
            // `MODE OBJECT STAGE\tPATH`: the stages are 1 for the base, 2 for ours and 3 for
            // theirs.
            let head = line.split(|byte| *byte == b'\t').next().unwrap_or_default();
            let mut words = std::str::from_utf8(head).unwrap_or_default().split(' ').skip(1);
            let (Some(object), Some(stage)) = (words.next(), words.next()) else { continue };
            let stage = stage.parse::<usize>().ok().and_then(|stage| stage.checked_sub(1));
            let Some(version) = stage.and_then(|stage| versions.get_mut(stage)) else { continue };
            is_there = true;
            *version = Some(self.blob(object)?);
        }
        match versions {
            [base, Some(ours), Some(theirs)] => Ok(Conflicted { base, ours, theirs }),
            _ if is_there => Err(MergeError::Deleted(path)),
            _ => Err(MergeError::NoConflict(path)),
        }
    }

    /// What all files of this name become, while a file of the folder is merged.
    ///
    /// # Errors
    /// Git fails.
    pub fn becomes(
        &self,
        driven: &Driven<'_>,
        merged: &str,
        name: &str,
    ) -> Result<Becomes, MergeError> {
        let Some([base, ours, theirs]) = self.commits(driven, merged)? else {
            return Ok(Becomes::Unknown);
        };
        let all = format!(":(top,glob)**/{name}");
        let list = [
            "diff",
            "--name-only",
            "--no-renames",
            "--no-ext-diff",
            "-z",
            &ours,
            &theirs,
            "--",
            &all,
        ];
        let list = ask_git(&self.top, &list, Stdio::null(), &self.patience)?;
        let paths: Vec<_> = list.split(|byte| *byte == 0).filter(|path| !path.is_empty()).collect();
        if paths.len() > FILES {
            return Ok(Becomes::Unknown);
        }
        let up = "../".repeat(self.above.matches('/').count());
        let mut texts = Vec::new();
        for path in paths {
            let Ok(path) = std::str::from_utf8(path) else { continue };
            let object = |commit: &str| self.object(&format!("{commit}:{path}"));
            let (base, ours, theirs) = (object(&base), object(&ours), object(&theirs));
            let text = match (base, ours, theirs) {
                // A file that is deleted there, or is the same here.
                (_, _, None) => continue,
                (base, Some(_), Some(theirs)) if base.as_ref() == Some(&theirs) => continue,
                (base, ours, Some(theirs)) if base == ours => Some(self.blob(&theirs)?),
                (Some(base), Some(ours), Some(theirs)) => self.merged([&ours, &base, &theirs])?,
                _ => None,
            };
            match text {
                Some(text) => texts.push((format!("{up}{path}"), text)),
                None => return Ok(Becomes::Conflict(path.to_owned())),
            }
        }
        Ok(Becomes::Texts(texts))
    }

    /// Three blobs (ours, the base and theirs) merged line by line by Git; `None` if they conflict.
    fn merged(&self, blobs: [&str; 3]) -> Result<Option<Vec<u8>>, MergeError> {
        let file = |blob: &str| -> Result<NamedTempFile, MergeError> {
            let mut file = NamedTempFile::new()?;
            file.write_all(&self.blob(blob)?)?;
            Ok(file)
        };
        let [ours, base, theirs] = blobs.map(file);
        let (ours, base, theirs) = (ours?, base?, theirs?);
        let names = [&ours, &base, &theirs].map(|file| file.path().to_string_lossy().into_owned());
        let [ours, base, theirs] = &names;
        // The algorithm of `git merge`; `merge-file` has the option since Git 2.44.
        for algorithm in [&["--diff-algorithm=histogram"][..], &[]] {
            let merge = ["merge-file", "--stdout", "--quiet", ours, base, theirs];
            let (subcommand, rest) = merge.split_at(1);
            let merge = [subcommand, algorithm, rest].concat();
            match ask_git(&self.top, &merge, Stdio::null(), &self.patience) {
                Ok(text) => return Ok(Some(text)),
                // The exit code is the number of conflicts.
                Err(GitError::Failed { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// The base, our commit and theirs, if each has its version of the file that is merged.
    fn commits(
        &self,
        driven: &Driven<'_>,
        merged: &str,
    ) -> Result<Option<[String; 3]>, MergeError> {
        let hash = |file: &Path| -> Result<String, MergeError> {
            let file = std::path::absolute(file)?;
            let file = file.to_string_lossy();
            let hash = ["hash-object", "--no-filters", "--", &file];
            Ok(trimmed(&ask_git(&self.top, &hash, Stdio::null(), &self.patience)?))
        };
        let (base, ours, theirs) = (hash(driven.base)?, hash(driven.ours)?, hash(driven.theirs)?);
        let path = format!("{}{merged}", self.above);
        let has_base = std::fs::metadata(driven.base).is_ok_and(|data| data.len() > 0);
        let has = |commit: &str, version: &str| {
            self.object(&format!("{commit}:{}", path)).as_deref() == Some(version)
        };
        let Some(head) = self.commit("HEAD").filter(|head| has(head, &ours)) else {
            return Ok(None);
        };
        // For a revert, it is the parent of the commit named here.
        let label = driven.label.unwrap_or_default();
        let (word, is_parent) = match label.strip_prefix("parent of ") {
            Some(rest) => (rest, true),
            None => (label, false),
        };
        let named = word.split(' ').next().filter(|word| !word.is_empty());
        let named = named.and_then(|name| self.commit(name));
        let parent = |commit: &String| self.commit(&format!("{commit}^"));
        let called = if is_parent { named.as_ref().and_then(parent) } else { named.clone() };
        let heads = driven.heads.iter().filter_map(|head| self.commit(head));
        let stash = self.commit("refs/stash");
        let Some(other) = heads.chain(called).chain(stash).find(|other| has(other, &theirs)) else {
            return Ok(None);
        };
        let merge_base = ["merge-base", &head, &other];
        let merge_base = ask_git(&self.top, &merge_base, Stdio::null(), &self.patience).ok();
        let merge_base = merge_base.map(|answer| trimmed(&answer));
        // A merge first, then a cherry-pick, then a revert.
        let is_base = |commit: &String| match has_base {
            true => has(commit, &base),
            false => self.object(&format!("{commit}:{}", path)).is_none(),
        };
        let mut bases =
            merge_base.into_iter().chain(parent(&other)).chain(named.filter(|_| is_parent));
        Ok(bases.find(is_base).map(|base| [base, head, other]))
    }

    /// The full name of a commit.
    fn commit(&self, revision: &str) -> Option<String> {
        self.object(&format!("{revision}^{{commit}}"))
    }

    /// The full name of the object that a revision stands for.
    fn object(&self, revision: &str) -> Option<String> {
        let parse = ["rev-parse", "--verify", "--quiet", "--end-of-options", revision];
        let answer = ask_git(&self.top, &parse, Stdio::null(), &self.patience).ok()?;
        let name = trimmed(&answer);
        let is_name = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_name.then_some(name)
    }

    fn blob(&self, object: &str) -> Result<Vec<u8>, MergeError> {
        Ok(ask_git(&self.top, &["cat-file", "blob", object], Stdio::null(), &self.patience)?)
    }
}

fn trimmed(answer: &[u8]) -> String {
    String::from_utf8_lossy(answer).trim().to_owned()
}
