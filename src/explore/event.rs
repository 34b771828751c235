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
    /// There is another size.
    Resized,
    /// The process goes on after a stop: the picture may be gone.
    Resumed,
    /// The shell is to have a turn.
    Suspend,
    /// A signal ends the run.
    End(i32),
    /// What is shown without findings was audited meanwhile.
    Audited,
    /// There is nobody left to type.
    Closed,
}
