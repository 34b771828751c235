//! Journals: what a run is about to do, written down before it does.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::source::TreePath;

use super::Replacement;
use super::digest::Digest;
use super::disk::Disk;
use super::error::{WriteError, about};

/// What all our names begin with.
const PREFIX: &str = ".flake-audit-";
/// Letters and digits after it, which tell runs apart.
const LETTERS: usize = 8;
/// A journal of two files has some 400 bytes.
const LONGEST: u64 = 1 << 16;
/// A repair replaces two files and makes one.
const MOST: usize = 64;
/// Changes when journals mean something else.
const VERSION: u32 = 1;

/// How far a run has come; the end of the journal's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Spares may be missing, or not be whole. No file was replaced.
    Begun,
    /// All spares were whole. Files may have been replaced.
    Ready,
}

/// The letters and digits that name a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Id(String);

/// What a run is about to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Journal {
    pub(super) id: Id,
    pub(super) stage: Stage,
    /// Folders that have to be made, outer ones first.
    pub(super) folders: Vec<TreePath>,
    pub(super) entries: Vec<Entry>,
}

/// A file that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: TreePath,
    /// `None` for a new file.
    pub(super) before: Option<Digest>,
    pub(super) after: Digest,
}

impl From<&Replacement> for Entry {
    fn from(change: &Replacement) -> Self {
        Self {
            name: change.name.clone(),
            before: change.before.as_deref().map(Digest::of),
            after: Digest::of(&change.after),
        }
    }
}

impl Stage {
    fn suffix(self) -> &'static str {
        match self {
            Self::Begun => ".begun",
            Self::Ready => ".journal",
        }
    }
}

impl Id {
    /// The journal's name.
    pub(super) fn journal(&self, stage: Stage) -> String {
        format!("{PREFIX}{}{}", self.0, stage.suffix())
    }

    /// The name of the spare of a file.
    pub(super) fn spare(&self, file: usize) -> String {
        format!("{PREFIX}{}-{file}.spare", self.0)
    }

    /// Where a file is kept while its spare takes its place in two steps.
    pub(super) fn kept(&self, file: usize) -> String {
        format!("{PREFIX}{}-{file}.kept", self.0)
    }

    /// Reads the name of a journal.
    fn parse(name: &str) -> Option<(Self, Stage)> {
        let rest = name.strip_prefix(PREFIX)?;
        [Stage::Begun, Stage::Ready].into_iter().find_map(|stage| {
            let letters = rest.strip_suffix(stage.suffix())?;
            let is_ours =
                letters.len() == LETTERS && letters.bytes().all(|b| b.is_ascii_alphanumeric());
            is_ours.then(|| (Self(letters.to_owned()), stage))
        })
    }
}

/// An empty journal, which goes away when it is dropped.
pub(super) struct Draft {
    pub(super) id: Id,
    file: NamedTempFile,
}

impl Draft {
    pub(super) fn new(disk: &mut Disk<'_>, folder: &Path) -> Result<Self, WriteError> {
        let file = about(folder, disk.draft(folder, PREFIX, Stage::Begun.suffix(), LETTERS))?;
        let name = file.path().file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let id = Id(name.chars().skip(PREFIX.len()).take(LETTERS).collect());
        Ok(Self { id, file })
    }

    /// Writes it. From here on it stays.
    pub(super) fn fill(mut self, disk: &mut Disk<'_>, journal: &Journal) -> Result<(), WriteError> {
        let text = Text {
            version: VERSION,
            folders: journal.folders.iter().map(|name| name.as_str().to_owned()).collect(),
            files: journal.entries.iter().map(EntryText::from).collect(),
        };
        let path = self.file.path().to_owned();
        let mut bytes = about(&path, serde_json::to_vec(&text).map_err(std::io::Error::from))?;
        bytes.push(b'\n');
        about(&path, disk.fill(self.file.as_file_mut(), &bytes))?;
        about(&path, self.file.keep().map_err(|error| error.error))?;
        Ok(())
    }
}

/// A journal as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    version: u32,
    folders: Vec<String>,
    files: Vec<EntryText>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryText {
    name: String,
    before: Option<Digest>,
    after: Digest,
}

impl From<&Entry> for EntryText {
    fn from(entry: &Entry) -> Self {
        Self { name: entry.name.as_str().into(), before: entry.before, after: entry.after }
    }
}

/// What was found under the name of a journal.
pub(super) enum Found {
    Journal(Journal),
    /// The run ended while it wrote its journal, before anything else.
    Unfinished,
    /// None of ours, and why not.
    Bad(String),
}

/// A file with the name of a journal.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Left {
    name: String,
    path: PathBuf,
    id: Id,
    stage: Stage,
}

/// All journals of a folder, by name.
pub(super) fn find(folder: &Path) -> Result<Vec<Left>, WriteError> {
    let mut found = Vec::new();
    for entry in about(folder, fs::read_dir(folder))? {
        let entry = about(folder, entry)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some((id, stage)) = Id::parse(&name) {
            found.push(Left { name, path: entry.path(), id, stage });
        }
    }
    found.sort();
    Ok(found)
}

impl Left {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn read(&self) -> Found {
        let bytes = match read(&self.path) {
            Err(reason) => return Found::Bad(reason),
            Ok(bytes) => bytes,
        };
        match (serde_json::from_slice::<Text>(&bytes), self.stage) {
            (Err(_), Stage::Begun) => Found::Unfinished,
            (Err(error), Stage::Ready) => Found::Bad(error.to_string()),
            (Ok(text), _) => match self.parse(text) {
                Err(reason) => Found::Bad(reason),
                Ok(journal) => Found::Journal(journal),
            },
        }
    }

    fn parse(&self, text: Text) -> Result<Journal, String> {
        if text.version != VERSION {
            return Err("another version of flake-audit wrote it".into());
        }
        if text.files.is_empty() || text.files.len() > MOST || text.folders.len() > MOST {
            return Err("it names no file, or too many".into());
        }
        let folders = text.folders.iter().map(|name| parse_name(name)).collect::<Result<_, _>>()?;
        let entries = text.files.into_iter().map(|file| {
            let name = parse_name(&file.name)?;
            if file.before == Some(file.after) {
                return Err(format!("it does not change {name}"));
            }
            Ok(Entry { name, before: file.before, after: file.after })
        });
        let entries: Vec<Entry> = entries.collect::<Result<_, String>>()?;
        let names: BTreeSet<_> = entries.iter().map(|entry| &entry.name).collect();
        if names.len() < entries.len() {
            return Err("it names a file twice".into());
        }
        Ok(Journal { id: self.id.clone(), stage: self.stage, folders, entries })
    }
}

/// Only names as we write them: from the flake's folder, without detours.
fn parse_name(text: &str) -> Result<TreePath, String> {
    let name = TreePath::root().join(text);
    let name = name.filter(|name| !name.is_root() && name.as_str() == text);
    name.ok_or_else(|| format!("it names `{text}`, which is no file in this folder"))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let read = fs::symlink_metadata(path).and_then(|data| {
        // Whoever opens a FIFO waits.
        if !data.is_file() {
            return Err(ErrorKind::InvalidInput.into());
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(LONGEST + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    match read {
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            Err("it is no regular file".into())
        }
        Err(error) => Err(error.to_string()),
        Ok(bytes) if bytes.len() as u64 > LONGEST => Err("it is too long".into()),
        Ok(bytes) => Ok(bytes),
    }
}
