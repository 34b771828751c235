//! Environment variables that point a program to another repository.

use std::process::Command;

/// Those listed by `git rev-parse --local-env-vars` that point to another repository than the one
/// at hand, as in a hook. Settings from the environment (`safe.directory`) stay.
const SURROUNDINGS: [&str; 14] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
    // These two affect new repositories.
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
];

/// Makes a program find repositories by its working folder alone.
pub(super) fn forget_surroundings(command: &mut Command) -> &mut Command {
    SURROUNDINGS.iter().fold(command, |command, name| command.env_remove(name))
}
