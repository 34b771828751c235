//! rust-overlay: toolchains of Rust, a package for each release of each day. Its overlay and its
//! function build with the packages that they are given, and unpack what was compiled elsewhere: no
//! setting changes anything in it. Its manifests name some 10,000 toolchains.

use super::{Framework, one};

pub(super) static FRAMEWORK: Framework = Framework {
    repositories: &["oxalica/rust-overlay"],
    source: "default.nix, lib/rust-bin.nix and lib/mk-component-set.nix, 2026-11",
    marks: &["manifests/profiles.nix", "manifests/renames.nix", "manifests/targets.nix"],
    arity: one,
    call: |_, _| None,
};
