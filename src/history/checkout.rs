//! Writes the files of a revision that an audit reads into a temporary folder.
//!
//! A tree may contain any name, and a name twice. Folders are created first, then files, and then
//! symlinks, none of which can replace a folder, so nothing is written through a link. What exceeds
//! the limits is left out, and so are links that lead out of the repository, because their targets
//! may have changed since.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use super::HistoryError;
use super::objects::{self, TrackedFile};
use crate::load::LOCK_NAME;
use crate::verify::{Patience, path_of_git};

/// The endings of files that are read of a flake, besides symlinks.
const READ: [&str; 4] = ["nix", "lock", "json", "toml"];
/// The most files to consider.
const MOST_FILES: usize = 100_000;
/// Longer files are left out.
const LONGEST: u64 = 8 << 20;
/// The most bytes of all files.
const MOST_BYTES: u64 = 256 << 20;
/// The longest target of a symlink.
#[cfg(unix)]
const LONGEST_LINK: u64 = 4096;

/// A repository at a revision. Its files are deleted when it is dropped.
#[derive(Debug)]
pub struct Checkout {
    /// The top of the current work tree.
    top: PathBuf,
    then: TempDir,
    /// The folders with a lock at that revision, from the top.
    flakes: BTreeSet<PathBuf>,
}

impl Checkout {
    /// Reads it from the repository of a work tree.
    pub(super) fn read(
        top: &Path,
        revision: &str,
        patience: &Patience,
    ) -> Result<Self, HistoryError> {
        let too_much = |what| HistoryError::TooMuch { revision: revision.into(), what };
        let commit = objects::commit(top, revision, patience)?;
        let mut files = objects::files(top, &commit, patience)?;
        files.retain(|file| is_plain(&file.path) && (file.is_link || is_read(&file.path)));
        if files.len() > MOST_FILES {
            return Err(too_much("more than 100,000 files"));
        }
        let by_object = objects::distinct(&files);
        let names: Vec<&str> = by_object.keys().copied().collect();
        let sizes = objects::sizes(top, &names, patience)?;
        if sizes.len() != names.len() || sizes.contains(&None) {
            return Err(HistoryError::Partial(revision.into()));
        }
        let sizes = sizes.into_iter().flatten();
        let wanted: Vec<(&str, u64)> =
            names.into_iter().zip(sizes).filter(|(_, size)| *size <= LONGEST).collect();
        if wanted.iter().map(|(_, size)| size).sum::<u64>() > MOST_BYTES {
            return Err(too_much("more than 256 MiB"));
        }
        let then = tempfile::Builder::new().prefix("flake-audit-").tempdir()?;
        let top_then = then.path();
        // Marks the top of the repository for the code that reads this folder.
        fs::create_dir(top_then.join(".git"))?;
        for folder in files.iter().filter_map(|file| file.path.parent()) {
            unless_taken(fs::create_dir_all(top_then.join(folder)))?;
        }
        let mut links = Vec::new();
        objects::read(top, &wanted, patience, |number, content| {
            let object = wanted.get(number).map(|(object, _)| *object).unwrap_or_default();
            for file in by_object.get(object).into_iter().flatten() {
                if file.is_link {
                    links.push((file.path.clone(), content.to_vec()));
                } else {
                    unless_taken(write(&top_then.join(&file.path), content))?;
                }
            }
            Ok(())
        })?;
        for (path, target) in links {
            if path_of_git(&target).is_some_and(|target| stays_inside(&path, &target)) {
                unless_taken(link(&top_then.join(path), &target))?;
            }
        }
        let flakes =
            files.iter().filter(|file| is_lock(file)).filter_map(|file| file.path.parent());
        let flakes = flakes.map(Path::to_path_buf).collect();
        Ok(Self { top: top.to_path_buf(), flakes, then })
    }

    /// The flake of a folder of the work tree at that revision; if there was none, all flakes that
    /// no longer exist, because it may be one of them, moved.
    pub fn flakes_of(&self, folder: &Path) -> Vec<PathBuf> {
        let below = fs::canonicalize(folder).ok();
        let below = below.as_deref().and_then(|folder| folder.strip_prefix(&self.top).ok());
        let at = |flake: &Path| self.then.path().join(flake);
        match below {
            Some(below) if self.flakes.contains(below) => vec![at(below)],
            _ => {
                let is_gone = |flake: &&PathBuf| !self.top.join(flake).join(LOCK_NAME).exists();
                self.flakes.iter().filter(is_gone).take(Self::MOVED).map(|gone| at(gone)).collect()
            }
        }
    }

    /// How many missing flakes are considered.
    const MOVED: usize = 32;
}

/// Whether a path stays below its start, and does not go into a `.git`.
fn is_plain(path: &Path) -> bool {
    let is_name = |part: Component<'_>| match part {
        Component::Normal(name) => {
            !name.eq_ignore_ascii_case(".git")
                && !name.to_string_lossy().contains(['\\', ':', '\0'])
        }
        _ => false,
    };
    path.components().count() > 0 && path.components().all(is_name)
}

/// Whether a symlink in a tree leads to something in it. Folders of the tree are no symlinks, so
/// `..` may lead up from the link's own folder; after a name, which may be another symlink, it
/// could lead anywhere.
fn stays_inside(link: &Path, target: &Path) -> bool {
    let mut room = link.components().count().saturating_sub(1);
    let mut is_below = false;
    target.components().all(|part| match part {
        Component::CurDir => true,
        Component::Normal(_) => {
            is_below = true;
            true
        }
        Component::ParentDir if !is_below && room > 0 => {
            room -= 1;
            true
        }
        Component::ParentDir | Component::RootDir | Component::Prefix(_) => false,
    })
}

fn is_read(path: &Path) -> bool {
    let ends = path.extension().and_then(|ends| ends.to_str());
    ends.is_some_and(|ends| READ.contains(&ends))
}

fn is_lock(file: &TrackedFile) -> bool {
    file.path.file_name().is_some_and(|name| name == LOCK_NAME)
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content)
}

#[cfg(unix)]
fn link(path: &Path, target: &[u8]) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    if target.len() as u64 > LONGEST_LINK || target.is_empty() || target.contains(&0) {
        return Ok(());
    }
    std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), path)
}

/// On other systems symlinks need rights that few users have.
#[cfg(not(unix))]
fn link(_: &Path, _: &[u8]) -> io::Result<()> {
    Ok(())
}

/// Ignores names that the disk does not accept, or that exist already.
fn unless_taken(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::AlreadyExists
                    | ErrorKind::NotADirectory
                    | ErrorKind::IsADirectory
                    | ErrorKind::NotFound
                    | ErrorKind::InvalidFilename
                    | ErrorKind::InvalidInput
            ) =>
        {
            Ok(())
        }
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_where_they_belong() {
        for path in ["flake.nix", "a/b.nix", ".github/x.nix"] {
            assert!(is_plain(Path::new(path)), "{path}");
        }
        for path in ["", "/a", "../a", "a/../b", ".git/config", "a/.GIT/hooks/x.nix", "a\\b.nix"] {
            assert!(!is_plain(Path::new(path)), "{path}");
        }
    }
    #[test]
    fn links_lead_to_what_was_there() {
        let stays = |link: &str, target: &str| stays_inside(Path::new(link), Path::new(target));
        for (link, target) in [
            ("flake.lock", "locks/main.lock"),
            ("flake.lock", "./a/./b"),
            ("a/flake.lock", "../b/flake.lock"),
            ("a/b/c", "../../d"),
        ] {
            assert!(stays(link, target), "{link} {target}");
        }
        for (link, target) in [
            ("flake.lock", "/etc/passwd"),
            ("flake.lock", "../flake.lock"),
            ("a/b", "../../c"),
            ("a/b", "x/../c"),
        ] {
            assert!(!stays(link, target), "{link} {target}");
        }
    }
}
