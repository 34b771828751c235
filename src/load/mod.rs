//! Finding the locks that were named, and reading them; and writing files that nobody else writes.

mod create;
mod find;
mod physical;
mod read;

pub use create::create;
pub use find::{LOCK_NAME, LockFile, Search, distinct, find, single, without_unlocked};
pub use physical::physical;
pub use read::read;
