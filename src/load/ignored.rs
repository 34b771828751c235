//! What ignore files hide: `.ignore`, `.gitignore` and Git's own `info/exclude`, of a folder and of
//! all above it, whether or not there is a repository.
//!
//! The patterns are those of the crate `ignore`. That crate could find and read the files itself,
//! but it opens anything with such a name, and reads all of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::bounded::{self, Unreadable};

/// Bytes of ignore files in effect at once, of one folder and those above it: compiling this many
/// takes some hundred milliseconds and 50 MB at worst.
const MOST: u64 = 64 << 10;
/// A link to a repository is one path, so a longer `.git` is none.
const LONGEST_LINK: u64 = 8 << 10;

/// Patterns in effect in a folder: its own, and those of the folders above.
#[derive(Debug, Clone, Default)]
pub(super) struct Ignored(Option<Arc<Level>>);

/// The patterns of one folder that has any.
#[derive(Debug)]
struct Level {
    above: Ignored,
    ignore: Gitignore,
    git_ignore: Gitignore,
    git_exclude: Gitignore,
    /// Bytes read for this level and those above it.
    bytes: u64,
}

/// Which kinds of ignore files are in a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    pub(super) ignore: bool,
    pub(super) git_ignore: bool,
    pub(super) git: bool,
}

/// Called for an ignore file that is not used, with the reason.
pub(super) type PassOver<'n> = &'n mut dyn FnMut(PathBuf, Unreadable);

impl Ignored {
    /// The patterns that a folder inherits from those above it. The path is absolute and has no
    /// symlinks.
    pub(super) fn above(folder: &Path, pass_over: PassOver<'_>) -> Self {
        let above: Vec<_> = folder.ancestors().skip(1).collect();
        let any = Present { ignore: true, git_ignore: true, git: true };
        let none = Self::default();
        above.iter().rev().fold(none, |ignored, above| ignored.within(above, any, pass_over))
    }

    /// The patterns for a subfolder.
    pub(super) fn within(&self, folder: &Path, has: Present, pass_over: PassOver<'_>) -> Self {
        if !(has.ignore || has.git_ignore || has.git) {
            return self.clone();
        }
        let mut room = MOST.saturating_sub(self.0.as_ref().map_or(0, |level| level.bytes));
        let mut patterns = |is_there: bool, file: &dyn Fn() -> Option<PathBuf>| {
            let file = Some(file).filter(|_| is_there).and_then(|file| file());
            file.map_or_else(Gitignore::empty, |file| read(folder, file, &mut room, pass_over))
        };
        let ignore = patterns(has.ignore, &|| Some(folder.join(".ignore")));
        let git_ignore = patterns(has.git_ignore, &|| Some(folder.join(".gitignore")));
        let git_exclude = patterns(has.git, &|| Some(repository(folder)?.join("info/exclude")));
        if ignore.is_empty() && git_ignore.is_empty() && git_exclude.is_empty() {
            return self.clone();
        }
        let above = self.clone();
        let bytes = MOST - room;
        Self(Some(Arc::new(Level { above, ignore, git_ignore, git_exclude, bytes })))
    }

    /// Whether an entry of the folder is hidden, by a pattern or by its name. A pattern of the
    /// nearest folder decides; any `.ignore` wins over a `.gitignore`.
    pub(super) fn hides(&self, entry: &Path, is_folder: bool) -> bool {
        let kinds: [fn(&Level) -> &Gitignore; 3] =
            [|level| &level.ignore, |level| &level.git_ignore, |level| &level.git_exclude];
        let levels = || std::iter::successors(self.0.as_deref(), |level| level.above.0.as_deref());
        for kind in kinds {
            for level in levels() {
                match kind(level).matched(entry, is_folder) {
                    Match::None => {}
                    Match::Ignore(_) => return true,
                    Match::Whitelist(_) => return false,
                }
            }
        }
        entry.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
    }
}

/// The patterns in a file, if there is room for it.
fn read(folder: &Path, file: PathBuf, room: &mut u64, pass_over: PassOver<'_>) -> Gitignore {
    let mut bytes = Vec::new();
    match bounded::read(&file, *room, &mut bytes) {
        Ok(()) => *room -= bytes.len() as u64,
        Err(problem) => {
            // Git, too, ignores what is no regular file.
            if let Unreadable::TooLong(_) = problem {
                pass_over(file, Unreadable::TooLong(MOST));
            }
            return Gitignore::empty();
        }
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(folder);
    for line in text.trim_start_matches('\u{feff}').lines() {
        // An invalid line hides nothing.
        let _ = builder.add_line(None, line);
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// Where Git keeps what applies to all work trees of a repository: `.git`, or where it points from
/// a linked work tree.
///
/// Source: `gitrepository-layout(5)`, "commondir".
fn repository(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let own = folder.join(line(&git)?.strip_prefix("gitdir: ")?);
    match line(&own.join("commondir")) {
        Some(common) => Some(own.join(common)),
        None => Some(own),
    }
}

/// The first line of a short file.
fn line(file: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    bounded::read(file, LONGEST_LINK, &mut bytes).ok()?;
    String::from_utf8(bytes).ok()?.lines().next().map(str::to_owned)
}
