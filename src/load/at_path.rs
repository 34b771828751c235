//! What is already in a place that is about to be written.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// What is at a path, compared with expected contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtPath {
    /// Nothing.
    Nothing,
    /// A file with one of the expected contents, by index.
    Same(usize),
    /// A file with other contents.
    Other,
    /// Not a regular file: a folder, a symlink, a device.
    NoFile,
}

/// Compares the file at a path with expected contents. Symlinks are not followed, and no more is
/// read than the longest of them.
///
/// # Errors
/// Those of the disk.
pub fn at_path(path: &Path, contents: &[&[u8]]) -> io::Result<AtPath> {
    let data = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(AtPath::Nothing),
        data => data?,
    };
    // Opening a FIFO would block.
    if !data.is_file() {
        return Ok(AtPath::NoFile);
    }
    let file = match system::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(AtPath::Nothing),
        file => file?,
    };
    // Something else may have replaced it meanwhile.
    if !file.metadata()?.is_file() {
        return Ok(AtPath::NoFile);
    }
    let longest = contents.iter().map(|content| content.len()).max().unwrap_or_default();
    let mut bytes = Vec::new();
    file.take(longest as u64 + 1).read_to_end(&mut bytes)?;
    let same = contents.iter().position(|content| *content == bytes);
    Ok(same.map_or(AtPath::Other, AtPath::Same))
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod system {
    use rustix::fs::{Mode, OFlags, open as open_with};

    use super::{File, Path, io};

    /// Neither follows symlinks nor blocks, whatever has replaced the file meanwhile.
    pub(super) fn open(path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        Ok(File::from(open_with(path, flags, Mode::empty())?))
    }
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
mod system {
    use super::{File, Path, io};

    pub(super) fn open(path: &Path) -> io::Result<File> {
        File::open(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_compared_whole() {
        let disk = tempfile::tempdir().unwrap();
        let file = disk.path().join("file");
        assert_eq!(at_path(&file, &[b""]).unwrap(), AtPath::Nothing);
        assert_eq!(at_path(disk.path(), &[b""]).unwrap(), AtPath::NoFile);
        fs::write(&file, "abc").unwrap();
        assert_eq!(at_path(&file, &[b"ab", b"abcd"]).unwrap(), AtPath::Other);
        assert_eq!(at_path(&file, &[b"ab", b"abc"]).unwrap(), AtPath::Same(1));
        assert_eq!(at_path(&file, &[b"ab"]).unwrap(), AtPath::Other);
        assert!(at_path(&file.join("below"), &[]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_opened() {
        let disk = tempfile::tempdir().unwrap();
        let link = disk.path().join("link");
        fs::write(disk.path().join("file"), "").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        assert_eq!(at_path(&link, &[b""]).unwrap(), AtPath::NoFile);
        let fifo = disk.path().join("fifo");
        std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert_eq!(at_path(&fifo, &[b""]).unwrap(), AtPath::NoFile);
    }
}
