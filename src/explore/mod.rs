//! The graph explored in a terminal: a tree of inputs and other lists at the left, what is known
//! of what is selected at the right.
//!
//! [`Explorer`] is what is shown and selected, and changes by [`Action`]s; it knows no terminal.
//! `panes` draws it, `terminal` has all input and output, and [`run`] brings them together.
//! Whatever a lock says is escaped in `columns` before it is drawn.

mod columns;
mod details;
mod dump;
mod explorer;
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
mod users;

pub use details::Details;
pub use dump::Dump;
pub use explorer::{Effect, Explorer, Mode, Search, Sink};
pub use keys::{Action, HELP, action};
pub use lists::{List, Lists, Position};
pub use panes::draw;
pub use prompt::Prompt;
pub use row::{Fold, Row, Rows, Spot};
pub use scene::Scene;
pub use search::{Found, Pattern};
pub use session::{Left, run};
pub use terminal::{Event, Screen};
pub use theme::Theme;
