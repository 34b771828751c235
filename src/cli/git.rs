//! What Git has to be told, since Nix sees of a work tree only what Git knows.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::output::errors;
use crate::text::Visible;

/// Tells, on standard error, how Git gets to know of a new file, if that is in a work tree. `shown`
/// is its path from where the user stands.
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

/// The file need not exist, nor its folder.
fn is_in_work_tree(file: &Path) -> bool {
    let folder = file.ancestors().skip(1).find_map(|folder| fs::canonicalize(folder).ok());
    folder.is_some_and(|folder| folder.ancestors().any(|above| above.join(".git").exists()))
}

/// An argument as a shell reads it.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-+/@".contains(c);
    if path.chars().all(is_plain) && !path.starts_with('-') {
        path.to_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}
