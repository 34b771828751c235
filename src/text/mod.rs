//! Text as it comes from files and goes to sinks: spans and positions, escaping, Nix quoting.
//!
//! Nothing here knows what a lock is.

mod escape;
mod nix;
mod position;

pub use escape::{Visible, is_hidden};
pub use nix::{AttrPath, NixString};
pub use position::{LineIndex, Position, Span};
