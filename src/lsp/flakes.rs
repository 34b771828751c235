//! Which flake a file belongs to.

use std::path::{Path, PathBuf};

use crate::config::FILE_NAME as CONFIG_NAME;
use crate::load::LOCK_NAME;

/// The file that makes a folder a flake.
pub(super) const FLAKE_NAME: &str = "flake.nix";

/// The role of a file in a flake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// Its flake.nix.
    Flake,
    /// Its flake.lock.
    Lock,
    /// The configuration.
    Config,
    /// Another file of its source.
    Source,
}

impl FileKind {
    /// By the file's name; `None` for files that no flake reads.
    pub(super) fn of(path: &Path) -> Option<Self> {
        match path.file_name()?.to_str()? {
            FLAKE_NAME => Some(FileKind::Flake),
            LOCK_NAME => Some(FileKind::Lock),
            CONFIG_NAME => Some(FileKind::Config),
            name => name.ends_with(".nix").then_some(FileKind::Source),
        }
    }
}

/// The folder of the flake that a file belongs to: its own, or the nearest one above with a flake,
/// up to the repository's root. `is_open` tells whether a file is open, whether or not it exists on
/// disk.
pub(super) fn flake_of(path: &Path, is_open: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let folder = path.parent()?;
    match FileKind::of(path)? {
        FileKind::Flake | FileKind::Lock => return Some(folder.to_path_buf()),
        FileKind::Config | FileKind::Source => {}
    }
    let is_flake = |folder: &&Path| {
        let file = folder.join(FLAKE_NAME);
        is_open(&file) || file.exists()
    };
    let top = folder.ancestors().position(|folder| folder.join(".git").exists());
    let folders = folder.ancestors().take(top.map_or(usize::MAX, |top| top + 1));
    folders.into_iter().find(is_flake).map(Path::to_path_buf)
}

/// The folder whose files a flake may read: its work tree, else its own folder.
pub(super) fn tree_of(flake: &Path) -> PathBuf {
    let top = flake.ancestors().find(|folder| folder.join(".git").exists());
    top.unwrap_or(flake).to_path_buf()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_belongs_to_the_nearest_flake_of_its_repository() {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        fs::create_dir_all(at("repo/.git")).unwrap();
        fs::create_dir_all(at("repo/sub/modules")).unwrap();
        fs::write(at("flake.nix"), "").unwrap();
        fs::write(at("repo/sub/flake.nix"), "").unwrap();
        let none = |_: &Path| false;
        for (file, flake) in [
            ("repo/sub/modules/gpu.nix", Some("repo/sub")),
            ("repo/sub/flake.lock", Some("repo/sub")),
            ("repo/sub/modules/flake.nix", Some("repo/sub/modules")),
            ("repo/x.nix", None),
            ("repo/flake-audit.toml", None),
            ("repo/sub/README.md", None),
            ("x.nix", Some("")),
        ] {
            assert_eq!(
                flake_of(&at(file), none),
                flake.map(|flake| at(flake).components().collect())
            );
        }
        // A file that was never saved.
        let new = at("repo/flake.nix");
        let found = flake_of(&at("repo/x.nix"), |path| path == new);
        assert_eq!(found, Some(at("repo")));
        assert_eq!(tree_of(&at("repo/sub")), at("repo"));
    }
}
