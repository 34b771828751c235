//! `flake.nix` after the merge.

use std::env;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};

use super::super::args::SourceOptions;
use super::super::check::stores;
use super::super::git::path_prefix;
use super::super::output::errors;
use super::{Becomes, LockFile, Merging, lock_name, merge_command};
use crate::history::Driven;
use crate::source::declare::Declarations;
use crate::source::{Files, Reader, RootSource, Stores};
use crate::text::{LineIndex, Visible};

const FLAKE_NAME: &str = "flake.nix";

/// The prefix of variables by which Git names merged commits for programs that run in a merge:
/// `GITHEAD_…`.
const HEADS: &str = "GITHEAD_";

/// The names that Git gives to files for a merge driver.
const DRIVEN: &str = ".merge_file_";

/// A `flake.nix`, and its folder's files.
#[derive(Debug)]
pub(super) struct MergingFlake {
    pub(super) declarations: Arc<Declarations>,
    pub(super) files: Files,
    pub(super) stores: Stores,
}

impl MergingFlake {
    /// The flake on disk; `None` if there is none.
    ///
    /// # Errors
    /// It has conflicts, or Nix would refuse it.
    pub(super) fn on_disk(folder: &Path, lock: &str) -> Result<Option<Self>> {
        Self::read(folder, lock, &[])
    }

    /// The flake as Git will merge it, given three versions of its lock; or as it is on disk if Git
    /// is not merging. `None` if it cannot be known.
    ///
    /// # Errors
    /// It has conflicts, or Nix would refuse it.
    pub(super) fn merged(
        [base, ours, theirs]: [&Path; 3],
        lock: &LockFile,
        label: Option<&str>,
    ) -> Result<Option<Self>> {
        let Some(folder) = lock.folder() else { return Ok(None) };
        let heads: Vec<String> = env::vars_os()
            .filter_map(|(name, _)| Some(name.to_str()?.strip_prefix(HEADS)?.to_owned()))
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .collect();
        let is_called = |file: &Path| {
            let name = file.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(DRIVEN))
        };
        if heads.is_empty() && label.is_none() && !is_called(ours) {
            return Self::on_disk(&folder, &lock.name);
        }
        let becomes = match Merging::of(&folder) {
            Ok(merging) => {
                let driven = Driven { base, ours, theirs, label, heads };
                merging.becomes(&driven, lock_name(lock), FLAKE_NAME)?
            }
            Err(_) => Becomes::Unknown,
        };
        match becomes {
            Becomes::Texts(texts) => {
                let text = |(path, text): (String, Vec<u8>)| match String::from_utf8(text) {
                    Ok(text) => Ok((path, text)),
                    Err(_) => Err(anyhow!("{}: it is not UTF-8", Visible(&path))),
                };
                let texts = texts.into_iter().map(text).collect::<Result<Vec<_>>>()?;
                Self::read(&folder, &lock.name, &texts)
            }
            Becomes::Conflict(path) => bail!(
                "{} is in conflict, too: resolve that first, then run `{}`",
                Visible(&path),
                Visible(&merge_command(&lock.name))
            ),
            Becomes::Unknown => {
                let mut errors = errors();
                let name = Visible(&lock.name);
                writeln!(
                    errors,
                    "note: {name} is merged without {}, since Git does not tell what that becomes: \
                     `flake-audit check` says whether they agree",
                    Visible(&format!("{}{FLAKE_NAME}", path_prefix(&lock.name)))
                )?;
                Ok(None)
            }
        }
    }

    /// `texts` are files that differ from the disk, by path from the folder.
    fn read(folder: &Path, lock: &str, texts: &[(String, String)]) -> Result<Option<Self>> {
        let stores = stores(&SourceOptions::default()).unwrap_or_default();
        let mut reader = Reader::new(stores.clone(), Some(folder.to_path_buf()));
        for (path, text) in texts {
            reader.lay_over(path, text);
        }
        let Some(root) = reader.root() else { return Ok(None) };
        let RootSource { files, text, declarations } = &*root;
        match declarations {
            Ok(declarations) => {
                let (declarations, files) = (declarations.clone(), files.clone());
                Ok(Some(Self { declarations, files, stores }))
            }
            Err(error) => {
                let line = error.span.map(|span| LineIndex::new(text).position(span.start).line);
                let line = line.map(|line| format!(":{line}")).unwrap_or_default();
                let shown = format!("{}{FLAKE_NAME}", path_prefix(lock));
                bail!("{}{line}: {}", Visible(&shown), Visible(&error.message))
            }
        }
    }
}
