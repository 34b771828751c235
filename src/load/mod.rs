//! Finding the locks that were named, and reading them; and writing files that nobody else writes.

mod below;
mod create;
mod find;
mod held;
mod ignored;
mod lock_file;
mod new_folders;
mod physical;
mod place;
mod read;

pub use create::{NewFile, create};
pub use find::{FLAKE_NAME, PassedOver, Search, distinct, find, single, without_unlocked};
pub use held::{Held, held};
pub use lock_file::{LOCK_NAME, LockFile};
pub use new_folders::NewFolders;
pub use physical::physical;
pub use place::{Misplaced, inside};
pub use read::read;
