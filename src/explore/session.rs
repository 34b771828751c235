//! A session at a terminal: what happens there is done, and the picture drawn anew.

use std::io::{self, ErrorKind};
use std::path::Path;

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::dump::Dump;
use super::editor::edit;
use super::event::Event;
use super::explorer::{Effect, Explorer, Mode};
use super::keys::{Action, action};
use super::panes;
use super::signals;
use super::terminal::Screen;
use super::theme::Theme;
use crate::load::create;
use crate::text::Visible;

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// By `q`.
    Quit,
    /// The terminal is gone.
    Gone,
    /// What was shown was audited meanwhile, and nothing is being typed.
    Audited,
    /// To come back with everything read again.
    Reload,
    /// The same, after the fix of the finding at this position is made.
    Fix(usize),
    /// By a signal, or as by one: the process is to end as it would have.
    Signal(i32),
}

impl Left {
    /// Ends the process where a signal has ended the session. The screen is given back.
    pub fn end(self) {
        if let Self::Signal(signal) = self {
            signals::end(signal);
        }
    }
}

/// Shows the explorer until it is left.
///
/// # Errors
/// The terminal says no.
pub fn run(
    explorer: &mut Explorer<'_, '_, '_, '_>,
    screen: &mut Screen,
    theme: Theme,
) -> io::Result<Left> {
    let mut is_audited = false;
    loop {
        if is_audited && explorer.mode == Mode::Browse {
            return Ok(Left::Audited);
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
                Event::End(signal) => return Ok(Left::Signal(signal)),
                Event::Closed => return Ok(Left::Gone),
            };
            let Some(action) = action else { continue };
            match explorer.act(action) {
                Effect::None => {}
                Effect::Quit => return Ok(Left::Quit),
                Effect::Interrupt => return Ok(Left::Signal(signals::INTERRUPT)),
                Effect::Suspend => screen.suspend()?,
                Effect::Reload => return Ok(Left::Reload),
                Effect::Fix(finding) => return Ok(Left::Fix(finding)),
                Effect::Edit(file, line) => {
                    let edited = screen.lend(|| edit(&file, line))?;
                    explorer.say(match edited {
                        Ok(()) => "r reads it again".to_owned(),
                        Err(error) => format!("no editor: {error}"),
                    });
                    // What was typed was typed for the editor.
                    break;
                }
                Effect::Copy(text) => screen.copy(&text)?,
                Effect::Write { dump, file, replace } => {
                    write_file(explorer, dump, file, replace);
                }
            }
        }
    }
}

/// What the mouse asks for.
fn pointed(mouse: MouseEvent) -> Option<Action> {
    /// Rows of a turn of the wheel.
    const TURN: isize = 3;
    match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Action::Click(mouse.column, mouse.row)),
        MouseEventKind::ScrollDown => Some(Action::Scroll(mouse.column, TURN)),
        MouseEventKind::ScrollUp => Some(Action::Scroll(mouse.column, -TURN)),
        _ => None,
    }
}

/// Writes a drawing to a file, and says what came of it.
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
    // Neither a pipe nor a device: opening one may wait for its other end.
    if std::fs::metadata(path).is_ok_and(|known| !known.is_file()) {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a file"));
    }
    // A folder that is named by a slip of the hand is not made.
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::metadata(folder)?;
    }
    create(path, replace, |out| dump.write(explorer.scene.analysis, out))
}
