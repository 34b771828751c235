//! Text as it comes from files and goes to sinks: spans and positions, escaping, Nix quoting.
//!
//! Nothing here knows what a lock is.

mod date;
mod escape;
mod nearest;
mod nix;
mod position;

pub use date::Date;
pub use escape::{Visible, is_hidden, write_unicode_escape};
pub use nearest::nearest;
pub use nix::{AttrPath, NixString};
pub use position::{LineIndex, Position, Span};
