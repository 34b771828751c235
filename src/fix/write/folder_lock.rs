//! One run at a time in a folder.

use std::fs::File;
use std::path::Path;

use super::WriteProblem;

/// A lock on a folder, held until it is dropped or the process ends, however it ends.
pub(super) struct FolderLock(#[allow(dead_code, reason = "not unlocked everywhere")] File);

/// Locks a folder if the system can. If it cannot (Windows, some network file systems), two runs
/// with different plans may mix their files.
///
/// # Errors
/// Another run holds the lock.
pub(super) fn acquire(folder: &Path) -> Result<Option<FolderLock>, WriteProblem> {
    File::open(folder).ok().map_or(Ok(None), system::lock)
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod system {
    use rustix::fs::{FlockOperation, flock};
    use rustix::io::Errno;

    use super::{File, FolderLock, WriteProblem};

    pub(super) fn lock(folder: File) -> Result<Option<FolderLock>, WriteProblem> {
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(FolderLock(folder))),
            Err(Errno::WOULDBLOCK) => Err(WriteProblem::Busy),
            Err(_) => Ok(None),
        }
    }

    impl Drop for FolderLock {
        fn drop(&mut self) {
            // Closing is not enough, because a process that is just being started may have a copy.
            let _ = flock(&self.0, FlockOperation::Unlock);
        }
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod system {
    use super::{File, FolderLock, WriteProblem};

    pub(super) fn lock(_folder: File) -> Result<Option<FolderLock>, WriteProblem> {
        Ok(None)
    }
}
