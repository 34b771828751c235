//! A fix that is asked about: its change, and what is not known of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::columns::wrapped;
use super::super::label::MarkTone;
use super::super::theme::Theme;
use super::{border, inside, nth_row, write_text};
use crate::audit::Reported;
use crate::detail::of_finding;

/// Draws it, scrolled by so many rows, at most to the end.
pub(super) fn draw(
    finding: &Reported<'_>,
    scrolled: &mut usize,
    theme: Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let inside = inside(area);
    border("Make this fix?", None, true, theme, area, buffer);
    let room = usize::from(inside.width).saturating_sub(2);
    let mut rows = Vec::new();
    // Stop at the reason, which the user has just read.
    for line in of_finding(finding).iter().take_while(|line| line.name != "why") {
        let text = line.text.trim_start();
        let sign =
            text.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().chars().next();
        let is_changed = line.text.starts_with(' ');
        let style = match sign {
            Some('+') if is_changed => theme.tone(MarkTone::Good),
            Some('-') if is_changed => theme.tone(MarkTone::Bad),
            _ => Style::new(),
        };
        rows.extend(wrapped(&line.text, room, usize::MAX).into_iter().map(|row| (row, style)));
    }
    let height = usize::from(inside.height);
    *scrolled = (*scrolled).min(rows.len().saturating_sub(height));
    for (at, (row, style)) in rows.iter().skip(*scrolled).take(height).enumerate() {
        let Some(area) = nth_row(inside, at) else { break };
        write_text(buffer, area, 1, row, *style);
    }
}
