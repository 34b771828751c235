//! `flake-audit merge`.

mod flake;
mod markers;

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::args::Merge;
use super::choices::Preferred;
use super::exit::Exit;
use super::git::quoted;
use super::output::errors;
use crate::graph::{Graph, Overrides};
use crate::history::{Becomes, Conflicted, Merging};
use crate::load::{LOCK_NAME, LockFile, create, read, single};
use crate::lock::{Lock, Unescaped};
use crate::relock::merge::{Conflict, Merged, MergedFlake, Prefer, Side, Versions, merge};
use crate::text::Visible;
use flake::MergingFlake;

/// How many conflicts are listed.
const TOLD: usize = 20;

pub(super) fn run(arguments: &Merge) -> Result<Exit> {
    let prefer = arguments.prefer.map(|preferred| match preferred {
        Preferred::Newest => Prefer::Newest,
        Preferred::Ours => Prefer::Side(Side::Ours),
        Preferred::Theirs => Prefer::Side(Side::Theirs),
    });
    let lock = single(&arguments.lock);
    match arguments.versions.as_slice() {
        [base, ours, theirs] => {
            drive([base, ours, theirs], &lock, arguments.from.as_deref(), prefer)
        }
        _ => resolve(&lock, prefer),
    }
}

/// The name of a lock in its folder.
fn lock_name(lock: &LockFile) -> &str {
    let name = lock.path.as_deref().and_then(Path::file_name);
    name.and_then(|name| name.to_str()).unwrap_or(LOCK_NAME)
}

/// Resolves the conflict of a lock in Git.
fn resolve(lock: &LockFile, prefer: Option<Prefer>) -> Result<Exit> {
    let (Some(file), Some(folder)) = (&lock.path, lock.folder()) else {
        bail!("{}: only a lock in a Git work tree can be in conflict", Visible(&lock.name));
    };
    let versions = Merging::of(&folder)?.conflicted(lock_name(lock))?;
    let Conflicted { base, ours, theirs } = versions;
    let flake = MergingFlake::on_disk(&folder, &lock.name)?;
    let outcome = merged(base.as_deref(), &ours, &theirs, flake.as_ref(), prefer)?;
    let shown = Visible(&lock.name);
    if !print_conflicts(&outcome, &lock.name)? {
        return Ok(Exit::Denied);
    }
    write(file, &outcome.text)?;
    if outcome.lacks.is_some() {
        return Ok(Exit::Denied);
    }
    writeln!(io::stdout(), "{shown} is merged: `git add {}`", Visible(&quoted(&lock.name)))?;
    Ok(Exit::Success)
}

/// Merges three files into the second, for Git or by hand.
fn drive(
    [base, ours, theirs]: [&Path; 3],
    lock: &LockFile,
    from: Option<&str>,
    prefer: Option<Prefer>,
) -> Result<Exit> {
    let [base, read_ours, read_theirs] = [base, ours, theirs].map(|file| {
        let mut bytes = Vec::new();
        let it = single(file);
        read(&it, &mut bytes).map_err(|problem| anyhow!("{}: {problem}", Visible(&it.name)))?;
        Ok::<_, anyhow::Error>((file, bytes))
    });
    let (base, bytes) = base?;
    let ((ours, our_bytes), (theirs, their_bytes)) = (read_ours?, read_theirs?);
    let base_bytes = Some(bytes.as_slice()).filter(|bytes| !bytes.is_empty());
    let result = MergingFlake::merged([base, ours, theirs], lock, from).and_then(|flake| {
        let flake = flake.as_ref();
        let merged = |prefer| merged(base_bytes, &our_bytes, &their_bytes, flake, prefer);
        let outcome = merged(prefer)?;
        if print_conflicts(&outcome, &lock.name)? {
            write(ours, &outcome.text)?;
            return Ok(if outcome.lacks.is_some() { Exit::Denied } else { Exit::Success });
        }
        // Only the undecided conflicts differ between these.
        let [our, their] = [Side::Ours, Side::Theirs].map(|side| merged(Some(Prefer::Side(side))));
        write_marked(ours, &our?.text, &their?.text)?;
        Ok(Exit::Denied)
    });
    result.inspect_err(|_| {
        // Marked like Git would, so that nobody mistakes one side for the result.
        let texts =
            std::str::from_utf8(&our_bytes).ok().zip(std::str::from_utf8(&their_bytes).ok());
        if let Some((our, their)) = texts {
            // The earlier error is the one to report.
            let _ = write_marked(ours, our, their);
        }
    })
}

fn write_marked(file: &Path, ours: &str, theirs: &str) -> Result<()> {
    markers::marked(ours, theirs).map_or(Ok(()), |text| write(file, &text))
}

fn write(file: &Path, text: &str) -> Result<()> {
    create(file, true, |out| out.write_all(text.as_bytes()))
        .with_context(|| Visible(&file.to_string_lossy()).to_string())
}

/// Merges the locks.
fn merged(
    base: Option<&[u8]>,
    ours: &[u8],
    theirs: &[u8],
    flake: Option<&MergingFlake>,
    prefer: Option<Prefer>,
) -> Result<Merged> {
    let unescaped = [Unescaped::new(), Unescaped::new(), Unescaped::new()];
    let [one, two, three] = &unescaped;
    let base = base.map(|base| parse("the base", base, one)).transpose()?;
    let (ours, theirs) = (parse("ours", ours, two)?, parse("theirs", theirs, three)?);
    let overrides = Overrides::new();
    let graph = |whose: &str, lock| {
        Graph::build(lock, &overrides)
            .map_err(|error| anyhow!("{whose}: {}", Visible(&error.message)))
    };
    let base = base.as_ref().map(|base| graph("the base", base)).transpose()?;
    let (ours, theirs) = (graph("ours", &ours)?, graph("theirs", &theirs)?);
    let versions = Versions { base: base.as_ref(), ours: &ours, theirs: &theirs };
    let wanted = flake.map(|flake| MergedFlake {
        declarations: &flake.declarations,
        files: Some(&flake.files),
        stores: &flake.stores,
    });
    merge(&versions, wanted.as_ref(), prefer)
        .map_err(|why| anyhow!("the locks cannot be merged: {}", Visible(&why)))
}

fn parse<'a>(whose: &str, bytes: &'a [u8], unescaped: &'a Unescaped) -> Result<Lock<'a>> {
    Lock::parse(bytes, unescaped).map_err(|error| {
        let at = error.position;
        anyhow!("{whose}, line {}: {}", at.line, Visible(&error.message))
    })
}

/// The command that resolves the conflict in a lock, as seen from where the user is.
fn merge_command(lock: &str) -> String {
    match lock {
        LOCK_NAME => "flake-audit merge".to_owned(),
        lock => format!("flake-audit merge --lock {}", quoted(lock)),
    }
}

/// Reports the conflicts; returns whether none is left.
fn print_conflicts(outcome: &Merged, name: &str) -> io::Result<bool> {
    let mut errors = errors();
    let again = merge_command(name);
    let name = Visible(name);
    let is_merged = outcome.conflicts.iter().all(|conflict| conflict.taken.is_some());
    for Conflict { path, ours, theirs, taken } in outcome.conflicts.iter().take(TOLD) {
        let path = path.join("/");
        let path = Visible(&path);
        match taken {
            None => writeln!(errors, "error: {name}: both sides changed `{path}`")?,
            Some(Side::Ours) => writeln!(errors, "note: {name}: `{path}` is taken from ours")?,
            Some(Side::Theirs) => writeln!(errors, "note: {name}: `{path}` is taken from theirs")?,
        }
        writeln!(errors, "  ours    {}", Visible(&ours.to_string()))?;
        writeln!(errors, "  theirs  {}", Visible(&theirs.to_string()))?;
    }
    if let Some(more) = outcome.conflicts.len().checked_sub(TOLD).filter(|more| *more > 0) {
        writeln!(errors, "  and {more} more")?;
    }
    if !is_merged {
        let again = Visible(&again).to_string();
        writeln!(errors, "help: choose with `{again} --prefer newest`, or `ours` or `theirs`")?;
        return Ok(false);
    }
    if let Some(lacks) = &outcome.lacks {
        writeln!(errors, "error: {name}: merged, but not complete: {}", Visible(lacks))?;
        writeln!(errors, "help: run `nix flake lock`, then `git add` it")?;
    }
    Ok(true)
}
