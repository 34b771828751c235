//! Styles. Colours only repeat what words and signs say, and can be left out.

use ratatui::style::{Color, Modifier, Style};

use super::label::MarkTone;

/// Whether colours are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// False with `NO_COLOR` and the like.
    pub color: bool,
}

impl Theme {
    /// A colour of the terminal's own palette, which suits light and dark ones.
    fn color(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    pub(super) fn tone(self, tone: MarkTone) -> Style {
        match tone {
            MarkTone::Bad => self.color(Color::Red).add_modifier(Modifier::BOLD),
            MarkTone::Odd => self.color(Color::Yellow),
            MarkTone::Good => self.color(Color::Green),
            MarkTone::Quiet => self.quiet(),
        }
    }

    /// For what should not draw attention.
    pub(super) fn quiet(self) -> Style {
        // Not every terminal can dim text, which is harmless.
        if self.color { Style::new().fg(Color::DarkGray) } else { Style::new().dim() }
    }

    pub(super) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn key(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// For what leads somewhere.
    pub(super) fn link(self) -> Style {
        self.color(Color::Cyan)
    }

    /// For matches of a search.
    pub(super) fn found(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }

    /// The selected row; `active` says whether its pane receives keys.
    pub(super) fn selected(self, active: bool) -> Style {
        let style = Style::new().add_modifier(Modifier::BOLD);
        if active { style.add_modifier(Modifier::REVERSED) } else { style }
    }

    pub(super) fn border(self, active: bool) -> Style {
        if active { self.color(Color::Cyan) } else { self.quiet() }
    }
}
