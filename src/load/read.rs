//! Reading a lock's bytes.

use std::fs::File;
use std::io::{self, Read};

use super::LockFile;

/// Longer files are no locks: the largest known one is 1.4 MB.
const LONGEST: u64 = 1 << 30;

/// Reads a lock into a buffer, which is emptied first.
///
/// # Errors
/// Why there is nothing to audit, in one line.
pub fn read(lock: &LockFile, buffer: &mut Vec<u8>) -> Result<(), String> {
    buffer.clear();
    if let Some(problem) = &lock.problem {
        return Err(problem.clone());
    }
    let read = match &lock.path {
        None => io::stdin().lock().take(LONGEST + 1).read_to_end(buffer),
        Some(path) => File::open(path).and_then(|mut file| {
            let length = file.metadata()?.len().min(LONGEST);
            // With its length known, a file takes one read; what it is longer than that by now,
            // and what has no length (a pipe), comes after.
            buffer.resize(usize::try_from(length).unwrap_or(0), 0);
            let mut filled = 0;
            while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match file.read(rest) {
                    Ok(0) => break,
                    Ok(more) => filled += more,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            buffer.truncate(filled);
            let more = file.take(LONGEST + 1 - filled as u64).read_to_end(buffer)?;
            Ok(filled + more)
        }),
    };
    match read {
        Err(error) => Err(error.to_string()),
        Ok(length) if length as u64 > LONGEST => Err("the file is longer than 1 GiB".into()),
        Ok(_) => Ok(()),
    }
}
