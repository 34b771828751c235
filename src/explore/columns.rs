//! Text that fits into columns of a terminal.
//!
//! All text of a lock passes through here before it is shown: hidden characters are escaped, and so
//! is what terminals disagree about (piles of combining marks, variation selectors), so that
//! nothing can shift its neighbours. No more of a text is read than is shown.

use unicode_width::UnicodeWidthChar;

use crate::text::{Visible, is_hidden};

/// The most combining marks on one character.
const MARKS: usize = 2;

/// A text that is safe to show, and its width in columns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fitted {
    pub(super) text: String,
    pub(super) width: usize,
}

/// The start of a text that fits into `room` columns, with an ellipsis if it is cut.
pub(super) fn fitted(text: &str, room: usize) -> Fitted {
    let mut fitted = Fitted::default();
    // Fills up to one column less, for the ellipsis.
    let (mut end, mut width) = (0, 0);
    for piece in Pieces::new(text) {
        if fitted.width + piece.width > room {
            fitted.text.truncate(end);
            let ellipsis = if room > 0 { "…" } else { "" };
            fitted.text.push_str(ellipsis);
            return Fitted { width: width + ellipsis.chars().count(), ..fitted };
        }
        fitted.push(&piece);
        if fitted.width < room {
            (end, width) = (fitted.text.len(), fitted.width);
        }
    }
    fitted
}

/// The end of a text that fits into `room` columns, after an ellipsis. Of a very long text only the
/// start is read.
pub(super) fn fitted_end(text: &str, room: usize) -> Fitted {
    const LONGEST: usize = 4096;
    let pieces: Vec<Fitted> = Pieces::new(text).take(LONGEST).collect();
    let whole: usize = pieces.iter().map(|piece| piece.width).sum();
    let mut left_out = 0;
    let mut pieces = pieces.iter().peekable();
    let is_cut = whole > room;
    while whole - left_out > room.saturating_sub(usize::from(is_cut)) {
        left_out += pieces.next().map_or(usize::MAX, |piece| piece.width);
    }
    let mut fitted = Fitted::default();
    if is_cut && room > 0 {
        fitted = Fitted { text: "…".into(), width: 1 };
    }
    pieces.for_each(|piece| fitted.push(piece));
    fitted
}

/// A path that fits into `room` columns: if it is too long, its first name and its end around an
/// ellipsis; without room for both, its end.
pub(super) fn fitted_path(text: &str, room: usize) -> Fitted {
    let whole = fitted(text, room);
    let first = text.find('/').and_then(|slash| text.split_at_checked(slash + 1));
    let Some((first, rest)) = first.filter(|_| whole.text.ends_with('…')) else {
        return fitted_end(text, room);
    };
    let mut first = fitted(first, room);
    let end = fitted_end(rest, room.saturating_sub(first.width));
    if first.width > room / 2 {
        return fitted_end(text, room);
    }
    first.push(&end);
    first
}

/// A text as lines of at most `room` columns, broken between words, then within paths, if possible;
/// at most `most` lines, the last of which then ends in an ellipsis. All lines but the first are
/// indented a little, so that the start of the next text can be seen.
pub(super) fn wrapped(text: &str, room: usize, most: usize) -> Vec<String> {
    let mut lines =
        Lines { lines: vec![Fitted::default()], word: Fitted::default(), start: 0, room };
    // By the text's own indentation and two columns more, but not more than there is.
    let indent = text.bytes().take_while(|byte| *byte == b' ').count() + 2;
    let indent = if indent < room / 2 { indent } else { 0 };
    for piece in Pieces::new(text) {
        lines.push(&piece, indent);
        if lines.lines.len() > most {
            break;
        }
    }
    lines.end_word(indent);
    let mut lines = lines.lines;
    let is_cut = lines.len() > most;
    lines.truncate(most);
    if let Some(last) = lines.last_mut().filter(|_| is_cut) {
        *last = fitted(&format!("{}…", last.text), room);
    }
    lines.into_iter().map(|line| line.text).collect()
}

/// Lines that are being filled.
struct Lines {
    lines: Vec<Fitted>,
    /// A part of the text that stays together and is not in a line yet.
    word: Fitted,
    /// Indentation of the last line.
    start: usize,
    room: usize,
}

impl Lines {
    fn push(&mut self, piece: &Fitted, indent: usize) {
        if piece.text == " " {
            self.end_word(indent);
            if let Some(line) = self.lines.last_mut().filter(|line| line.width < self.room) {
                line.push(piece);
            }
            return;
        }
        // If it does not fit on the current line, it goes to the next one.
        let is_begun = self.lines.last().is_some_and(|line| line.width > self.start);
        let longest = self.room - if is_begun { indent } else { self.start };
        if self.word.width + piece.width > longest {
            self.end_word(indent);
            self.new_line(indent);
        }
        self.word.push(piece);
        // Paths, references and Nix code may be broken after these, too.
        if matches!(&*piece.text, "/" | "." | "?" | "&") {
            self.end_word(indent);
        }
    }

    /// Adds the word to the line, or to the next one if it does not fit.
    fn end_word(&mut self, indent: usize) {
        let width = self.lines.last().map_or(0, |line| line.width);
        if width + self.word.width > self.room && width > self.start {
            self.new_line(indent);
        }
        if let Some(line) = self.lines.last_mut() {
            line.push(&std::mem::take(&mut self.word));
        }
    }

    fn new_line(&mut self, indent: usize) {
        if let Some(line) = self.lines.last_mut() {
            let end = line.text.trim_end().len();
            line.text.truncate(end);
        }
        self.start = indent;
        self.lines.push(Fitted { text: " ".repeat(indent), width: indent });
    }
}

impl Fitted {
    pub(super) fn push(&mut self, piece: &Self) {
        self.text.push_str(&piece.text);
        self.width += piece.width;
    }
}

/// Splits a text into parts that must stay together: a character with its marks, or an escape.
struct Pieces<'t> {
    chars: std::iter::Peekable<std::str::Chars<'t>>,
}

impl<'t> Pieces<'t> {
    fn new(text: &'t str) -> Self {
        Self { chars: text.chars().peekable() }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Fitted;

    fn next(&mut self) -> Option<Fitted> {
        let c = self.chars.next()?;
        let width = c.width().unwrap_or(0);
        // A mark without a character, or one too many.
        if is_hidden(c) || width == 0 {
            return Some(escaped(c));
        }
        let mut piece = Fitted { text: c.into(), width };
        for _ in 0..MARKS {
            let is_mark = |c: &char| !is_hidden(*c) && c.width() == Some(0);
            let Some(mark) = self.chars.next_if(is_mark) else { break };
            piece.text.push(mark);
        }
        Some(piece)
    }
}

fn escaped(c: char) -> Fitted {
    let mut text = Visible(c.encode_utf8(&mut [0; 4])).to_string();
    if text.starts_with(c) {
        let units =
            c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
        text = units;
    }
    Fitted { width: text.len(), text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str, room: usize) -> String {
        fitted(text, room).text
    }

    #[test]
    fn a_text_is_cut_where_it_does_not_fit() {
        assert_eq!(start("nixpkgs", 7), "nixpkgs");
        assert_eq!(start("nixpkgs", 6), "nixpk…");
        assert_eq!(start("nixpkgs", 1), "…");
        assert_eq!(start("nixpkgs", 0), "");
        assert_eq!(fitted_end("another-dep/nixpkgs", 9).text, "…/nixpkgs");
        assert_eq!(fitted_end("nixpkgs", 7).text, "nixpkgs");
        assert_eq!(fitted_end("nixpkgs", 0).text, "");
    }

    #[test]
    fn of_a_path_the_first_name_is_kept_and_the_end() {
        let path = |room| fitted_path("solver/treefmt-nix/utils/nixpkgs", room).text;
        assert_eq!(path(32), "solver/treefmt-nix/utils/nixpkgs");
        assert_eq!(path(22), "solver/…/utils/nixpkgs");
        assert_eq!(path(15), "solver/…nixpkgs");
        assert_eq!(path(12), "…ils/nixpkgs");
        assert_eq!(path(1), "…");
        assert_eq!(path(0), "");
        assert_eq!(fitted_path("a-long-name", 6).text, "…-name");
        // The text's own ellipsis is not a cut.
        assert_eq!(fitted_path("a/b…", 4).text, "a/b…");
    }

    #[test]
    fn wide_characters_count_twice_and_are_not_halved() {
        assert_eq!(fitted("日本語", 6), Fitted { text: "日本語".into(), width: 6 });
        assert_eq!(fitted("日本語", 5), Fitted { text: "日本…".into(), width: 5 });
        assert_eq!(fitted("日本語", 4), Fitted { text: "日…".into(), width: 3 });
        assert_eq!(fitted_end("日本語", 4), Fitted { text: "…語".into(), width: 3 });
    }

    #[test]
    fn hidden_characters_and_piles_of_marks_are_escaped() {
        assert_eq!(start("a\u{1b}b", 20), "a\\u001bb");
        assert_eq!(start("e\u{301}", 20), "e\u{301}");
        assert_eq!(start("\u{301}e", 20), "\\u0301e");
        assert_eq!(start(&format!("e{}", "\u{301}".repeat(3)), 20), "e\u{301}\u{301}\\u0301");
        assert_eq!(start("☺\u{fe0f}", 20), "☺\\ufe0f");
        // An escape is shown whole or not at all.
        assert_eq!(start("a\u{1b}b", 5), "a…");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("gets plain nixpkgs", 10, 9), ["gets plain", "  nixpkgs"]);
        assert_eq!(wrapped("nixpkgs", 3, 9), ["nix", "pkg", "s"]);
        assert_eq!(wrapped("a nixpkgs b", 4, 9), ["a", "nixp", "kgs", "b"]);
        assert_eq!(wrapped("see a/nixpkgs/b", 11, 9), ["see a/", "  nixpkgs/b"]);
        assert_eq!(wrapped("    x.y = z;", 14, 9), ["    x.y = z;"]);
        assert_eq!(wrapped("    x.y = zzzz;", 14, 9), ["    x.y =", "      zzzz;"]);
        assert_eq!(wrapped("x.y.z.abcdefghijk", 8, 9), ["x.y.z.", "  abcdef", "  ghijk"]);
        assert_eq!(wrapped("", 10, 9), [""]);
        assert_eq!(wrapped("one two three four", 5, 2), ["one", "two…"]);
        assert_eq!(wrapped(&"x ".repeat(1_000_000), 10, 3).len(), 3);
        assert_eq!(wrapped(&" ".repeat(1_000_000), 10, 3), ["          "]);
        assert_eq!(wrapped("ab", 0, 3).len(), 3);
    }
}
