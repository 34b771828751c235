//! `flake-audit diff`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail};

use super::args::{Diff, Screen};
use super::audit_options::{config_finder, declared, stores};
use super::choices::DiffFormat;
use super::exit::Exit;
use super::load_one::{ReadLock, warn_of_refused};
use super::output::ResultOutput;
use crate::audit::{Setup, with_report};
use crate::difference::{Difference, FlakeState, compare, human, json, markdown};
use crate::history::{Checkout, History};
use crate::load::{FLAKE_NAME, LOCK_NAME, single};
use crate::text::Visible;

/// A state of a flake that was asked for.
#[derive(Debug)]
enum AskedState {
    /// The current files.
    Path(PathBuf),
    /// A revision, and its name.
    Revision(History, String),
}

/// A state that was read. The files of a revision exist as long as this.
#[derive(Debug)]
struct ReadState {
    name: String,
    lock: ReadLock,
    files: Option<Arc<Checkout>>,
}

pub(super) fn run(diff: &Diff, screen: &Screen) -> Result<Exit> {
    let (old, new) = asked(diff)?;
    let (old, new) = (read(old, diff)?, read(new, diff)?);
    let (old, new) = match (old, new) {
        (None, None) => bail!("there is no {LOCK_NAME} on either side"),
        (old, new) => {
            (old.unwrap_or_else(ReadState::nothing), new.unwrap_or_else(ReadState::nothing))
        }
    };
    let difference = difference(&old, &new, diff)?;
    let mut output = ResultOutput::new(screen);
    let lock = &new.lock.lock.name;
    match diff.format {
        DiffFormat::Human => human::write(&difference, output.color, diff.all, &mut output)?,
        DiffFormat::Markdown => markdown::write(lock, &difference, diff.all, &mut output)?,
        DiffFormat::Json => {
            json::write(lock, (&old.name, &new.name), &difference, &mut output)?;
        }
    }
    output.flush()?;
    Ok(if diff.exit_code && !difference.is_empty() { Exit::Denied } else { Exit::Success })
}

fn difference(old: &ReadState, new: &ReadState, diff: &Diff) -> Result<Difference> {
    let setup = || Setup {
        configured: declared(&diff.audit.configured),
        // A finding that counts on one side need not count on the other.
        include_allowed: true,
        stores: stores(&diff.audit.source),
        lists: true,
        ..Setup::default()
    };
    let (before, after) = (setup(), setup());
    old.with_state(&before, |old| new.with_state(&after, |new| compare(old, new)))?
}

impl ReadState {
    fn nothing() -> Self {
        Self { name: "nothing".to_owned(), lock: ReadLock::missing(), files: None }
    }

    fn with_state<T>(
        &self,
        setup: &Setup,
        then: impl FnOnce(&FlakeState<'_, '_, '_, '_>) -> T,
    ) -> Result<T> {
        let looked_at = self.lock.looked_at(setup, |source, config| {
            with_report(source, config, setup, |analysis, report| {
                warn_of_refused(analysis, source.name);
                then(&FlakeState::new(analysis, &report))
            })
        });
        match &self.files {
            Some(_) => looked_at.map_err(|error| anyhow!("{}: {error:#}", self.name)),
            None => looked_at,
        }
    }
}

/// The two states that the arguments name.
fn asked(diff: &Diff) -> Result<(AskedState, AskedState)> {
    let here = || AskedState::Path(diff.lock.clone());
    let old = &diff.old;
    let Some(new) = &diff.new else {
        let range = old.to_str().filter(|_| !is_path(old)).and_then(range);
        return match range {
            Some((one, other, false)) => Ok((revision(one), revision(other))),
            Some((one, other, true)) => {
                let fork = History::of_fork(&folder(diff)?, one, other)?;
                let name = format!("{one}...{other}");
                Ok((AskedState::Revision(fork, name), revision(other)))
            }
            None => Ok((one(old)?, here())),
        };
    };
    Ok((one(old)?, one(new)?))
}

/// The two revisions of `A..B` or `A...B`, and whether the first stands for their common ancestor.
fn range(text: &str) -> Option<(&str, &str, bool)> {
    let (one, other, is_fork) = match text.split_once("...") {
        Some((one, other)) => (one, other, true),
        None => text.split_once("..").map(|(one, other)| (one, other, false))?,
    };
    Some((or_head(one), or_head(other), is_fork))
}

fn or_head(revision: &str) -> &str {
    if revision.is_empty() { "HEAD" } else { revision }
}

fn one(text: &Path) -> Result<AskedState> {
    match text.to_str() {
        _ if is_path(text) => Ok(AskedState::Path(text.to_path_buf())),
        Some(text) if range(text).is_some() => {
            bail!("`{}` is a range, beside which there is no other state", Visible(text))
        }
        Some(text) => Ok(revision(text)),
        None => bail!("{}: no such file", Visible(&text.to_string_lossy())),
    }
}

fn revision(text: &str) -> AskedState {
    AskedState::Revision(History::new(text), text.to_owned())
}

/// Whether an argument is a flake on the disk: it exists, or is written as only a path can be. A
/// folder without a flake may share its name with a branch.
fn is_path(text: &Path) -> bool {
    let has = |name: &str| text.join(name).exists();
    let is_written = text.is_absolute() || text.starts_with(".") || text.starts_with("..");
    text == Path::new("-") || is_written || text.is_file() || has(LOCK_NAME) || has(FLAKE_NAME)
}

/// The folder of the flake whose revisions are compared.
fn folder(diff: &Diff) -> Result<PathBuf> {
    let lock = single(&diff.lock);
    lock.folder().ok_or_else(|| anyhow!("{}: revisions are those of a folder", lock.name))
}

/// Reads a state; `None` if the revision has no such flake.
fn read(asked: AskedState, diff: &Diff) -> Result<Option<ReadState>> {
    let config = diff.audit.config.as_deref();
    let (history, name) = match asked {
        AskedState::Path(path) => {
            let lock = ReadLock::new(&path, config)?;
            return Ok(Some(ReadState { name: lock.lock.name.clone(), lock, files: None }));
        }
        AskedState::Revision(history, name) => (history, name),
    };
    let folder = folder(diff)?;
    let files = history.of(&folder).map_err(|error| anyhow!("{error}"))?;
    let flakes = files.flakes_of(&folder);
    // Of several missing flakes it is unknown which one it was.
    let [flake] = flakes.as_slice() else { return Ok(None) };
    let lock =
        ReadLock::at_revision(flake, &config_finder(config)).with_context(|| name.clone())?;
    Ok(Some(ReadState { name, lock, files: Some(files) }))
}
