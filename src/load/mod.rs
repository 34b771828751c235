//! Finding and reading the locks that were named, and writing new files.

mod at_path;
mod below;
mod create;
mod find;
mod ignored;
mod lock_file;
mod new_folders;
mod place;

pub use at_path::{AtPath, at_path};
pub use create::{AtomicFile, create};
pub use find::{
    FLAKE_NAME, LockSearch, PassedOver, distinct, find_locks, single, without_unlocked,
};
pub use lock_file::{LOCK_NAME, LockFile, physical, read};
pub use new_folders::NewFolders;
pub use place::{Misplaced, resolve_inside};
