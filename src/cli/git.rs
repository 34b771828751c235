//! Hints about Git, because Nix sees of a work tree only what Git tracks.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, bail};

use super::output::errors;
use crate::text::Visible;
use crate::verify::{Nix, unknown_to_git};

/// Prints on standard error how to make Git track a new file, if that is in a work tree. `shown` is
/// its path as seen from where the user is.
///
/// # Errors
/// Those of standard error.
pub(super) fn tell_new(file: &Path, shown: &str) -> io::Result<()> {
    if !is_in_work_tree(file) {
        return Ok(());
    }
    let mut errors = errors();
    writeln!(errors, "Nix sees the new file only once Git knows it:")?;
    writeln!(errors, "  git add -N {}", Visible(&quoted(shown)))
}

/// Checks that Nix sees the two files of the flake in a folder. `above` is the prefix of their
/// names, as seen from where the user is.
///
/// # Errors
/// Git does not track one, so that Nix would report it as missing.
pub(super) fn unseen(folder: &Path, above: &str, nix: &Nix) -> Result<()> {
    let unknown = unknown_to_git(folder, nix);
    let paths: Vec<String> = unknown.iter().map(|name| format!("{above}{name}")).collect();
    match paths.as_slice() {
        [] => Ok(()),
        paths => {
            let quoted: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
            let (are, them) = if paths.len() == 1 { ("is", "it") } else { ("are", "them") };
            bail!(
                "{} {are} not known to Git, so Nix does not see {them}: run `git add -N {}`",
                paths.join(" and "),
                quoted.join(" ")
            )
        }
    }
}

/// The prefix for names of a flake's files, given the name of its lock.
pub(super) fn path_prefix(lock: &str) -> &str {
    let at = lock.rfind('/').map_or(0, |slash| slash + 1);
    lock.get(..at).unwrap_or_default()
}

/// The prefix for names of a flake's files in a patch. `git apply` refuses `..` and absolute names,
/// so such files are named from the root of the work tree, as in `git diff`, or without one from
/// the flake's folder.
pub(super) fn in_patches(above: &str, folder: &Path) -> String {
    let leads_out = above.starts_with('/') || above.split('/').any(|name| name == "..");
    if !leads_out {
        return above.to_owned();
    }
    let folder = fs::canonicalize(folder).ok();
    let named = folder.as_deref().and_then(|folder| {
        let root = folder.ancestors().find(|above| above.join(".git").exists())?;
        let below = folder.strip_prefix(root).ok()?.to_str()?;
        (!below.is_empty()).then(|| format!("{below}/"))
    });
    named.unwrap_or_default()
}

/// Neither the file nor its folder need exist.
fn is_in_work_tree(file: &Path) -> bool {
    let folder = file.ancestors().skip(1).find_map(|folder| fs::canonicalize(folder).ok());
    folder.is_some_and(|folder| folder.ancestors().any(|above| above.join(".git").exists()))
}

/// An argument quoted for a shell.
pub(super) fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-+/@".contains(c);
    if path.chars().all(is_plain) && !path.starts_with('-') {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
