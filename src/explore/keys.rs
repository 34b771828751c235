//! The keys, their actions, and their descriptions.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::prompt::Prompt;

/// The actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// One row down.
    Down,
    /// One row up.
    Up,
    /// A screen down.
    PageDown,
    /// A screen up.
    PageUp,
    /// Half a screen down.
    HalfDown,
    /// Half a screen up.
    HalfUp,
    /// To the first row.
    Top,
    /// To the last row.
    Bottom,
    /// Open the row, or go into it.
    Open,
    /// Close the row, or go to its parent.
    Close,
    /// Open or close the row, or go where it leads.
    Enter,
    /// Open everything.
    OpenAll,
    /// Close everything.
    CloseAll,
    /// To the other pane.
    OtherPane,
    /// To where an input ends.
    Follow,
    /// To the previous position.
    Back,
    /// The tree of inputs.
    Tree,
    /// The users of what is selected.
    Users,
    /// The instances of nixpkgs.
    Instances,
    /// The findings.
    Findings,
    /// The outputs.
    Outputs,
    /// Ask for what to search.
    Search,
    /// To the next match.
    Next,
    /// To the previous match.
    Previous,
    /// To the next finding.
    NextFinding,
    /// To the previous finding.
    PreviousFinding,
    /// Show the fix of the selection and ask whether to apply it. Without a fix, the same as
    /// `Follow`.
    Fix,
    /// Open the editor at the line of the selection.
    Edit,
    /// Read the lock and the sources again.
    Reload,
    /// Select what is at this column and row of the screen.
    Click(u16, u16),
    /// Scroll the pane at this column by so many rows.
    Scroll(u16, isize),
    /// Write the current view as DOT.
    Dump,
    /// Copy the fix.
    Copy,
    /// Show the keys, or hide them.
    Help,
    /// Leave a list, a search or a prompt.
    Escape,
    /// Text for the prompt.
    Type(String),
    /// Delete a character of the prompt.
    Erase,
    /// Delete a word of the prompt.
    EraseWord,
    /// Delete all of the prompt.
    EraseAll,
    /// Exit.
    Quit,
    /// Exit without writing anything.
    Interrupt,
    /// Suspend the process.
    Suspend,
}

/// Keys and their descriptions, as in `?` and docs/explore.md.
pub const HELP: [(&str, &str); 24] = [
    ("↑ ↓  k j", "up and down; by the screen: page up, page down, ctrl-u, ctrl-d"),
    ("g G", "first and last row; also home and end"),
    ("→ l", "open the row, or go into it"),
    ("← h", "close the row, or go to the one above it"),
    ("enter", "open or close the row, or go where it leads"),
    ("* -", "open everything, close everything"),
    ("tab", "to the details and back"),
    ("] [", "next and previous finding"),
    ("f", "on a finding: its fix, made after a yes; else as F"),
    ("F", "to the node where an input ends after all follows"),
    ("e", "the editor ($VISUAL, $EDITOR) at the line that a finding is about"),
    ("r", "read the lock and the sources again"),
    ("backspace", "back to where you were before"),
    ("u", "who uses what is selected: the graph backwards"),
    ("i !", "the instances of nixpkgs; the findings"),
    ("o", "the outputs: what they are built from, and what they take in"),
    ("t", "the tree of inputs"),
    ("/", "search: a part of a name, a path, a node key, a reference"),
    ("n N", "next and previous match"),
    ("d", "write what is in view as DOT, for Graphviz"),
    ("y", "copy the fix to the clipboard, by the terminal (OSC 52)"),
    ("?", "this help"),
    ("esc", "leave a list, a search, this help"),
    ("q", "quit; ctrl-c: and write nothing; ctrl-z: suspend"),
];

/// What a key does.
pub fn action(key: KeyEvent, prompt: Option<&Prompt>) -> Option<Action> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let other = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::META | KeyModifiers::HYPER;
    if key.modifiers.intersects(other) {
        return None;
    }
    if control {
        match key.code {
            KeyCode::Char('c') => return Some(Action::Interrupt),
            KeyCode::Char('z') => return Some(Action::Suspend),
            _ => {}
        }
    }
    match prompt {
        Some(_) => typed(key.code, control),
        None if control => controlled(key.code),
        None => plain(key.code),
    }
}

/// Keys in a prompt.
fn typed(code: KeyCode, control: bool) -> Option<Action> {
    Some(match code {
        KeyCode::Char('h') if control => Action::Erase,
        KeyCode::Char('w') if control => Action::EraseWord,
        KeyCode::Char('u') if control => Action::EraseAll,
        KeyCode::Char(_) if control => return None,
        KeyCode::Char(c) => Action::Type(c.into()),
        KeyCode::Enter => Action::Enter,
        KeyCode::Esc => Action::Escape,
        KeyCode::Backspace => Action::Erase,
        KeyCode::Down => Action::Next,
        KeyCode::Up => Action::Previous,
        _ => return None,
    })
}

fn controlled(code: KeyCode) -> Option<Action> {
    Some(match code {
        KeyCode::Char('f') => Action::PageDown,
        KeyCode::Char('b') => Action::PageUp,
        KeyCode::Char('d') => Action::HalfDown,
        KeyCode::Char('u') => Action::HalfUp,
        KeyCode::Char('n') => Action::Down,
        KeyCode::Char('p') => Action::Up,
        // Some terminals send this for backspace.
        KeyCode::Char('h') | KeyCode::Backspace => Action::Back,
        _ => return None,
    })
}

fn plain(code: KeyCode) -> Option<Action> {
    Some(match code {
        KeyCode::Down | KeyCode::Char('j') => Action::Down,
        KeyCode::Up | KeyCode::Char('k') => Action::Up,
        KeyCode::Right | KeyCode::Char('l') => Action::Open,
        KeyCode::Left | KeyCode::Char('h') => Action::Close,
        KeyCode::PageDown | KeyCode::Char(' ') => Action::PageDown,
        KeyCode::PageUp => Action::PageUp,
        KeyCode::Home | KeyCode::Char('g') => Action::Top,
        KeyCode::End | KeyCode::Char('G') => Action::Bottom,
        KeyCode::Enter => Action::Enter,
        KeyCode::Char('*') => Action::OpenAll,
        KeyCode::Char('-') => Action::CloseAll,
        KeyCode::Tab | KeyCode::BackTab => Action::OtherPane,
        KeyCode::Char('f') => Action::Fix,
        KeyCode::Char('F') => Action::Follow,
        KeyCode::Char('e') => Action::Edit,
        KeyCode::Char('r') => Action::Reload,
        KeyCode::Char(']') => Action::NextFinding,
        KeyCode::Char('[') => Action::PreviousFinding,
        KeyCode::Backspace => Action::Back,
        KeyCode::Char('t') => Action::Tree,
        KeyCode::Char('u') => Action::Users,
        KeyCode::Char('i') => Action::Instances,
        KeyCode::Char('!') => Action::Findings,
        KeyCode::Char('o') => Action::Outputs,
        KeyCode::Char('/') => Action::Search,
        KeyCode::Char('n') => Action::Next,
        KeyCode::Char('N') => Action::Previous,
        KeyCode::Char('d') => Action::Dump,
        KeyCode::Char('y') => Action::Copy,
        KeyCode::Char('?') | KeyCode::F(1) => Action::Help,
        KeyCode::Esc => Action::Escape,
        KeyCode::Char('q') => Action::Quit,
        _ => return None,
    })
}
