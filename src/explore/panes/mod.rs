//! The screen: a line with the current position, the two panes, and a line with the possible
//! actions. Drawing costs what is on the screen, not what is in the lock.

mod details;
mod fix;
mod help;
mod list;
mod status;

use std::fmt::{self, Display};

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget};

use super::columns::{fitted_end, fitted_path};
use super::explorer::{Areas, Explorer, Mode};
use super::label::slashed;
use super::lists::ListKind;
use super::row::Spot;
use super::theme::Theme;
use crate::audit::ReportedOutput;

/// The smallest screen, in columns and rows, that is drawn on.
const SMALLEST: (u16, u16) = (40, 8);
/// The width from which on both panes are shown.
const WIDE: u16 = 72;

/// Draws everything.
pub fn draw(explorer: &mut Explorer<'_, '_, '_, '_>, theme: Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let (columns, rows) = SMALLEST;
    if area.width < columns || area.height < rows {
        let text = format!("too small: {columns}x{rows} are needed, q quits");
        write_text(frame.buffer_mut(), area, 0, &text, Style::new());
        return;
    }
    let [top, middle, bottom] = lines(area, status::height(explorer, area.width));
    let buffer = frame.buffer_mut();
    breadcrumb(explorer, theme, top, buffer);
    explorer.areas = Areas::default();
    let to_be_fixed = explorer.to_be_fixed();
    if let Mode::Help(scrolled) = &mut explorer.mode {
        help::draw(scrolled, theme, middle, buffer);
    } else if let (Mode::Fix(_, scrolled), Some(finding)) = (&mut explorer.mode, to_be_fixed) {
        fix::draw(finding, scrolled, theme, middle, buffer);
    } else {
        panes(explorer, theme, middle, buffer);
    }
    let cursor = status::draw(explorer, theme, bottom, buffer);
    if let Some(column) = cursor {
        frame.set_cursor_position((column, bottom.y));
    }
}

fn panes(explorer: &mut Explorer<'_, '_, '_, '_>, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let in_details = explorer.in_details;
    if area.width < WIDE {
        if in_details {
            details::draw(explorer, theme, area, buffer);
        } else {
            list::draw(explorer, theme, area, buffer);
        }
        return;
    }
    // Outputs have long names, and beside them what they are built from.
    let (half, some) = (area.width / 2, area.width / 20);
    let is_wide = explorer.lists.shown == ListKind::Outputs;
    let left = Rect { width: if is_wide { half + some } else { half - some }, ..area };
    let right = Rect { x: area.x + left.width, width: area.width - left.width, ..area };
    list::draw(explorer, theme, left, buffer);
    details::draw(explorer, theme, right, buffer);
}

/// The first line, the last ones, and what is between.
fn lines(area: Rect, last_lines: u16) -> [Rect; 3] {
    let last = area.height.saturating_sub(last_lines);
    [
        Rect { height: 1, ..area },
        Rect { y: area.y + 1, height: last.saturating_sub(1), ..area },
        Rect { y: area.y + last, height: last_lines, ..area },
    ]
}

/// The lock, and the input path of the selection.
fn breadcrumb(explorer: &Explorer<'_, '_, '_, '_>, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let scene = &explorer.scene;
    let graph = scene.graph();
    let selected = explorer.lists.spot().unwrap_or(scene.root());
    let path = match scene.place(selected) {
        _ if matches!(selected, Spot::Output(_) | Spot::Use(..)) => {
            scene.output(selected).map(ReportedOutput::name).unwrap_or_default()
        }
        Spot::Input(input) => slashed(&graph.input_path(input)),
        Spot::Node(node) if graph.is_reachable(node) => slashed(&graph.owner_path(node)),
        Spot::Node(node) => format!("node {}", graph.lock().node(node).key),
        _ => String::new(),
    };
    let width = usize::from(area.width);
    let lock = fitted_end(&scene.report.lock_file, width / 3);
    write_text(buffer, area, 0, &lock.text, theme.title());
    if !path.is_empty() {
        let path = match selected {
            Spot::Output(_) | Spot::Use(..) => path,
            _ => path.replace('/', " › "),
        };
        let room = width.saturating_sub(lock.width + 3);
        write_text(buffer, area, lock.width, " › ", theme.quiet());
        write_text(buffer, area, lock.width + 3, &fitted_end(&path, room).text, Style::new());
    }
}

/// How far a pane is scrolled.
struct Scrolled {
    /// The number of the selection, from 1.
    position: usize,
    total: usize,
    /// Whether there is more above and below the screen.
    more: (bool, bool),
}

impl Display for Scrolled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrows = match self.more {
            (false, false) => "",
            (true, false) => "↑ ",
            (false, true) => "↓ ",
            (true, true) => "↕ ",
        };
        write!(f, " {arrows}{}/{} ", self.position, self.total)
    }
}

/// The area inside a pane's border.
fn inside(area: Rect) -> Rect {
    Block::bordered().inner(area)
}

/// Draws a pane's border, with its title and scroll position. The pane that receives keys has the
/// thicker one.
fn border(
    title: &str,
    scrolled: Option<&Scrolled>,
    active: bool,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let room = usize::from(area.width.saturating_sub(4));
    let title = format!(" {} ", fitted_path(title, room.saturating_sub(2)).text);
    let scrolled = scrolled.map(ToString::to_string).unwrap_or_default();
    let kind = if active { BorderType::Thick } else { BorderType::Plain };
    Block::bordered()
        .border_type(kind)
        .border_style(theme.border(active))
        .title_top(Line::styled(title, theme.title()))
        .title_bottom(Line::styled(scrolled, theme.quiet()).right_aligned())
        .render(area, buffer);
}

/// Writes text into the first row of an area, from a column on. The caller makes sure that it fits.
fn write_text(buffer: &mut Buffer, area: Rect, column: usize, text: &str, style: Style) {
    let Ok(column) = u16::try_from(column) else { return };
    let room = usize::from(area.width.saturating_sub(column));
    if area.height > 0 && room > 0 {
        buffer.set_stringn(area.x + column, area.y, text, room, style);
    }
}

/// One row of an area.
fn nth_row(area: Rect, row: usize) -> Option<Rect> {
    let row = u16::try_from(row).ok().filter(|row| *row < area.height)?;
    Some(Rect { y: area.y + row, height: 1, ..area })
}
