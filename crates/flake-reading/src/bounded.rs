//! Opens files that anyone may have put there: regular ones only, up to a limit. A name in a
//! repository can be a FIFO, whose opening waits for a writer for ever, a device, which never ends
//! or does something when it is opened, or a symlink to one; and a regular file can be sparse and
//! claim any length. Every file that the program reads is opened here.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// Why a file is not read.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// A folder, a FIFO, a socket or a device.
    #[error("not a regular file")]
    NotRegular,
    /// It has more bytes than this.
    #[error("longer than {}", Size(*.0))]
    TooLong(u64),
    /// The error of the system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Unreadable {
    /// Whether nothing has that name.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Prints a number of bytes for people.
struct Size(u64);

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            bytes if bytes % (1 << 20) == 0 => write!(f, "{} MiB", bytes >> 20),
            bytes if bytes % (1 << 10) == 0 => write!(f, "{} KiB", bytes >> 10),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

/// Appends a whole regular file to the buffer.
///
/// # Errors
/// Why it is not read.
pub fn read(path: &Path, longest: u64, buffer: &mut Vec<u8>) -> Result<(), Unreadable> {
    read_seen(path, &fs::metadata(path)?, longest, buffer)
}

/// The same in place of what is in the buffer: of many files of about one length, none has to make
/// room for itself.
///
/// # Errors
/// Why it is not read.
pub fn read_over(path: &Path, longest: u64, buffer: &mut Vec<u8>) -> Result<(), Unreadable> {
    read_at(0, path, &fs::metadata(path)?, longest, buffer)
}

/// Appends a file that was looked at already.
///
/// # Errors
/// Why it is not read.
pub fn read_seen(
    path: &Path,
    seen: &Metadata,
    longest: u64,
    buffer: &mut Vec<u8>,
) -> Result<(), Unreadable> {
    read_at(buffer.len(), path, seen, longest, buffer)
}

/// Reads a file into the buffer from there on.
fn read_at(
    start: usize,
    path: &Path,
    seen: &Metadata,
    longest: u64,
    buffer: &mut Vec<u8>,
) -> Result<(), Unreadable> {
    // Check before opening, because opening some devices does something; and again after it,
    // because another file may have taken its place.
    check(seen, longest)?;
    let mut file = open_without_waiting(path)?;
    let length = check(&file.metadata()?, longest)?;
    // One read for all of it. What grows meanwhile is taken as it was; what tells no length (`/proc`)
    // is bounded all the same.
    let mut end = start;
    let expected = start.saturating_add(usize::try_from(length).unwrap_or(0));
    if buffer.capacity() == 0 {
        // The system has zeros at hand.
        *buffer = vec![0; expected];
    } else {
        buffer.resize(expected, 0);
    }
    while let Some(room) = buffer.get_mut(end..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    if end > start && end == expected {
        return Ok(());
    }
    buffer.truncate(end);
    let left = longest.saturating_sub((end - start) as u64);
    read_from(file, left, buffer).map_err(|problem| match problem {
        Unreadable::TooLong(_) => Unreadable::TooLong(longest),
        other => other,
    })
}

/// Reads a stream to its end.
///
/// # Errors
/// It is too long, or breaks.
pub fn read_from(stream: impl Read, longest: u64, buffer: &mut Vec<u8>) -> Result<(), Unreadable> {
    let length = stream.take(longest + 1).read_to_end(buffer)?;
    if length as u64 > longest { Err(Unreadable::TooLong(longest)) } else { Ok(()) }
}

/// The length of a file that may be read.
fn check(data: &Metadata, longest: u64) -> Result<u64, Unreadable> {
    match data.len() {
        _ if !data.is_file() => Err(Unreadable::NotRegular),
        length if length > longest => Err(Unreadable::TooLong(longest)),
        length => Ok(length),
    }
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;

    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &Path, longest: u64) -> String {
        let mut buffer = b"before ".to_vec();
        match read(path, longest, &mut buffer) {
            Ok(()) => String::from_utf8(buffer).unwrap(),
            Err(problem) => problem.to_string(),
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_bound_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "12345").unwrap();
        assert_eq!(told(&file, 5), "before 12345");
        assert_eq!(told(&file, 4), "longer than 4 bytes");
        assert!(read(&folder.path().join("none"), 5, &mut Vec::new()).unwrap_err().is_missing());
        assert_eq!(told(folder.path(), 5), "not a regular file");
        // Sparse: it takes no space, and claims more than there is memory.
        File::create(&file).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(told(&file, 64 << 20), "longer than 64 MiB");
        assert_eq!(told(&file, 128 << 10), "longer than 128 KiB");
    }

    #[test]
    fn a_stream_has_a_bound_too() {
        let mut buffer = Vec::new();
        assert!(read_from(io::repeat(b'a').take(9), 9, &mut buffer).is_ok());
        let endless = read_from(io::repeat(b'a'), 9, &mut buffer);
        assert!(matches!(endless, Err(Unreadable::TooLong(9))));
        assert!(buffer.len() <= 9 + 10);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_that_waits_or_never_ends_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(at("fifo")).status();
        assert!(made.unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zero")).unwrap();
        std::os::unix::fs::symlink("fifo", at("link")).unwrap();
        for name in ["fifo", "socket", "zero", "link"] {
            assert_eq!(told(&at(name), 1 << 20), "not a regular file", "{name}");
        }
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        assert!(told(&at("loop"), 5).contains("symbolic links"));
    }
}
