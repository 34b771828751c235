//! How text is laid out: wrapped with a hanging indent, beside a gutter with line numbers.

use std::fmt::Write;

use owo_colors::{OwoColorize, Style};
use unicode_width::UnicodeWidthStr;

use super::ReportStyle;

use crate::change::DiffLine;
use crate::finding::Level;
use crate::render::words::visible_line;
use crate::text::{Excerpt, Position};

/// The kind of a text, which decides its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextTone {
    Error,
    Warning,
    Info,
    /// What to do.
    Help,
    /// What to consider before.
    Caution,
    /// Further facts.
    Note,
    Plain,
}

impl TextTone {
    /// The tone of findings at a level.
    pub(super) fn of(level: Level) -> Self {
        match level {
            Level::Deny => TextTone::Error,
            Level::Warn => TextTone::Warning,
            Level::Allow => TextTone::Info,
        }
    }
}

/// On narrower terminals lines still have this width.
const NARROWEST: usize = 40;

/// The dimensions and colours of a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    color: bool,
    width: usize,
    /// Width of the gutter's numbers.
    gutter: usize,
}

impl Layout {
    pub(super) fn new(show: ReportStyle) -> Self {
        let width = show.width.map_or(usize::MAX, |width| width.max(NARROWEST));
        Self { color: show.color, width, gutter: 1 }
    }

    /// Makes the gutter wide enough for the number of a line.
    pub(super) fn make_room_for(&mut self, line: usize) {
        self.gutter = self.gutter.max(line.to_string().len());
    }

    fn paint(&self, text: &str, style: Style) -> String {
        let style = if self.color { style } else { Style::new() };
        text.style(style).to_string()
    }

    fn edge(&self, text: &str) -> String {
        self.paint(text, Style::new().blue().bold())
    }

    /// The first line: the severity and the message.
    pub(super) fn title(&self, tone: TextTone, name: &str, message: &str) -> String {
        let start = format!("{name}: ");
        let lines = wrapped(message, self.width, start.width(), 2);
        let bold = Style::new().bold();
        let mut text = self.paint(name, style(tone)) + &self.paint(": ", bold);
        for (number, line) in lines.iter().enumerate() {
            let indent = if number == 0 { "" } else { "  " };
            let _ = writeln!(text, "{indent}{}", self.paint(line, bold));
        }
        text
    }

    /// A place: file, line and column.
    pub(super) fn place(&self, file: &str, at: Option<Position>) -> String {
        let arrow = self.edge(&format!("{:gutter$}-->", "", gutter = self.gutter));
        match at {
            Some(at) => format!("{arrow} {file}:{}:{}\n", at.line, at.column),
            None => format!("{arrow} {file}\n"),
        }
    }

    /// A place, its line, and a mark below the marked range.
    pub(super) fn snippet(
        &self,
        file: &str,
        excerpt: &Excerpt,
        tone: TextTone,
        label: Option<&str>,
    ) -> String {
        let before = excerpt.text.get(..excerpt.start).unwrap_or_default();
        let meant = excerpt.text.get(excerpt.start..excerpt.end).unwrap_or_default();
        let column = before.chars().count() + 1;
        let bar = self.edge(&format!("{:gutter$} |", "", gutter = self.gutter));
        let mut text = self.place(file, Some(Position { line: excerpt.line, column }));
        let number = self.edge(&format!("{:>gutter$} |", excerpt.line, gutter = self.gutter));
        let _ = writeln!(text, "{bar}\n{number} {}", excerpt.text);
        let indent = " ".repeat(before.width());
        let marks = "^".repeat(meant.width().max(1));
        let room = self.width.saturating_sub(self.gutter + 3 + before.width() + marks.len() + 1);
        match label {
            Some(label) if label.width() > room => {
                let _ = writeln!(text, "{bar} {indent}{}", self.paint(&marks, style(tone)));
                let start = self.gutter + 3;
                // Below the mark, or further left if there is no room for it.
                let indent = before.width().min(self.width.saturating_sub(start + label.width()));
                let indent = " ".repeat(indent);
                let _ = writeln!(text, "{bar} {indent}{}", self.paint(label, style(tone)));
            }
            Some(label) => {
                let marked = format!("{marks} {label}");
                let _ = writeln!(text, "{bar} {indent}{}", self.paint(&marked, style(tone)));
            }
            None => {
                let _ = writeln!(text, "{bar} {indent}{}", self.paint(&marks, style(tone)));
            }
        }
        text
    }

    /// A sentence beside the gutter: `= help: …`.
    pub(super) fn sentence(&self, name: &str, tone: TextTone, text: &str) -> String {
        let edge = format!("{:gutter$} = ", "", gutter = self.gutter);
        let start = edge.width() + name.width() + 2;
        let mut all = self.edge(&edge) + &self.paint(&format!("{name}:"), style(tone)) + " ";
        let indent = " ".repeat(start);
        for (number, line) in wrapped(text, self.width, start, start).iter().enumerate() {
            let indent = if number == 0 { "" } else { &indent };
            let _ = writeln!(all, "{indent}{line}");
        }
        all
    }

    /// A sentence of its own, with an optional name in front.
    pub(super) fn paragraph(&self, name: &str, tone: TextTone, text: &str) -> String {
        let start = name.width();
        let mut all = self.paint(name, style(tone));
        for (number, line) in wrapped(text, self.width, start, start.max(2)).iter().enumerate() {
            let indent = if number == 0 { 0 } else { start.max(2) };
            let _ = writeln!(all, "{:indent$}{line}", "");
        }
        all
    }

    /// An entry of a list, indented; continued lines are indented further. A name in front has its
    /// own style.
    pub(super) fn entry(&self, indent: usize, name: &str, look: Style, text: &str) -> String {
        let mut all = " ".repeat(indent) + &self.paint(name, look);
        let (start, others) = (indent + name.width(), indent + 4);
        for (number, line) in wrapped(text, self.width, start, others).iter().enumerate() {
            let indent = if number == 0 { 0 } else { others };
            let _ = write!(all, "{:indent$}{line}", "");
            all.truncate(all.trim_end_matches(' ').len());
            all.push('\n');
        }
        all
    }

    /// A line of a diff.
    pub(super) fn diff_line(&self, line: DiffLine<'_>) -> String {
        let (sign, style) = match line.sign {
            '-' => ("-", Style::new().red()),
            '+' => ("+", Style::new().green()),
            _ => ("|", Style::new()),
        };
        let number = self.edge(&format!("{:>gutter$}", line.number, gutter = self.gutter));
        let rest = format!("{sign} {}", visible_line(line.text));
        let sign = if line.sign == ' ' {
            self.edge("|") + rest.get(1..).unwrap_or_default()
        } else {
            self.paint(&rest, style)
        };
        format!("{number} {}\n", sign.trim_end())
    }

    /// A line to paste, unchanged.
    pub(super) fn pasted(&self, line: &str) -> String {
        let indent = self.gutter + 3;
        format!("{:indent$}{}\n", "", self.paint(line, Style::new().green()))
    }
}

fn style(tone: TextTone) -> Style {
    match tone {
        TextTone::Error => Style::new().red().bold(),
        TextTone::Warning | TextTone::Caution => Style::new().yellow().bold(),
        TextTone::Info | TextTone::Note => Style::new().bold(),
        TextTone::Help => Style::new().cyan().bold(),
        TextTone::Plain => Style::new(),
    }
}

/// Lines of a text that fit: the first begins at one column, others at another. Text in backticks
/// stays together, and nothing without a blank is broken.
fn wrapped(text: &str, width: usize, first: usize, others: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut room = width.saturating_sub(first);
    for word in words(text) {
        let is_full = columns(&line) + 1 + columns(word) > room;
        if line.is_empty() {
            line.push_str(word);
        } else if is_full {
            lines.push(std::mem::replace(&mut line, word.to_owned()));
            room = width.saturating_sub(others);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line);
    lines
}

/// How many columns a text takes.
fn columns(text: &str) -> usize {
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if is_plain { text.len() } else { text.width() }
}

/// The parts between blanks, keeping text in backticks together.
fn words(text: &str) -> impl Iterator<Item = &str> {
    /// Longer text in backticks is broken like other text.
    const LONGEST: usize = 64;
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(' ');
        if rest.is_empty() {
            return None;
        }
        let mut opened: Option<usize> = None;
        let mut blank = None;
        for (at, c) in rest.char_indices() {
            match (c, opened) {
                ('`', None) => opened = Some(at),
                ('`', Some(_)) => (opened, blank) = (None, None),
                (' ', None) => {
                    blank = Some(at);
                    break;
                }
                (' ', Some(_)) => blank = blank.or(Some(at)),
                _ => {}
            }
            if opened.is_some_and(|opened| at - opened > LONGEST) && blank.is_some() {
                break;
            }
        }
        let (word, after) = rest.split_at(blank.unwrap_or(rest.len()));
        rest = after;
        Some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_at_blanks_outside_of_backticks() {
        let text = "run `nix flake lock` and then look at `a/b`, once more";
        assert_eq!(
            wrapped(text, 24, 6, 2),
            ["run", "`nix flake lock` and", "then look at `a/b`,", "once more"]
        );
        assert_eq!(wrapped("averyverylongword x", 8, 0, 2), ["averyverylongword", "x"]);
        assert_eq!(wrapped("", 8, 0, 2), [""]);
        // An unclosed backtick is plain text.
        assert_eq!(wrapped("an `open quote", 9, 0, 0), ["an `open", "quote"]);
        assert_eq!(wrapped("wide 中中中 text", 9, 0, 0), ["wide", "中中中", "text"]);
    }

    #[test]
    fn a_label_that_does_not_fit_stands_below_the_mark() {
        let excerpt = Excerpt { line: 7, text: "  cuda = true;".into(), start: 2, end: 6 };
        let layout = |width| {
            let show =
                ReportStyle { color: false, quiet: false, verbose: false, width: Some(width) };
            Layout::new(show).snippet(
                "f.nix",
                &excerpt,
                TextTone::Error,
                Some("a label of some length, it is so"),
            )
        };
        assert_eq!(
            layout(80),
            " --> f.nix:7:3\n  |\n7 |   cuda = true;\n  |   ^^^^ a label of some length, it is so\n"
        );
        assert_eq!(
            layout(40),
            " --> f.nix:7:3\n  |\n7 |   cuda = true;\n  |   ^^^^\n  |   a label of some length, it is so\n"
        );
    }
}
