//! Writing a file completely or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::NewFolders;
use super::place::{Misplaced, resolve_named};

/// A file that is written under another name in its folder, so that half a file is never visible.
/// If it is dropped unfinished, nothing has changed.
#[derive(Debug)]
pub struct AtomicFile {
    new: io::BufWriter<NamedTempFile>,
    file: PathBuf,
    _made: NewFolders,
}

impl AtomicFile {
    /// Begins a file that was named on the command line, creating missing folders. A symlink is
    /// followed only inside the folder that contains both the named file and the user's working
    /// folder.
    ///
    /// # Errors
    /// Those of the disk; a symlink leads elsewhere; what is there is no regular file.
    pub fn begin(file: &Path) -> io::Result<Self> {
        let file = resolve_named(file).map_err(|problem| match problem {
            Misplaced::Io(error) => error,
            problem => io::Error::other(problem),
        })?;
        if fs::symlink_metadata(&file).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::other("it is no regular file"));
        }
        let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let made = NewFolders::make(folder)?;
        #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has permissions to set"))]
        let mut builder = tempfile::Builder::new();
        builder.prefix(".flake-audit-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As for any new file, the umask applies.
            builder.permissions(fs::Permissions::from_mode(0o666));
        }
        let new = io::BufWriter::new(builder.tempfile_in(folder)?);
        Ok(Self { new, file, _made: made })
    }

    /// Moves it into place. An existing file is only replaced if `replace` is set; permissions are
    /// those of a new file.
    ///
    /// # Errors
    /// Those of the disk; `AlreadyExists` if there is a file and `replace` is not set.
    pub fn finish(self, replace: bool) -> io::Result<()> {
        let new = self.new.into_inner().map_err(io::IntoInnerError::into_error)?;
        new.as_file().sync_all()?;
        if replace {
            new.persist(&self.file).map_err(|problem| problem.error)?;
        } else {
            new.persist_noclobber(&self.file).map_err(|problem| problem.error)?;
        }
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.new.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.new.flush()
    }
}

/// Writes a file that was named on the command line, as [`AtomicFile`] does.
///
/// # Errors
/// Those of [`AtomicFile`], and of what writes.
pub fn create(
    file: &Path,
    replace: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut new = AtomicFile::begin(file)?;
    write(&mut new)?;
    new.finish(replace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_unless_it_is_to_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let write = |text: &'static str| move |out: &mut dyn Write| out.write_all(text.as_bytes());
        let read = || fs::read_to_string(&file).unwrap();
        create(&file, false, write("one")).unwrap();
        assert_eq!(read(), "one");
        let refused = create(&file, false, write("two")).unwrap_err();
        assert_eq!((refused.kind(), read().as_str()), (io::ErrorKind::AlreadyExists, "one"));
        let failed = create(&file, true, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(failed.is_err() && read() == "one");
        create(&file, true, write("three")).unwrap();
        assert_eq!(read(), "three");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
