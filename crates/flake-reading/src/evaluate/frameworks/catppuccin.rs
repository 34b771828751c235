//! catppuccin: colours for the programs of a host or home. Every host and home loads its modules,
//! one for each program; they take packages from the `pkgs` that they are given, and themes from
//! the flake itself, which no setting changes.

use super::{Framework, one};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["catppuccin/nix"],
    source: "flake.nix, modules/global.nix and pkgs, 2026-11",
    marks: &["modules/global.nix", "pkgs/whiskers/package.nix"],
    arity: one,
    call: |_, _| None,
};
