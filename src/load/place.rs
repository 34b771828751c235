//! Where a file really is, and whether a symlink has led out of the folder in which it belongs.
//!
//! A repository may contain any symlink. Whoever writes `gpu/flake.nix` in a checkout means a file
//! of that checkout, not of a folder elsewhere that `gpu` points to.

use std::env;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf, absolute};

use thiserror::Error;

use crate::text::Visible;

/// Why a file must not be written.
#[derive(Debug, Error)]
pub enum Misplaced {
    /// A symlink, the file itself or a folder on its way, leads out to this path.
    #[error("a symlink leads out of the folder, to {}", Visible(&.0.to_string_lossy()))]
    Outside(PathBuf),
    /// A symlink, the file itself or a folder on its way, points to nothing.
    #[error("{} is a symlink that leads nowhere", Visible(&.0.to_string_lossy()))]
    Nowhere(PathBuf),
    /// An error of the system.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The path without symlinks of a file in a folder, which need not exist. Symlinks that stay in the
/// folder are followed.
///
/// # Errors
/// A symlink leads elsewhere or nowhere, or an error of the system.
pub fn resolve_inside(folder: &Path, file: &Path) -> Result<PathBuf, Misplaced> {
    let folder = fs::canonicalize(folder)?;
    let file = folder.join(file);
    let mut existing = file.as_path();
    let mut missing = Vec::new();
    let real = loop {
        match fs::symlink_metadata(existing) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (Some(above), Some(name)) = (existing.parent(), existing.file_name()) else {
                    return Err(error.into());
                };
                missing.push(name);
                existing = above;
            }
            Err(error) => return Err(error.into()),
            Ok(data) => match fs::canonicalize(existing) {
                Err(error) if error.kind() == ErrorKind::NotFound && data.is_symlink() => {
                    return Err(Misplaced::Nowhere(existing.to_path_buf()));
                }
                real => break real?,
            },
        }
    };
    let real = missing.into_iter().rev().fold(real, |real, name| real.join(name));
    if real.starts_with(&folder) { Ok(real) } else { Err(Misplaced::Outside(real)) }
}

/// The path without symlinks of a file that was named on the command line. Symlinks are followed if
/// they stay in the folder that contains both the file and the user's working folder: a path
/// elsewhere was chosen by the user, but nothing in a checkout may lead out of it.
///
/// # Errors
/// As [`resolve_inside`].
pub(super) fn resolve_named(file: &Path) -> Result<PathBuf, Misplaced> {
    let here = fs::canonicalize(env::current_dir()?)?;
    let file = absolute(file)?;
    resolve_inside(&common_folder(&here, &file), &file)
}

/// The folder that contains both `here`, which has no symlinks, and a file.
fn common_folder(here: &Path, file: &Path) -> PathBuf {
    let wanted = by_text(file);
    // Recognizes `here` whatever way the path was spelled.
    if wanted.ancestors().any(|folder| fs::canonicalize(folder).is_ok_and(|real| real == here)) {
        return here.to_path_buf();
    }
    let both = here.components().zip(wanted.components()).take_while(|(one, other)| one == other);
    let folder: PathBuf = both.map(|(part, _)| part).collect();
    match folder.as_os_str().is_empty() {
        // Another drive.
        true => wanted.parent().unwrap_or(&wanted).to_path_buf(),
        false => folder,
    }
}

/// A path without `..`, resolved by its text alone.
fn by_text(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            whole.pop();
        } else {
            whole.push(part);
        }
    }
    whole
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_inside_a_folder_only() {
        let disk = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(disk.path()).unwrap();
        for folder in ["flake/nix", "flake-too", "away"] {
            fs::create_dir_all(top.join(folder)).unwrap();
        }
        let flake = top.join("flake");
        for file in ["flake/nix/flake.nix", "flake-too/flake.nix", "away/flake.nix"] {
            fs::write(top.join(file), "").unwrap();
        }
        let links = [
            ("inner", "nix"),
            ("around", "../flake/nix"),
            ("out", "../away"),
            ("absolute", "/"),
            ("alike", "../flake-too"),
            ("up", ".."),
            ("self", "."),
            ("dangling", "nothing"),
            ("loop", "loop"),
            ("nix/out", "../../away"),
            ("nix/file", "flake.nix"),
        ];
        for (name, target) in links {
            symlink(target, flake.join(name)).unwrap();
        }
        for (name, real) in [
            ("flake.nix", "flake.nix"),
            ("nix/flake.nix", "nix/flake.nix"),
            ("nix/new/deep/flake.nix", "nix/new/deep/flake.nix"),
            ("inner/flake.nix", "nix/flake.nix"),
            ("inner/file", "nix/flake.nix"),
            ("inner/new", "nix/new"),
            ("around/flake.nix", "nix/flake.nix"),
            ("self/self/inner/new/flake.nix", "nix/new/flake.nix"),
            ("up/flake/flake.nix", "flake.nix"),
        ] {
            assert_eq!(
                resolve_inside(&flake, Path::new(name)).unwrap(),
                flake.join(real),
                "{name}"
            );
        }
        for name in [
            "out",
            "out/flake.nix",
            "out/new/flake.nix",
            "absolute/new",
            "alike/flake.nix",
            "up",
            "up/flake.nix",
            "inner/out/flake.nix",
            "nix/out/new",
        ] {
            let outside = resolve_inside(&flake, Path::new(name));
            assert!(matches!(outside, Err(Misplaced::Outside(_))), "{name}: {outside:?}");
        }
        for name in ["dangling", "dangling/flake.nix", "dangling/new/flake.nix"] {
            let nowhere = resolve_inside(&flake, Path::new(name));
            assert!(matches!(nowhere, Err(Misplaced::Nowhere(_))), "{name}: {nowhere:?}");
        }
        for name in ["loop", "loop/flake.nix", "nix/flake.nix/flake.nix"] {
            let error = resolve_inside(&flake, Path::new(name));
            assert!(matches!(error, Err(Misplaced::Io(_))), "{name}: {error:?}");
        }
    }

    #[test]
    fn what_is_named_elsewhere_is_meant() {
        let disk = tempfile::tempdir().unwrap();
        fs::create_dir(disk.path().join("real")).unwrap();
        symlink("real", disk.path().join("link")).unwrap();
        let file = disk.path().join("link/new/../flake.nix");
        // A path through a missing folder cannot be resolved.
        assert!(resolve_named(&file).is_err());
        let file = disk.path().join("link/../link/flake.nix");
        let real = fs::canonicalize(disk.path()).unwrap().join("real/flake.nix");
        assert_eq!(resolve_named(&file).unwrap(), real);
        assert_eq!(by_text(Path::new("/a/./b/../../c")), Path::new("/c"));
    }

    #[test]
    fn what_is_shared_with_where_one_stands() {
        let disk = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(disk.path()).unwrap();
        let here = top.join("work/flake");
        fs::create_dir_all(&here).unwrap();
        symlink("work", top.join("called")).unwrap();
        symlink(top.join("elsewhere"), here.join("gpu")).unwrap();
        for (file, folder) in [
            ("work/flake/gpu/flake.nix", "work/flake"),
            ("work/flake/new/deep/flake.nix", "work/flake"),
            ("called/flake/gpu/flake.nix", "work/flake"),
            ("work/flake/../other/flake.nix", "work"),
            ("called/flake/../other/flake.nix", ""),
            ("work/other/gpu/flake.nix", "work"),
            ("elsewhere/flake.nix", ""),
        ] {
            let shared = common_folder(&here, &top.join(file));
            assert_eq!(shared.join(""), top.join(folder).join(""), "{file}");
        }
    }
}
