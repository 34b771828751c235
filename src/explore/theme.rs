//! How things look. Colours only repeat what words and signs say, and can be left out.

use ratatui::style::{Color, Modifier, Style};

use super::label::Tone;

/// Whether colours are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// False by `NO_COLOR` and the like.
    pub color: bool,
}

impl Theme {
    /// A colour of the terminal's own palette, so that it fits light and dark ones.
    fn color(self, color: Color) -> Style {
        if self.color { Style::new().fg(color) } else { Style::new() }
    }

    pub(super) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Bad => self.color(Color::Red).add_modifier(Modifier::BOLD),
            Tone::Odd => self.color(Color::Yellow),
            Tone::Good => self.color(Color::Green),
            Tone::Quiet => self.quiet(),
        }
    }

    /// What is not to be looked at first.
    pub(super) fn quiet(self) -> Style {
        // Not every terminal dims, and none has to.
        if self.color { Style::new().fg(Color::DarkGray) } else { Style::new().dim() }
    }

    pub(super) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub(super) fn key(self) -> Style {
        self.color(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What leads somewhere.
    pub(super) fn link(self) -> Style {
        self.color(Color::Cyan)
    }

    /// What was searched for.
    pub(super) fn found(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }

    /// The selected row; `active` says that keys go there.
    pub(super) fn selected(self, active: bool) -> Style {
        let style = Style::new().add_modifier(Modifier::BOLD);
        if active { style.add_modifier(Modifier::REVERSED) } else { style }
    }

    pub(super) fn border(self, active: bool) -> Style {
        if active { self.color(Color::Cyan) } else { self.quiet() }
    }
}
