//! What happens to the explorer.

use crossterm::event::{KeyEvent, MouseEvent};

/// What happens to the explorer.
#[derive(Debug)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse was used.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal was resized.
    Resized,
    /// The process continues after a stop, and the screen may be lost.
    Resumed,
    /// The process should be suspended.
    Suspend,
    /// A signal ends the process.
    End(i32),
    /// What is shown without findings was audited meanwhile.
    Audited,
    /// The terminal is gone.
    Closed,
}
