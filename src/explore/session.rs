//! A session at a terminal: handles events and redraws.

use std::io::{self, ErrorKind};
use std::path::Path;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::dump::Dump;
use super::editor::edit;
use super::event::Event;
use super::explorer::{Explorer, ExplorerEffect, Mode};
use super::keys::{Action, action};
use super::panes;
use super::signals;
use super::terminal::TerminalScreen;
use super::theme::Theme;
use crate::load::create;
use crate::text::Visible;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    /// By `q`.
    Quit,
    /// The terminal is gone.
    Gone,
    /// What was shown was audited meanwhile, and nothing is being typed.
    Audited,
    /// To be started again after reading everything.
    Reload,
    /// The same, after applying the fix of the finding at this index.
    Fix(usize),
    /// By a signal, or as if by one: the process should end as the signal would end it.
    Signal(i32),
}

impl SessionEnd {
    /// Ends the process if a signal ended the session. The screen has been restored.
    pub fn end(self) {
        if let Self::Signal(signal) = self {
            signals::end(signal);
        }
    }
}

/// Shows the explorer until the user leaves it.
///
/// # Errors
/// The terminal fails.
pub fn run(
    explorer: &mut Explorer<'_, '_, '_, '_>,
    screen: &mut TerminalScreen,
    theme: Theme,
) -> io::Result<SessionEnd> {
    let mut is_audited = false;
    loop {
        if is_audited && explorer.mode == Mode::Browse {
            return Ok(SessionEnd::Audited);
        }
        screen.draw(|frame| panes::draw(explorer, theme, frame))?;
        let events: Vec<Event> = screen.wait().collect();
        for event in events {
            let action = match event {
                Event::Key(key) => action(key, explorer.prompt()),
                Event::Mouse(mouse) => pointed(mouse),
                Event::Paste(text) => explorer.prompt().is_some().then_some(Action::Type(text)),
                Event::Resized => None,
                Event::Audited => {
                    is_audited = true;
                    None
                }
                Event::Resumed => {
                    screen.redraw()?;
                    None
                }
                Event::Suspend => Some(Action::Suspend),
                Event::End(signal) => return Ok(SessionEnd::Signal(signal)),
                Event::Closed => return Ok(SessionEnd::Gone),
            };
            let Some(action) = action else { continue };
            match explorer.act(action) {
                ExplorerEffect::None => {}
                ExplorerEffect::Quit => return Ok(SessionEnd::Quit),
                ExplorerEffect::Interrupt => return Ok(SessionEnd::Signal(signals::INTERRUPT)),
                ExplorerEffect::Suspend => screen.suspend()?,
                ExplorerEffect::Reload => return Ok(SessionEnd::Reload),
                ExplorerEffect::Fix(finding) => return Ok(SessionEnd::Fix(finding)),
                ExplorerEffect::Edit(file, line) => {
                    let edited = screen.lend(|| edit(&file, line))?;
                    explorer.say(match edited {
                        Ok(()) => "r reads it again".to_owned(),
                        Err(error) => format!("no editor: {error}"),
                    });
                    // Further keys were meant for the editor.
                    break;
                }
                ExplorerEffect::Copy(text) => screen.copy(&text)?,
                ExplorerEffect::Write { dump, file, replace } => {
                    write_file(explorer, dump, file, replace);
                }
            }
        }
    }
}

/// The action for a mouse event.
fn pointed(mouse: MouseEvent) -> Option<Action> {
    /// Rows to scroll per turn of the wheel.
    const TURN: isize = 3;
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Action::Click(mouse.column, mouse.row)),
        MouseEventKind::ScrollDown => Some(Action::Scroll(mouse.column, TURN)),
        MouseEventKind::ScrollUp => Some(Action::Scroll(mouse.column, -TURN)),
        _ => None,
    }
}

/// Writes a drawing to a file, and shows the result.
fn write_file(explorer: &mut Explorer<'_, '_, '_, '_>, dump: Dump, file: String, replace: bool) {
    match written(explorer, &dump, Path::new(&file), replace) {
        Ok(()) => explorer.say(format!("{dump} is in {file}")),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && !replace => {
            explorer.ask_to_replace(dump, file);
        }
        Err(error) => explorer.say(format!("{file}: {}", Visible(&error.to_string()))),
    }
}

fn written(
    explorer: &Explorer<'_, '_, '_, '_>,
    dump: &Dump,
    path: &Path,
    replace: bool,
) -> io::Result<()> {
    // No pipe or device, because opening one may block.
    if std::fs::metadata(path).is_ok_and(|known| !known.is_file()) {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a file"));
    }
    // A missing folder is probably a mistake, so it is not created.
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::metadata(folder)?;
    }
    create(path, replace, |out| dump.write(explorer.scene.analysis, out))
}
