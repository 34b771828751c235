//! Everything that changes something on the disk, one small effect at a time.
//!
//! What is left after a kill is what the effects before it did, so tests are told of each before it
//! happens. They kill the process there, let the effect fail, or change a file.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile, TempPath};

/// What is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Create,
    Write,
    Sync,
    Rename,
    /// A file is about to change places with its spare: its content was just looked at.
    Exchange,
    /// A file is about to be where there was none.
    Place,
    Link,
    MakeFolder,
    Remove,
    RemoveFolder,
}

/// Told of each effect; what fails here fails as if the effect had.
pub(super) type Watch<'w> = &'w mut dyn FnMut(Effect) -> io::Result<()>;

/// The disk.
pub(super) struct Disk<'w> {
    watch: Watch<'w>,
    exchanges: bool,
}

impl<'w> Disk<'w> {
    pub(super) fn new(watch: Watch<'w>) -> Self {
        Self { watch, exchanges: true }
    }

    /// Files change places by renaming only.
    pub(super) fn never_exchange(&mut self) {
        self.exchanges = false;
    }

    /// An empty file of a new name.
    pub(super) fn draft(
        &mut self,
        folder: &Path,
        prefix: &str,
        suffix: &str,
        letters: usize,
    ) -> io::Result<NamedTempFile> {
        (self.watch)(Effect::Create)?;
        Builder::new().prefix(prefix).suffix(suffix).rand_bytes(letters).tempfile_in(folder)
    }

    /// A file with this content, and the mode and owner of another one.
    pub(super) fn create(
        &mut self,
        path: &Path,
        bytes: &[u8],
        like: Option<&Metadata>,
    ) -> io::Result<()> {
        (self.watch)(Effect::Create)?;
        let mut file = system::private(like.is_some()).create_new(true).open(path)?;
        if let Some(like) = like {
            system::give(&file, like);
            file.set_permissions(like.permissions())?;
        }
        self.fill(&mut file, bytes)
    }

    /// Writes a new file, and waits until the bytes are on the disk.
    pub(super) fn fill(&mut self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        (self.watch)(Effect::Write)?;
        file.write_all(bytes)?;
        (self.watch)(Effect::Sync)?;
        file.sync_all()
    }

    /// Waits until what was done in a folder is on the disk. Not every system can, and nothing
    /// depends on it but the order in which a failing machine forgets.
    pub(super) fn sync_folder(&mut self, folder: &Path) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }

    /// Gives a file another name; what had that name is gone.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        (self.watch)(Effect::Rename)?;
        fs::rename(from, to)
    }

    /// Gives a file another name, which nothing has.
    pub(super) fn place(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        (self.watch)(Effect::Place)?;
        TempPath::try_from_path(from)?.persist_noclobber(to).map_err(|error| {
            // What does not move stays.
            let _ = error.path.keep();
            error.error
        })
    }

    /// Lets two files change places. `kept` is a name for a third one, for systems that cannot do
    /// that at once; there is no moment without a file at `path`.
    pub(super) fn exchange(&mut self, path: &Path, spare: &Path, kept: &Path) -> io::Result<()> {
        (self.watch)(Effect::Exchange)?;
        if self.exchanges && system::exchange(path, spare)? {
            return Ok(());
        }
        self.keep(path, kept)?;
        self.rename(spare, path)?;
        self.rename(kept, spare)
    }

    /// Gives a file a second name, or a copy where files have one name only.
    fn keep(&mut self, path: &Path, kept: &Path) -> io::Result<()> {
        (self.watch)(Effect::Link)?;
        match fs::hard_link(path, kept) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                self.create(kept, &fs::read(path)?, Some(&fs::metadata(path)?))
            }
            linked => linked,
        }
    }

    /// A folder; that it is there already is as good, but a symlink to one is not.
    pub(super) fn make_folder(&mut self, path: &Path) -> io::Result<()> {
        (self.watch)(Effect::MakeFolder)?;
        match fs::create_dir(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && is_folder(path) => Ok(()),
            made => made,
        }
    }

    /// Removes a file, if there is one. A folder of its name is none of ours.
    pub(super) fn remove(&mut self, path: &Path) -> io::Result<()> {
        // Most names are not in use.
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Ok(data) if data.is_dir() => return Ok(()),
            _ => {}
        }
        (self.watch)(Effect::Remove)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// Removes a folder, if there is nothing in it.
    pub(super) fn remove_folder(&mut self, path: &Path) {
        if (self.watch)(Effect::RemoveFolder).is_ok() {
            let _ = fs::remove_dir(path);
        }
    }
}

/// Whether this is a folder, and no symlink to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| data.is_dir())
}

#[cfg(unix)]
mod system {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
    use std::path::Path;

    /// Readable by nobody else until it has the mode of the file that it is like.
    pub(super) fn private(is_private: bool) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.write(true).mode(if is_private { 0o600 } else { 0o666 });
        options
    }

    /// Gives a file away as far as this user may: to the owner, else at least to the group.
    pub(super) fn give(file: &File, like: &Metadata) {
        if fchown(file, Some(like.uid()), Some(like.gid())).is_err() {
            let _ = fchown(file, None, Some(like.gid()));
        }
    }

    /// Lets two files change places at once. False where the system cannot.
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<bool> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;

        match renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
            Ok(()) => Ok(true),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    pub(super) fn exchange(_a: &Path, _b: &Path) -> io::Result<bool> {
        Ok(false)
    }
}

#[cfg(not(unix))]
mod system {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::path::Path;

    pub(super) fn private(_is_private: bool) -> OpenOptions {
        let mut options = OpenOptions::new();
        options.write(true);
        options
    }

    pub(super) fn give(_file: &File, _like: &Metadata) {}

    pub(super) fn exchange(_a: &Path, _b: &Path) -> io::Result<bool> {
        Ok(false)
    }
}
