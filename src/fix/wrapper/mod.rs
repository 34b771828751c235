//! Wrapper flakes: nixpkgs with settings, for a flake and its dependencies to share.
//!
//! [`Wrapper`] becomes the text of a `flake.nix`, [`Holding`] the lines by which another flake
//! holds it, and [`inline_settings`] tells which settings a flake makes in place.

mod holding;
mod inline;
mod left_out;
mod literal;
mod pin;
mod settings;
mod text;
mod written;

pub use holding::Holding;
pub use inline::{InlineSettings, NoInlineSettings, inline_settings};
pub use left_out::{LeftOut, Why};
pub use literal::{Literal, NoLiteral};
pub use pin::{NIXPKGS, reference};
pub use settings::{Setting, Settings};

/// A wrapper flake; [`Display`](std::fmt::Display) is the text of its `flake.nix`.
#[derive(Debug, Clone)]
pub struct Wrapper {
    /// How it is to be held; its comments say so.
    pub holding: Holding,
    /// The reference of its nixpkgs.
    pub nixpkgs: String,
    /// Its settings.
    pub settings: Settings,
    /// What could not be taken over, a comment each, of one line.
    pub left_out: Vec<String>,
    /// The systems it is for; those of nixpkgs' own flake, if none are named.
    pub systems: Option<Vec<String>>,
    /// Whether `import` of it is to work, too.
    pub importable: bool,
}

#[cfg(test)]
mod tests;
