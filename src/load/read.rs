//! Reading a lock's bytes.

use std::io;

use super::LockFile;
use crate::bounded::{self, Unreadable};

/// Longer files are no locks: the largest known one is 1.4 MB.
const LONGEST: u64 = 64 << 20;

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
        None => bounded::read_from(io::stdin().lock(), LONGEST, buffer),
        Some(path) => bounded::read(path, LONGEST, buffer),
    };
    read.map_err(|problem| match problem {
        Unreadable::NotRegular => {
            format!("{problem} (`-` reads a lock from standard input)")
        }
        _ => problem.to_string(),
    })
}
