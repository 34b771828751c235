//! What was read and parsed earlier, of files that have not changed.

use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::syntax::File;

/// How old the last change of a file must be for its times to identify the contents: file systems
/// count times in steps, some of two seconds.
const SETTLED: Duration = Duration::from_secs(3);

/// Files as they were read earlier. It keeps what was asked for since `forget_the_rest` was last
/// called; its users bound that.
#[derive(Debug, Default)]
pub struct Remembered {
    texts: Mutex<ByPath<(Stamp, Arc<str>)>>,
    files: Mutex<ByPath<Arc<File>>>,
}

type ByPath<T> = HashMap<PathBuf, Known<T>>;

#[derive(Debug)]
struct Known<T> {
    is: T,
    is_wanted: AtomicBool,
}

/// Tells a file from another one at the same path, and from its own earlier contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    file: (u64, u64),
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file now. `None` if it was changed so recently that a further change might
    /// not show, and on systems that do not tell.
    #[cfg(unix)]
    pub fn of(data: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;

        let changed = u64::try_from(data.ctime().max(data.mtime())).ok()?;
        let changed = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(changed))?;
        let is_settled = SystemTime::now().duration_since(changed).is_ok_and(|age| age > SETTLED);
        is_settled.then(|| Self {
            file: (data.dev(), data.ino()),
            length: data.len(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        })
    }

    /// `None`: this system does not tell.
    #[cfg(not(unix))]
    pub fn of(_: &Metadata) -> Option<Self> {
        None
    }
}

impl<T> Known<T> {
    fn new(is: T) -> Self {
        Self { is, is_wanted: AtomicBool::new(true) }
    }

    fn wanted(&self) -> &T {
        self.is_wanted.store(true, Ordering::Relaxed);
        &self.is
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Remembered {
    /// The text of a file that has not changed.
    pub fn text(&self, path: &Path, stamp: &Stamp) -> Option<Arc<str>> {
        let texts = lock(&self.texts);
        let (known, text) = texts.get(path)?.wanted();
        (known == stamp).then(|| text.clone())
    }

    /// Keeps the text of a file that had this stamp before it was read.
    pub fn keep_text(&self, path: &Path, stamp: Stamp, text: &Arc<str>) {
        lock(&self.texts).insert(path.to_path_buf(), Known::new((stamp, text.clone())));
    }

    /// The parsed file, if it was parsed with the same text.
    pub fn file(&self, path: &Path, text: &Arc<str>) -> Option<Arc<File>> {
        let files = lock(&self.files);
        let file = files.get(path)?.wanted();
        (file.text == *text).then(|| file.clone())
    }

    /// Keeps a parsed file.
    pub fn keep_file(&self, path: &Path, file: &Arc<File>) {
        lock(&self.files).insert(path.to_path_buf(), Known::new(file.clone()));
    }

    /// Forgets what was not asked for since the last call.
    pub fn forget_the_rest(&self) {
        lock(&self.texts).retain(|_, known| known.is_wanted.swap(false, Ordering::Relaxed));
        lock(&self.files).retain(|_, known| known.is_wanted.swap(false, Ordering::Relaxed));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_nobody_asks_for_is_forgotten() {
        let remembered = Remembered::default();
        let file = |text: &str| Arc::new(File::parse(text.into()).unwrap());
        let path = Path::new("/a.nix");
        remembered.keep_file(path, &file("1"));
        let (one, two) = ("1".into(), "2".into());
        assert!(remembered.file(path, &one).is_some());
        assert!(remembered.file(path, &two).is_none());
        remembered.forget_the_rest();
        assert!(remembered.file(path, &one).is_some());
        remembered.forget_the_rest();
        remembered.forget_the_rest();
        assert!(remembered.file(path, &one).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_was_changed_just_now_has_no_stamp() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.nix");
        fs::write(&path, "1").unwrap();
        assert_eq!(Stamp::of(&fs::metadata(&path).unwrap()), None);
        // Setting times back is a change of the file now.
        let past = SystemTime::now() - Duration::from_secs(3600);
        fs::File::options().write(true).open(&path).unwrap().set_modified(past).unwrap();
        assert_eq!(Stamp::of(&fs::metadata(&path).unwrap()), None);
        let old = fs::metadata("/").unwrap();
        assert!(Stamp::of(&old).is_some() && Stamp::of(&old) == Stamp::of(&old));
    }
}
