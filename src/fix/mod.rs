//! Repair: what `check` proposes, done to `flake.nix` and `flake.lock`.

pub mod edit;
pub mod wrapper;
pub mod write;
