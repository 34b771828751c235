//! Wrapper flakes: nixpkgs with settings, shared by a flake and its dependencies.
//!
//! [`WrapperFlake`] becomes the text of a `flake.nix`, [`Holding`] the lines by which another flake
//! holds it, and [`inline_settings`] finds a flake's inline settings.

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
pub use left_out::{SkipReason, SkippedSetting};
pub use literal::{Literal, NoLiteral};
pub use pin::{NIXPKGS, reference};
pub use settings::{WrapperSetting, WrapperSettings};

/// A wrapper flake; [`Display`](std::fmt::Display) is the text of its `flake.nix`.
#[derive(Debug, Clone)]
pub struct WrapperFlake {
    /// How to hold it, for the comments in its text.
    pub holding: Holding,
    /// The reference of its nixpkgs.
    pub nixpkgs: String,
    /// Its settings.
    pub settings: WrapperSettings,
    /// Settings that could not be taken over, each as a one-line comment.
    pub left_out: Vec<String>,
    /// Its systems; `None` for those of nixpkgs' own flake.
    pub systems: Option<Vec<String>>,
    /// Whether importing it should work, too.
    pub importable: bool,
}

#[cfg(test)]
mod tests;
