//! The graph explored in a terminal: a tree of inputs and other lists on the left, details of the
//! selection on the right.
//!
//! [`Explorer`] holds what is shown and selected, and changes by [`Action`]s; it knows no terminal.
//! `panes` draws it, `terminal` and `tty` do all input and output, and [`run`] brings them
//! together. Text from a lock is escaped in `columns` before it is drawn.

mod columns;
mod details;
mod dump;
mod editor;
mod event;
mod explorer;
mod findings;
mod fixes;
mod keys;
mod label;
mod lists;
mod outputs;
mod panes;
mod prompt;
mod row;
mod scene;
mod search;
mod session;
mod signals;
mod terminal;
mod theme;
mod tree;
mod tty;
mod users;

pub use details::Details;
pub use dump::Dump;
pub use event::Event;
pub use explorer::{Explorer, ExplorerEffect, Mode, Sink};
pub use keys::{Action, HELP, action};
pub use lists::{ListKind, ListPosition, Lists, Search};
pub use panes::draw;
pub use prompt::Prompt;
pub use row::{Fold, Row, Rows, Spot};
pub use scene::Scene;
pub use search::{Matches, SearchPattern};
pub use session::{SessionEnd, run};
pub use terminal::TerminalScreen;
pub use theme::Theme;
