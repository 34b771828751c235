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
            let data = file.metadata()?;
            if data.is_file() && data.len() <= LONGEST {
                // One read of all of it, into memory that nobody has to clear first.
                file.read_to_end(buffer)
            } else {
                file.take(LONGEST + 1).read_to_end(buffer)
            }
        }),
    };
    match read {
        Err(error) => Err(error.to_string()),
        Ok(length) if length as u64 > LONGEST => Err("the file is longer than 1 GiB".into()),
        Ok(_) => Ok(()),
    }
}
