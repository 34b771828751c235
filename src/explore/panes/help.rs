//! The list of keys.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::columns::wrapped;
use super::super::keys::HELP;
use super::super::theme::Theme;
use super::{border, inside, nth_row, write_text};

/// Width of the keys.
const KEYS: usize = 11;

/// Draws the keys, scrolled by so many rows, at most to the end.
pub(super) fn draw(scrolled: &mut usize, theme: Theme, area: Rect, buffer: &mut Buffer) {
    let inside = inside(area);
    border("Keys", None, true, theme, area, buffer);
    let room = usize::from(inside.width).saturating_sub(KEYS + 2);
    let mut rows = Vec::new();
    for (keys, words) in HELP {
        for (at, line) in wrapped(words, room, usize::MAX).into_iter().enumerate() {
            rows.push((if at == 0 { keys } else { "" }, line));
        }
    }
    let height = usize::from(inside.height);
    *scrolled = (*scrolled).min(rows.len().saturating_sub(height));
    for (at, (keys, line)) in rows.iter().skip(*scrolled).take(height).enumerate() {
        let Some(area) = nth_row(inside, at) else { break };
        write_text(buffer, area, 1, keys, theme.key());
        write_text(buffer, area, 1 + KEYS, line, Style::new());
    }
}
