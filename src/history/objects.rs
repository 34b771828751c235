//! Questions to Git: the name of a commit, its files, and their contents.

use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::HistoryError;
use crate::verify::{GitError, Patience, ask_git, path_of_git};

/// Bytes of objects to ask for at once.
const AT_ONCE: u64 = 16 << 20;

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TrackedFile {
    /// From the top of the repository.
    pub(super) path: PathBuf,
    /// Whether it is a symlink.
    pub(super) is_link: bool,
    /// The name of the object with its contents.
    pub(super) object: String,
}

/// The name of the commit that a revision stands for.
pub(super) fn commit(
    top: &Path,
    revision: &str,
    patience: &Patience,
) -> Result<String, HistoryError> {
    let asked = format!("{revision}^{{commit}}");
    let parse = ["rev-parse", "--verify", "--quiet", "--end-of-options", &asked];
    let missing = |advice: String| HistoryError::NoRevision { revision: revision.into(), advice };
    if revision.is_empty() {
        return Err(missing(String::new()));
    }
    match ask_git(top, &parse, Stdio::null(), patience) {
        Ok(answer) => {
            let name = String::from_utf8_lossy(&answer).trim().to_owned();
            let is_name = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_name { Ok(name) } else { Err(missing(String::new())) }
        }
        // A missing revision is reported silently, other errors are not.
        Err(GitError::Failed { reason, .. }) if reason == GitError::SILENT => {
            Err(missing(advice(top, revision, patience)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The name of the commit at which two revisions diverged.
pub(super) fn fork(
    top: &Path,
    one: &str,
    other: &str,
    patience: &Patience,
) -> Result<String, HistoryError> {
    let commits = (commit(top, one, patience)?, commit(top, other, patience)?);
    match ask_git(top, &["merge-base", &commits.0, &commits.1], Stdio::null(), patience) {
        Ok(answer) => Ok(String::from_utf8_lossy(&answer).trim().to_owned()),
        Err(GitError::Failed { reason, .. }) if reason == GitError::SILENT => {
            let advice = match is_shallow(top, patience) {
                true => ": this clone is shallow, `git fetch --unshallow` brings the rest",
                false => "",
            };
            Err(HistoryError::NoFork { one: one.into(), other: other.into(), advice })
        }
        Err(error) => Err(error.into()),
    }
}

fn is_shallow(top: &Path, patience: &Patience) -> bool {
    let shallow = ask_git(top, &["rev-parse", "--is-shallow-repository"], Stdio::null(), patience);
    shallow.is_ok_and(|answer| answer.starts_with(b"true"))
}

/// How to get a missing revision: the clone may be shallow, or lack a branch or commit of the
/// remote.
fn advice(top: &Path, revision: &str, patience: &Patience) -> String {
    let is_shallow = is_shallow(top, patience);
    // Only a plain name may become part of a command for pasting.
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "/._-".contains(letter);
    let is_name = revision.chars().all(is_of_name) && !revision.starts_with('-');
    match (is_name, is_shallow) {
        (false, true) => ": this clone is shallow, `git fetch --unshallow` brings the rest".into(),
        (false, false) => String::new(),
        (true, _) => {
            let name = revision.strip_prefix("origin/").unwrap_or(revision);
            format!(": `git fetch --depth=1 origin {name}` brings it, if it is there")
        }
    }
}

/// The files of a commit.
pub(super) fn files(
    top: &Path,
    commit: &str,
    patience: &Patience,
) -> Result<Vec<TrackedFile>, HistoryError> {
    let list = ["ls-tree", "-r", "-z", "--full-tree", commit];
    let list = ask_git(top, &list, Stdio::null(), patience)?;
    Ok(list.split(|byte| *byte == 0).filter_map(file).collect())
}

/// A line of `ls-tree`: mode, type, object, and after a tab the path. `None` for submodules, which
/// have no contents here.
fn file(line: &[u8]) -> Option<TrackedFile> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (head, path) = line.split_at_checked(tab)?;
    let mut words = std::str::from_utf8(head).ok()?.split(' ');
    let (mode, kind, object) = (words.next()?, words.next()?, words.next()?);
    if kind != "blob" {
        return None;
    }
    let path = path_of_git(path.get(1..)?)?;
    Some(TrackedFile { path, is_link: mode == "120000", object: object.to_owned() })
}

/// The sizes of objects, in order; `None` for one that the clone does not have.
pub(super) fn sizes(
    top: &Path,
    objects: &[&str],
    patience: &Patience,
) -> Result<Vec<Option<u64>>, HistoryError> {
    let check = ["cat-file", "--batch-check=%(objectsize)"];
    let answer = ask_git(top, &check, names(objects)?, patience)?;
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.lines().map(|line| line.parse().ok()).collect())
}

/// Passes on the contents of objects, with the index of each. `sizes` are their sizes.
pub(super) fn read(
    top: &Path,
    objects: &[(&str, u64)],
    patience: &Patience,
    mut sink: impl FnMut(usize, &[u8]) -> Result<(), HistoryError>,
) -> Result<(), HistoryError> {
    let mut first = 0;
    while first < objects.len() {
        let rest = objects.get(first..).unwrap_or_default();
        let mut room = AT_ONCE;
        let fitting = rest.iter().take_while(|(_, size)| {
            let fits = *size <= room;
            room = room.saturating_sub(*size);
            fits
        });
        let count = fitting.count().max(1);
        let some: Vec<&str> = rest.iter().take(count).map(|(object, _)| *object).collect();
        let answer = ask_git(top, &["cat-file", "--batch"], names(&some)?, patience)?;
        let mut left = answer.as_slice();
        for number in first..first + count {
            let (content, rest) = next(left).ok_or_else(misunderstood)?;
            sink(number, content)?;
            left = rest;
        }
        first += count;
    }
    Ok(())
}

/// The first content in an answer of `cat-file --batch`, and the rest.
fn next(answer: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = answer.iter().position(|byte| *byte == b'\n')?;
    let (head, rest) = answer.split_at_checked(end)?;
    let size: usize = std::str::from_utf8(head).ok()?.rsplit(' ').next()?.parse().ok()?;
    let (content, rest) = rest.get(1..)?.split_at_checked(size)?;
    Some((content, rest.get(1..)?))
}

fn misunderstood() -> HistoryError {
    let reason = "its answer is not understood".to_owned();
    GitError::Failed { subcommand: "cat-file".into(), reason }.into()
}

/// Names of objects, one per line, in a file: through a pipe both sides could block, because Git
/// answers before it has read everything.
fn names(objects: &[&str]) -> Result<Stdio, HistoryError> {
    let mut file = tempfile::tempfile()?;
    for object in objects {
        writeln!(file, "{object}")?;
    }
    file.rewind()?;
    Ok(file.into())
}

/// Git's objects by name, each with its files, so that it is asked for once.
pub(super) fn distinct(files: &[TrackedFile]) -> BTreeMap<&str, Vec<&TrackedFile>> {
    let mut distinct: BTreeMap<&str, Vec<&TrackedFile>> = BTreeMap::new();
    for file in files {
        distinct.entry(&file.object).or_default().push(file);
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_tree_is_read() {
        let read = |line: &[u8]| file(line).map(|f| (f.path, f.is_link, f.object));
        let expected = |path: &str, link| Some((PathBuf::from(path), link, "e69d".to_owned()));
        assert_eq!(read(b"100644 blob e69d\ta b\tc"), expected("a b\tc", false));
        assert_eq!(read(b"120000 blob e69d\tlink"), expected("link", true));
        for line in [&b""[..], b"160000 commit e69d\tsub", b"100644 blob e69d", b"\tpath"] {
            assert_eq!(read(line), None);
        }
    }

    #[test]
    fn contents_are_told_apart_by_their_sizes() {
        let (content, rest) = next(b"e69d blob 3\na\nb\ne69d blob 0\n\n").unwrap();
        assert_eq!(content, b"a\nb");
        assert_eq!(next(rest), Some((&b""[..], &b""[..])));
        assert_eq!(next(b"e69d missing\n"), None);
        assert_eq!(next(b"e69d blob 9\nabc\n"), None);
    }
}
