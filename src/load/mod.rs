//! Finding the locks that were named, and reading them.

mod find;
mod read;

pub use find::{LOCK_NAME, LockFile, find, single};
pub use read::read;
