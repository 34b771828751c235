//! Writing a file whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::NewFolders;
use super::place::{Misplaced, named};

/// Writes a file that was named on the command line by way of another one in its folder, so that half
/// a file is never there. Folders that are missing are made. A file that is there already is replaced
/// only where that was asked for; its permissions become those of a new file. A symlink is followed
/// only as far as what was named goes: none leads out of the folder in which the user stands.
///
/// # Errors
/// Those of the disk; `AlreadyExists`, where there is one; a symlink leads elsewhere.
pub fn create(
    file: &Path,
    replace: bool,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let file = named(file).map_err(|problem| match problem {
        Misplaced::Io(error) => error,
        problem => io::Error::other(problem),
    })?;
    let folder = file.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let _made = NewFolders::make(folder)?;
    #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has permissions to set"))]
    let mut builder = tempfile::Builder::new();
    builder.prefix(".flake-audit-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the process's mask applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut new = builder.tempfile_in(folder)?;
    let mut buffered = io::BufWriter::new(&mut new);
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    new.as_file().sync_all()?;
    if replace {
        new.persist(file).map_err(|problem| problem.error)?;
    } else {
        new.persist_noclobber(file).map_err(|problem| problem.error)?;
    }
    Ok(())
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
