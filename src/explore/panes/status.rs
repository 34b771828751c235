//! The last line: the last message, the prompt, or the keys that are useful now.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::columns::{fitted, fitted_end, wrapped};
use super::super::explorer::{Explorer, Mode, Sink};
use super::super::fixes;
use super::super::lists::ListKind;
use super::super::row::{Fold, Spot};
use super::super::theme::Theme;
use super::{nth_row, write_text};

/// The most lines of a message.
const MOST: usize = 3;

/// The height of the line: more than one for a long message.
pub(super) fn height(explorer: &Explorer<'_, '_, '_, '_>, width: u16) -> u16 {
    let lines = message_lines(explorer, usize::from(width)).map_or(1, |lines| lines.len());
    u16::try_from(lines).unwrap_or(1)
}

/// The last message, unless there is a prompt.
fn message_lines(explorer: &Explorer<'_, '_, '_, '_>, width: usize) -> Option<Vec<String>> {
    let is_typed = matches!(explorer.mode, Mode::Search { .. } | Mode::File { .. });
    let message = explorer.message.as_deref().filter(|message| !is_typed && !message.is_empty())?;
    Some(wrapped(message, width, MOST))
}

/// Draws the line, and returns the column of the cursor if there is a prompt.
pub(super) fn draw(
    explorer: &Explorer<'_, '_, '_, '_>,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> Option<u16> {
    let width = usize::from(area.width);
    let message = explorer.message.as_deref().unwrap_or_default();
    let asked = match &explorer.mode {
        Mode::Search { .. } => "/",
        Mode::File { .. } => "write DOT to: ",
        Mode::Browse | Mode::Help(_) | Mode::Fix(..) => {
            let Some(lines) = self::message_lines(explorer, width) else {
                keys(explorer, theme, area, buffer);
                return None;
            };
            for (row, text) in lines.iter().enumerate() {
                let Some(line) = nth_row(area, row) else { break };
                write_text(buffer, line, 0, text, Style::new());
            }
            return None;
        }
    };
    let typed = explorer.prompt().map_or("", |prompt| prompt.text());
    write_text(buffer, area, 0, asked, theme.key());
    let asked = asked.chars().count();
    // The message is on the right, if there is room.
    let message = fitted(message, width / 2);
    let room = width.saturating_sub(asked + 1 + message.width + usize::from(message.width > 0));
    let typed = fitted_end(typed, room);
    write_text(buffer, area, asked, &typed.text, Style::new());
    write_text(buffer, area, width.saturating_sub(message.width), &message.text, theme.quiet());
    u16::try_from(asked + typed.width).ok().map(|column| area.x + column)
}

/// The keys that do something now, as many as fit, but always those for help and exit.
fn keys(explorer: &Explorer<'_, '_, '_, '_>, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let width = usize::from(area.width);
    let quits = match explorer.sink() {
        Sink::Stdout => "write & quit",
        Sink::File => "quit",
    };
    let always = [("?", "help"), ("q", quits)];
    let columns = |(key, word): &(&str, &str)| key.chars().count() + 1 + word.chars().count() + 2;
    let mut room = width.saturating_sub(always.iter().map(columns).sum::<usize>());
    let mut shown = Vec::new();
    for hint in hints(explorer) {
        let needed = columns(&hint);
        if needed > room {
            break;
        }
        room -= needed;
        shown.push(hint);
    }
    let mut column = 0;
    for hint in shown.into_iter().chain(always) {
        write_text(buffer, area, column, hint.0, theme.key());
        write_text(buffer, area, column + hint.0.chars().count() + 1, hint.1, Style::new());
        column += columns(&hint);
    }
}

/// Keys and what they do here, the most useful first.
fn hints(explorer: &Explorer<'_, '_, '_, '_>) -> Vec<(&'static str, &'static str)> {
    if matches!(explorer.mode, Mode::Fix(..)) {
        return vec![("y", "write it"), ("esc", "leave all as it is"), ("↑↓", "scroll")];
    }
    if matches!(explorer.mode, Mode::Help(_)) {
        return vec![("↑↓", "scroll"), ("esc", "back")];
    }
    let mut hints = Vec::new();
    let (scene, lists) = (&explorer.scene, &explorer.lists);
    let row = lists.rows().selected();
    let has_fix = row.is_some_and(|row| fixes::fix_for(scene, row.spot).is_some());
    if explorer.in_details {
        if explorer.details.leads_to().is_some() {
            hints.push(("enter", "go there"));
        }
        hints.push(("tab", "back to the list"));
    } else if let Some(row) = row {
        match row.fold {
            Fold::Closed => hints.push(("→", "open")),
            Fold::Open => hints.push(("←", "close")),
            Fold::Elsewhere | Fold::Leaf => {}
        }
        let follows = |spot| matches!(spot, Spot::Input(input) if !scene.graph().is_direct(input));
        match lists.shown {
            ListKind::Tree if follows(row.spot) => hints.push(("enter", "follow")),
            ListKind::Tree => {}
            ListKind::Users => hints.push(("t", "in the tree")),
            ListKind::Outputs if row.fold != Fold::Leaf => {}
            ListKind::Instances | ListKind::Findings | ListKind::Outputs => {
                hints.push(("enter", "in the tree"))
            }
        }
    }
    if has_fix {
        hints.push(("f", "fix"));
        hints.push(("y", "copy it"));
    }
    if explorer.search.is_some() {
        hints.push(("n N", "next, previous"));
    }
    if !explorer.in_details {
        hints.push(("tab", "details"));
        if lists.shown != ListKind::Tree {
            hints.push(("esc", "back"));
        }
    }
    if !scene.report.findings.is_empty() {
        hints.push(("[ ]", "findings"));
    }
    hints.extend([("u", "users"), ("/", "search"), ("!", "list"), ("o", "outputs")]);
    hints.push(("i", "instances"));
    hints.push(("d", "draw"));
    hints
}
