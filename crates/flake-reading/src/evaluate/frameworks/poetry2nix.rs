//! poetry2nix: Python projects by the versions in their `poetry.lock`. Its overrides name hundreds of
//! packages, nearly all of which no project has, and which those are is in locks that are not read: so its
//! functions are no more than functions that are not read, which build with the packages that they are
//! given.

use super::{Framework, one};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["nix-community/poetry2nix"],
    source: "flake.nix and default.nix, 2025-04",
    marks: &["mk-poetry-dep.nix", "editable.nix", "plugins.nix"],
    arity: one,
    call: |_, _| None,
};
