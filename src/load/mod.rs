//! Finding the locks that were named, and reading them; and writing files that nobody else writes.

mod below;
mod create;
mod find;
mod ignored;
mod physical;
mod read;

pub use create::create;
pub use find::{LOCK_NAME, LockFile, PassedOver, Search, distinct, find, single, without_unlocked};
pub use physical::physical;
pub use read::read;
