//! What an evaluation has looked at, so that a later one can tell whether it would find the same.

use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use super::collections::{FastMap, number};
use super::facts::{FileId, Place};
use super::observed::Question;
use super::world::{FlakeId, World};
use crate::position::line_starts;
use crate::syntax::{File, Looked, Moves};
use crate::{Files, Problem, TreePath};

/// How many bytes of distance from a limit are needed for each byte by which a text gets longer or
/// shorter: the cost of reading, parsing and keeping a byte, and what has to be available for it.
const ROOM: u64 = 8;

/// Everything an evaluation has looked at.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Looks at the disk, and a hash of each result.
    looks: FastMap<Look, u64>,
    /// Files whose expressions were evaluated, in their order.
    files: Vec<SeenFile>,
    /// Places whose line is part of a report.
    pub(super) lines: Vec<Place>,
    /// Places whose text is part of a report.
    pub(super) texts: Vec<Place>,
    /// The questions to the world, the answers, and the number of flakes.
    pub(super) asked: Vec<(Question, u64)>,
    pub(super) flakes: usize,
    /// The smallest distance from a limit.
    pub(super) slack: u64,
}

/// A look at the disk.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Look {
    flake: FlakeId,
    at: At,
    path: TreePath,
}

/// Kinds of looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// The kind of a path.
    Kind,
    /// The file that is imported.
    Imported,
    /// The entries of a folder.
    Entries,
    /// The files in a folder and below it.
    FilesBelow,
    /// A text that is no code, or its length.
    Text,
    /// That a file cannot be parsed.
    Broken,
}

#[derive(Debug)]
struct SeenFile {
    flake: FlakeId,
    path: TreePath,
    file: Arc<File>,
    looked: Looked,
}

/// A file with another text.
pub(super) struct Changed {
    pub(super) text: Arc<str>,
    pub(super) moves: Moves,
}

impl At {
    /// A hash of what is there.
    fn look(self, files: &Files, path: &TreePath) -> u64 {
        match self {
            At::Kind => number(files.tree().kind(path)),
            At::Imported => number(files.imported(path)),
            At::Entries => number(files.tree().entries(path)),
            At::FilesBelow => number(files.tree().files_below(path)),
            At::Text => number(files.text(path).ok()),
            At::Broken => number(files.get(path).err()),
        }
    }
}

impl Sight {
    /// Records the result of a look.
    pub(super) fn saw(&mut self, flake: FlakeId, at: At, path: &TreePath, seen: impl Hash) {
        self.looks.insert(Look { flake, at, path: path.clone() }, number(seen));
    }

    /// Records a file that could not be parsed.
    pub(super) fn broken(&mut self, flake: FlakeId, path: &TreePath, problem: &Problem) {
        self.saw(flake, At::Broken, path, Some(problem));
    }

    /// Records the expressions of a file that were looked at.
    pub(super) fn evaluated(
        &mut self,
        (flake, path): (FlakeId, TreePath),
        file: Arc<File>,
        looked: Looked,
    ) {
        self.files.push(SeenFile { flake, path, file, looked });
    }

    /// Whether another evaluation would see the same; if so, the files with another text of the
    /// same meaning.
    pub(super) fn again(&self, world: &World<'_>) -> Option<BTreeMap<FileId, Changed>> {
        let is_said = |(question, said): &(Question, u64)| question.answer(world) == *said;
        if world.len() != self.flakes || !self.asked.iter().all(is_said) {
            return None;
        }
        let files = |flake| world.flake(flake)?.files.as_ref();
        let mut changed = BTreeMap::new();
        let mut difference = 0;
        for (index, seen) in self.files.iter().enumerate() {
            let now = files(seen.flake)?.get(&seen.path).ok()?;
            if Arc::ptr_eq(&now, &seen.file) || now.text == seen.file.text {
                continue;
            }
            let before = &seen.file;
            difference += now.text.len().abs_diff(before.text.len());
            difference += now.weight().abs_diff(before.weight());
            let moves = before.moves(&now, &seen.looked)?;
            let file = FileId::new(index);
            changed.insert(file, Changed { text: now.text.clone(), moves });
        }
        // If the cost differs, a limit may be reached elsewhere, unless it is far away.
        let is_far = (difference as u64).saturating_mul(ROOM) < self.slack;
        if !(changed.is_empty() || is_far && self.tells_the_same(&changed)) {
            return None;
        }
        let is_same = |(look, seen): (&Look, &u64)| {
            files(look.flake).is_some_and(|files| look.at.look(files, &look.path) == *seen)
        };
        self.looks.iter().all(is_same).then_some(changed)
    }

    /// Whether lines and texts in a report are still the same.
    fn tells_the_same(&self, changed: &BTreeMap<FileId, Changed>) -> bool {
        changed.iter().all(|(id, Changed { text, moves })| {
            let Some(before) = self.files.get(id.index()).map(|seen| &seen.file.text) else {
                return false;
            };
            let (old_starts, new_starts) = (OnceLock::new(), OnceLock::new());
            let line = |starts: &OnceLock<Vec<usize>>, text: &str, at: usize| {
                starts.get_or_init(|| line_starts(text)).partition_point(|start| *start <= at)
            };
            let lines = self.lines.iter().filter(|place| place.file == *id);
            let texts = self.texts.iter().filter(|place| place.file == *id);
            lines.into_iter().map(|place| place.span()).all(|span| {
                moves.to(span).is_some_and(|to| {
                    line(&old_starts, before, span.start) == line(&new_starts, text, to.start)
                })
            }) && texts.into_iter().map(|place| place.span()).all(|span| {
                let to = moves.to(span);
                to.is_some_and(|to| before.get(span.range()) == text.get(to.range()))
            })
        })
    }
}
