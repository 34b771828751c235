//! The right pane: details of the selection.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::columns::wrapped;
use super::super::explorer::Explorer;
use super::super::theme::Theme;
use super::{Scrolled, border, inside, nth_row, write_text};

/// Width of the headings.
const NAMES: usize = 9;
/// The most rows of one line.
const MOST: usize = 60;

/// A row of the pane.
struct DetailRow {
    /// The index of its line.
    line: usize,
    is_first: bool,
    text: String,
}

/// Draws the details.
pub(super) fn draw(
    explorer: &mut Explorer<'_, '_, '_, '_>,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let active = explorer.in_details;
    let details = &mut explorer.details;
    let total = details.lines().len();
    let inside = inside(area);
    let height = usize::from(inside.height);
    if active {
        explorer.page = height;
    }
    let room = usize::from(inside.width).saturating_sub(1 + NAMES + 2);
    let rows: Vec<_> = details
        .lines()
        .iter()
        .enumerate()
        .flat_map(|(line, written)| {
            let rows = wrapped(&written.text, room, MOST).into_iter().enumerate();
            rows.map(move |(at, text)| DetailRow { line, is_first: at == 0, text })
        })
        .collect();
    let selected = details.position();
    let start = rows.iter().position(|row| row.line == selected).unwrap_or(0);
    let end = rows.iter().rposition(|row| row.line == selected).unwrap_or(0);
    details.top = scrolled(details.top, (start, end), rows.len(), height);
    let more = (details.top > 0, details.top + height < rows.len());
    explorer.areas.details = inside;
    let drawn = rows.iter().skip(details.top).take(height);
    explorer.areas.lines = drawn.map(|row| row.line).collect();
    let scrolled = Scrolled { position: selected + 1, total, more };
    border("Details", Some(&scrolled).filter(|_| total > 0), active, theme, area, buffer);
    for (at, row) in rows.iter().skip(details.top).take(height).enumerate() {
        let Some(area) = nth_row(inside, at) else { break };
        let Some(line) = details.lines().get(row.line) else { break };
        let is_selected = active && row.line == selected;
        let base = if is_selected { theme.selected(true) } else { Style::new() };
        buffer.set_style(area, base);
        write_text(buffer, area, 0, if is_selected { "▌" } else { " " }, base);
        if row.is_first {
            write_text(buffer, area, 1, line.name, base.patch(theme.title()));
        }
        let leads = line.leads_to.is_some() && !is_selected;
        let style = if leads { base.patch(theme.link()) } else { base };
        write_text(buffer, area, 1 + NAMES, &row.text, style);
        if row.is_first && line.leads_to.is_some() {
            write_text(buffer, area, usize::from(inside.width).saturating_sub(1), "›", style);
        }
    }
}

/// The first row on the screen: scrolled as little as possible to show the selected line, its start
/// rather than its end.
fn scrolled(top: usize, (start, end): (usize, usize), total: usize, height: usize) -> usize {
    let lowest = total.saturating_sub(height);
    let shows_end = (end + 1).saturating_sub(height);
    top.max(shows_end).min(start).min(lowest)
}
