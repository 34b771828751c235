//! Facts read from `.nix` files.

pub mod declare;
