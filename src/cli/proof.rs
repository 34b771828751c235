//! `flake-audit fix --verify`: the installed Nix evaluates what is repaired, in a scratch copy,
//! before anything is written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use ignore::WalkBuilder;
use tempfile::TempDir;

use crate::fix::Repair;
use crate::fix::write::Replacement;
use crate::verify::{Nix, Session};

/// Sources with more files are not copied.
const MOST_FILES: usize = 200_000;

/// What Nix makes of the outcome.
pub(super) enum Proof {
    /// So many flakes evaluate as before.
    Holds(usize),
    /// A flake does not evaluate any more, and why.
    Breaks(String, String),
}

/// Evaluates all packages, shells and checks of the flakes that get another nixpkgs.
///
/// # Errors
/// Nix does not run, or not on this flake; or the flake cannot be copied.
pub(super) fn prove(folder: &Path, repair: &Repair<'_>, nix: &Nix) -> Result<Proof> {
    let (scratch, at) = copy(folder, &repair.files).context("a scratch copy")?;
    let after = Session::open(nix, &at, None)?;
    let holders: BTreeSet<Vec<String>> = repair
        .plan
        .chosen
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| &fix.overrides)
        .filter_map(|change| change.input_path.split_last())
        .map(|(_, holder)| holder.iter().map(|&name| name.to_owned()).collect())
        .collect();
    let mut before = None;
    for holder in &holders {
        let Err(reason) = after.packages(holder) else { continue };
        // What did not evaluate before is not broken by the repair.
        if before.is_none() {
            before = Some(Session::open(nix, folder, None)?);
        }
        if before.as_ref().is_some_and(|before| before.packages(holder).is_ok()) {
            return Ok(Proof::Breaks(holder.join("/"), reason));
        }
    }
    drop(scratch);
    Ok(Proof::Holds(holders.len()))
}

/// A copy of the source that a flake is in, with these files in it, and where in it the flake is.
/// What Git ignores is left out, as Nix leaves it out.
fn copy(folder: &Path, files: &[Replacement]) -> Result<(TempDir, PathBuf)> {
    let folder = fs::canonicalize(folder)?;
    let top = folder.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&folder);
    let scratch = tempfile::tempdir()?;
    let walk = WalkBuilder::new(top)
        .hidden(false)
        .git_global(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for (number, entry) in walk.enumerate() {
        if number > MOST_FILES {
            bail!("{} holds more than {MOST_FILES} files", top.display());
        }
        let entry = entry?;
        let to = scratch.path().join(entry.path().strip_prefix(top)?);
        match entry.file_type() {
            Some(kind) if kind.is_dir() => fs::create_dir_all(&to)?,
            Some(kind) if kind.is_file() => drop(fs::copy(entry.path(), &to)?),
            Some(kind) if kind.is_symlink() => link(entry.path(), &to)?,
            _ => {}
        }
    }
    let at = scratch.path().join(folder.strip_prefix(top)?);
    for file in files {
        let to = at.join(file.name.as_str());
        if let Some(above) = to.parent() {
            fs::create_dir_all(above)?;
        }
        // Where the name is a symlink, the file that it leads to is not ours to write.
        if fs::symlink_metadata(&to).is_ok_and(|data| data.is_symlink()) {
            fs::remove_file(&to)?;
        }
        fs::write(&to, &file.after)?;
    }
    Ok((scratch, at))
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(fs::read_link(from)?, to)?)
}

/// Where symlinks are for few users only, a copy of the file has to do.
#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<()> {
    if from.is_file() {
        fs::copy(from, to)?;
    }
    Ok(())
}
