//! The file: one finding per line, sorted, so that Git can merge changes of two branches.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind, Write};
use std::path::{Component, Path, PathBuf};

use thiserror::Error;

use super::KnownFindings;
use crate::audit::Report;
use crate::bounded;
use crate::load::LockFile;
use crate::text::{Visible, merge_conflict};

/// The start of the first line.
const HEAD: &str = "# flake-audit baseline 1";
/// Longer files are refused.
const LONGEST: u64 = 16 << 20;
/// Stands for no input, in findings about the whole flake.
const WHOLE: &str = "-";

/// A finding that does not count: a line of the file. Texts are as in the file, with hidden
/// characters escaped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BaselineEntry {
    /// The path of the lock, from the folder of the baseline.
    pub flake: String,
    /// The rule's id.
    pub rule: String,
    /// The input path, for readers of the file.
    pub input: String,
    /// The key of the finding.
    pub fingerprint: String,
}

/// The result of a run for one lock.
#[derive(Debug, Default)]
pub struct Audited {
    /// The current findings, as lines.
    pub entries: Vec<BaselineEntry>,
    /// Rules that are off, whose findings are unknown.
    pub off: BTreeSet<&'static str>,
}

/// The findings in a file.
#[derive(Debug)]
pub struct Baseline {
    folder: PathBuf,
    entries: Vec<BaselineEntry>,
    /// The findings of flakes that no longer exist: a flake that is not in the file may be one of
    /// them, moved.
    gone: KnownFindings,
    gone_flakes: BTreeSet<String>,
}

/// Why there is no baseline.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// The file does not exist.
    #[error("{}: there is no such file: --write-baseline makes it", Visible(&.0.to_string_lossy()))]
    Missing(PathBuf),
    /// It cannot be read.
    #[error("{}: {problem}", Visible(&.file.to_string_lossy()))]
    Unread {
        /// The file.
        file: PathBuf,
        /// The reason.
        problem: String,
    },
    /// The file has another format.
    #[error("{}:{line}: {problem}", Visible(&.file.to_string_lossy()))]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// It does not exist, cannot be read, or has another format.
    pub fn read(file: &Path) -> Result<Self, BaselineError> {
        let unread = |problem: String| BaselineError::Unread { file: file.to_path_buf(), problem };
        let mut bytes = Vec::new();
        bounded::read(file, LONGEST, &mut bytes).map_err(|problem| match problem.is_missing() {
            true => BaselineError::Missing(file.to_path_buf()),
            false => unread(problem.to_string()),
        })?;
        let text = String::from_utf8(bytes).map_err(|_| unread("it is not UTF-8".into()))?;
        let entries = parse(&text).map_err(|(line, problem)| BaselineError::Malformed {
            file: file.to_path_buf(),
            line,
            problem,
        })?;
        let folder = folder(file).map_err(|error| unread(error.to_string()))?;
        Ok(Self::new(folder, entries))
    }

    /// The file that will be replaced, or an empty one if it does not exist.
    ///
    /// # Errors
    /// The file cannot be read or has another format.
    pub fn read_or_new(file: &Path) -> Result<Self, BaselineError> {
        match Self::read(file) {
            Err(BaselineError::Missing(_)) => {
                let folder = folder(file).map_err(|error| BaselineError::Unread {
                    file: file.to_path_buf(),
                    problem: error.to_string(),
                })?;
                Ok(Self::new(folder, Vec::new()))
            }
            read => read,
        }
    }

    fn new(folder: PathBuf, entries: Vec<BaselineEntry>) -> Self {
        let flakes: BTreeSet<&String> = entries.iter().map(|entry| &entry.flake).collect();
        let is_gone = |flake: &&String| *flake != "-" && !folder.join(flake).exists();
        let gone_flakes: BTreeSet<String> = flakes.into_iter().filter(is_gone).cloned().collect();
        let gone = entries.iter().filter(|entry| gone_flakes.contains(&entry.flake));
        let gone = gone.map(|entry| entry.fingerprint.clone()).collect();
        Self { folder, entries, gone, gone_flakes }
    }

    /// The name of a lock in the file.
    pub fn name(&self, lock: &LockFile) -> String {
        let Some(path) = &lock.path else { return lock.name.clone() };
        let folder = path.parent().and_then(|folder| {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            std::fs::canonicalize(folder).ok()
        });
        let name = match folder.zip(path.file_name()) {
            Some((folder, name)) => relative(&self.folder, &folder.join(name)),
            None => lock.name.clone(),
        };
        Visible(&name).to_string()
    }

    /// The earlier findings of a flake: its own, else those of flakes that no longer exist.
    pub fn known_findings(&self, flake: &str) -> KnownFindings {
        let own: Vec<&BaselineEntry> =
            self.entries.iter().filter(|entry| entry.flake == flake).collect();
        if own.is_empty() {
            return self.gone.clone();
        }
        own.into_iter().map(|entry| entry.fingerprint.clone()).collect()
    }

    /// The lines that no longer occur, after a run with these results, by names of flakes. Flakes
    /// that it did not audit, and rules that were off, keep their lines.
    pub fn stale(&self, audited: &BTreeMap<String, Audited>) -> Vec<&BaselineEntry> {
        let moved = self.moved_to(audited);
        let mut left: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
        for (flake, found) in audited {
            let left = left.entry(flake).or_default();
            for entry in &found.entries {
                *left.entry(&entry.fingerprint).or_default() += 1;
            }
        }
        let mut take = |flake: &str, entry: &BaselineEntry| {
            let left = left.get_mut(flake).and_then(|left| left.get_mut(&*entry.fingerprint));
            left.filter(|count| **count > 0).map(|count| *count -= 1).is_some()
        };
        let is_stale = |entry: &&BaselineEntry| match audited.get(&entry.flake) {
            Some(found) if found.off.contains(&*entry.rule) => false,
            Some(_) => !take(&entry.flake, entry),
            None if !self.gone_flakes.contains(&entry.flake) => false,
            // A line of a flake that no longer exists is stale if it occurs in none of the new
            // flakes. Without new flakes it is kept, because the flake may have moved anywhere.
            None => !moved.is_empty() && !moved.iter().any(|flake| take(flake, entry)),
        };
        self.entries.iter().filter(is_stale).collect()
    }

    /// The file after that run: the current findings, and the lines about which nothing is known.
    pub fn renewed(&self, audited: &BTreeMap<String, Audited>) -> Vec<BaselineEntry> {
        let is_kept = |entry: &&BaselineEntry| match audited.get(&entry.flake) {
            Some(found) => found.off.contains(&*entry.rule),
            None => !self.gone_flakes.contains(&entry.flake),
        };
        let kept = self.entries.iter().filter(is_kept).cloned();
        let found = audited.values().flat_map(|found| found.entries.iter().cloned());
        let mut all: Vec<BaselineEntry> = kept.chain(found).collect();
        all.sort_unstable();
        all
    }

    /// The number of lines.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has no lines.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Flakes of a run that are not in the file.
    fn moved_to<'a>(&self, audited: &'a BTreeMap<String, Audited>) -> Vec<&'a str> {
        let known: BTreeSet<&String> = self.entries.iter().map(|entry| &entry.flake).collect();
        audited.keys().filter(|flake| !known.contains(flake)).map(String::as_str).collect()
    }
}

impl BaselineEntry {
    /// The lines for a report on the lock with this name: for all findings that would count without
    /// the file.
    pub fn of(flake: &str, report: &Report<'_>) -> Vec<Self> {
        let counted = report.findings.iter().filter(|finding| finding.is_open());
        let of_keys = counted.flat_map(|finding| {
            finding.keys.iter().map(|key| Self {
                flake: flake.to_owned(),
                rule: finding.rule.id.to_owned(),
                input: match key.input.as_str() {
                    "" => WHOLE.to_owned(),
                    input => Visible(input).to_string(),
                },
                fingerprint: key.fingerprint.clone(),
            })
        });
        of_keys.collect()
    }
}

/// Writes the file.
///
/// # Errors
/// Those of the sink.
pub fn write(entries: &[BaselineEntry], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{HEAD}: findings that `flake-audit check --baseline` does not count")?;
    entries.iter().try_for_each(|BaselineEntry { flake, rule, input, fingerprint }| {
        writeln!(out, "{flake}\t{rule}\t{input}\t{fingerprint}")
    })
}

/// The lines, or the number of the first invalid one and the reason.
fn parse(text: &str) -> Result<Vec<BaselineEntry>, (usize, String)> {
    let number = |start: usize| text.get(..start).unwrap_or_default().matches('\n').count() + 1;
    // Any other line that is none is reported with its number.
    if let Some(span) = merge_conflict(text, usize::MAX) {
        let problem = "a merge conflict: keep the lines of both sides, or write the file anew";
        return Err((number(span.start), problem.into()));
    }
    if !text.starts_with(HEAD) {
        return Err((1, format!("this is no baseline: it does not begin with `{HEAD}`")));
    }
    let mut entries = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let words: Vec<&str> = line.split('\t').collect();
        let [flake, rule, input, fingerprint] = words.as_slice() else {
            return Err((
                number,
                "expected a lock, a rule, an input and a fingerprint, with tabs between them"
                    .into(),
            ));
        };
        let word = |word: &str| Visible(word.trim()).to_string();
        let (flake, rule) = (word(flake), word(rule));
        let (input, fingerprint) = (word(input), word(fingerprint));
        entries.push(BaselineEntry { flake, rule, input, fingerprint });
    }
    Ok(entries)
}

/// The folder of a file; neither need exist yet.
fn folder(file: &Path) -> io::Result<PathBuf> {
    let folder = std::path::absolute(file)?;
    let folder = folder.parent().ok_or(ErrorKind::InvalidInput)?;
    match std::fs::canonicalize(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(folder.to_path_buf()),
        folder => folder,
    }
}

/// A path relative to a folder, with `/` and, where needed, `..`.
fn relative(folder: &Path, path: &Path) -> String {
    let mut from = folder.components().peekable();
    let mut to = path.components().peekable();
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let up = from.filter(|part| matches!(part, Component::Normal(_))).map(|_| "..".to_owned());
    let down = to.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: &str) -> BaselineEntry {
        parse(&format!("{HEAD}\n{line}\n")).unwrap().remove(0)
    }

    fn baseline(lines: &[&str]) -> Baseline {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("flake.lock"), "").unwrap();
        Baseline::new(folder.keep(), lines.iter().map(|line| entry(line)).collect())
    }

    fn audited(lines: &[&str], off: &[&'static str]) -> Audited {
        let entries = lines.iter().map(|line| entry(line)).collect();
        Audited { entries, off: off.iter().copied().collect() }
    }

    #[test]
    fn what_is_written_is_read() {
        let entries = vec![entry("a/flake.lock\tr\tx y/nixpkgs\t1"), entry("flake.lock\ts\t-\t2")];
        let mut text = Vec::new();
        write(&entries, &mut text).unwrap();
        assert_eq!(parse(std::str::from_utf8(&text).unwrap()).unwrap(), entries);
    }

    #[test]
    fn other_files_are_refused_with_the_line() {
        let line = |text: &str| parse(text).unwrap_err().0;
        assert_eq!(line("[rules]\n"), 1);
        assert_eq!(line(&format!("{HEAD}\na\tb\tc\td\na b c d\n")), 3);
        assert_eq!(line(&format!("{HEAD}\na\tb\tc\td\n<<<<<<< HEAD\n")), 3);
    }

    #[test]
    fn what_was_not_looked_at_is_not_stale() {
        let baseline =
            baseline(&["flake.lock\tr\ta\t1", "flake.lock\tr\tb\t2", "flake.lock\toff\tc\t3"]);
        let run = |audited: Audited| BTreeMap::from([("flake.lock".to_owned(), audited)]);
        let names = |entries: Vec<BaselineEntry>| -> Vec<String> {
            entries.into_iter().map(|entry| entry.input).collect()
        };
        let stale =
            |run: &BTreeMap<_, _>| names(baseline.stale(run).into_iter().cloned().collect());
        let one = run(audited(&["flake.lock\tr\tb\t2"], &["off"]));
        assert_eq!(stale(&one), ["a"]);
        assert_eq!(names(baseline.renewed(&one)), ["c", "b"]);
        assert_eq!(stale(&BTreeMap::new()), [""; 0]);
        assert_eq!(names(baseline.renewed(&BTreeMap::new())), ["c", "a", "b"]);
    }

    #[test]
    fn a_flake_that_moved_takes_its_findings_along() {
        let baseline = baseline(&["old/flake.lock\tr\ta\t1", "old/flake.lock\tr\tb\t2"]);
        let found = audited(&["new/flake.lock\tr\ta\t1"], &[]);
        assert_eq!(
            baseline.known_findings("new/flake.lock"),
            baseline.known_findings("old/flake.lock")
        );
        let run = BTreeMap::from([("new/flake.lock".to_owned(), found)]);
        let stale: Vec<_> = baseline.stale(&run).iter().map(|entry| entry.input.clone()).collect();
        assert_eq!(stale, ["b"]);
        assert_eq!(baseline.renewed(&run), [entry("new/flake.lock\tr\ta\t1")]);
    }

    #[test]
    fn locks_are_named_from_the_folder() {
        for (folder, path, name) in [
            ("/a/b", "/a/b/flake.lock", "flake.lock"),
            ("/a/b", "/a/b/c/flake.lock", "c/flake.lock"),
            ("/a/b", "/a/c/flake.lock", "../c/flake.lock"),
        ] {
            assert_eq!(relative(Path::new(folder), Path::new(path)), name);
        }
    }
}
