//! Every change of the disk, one small effect at a time.
//!
//! A killed process leaves what the effects up to then have done, so tests are called before each.
//! They kill the process there, make the effect fail, or change a file.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::load::NewFolders;

/// A change that is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DiskEffect {
    MakeFolders,
    Create,
    Write,
    Sync,
    /// A file is about to get its new content; its old one was just compared.
    Replace,
    /// A new file is about to appear.
    Place,
}

/// Called before each effect; its error counts as that of the effect.
pub(super) type Watch<'w> = &'w mut dyn FnMut(DiskEffect) -> io::Result<()>;

/// The disk.
pub(super) struct Disk<'w> {
    watch: Watch<'w>,
}

impl<'w> Disk<'w> {
    pub(super) fn new(watch: Watch<'w>) -> Self {
        Self { watch }
    }

    pub(super) fn make_folders(&mut self, folder: &Path) -> io::Result<NewFolders> {
        (self.watch)(DiskEffect::MakeFolders)?;
        NewFolders::make(folder)
    }

    /// A temporary file with this content, and the mode and owner of another file. It is removed
    /// when dropped.
    pub(super) fn spare(
        &mut self,
        folder: &Path,
        bytes: &[u8],
        like: Option<&Metadata>,
    ) -> io::Result<NamedTempFile> {
        (self.watch)(DiskEffect::Create)?;
        let mut builder = Builder::new();
        builder.prefix(".flake-audit-").suffix(".tmp");
        let mut spare = system::create(builder, folder, like)?;
        (self.watch)(DiskEffect::Write)?;
        spare.write_all(bytes)?;
        if let Some(like) = like {
            spare.as_file().set_permissions(like.permissions())?;
        }
        (self.watch)(DiskEffect::Sync)?;
        spare.as_file().sync_all()?;
        Ok(spare)
    }

    /// Renames a spare over a file.
    pub(super) fn replace(&mut self, spare: NamedTempFile, path: &Path) -> io::Result<()> {
        (self.watch)(DiskEffect::Replace)?;
        spare.persist(path).map(drop).map_err(|error| error.error)
    }

    /// Renames a spare to a name that must not exist.
    pub(super) fn install_new(&mut self, spare: NamedTempFile, path: &Path) -> io::Result<()> {
        (self.watch)(DiskEffect::Place)?;
        spare.persist_noclobber(path).map(drop).map_err(|error| error.error)
    }

    /// Waits until the changes in a folder are on the disk. Not every system can, and only the
    /// order in which a crash loses them depends on it.
    pub(super) fn sync_folder(&mut self, folder: &Path) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

#[cfg(unix)]
mod system {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    use super::{Builder, Metadata, NamedTempFile, Path, io};

    /// Readable by nobody else until it gets the mode of the file that it replaces. Gets that
    /// file's owner as far as this user may, else at least its group.
    pub(super) fn create(
        mut builder: Builder<'_, '_>,
        folder: &Path,
        like: Option<&Metadata>,
    ) -> io::Result<NamedTempFile> {
        let mode = if like.is_some() { 0o600 } else { 0o666 };
        let spare = builder.permissions(Permissions::from_mode(mode)).tempfile_in(folder)?;
        if let Some(like) = like {
            let file = spare.as_file();
            if fchown(file, Some(like.uid()), Some(like.gid())).is_err() {
                let _ = fchown(file, None, Some(like.gid()));
            }
        }
        Ok(spare)
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Builder, Metadata, NamedTempFile, Path, io};

    pub(super) fn create(
        builder: Builder<'_, '_>,
        folder: &Path,
        _like: Option<&Metadata>,
    ) -> io::Result<NamedTempFile> {
        builder.tempfile_in(folder)
    }
}
