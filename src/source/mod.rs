//! What .nix files say.
pub mod syntax;
