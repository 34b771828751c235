//! The contents of strings.
//!
//! Source: Nix, `src/libexpr/lexer.l` (states `STRING` and `IND_STRING`, `unescapeStr`) and
//! `parser-state.hh` (`stripIndentation`).

use super::ParseResult;
use super::expr::{ExprId, Part};
use super::lexer::Token;
use super::parser::Parser;

/// A piece of an indented string.
enum Piece<'a> {
    /// Literal text.
    Raw(&'a str),
    /// The meaning of an escape. Blanks in it and after it are no indentation.
    Escaped(&'a str),
    Interpolated(ExprId),
}

impl<'a> Parser<'a> {
    /// The parts of the string whose quotes are the current token, and its end. Afterwards the
    /// token after it is the current one.
    pub(super) fn string(&mut self) -> ParseResult<(Vec<Part>, usize)> {
        let parts = match self.lexer.token {
            Token::Quotes => self.indented()?,
            _ => self.quoted()?,
        };
        let end = self.lexer.end;
        self.lexer.advance()?;
        Ok((parts, end))
    }

    /// `"…"`
    fn quoted(&mut self) -> ParseResult<Vec<Part>> {
        let start = self.lexer.start;
        let mut at = self.lexer.end;
        let mut parts = Vec::new();
        loop {
            let special = self.lexer.skip(at, |byte| !b"\"\\$\r\0".contains(&byte));
            self.buffer.push_str(self.lexer.slice(at, special));
            at = special;
            match self.lexer.byte(at) {
                b'"' => break,
                b'$' if self.lexer.byte(at + 1) == b'{' => {
                    self.flush(&mut parts);
                    parts.push(Part::Interpolated(self.interpolation(at)?));
                    at = self.lexer.end;
                }
                b'$' => {
                    // `$${` is no interpolation.
                    let length = 1 + usize::from(self.lexer.byte(at + 1) == b'$');
                    self.buffer.push_str(self.lexer.slice(at, at + length));
                    at += length;
                }
                b'\\' => at = self.escape(at, start)?,
                b'\r' => {
                    self.buffer.push('\n');
                    at += 1 + usize::from(self.lexer.byte(at + 1) == b'\n');
                }
                _ => return Err(self.end_of_string(at, start)),
            }
        }
        self.flush(&mut parts);
        self.lexer.end = at + 1;
        Ok(parts)
    }

    /// Adds the meaning of a backslash to the buffer; returns where the text after it begins.
    fn escape(&mut self, at: usize, start: usize) -> ParseResult<usize> {
        match self.lexer.byte(at + 1) {
            b'n' => self.buffer.push('\n'),
            b'r' => self.buffer.push('\r'),
            b't' => self.buffer.push('\t'),
            0 => return Err(self.end_of_string(at + 1, start)),
            byte if byte.is_ascii() => self.buffer.push(char::from(byte)),
            // A character of several bytes stands for itself.
            _ => return Ok(at + 1),
        }
        Ok(at + 2)
    }

    /// `''…''`
    fn indented(&mut self) -> ParseResult<Vec<Part>> {
        let pieces = self.pieces()?;
        Ok(self.without_indentation(&pieces))
    }

    fn pieces(&mut self) -> ParseResult<Vec<Piece<'a>>> {
        let start = self.lexer.start;
        let mut raw = self.lexer.end;
        let blanks = self.lexer.skip(raw, |byte| byte == b' ');
        if self.lexer.byte(blanks) == b'\n' {
            raw = blanks + 1;
        }
        let mut pieces = Vec::new();
        let mut at = raw;
        loop {
            at = self.lexer.skip(at, |byte| !b"$'\0".contains(&byte));
            let bytes = [0, 1, 2, 3].map(|offset| self.lexer.byte(at + offset));
            // What the special bytes mean, and how many they are.
            let (piece, length) = match bytes {
                [b'$', b'{', ..] => (None, 0),
                [b'$', b'\'', ..] => (Some("$"), 1),
                [b'\'', b'\'', b'$', _] => (Some("$"), 3),
                [b'\'', b'\'', b'\'', _] => (Some("''"), 3),
                [b'\'', b'\'', b'\\', 0] => return Err(self.end_of_string(at + 3, start)),
                [b'\'', b'\'', b'\\', b'n'] => (Some("\n"), 4),
                [b'\'', b'\'', b'\\', b'r'] => (Some("\r"), 4),
                [b'\'', b'\'', b'\\', b't'] => (Some("\t"), 4),
                [b'\'', b'\'', b'\\', byte] if byte.is_ascii() => {
                    (Some(self.lexer.slice(at + 3, at + 4)), 4)
                }
                [b'\'', b'\'', b'\\', _] => (Some(""), 3),
                [b'\'', b'\'', ..] => (None, 2),
                [b'\'', b'$', ..] => (Some("'"), 1),
                [b'$' | b'\'', 0, ..] => return Err(self.end_of_string(at + 1, start)),
                // `$${` is no interpolation.
                [b'$' | b'\'', ..] => {
                    at += 2;
                    continue;
                }
                _ => return Err(self.end_of_string(at, start)),
            };
            if raw < at {
                pieces.push(Piece::Raw(self.lexer.slice(raw, at)));
            }
            match (piece, length) {
                (Some(escaped), length) => {
                    pieces.push(Piece::Escaped(escaped));
                    at += length;
                }
                (None, 0) => {
                    pieces.push(Piece::Interpolated(self.interpolation(at)?));
                    at = self.lexer.end;
                }
                (None, length) => {
                    self.lexer.end = at + length;
                    return Ok(pieces);
                }
            }
            raw = at;
        }
    }

    /// Removes the blanks that all lines begin with, and a last line of blanks.
    fn without_indentation(&mut self, pieces: &[Piece<'_>]) -> Vec<Part> {
        let indentation = indentation(pieces);
        let mut parts = Vec::new();
        let mut at_start = true;
        let mut dropped = 0;
        for (at, piece) in pieces.iter().enumerate() {
            let text = match piece {
                Piece::Interpolated(expr) => {
                    at_start = false;
                    dropped = 0;
                    self.flush(&mut parts);
                    parts.push(Part::Interpolated(*expr));
                    continue;
                }
                Piece::Raw(text) | Piece::Escaped(text) => text,
            };
            let before = self.buffer.len();
            for line in text.split_inclusive('\n') {
                let mut line = line;
                if at_start {
                    let blanks = line.bytes().take_while(|byte| *byte == b' ').count();
                    let removed = indentation.saturating_sub(dropped).min(blanks);
                    line = line.get(removed..).unwrap_or_default();
                    dropped += blanks;
                    at_start = line.bytes().all(|byte| byte == b' ');
                }
                if !at_start {
                    dropped = 0;
                }
                at_start |= line.ends_with('\n');
                self.buffer.push_str(line);
            }
            if at + 1 == pieces.len() {
                let last = self.buffer.get(before..).unwrap_or_default();
                if let Some(line) = last.rfind('\n')
                    && last.bytes().skip(line + 1).all(|byte| byte == b' ')
                {
                    self.buffer.truncate(before + line + 1);
                }
            }
        }
        self.flush(&mut parts);
        parts
    }

    /// The expression of the `${…}` that begins there; afterwards its closing brace is the current
    /// token.
    pub(super) fn interpolation(&mut self, at: usize) -> ParseResult<ExprId> {
        self.lexer.advance_from(at + 2)?;
        let expr = self.expr()?;
        if self.lexer.token != Token::CloseBrace {
            return Err(self.unexpected("`}`"));
        }
        Ok(expr.id)
    }

    /// Turns the buffer into a part.
    fn flush(&mut self, parts: &mut Vec<Part>) {
        if !self.buffer.is_empty() {
            parts.push(Part::Text(self.buffer.as_str().into()));
            self.buffer.clear();
        }
    }

    /// The text ends before the string does, or has a null byte in it.
    fn end_of_string(&self, at: usize, start: usize) -> Box<super::SyntaxError> {
        if at < self.lexer.text.len() {
            self.lexer.wrong("a string cannot hold a null byte", at, at + 1)
        } else {
            self.lexer.wrong("this string has no end", start, start + 1)
        }
    }
}

/// Nix starts from this when it looks for the smallest indentation.
const WIDEST: usize = 1_000_000;

/// The number of blanks that all lines begin with.
fn indentation(pieces: &[Piece<'_>]) -> usize {
    let mut least = WIDEST;
    let mut at_start = true;
    let mut blanks = 0;
    for piece in pieces {
        let Piece::Raw(text) = piece else {
            if at_start {
                at_start = false;
                least = least.min(blanks);
            }
            continue;
        };
        for line in text.split_inclusive('\n') {
            if at_start {
                let leading = line.bytes().take_while(|byte| *byte == b' ').count();
                blanks += leading;
                match line.as_bytes().get(leading) {
                    None | Some(b'\n') => {}
                    Some(_) => {
                        at_start = false;
                        least = least.min(blanks);
                    }
                }
            }
            if line.ends_with('\n') {
                at_start = true;
                blanks = 0;
            }
        }
    }
    least
}
