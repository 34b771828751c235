//! Text as it comes from files and goes to sinks: spans and positions, escaping, Nix quoting.
//!
//! Nothing here knows what a lock is.

mod conflict;
mod date;
mod differences;
mod escape;
mod excerpt;
mod json;
mod nearest;
mod nix;
mod open;

pub use conflict::merge_conflict;
pub use date::{Date, Time};
pub use differences::placed;
pub use escape::{Visible, is_hidden};
pub use excerpt::{Excerpt, excerpt};
pub use flake_reading::{LineIndex, Position, Span};
pub use json::write_json;
pub use nearest::{did_you_mean, distance, nearest};
pub use nix::{AttrPath, NixString, is_identifier};
pub use open::OpenFiles;
