//! Cuts a text into tokens of the Nix language, one at a time and each once.
//!
//! Source: Nix, `src/libexpr/lexer.l`, where the longest token wins. The contents of strings and
//! paths are not tokens: the parser reads them itself when such a token begins (`strings.rs`,
//! `paths.rs`).

use super::{ParseResult, SyntaxError};
use crate::Span;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// The end of the text. A null byte ends it too, as in Nix.
    End,
    Ident,
    Integer(i64),
    Float,
    Uri,
    /// The first byte of a path; the parser reads the rest.
    Path,
    SearchPath,
    /// `"`
    Quote,
    /// `''`
    Quotes,
    /// `${`
    Interpolation,
    Assert,
    Else,
    If,
    In,
    Inherit,
    Let,
    Or,
    Rec,
    Then,
    With,
    Ellipsis,
    Dot,
    Comma,
    Colon,
    Semicolon,
    At,
    Question,
    Assign,
    OpenParen,
    CloseParen,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    Bang,
    Plus,
    Minus,
    Times,
    Divide,
    Concat,
    Update,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    AndAnd,
    OrOr,
    Implies,
    PipeRight,
    PipeLeft,
}

/// A run of characters that a path may have, except `/`. Names, numbers and operators consist of
/// the same characters, so the end of the run decides whether they are part of a path.
#[derive(Default)]
struct Run {
    end: usize,
    /// One past the last `_` in it; a URL has none before its colon.
    underscore: usize,
    /// The number of its tokens.
    tokens: usize,
}

/// The text, and the place of the current token in it.
pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
    run: Run,
    /// The most tokens in one run.
    pub(super) longest_run: usize,
    /// The places of comments, if they are wanted.
    pub(super) comments: Option<Vec<Span>>,
}

pub(super) fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+')
}

fn is_uri(byte: u8) -> bool {
    is_path(byte) || b"%/?:@&=$,!~*'".contains(&byte)
}

fn is_ident(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'\'' | b'-')
}

impl<'a> Lexer<'a> {
    /// A lexer before its first token.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            token: Token::End,
            start: 0,
            end: 0,
            run: Run::default(),
            longest_run: 0,
            comments: None,
        }
    }

    /// A byte of the text; 0 past its end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// A part of the text.
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The place of the first byte that does not match.
    pub(super) fn skip(&self, start: usize, is_like: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        start + rest.iter().position(|byte| !is_like(*byte)).unwrap_or(rest.len())
    }

    /// Whether `${` is at this place.
    pub(super) fn is_interpolation(&self, at: usize) -> bool {
        self.byte(at) == b'$' && self.byte(at + 1) == b'{'
    }

    /// Reads the next token, from a place on.
    pub(super) fn advance_from(&mut self, at: usize) -> ParseResult<()> {
        self.end = at;
        self.advance()
    }

    /// Reads the next token.
    pub(super) fn advance(&mut self) -> ParseResult<()> {
        let start = self.skip_blanks(self.end)?;
        self.start = start;
        let first = self.byte(start);
        let second = self.byte(start + 1);
        let (token, length) = match first {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => return self.word(),
            b'0'..=b'9' => return self.number(),
            b'.' | b'+' | b'-' | b'/' if self.is_path_at(start) => (Token::Path, 1),
            b'.' if second.is_ascii_digit() => return self.number(),
            b'.' if second == b'.' && self.byte(start + 2) == b'.' => (Token::Ellipsis, 3),
            b'.' => (Token::Dot, 1),
            b'+' if second == b'+' => (Token::Concat, 2),
            b'+' => (Token::Plus, 1),
            b'-' if second == b'>' => (Token::Implies, 2),
            b'-' => (Token::Minus, 1),
            b'/' if second == b'/' => (Token::Update, 2),
            b'/' => (Token::Divide, 1),
            b'~' if second == b'/' && self.is_path_at(start + 1) => (Token::Path, 1),
            b'<' => self.less(),
            b'>' if second == b'=' => (Token::MoreOrEqual, 2),
            b'>' => (Token::More, 1),
            b'=' if second == b'=' => (Token::Equal, 2),
            b'=' => (Token::Assign, 1),
            b'!' if second == b'=' => (Token::NotEqual, 2),
            b'!' => (Token::Bang, 1),
            b'&' if second == b'&' => (Token::AndAnd, 2),
            b'|' if second == b'|' => (Token::OrOr, 2),
            b'|' if second == b'>' => (Token::PipeRight, 2),
            b'$' if second == b'{' => (Token::Interpolation, 2),
            b'\'' if second == b'\'' => (Token::Quotes, 2),
            b'"' => (Token::Quote, 1),
            b',' => (Token::Comma, 1),
            b':' => (Token::Colon, 1),
            b';' => (Token::Semicolon, 1),
            b'@' => (Token::At, 1),
            b'?' => (Token::Question, 1),
            b'*' => (Token::Times, 1),
            b'(' => (Token::OpenParen, 1),
            b')' => (Token::CloseParen, 1),
            b'[' => (Token::OpenBracket, 1),
            b']' => (Token::CloseBracket, 1),
            b'{' => (Token::OpenBrace, 1),
            b'}' => (Token::CloseBrace, 1),
            0 => (Token::End, 0),
            _ => return Err(self.no_token(start)),
        };
        self.set(token, start + length);
        Ok(())
    }

    fn set(&mut self, token: Token, end: usize) {
        self.token = token;
        self.end = end;
    }

    /// Skips blanks and comments. A single carriage return ends a line too.
    fn skip_blanks(&mut self, mut at: usize) -> ParseResult<usize> {
        loop {
            let start = at;
            match self.byte(at) {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    at += 1;
                    continue;
                }
                b'#' => {
                    // Lines are short: a vectorized search would first query the processor's
                    // features, which is slow in a virtual machine.
                    let mut rest = self.text.as_bytes().get(at..).unwrap_or_default().iter();
                    let length = rest.len();
                    at += rest.position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(length);
                }
                b'/' if self.byte(at + 1) == b'*' => {
                    let rest = self.text.as_bytes().get(at + 2..).unwrap_or_default();
                    match memchr::memmem::find(rest, b"*/") {
                        Some(length) => at += 2 + length + 2,
                        None => return Err(self.wrong("this comment has no end", at, at + 2)),
                    }
                }
                _ => return Ok(at),
            }
            if let Some(comments) = &mut self.comments {
                comments.push(Span { start, end: at });
            }
        }
    }

    /// The run at a place, computed once for all its tokens.
    fn run(&mut self, at: usize) -> &Run {
        if at >= self.run.end {
            let end = self.skip(at, is_path);
            let underscore = self.slice(at, end).rfind('_').map_or(0, |offset| at + offset + 1);
            self.run = Run { end, underscore, tokens: 0 };
        }
        self.run.tokens += 1;
        self.longest_run = self.longest_run.max(self.run.tokens);
        &self.run
    }

    /// Whether a path begins here.
    fn is_path_at(&mut self, start: usize) -> bool {
        let end = match self.byte(start) {
            b'/' => start,
            _ => self.run(start).end,
        };
        self.byte(end) == b'/' && (is_path(self.byte(end + 1)) || self.is_interpolation(end + 1))
    }

    fn word(&mut self) -> ParseResult<()> {
        let start = self.start;
        let end = self.skip(start, is_ident);
        if matches!(self.byte(end), b'.' | b'+' | b'/' | b':') {
            if self.is_path_at(start) {
                self.set(Token::Path, start + 1);
                return Ok(());
            }
            let Run { end, underscore, .. } = self.run;
            if self.byte(end) == b':' && is_uri(self.byte(end + 1)) && underscore <= start {
                self.set(Token::Uri, self.skip(end + 1, is_uri));
                return Ok(());
            }
        }
        let token = match self.slice(start, end) {
            "assert" => Token::Assert,
            "else" => Token::Else,
            "if" => Token::If,
            "in" => Token::In,
            "inherit" => Token::Inherit,
            "let" => Token::Let,
            "or" => Token::Or,
            "rec" => Token::Rec,
            "then" => Token::Then,
            "with" => Token::With,
            _ => Token::Ident,
        };
        self.set(token, end);
        Ok(())
    }

    /// `00.5` is two numbers, and `1e5` is a number and a name.
    fn number(&mut self) -> ParseResult<()> {
        let start = self.start;
        if self.byte(start) != b'.' && self.is_path_at(start) {
            self.set(Token::Path, start + 1);
            return Ok(());
        }
        let is_digit = |byte: u8| byte.is_ascii_digit();
        let whole = self.skip(start, is_digit);
        let has_point = self.byte(whole) == b'.'
            && match self.byte(start) {
                b'1'..=b'9' => true,
                _ => whole <= start + 1 && is_digit(self.byte(whole + 1)),
            };
        if !has_point {
            let text = self.slice(start, whole);
            let Ok(number) = text.parse() else {
                return Err(self.wrong("this number is too large for Nix", start, whole));
            };
            self.set(Token::Integer(number), whole);
            return Ok(());
        }
        let mut end = self.skip(whole + 1, is_digit);
        if matches!(self.byte(end), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            if is_digit(self.byte(end + 1 + sign)) {
                end = self.skip(end + 1 + sign, is_digit);
            }
        }
        let text = self.slice(start, end);
        let value = text.parse().unwrap_or(f64::INFINITY);
        if !value.is_normal() && !is_zero(text) {
            return Err(self.wrong("this number is out of the range that Nix has", start, end));
        }
        self.set(Token::Float, end);
        Ok(())
    }

    fn less(&self) -> (Token, usize) {
        match self.byte(self.start + 1) {
            b'=' => (Token::LessOrEqual, 2),
            b'|' => (Token::PipeLeft, 2),
            _ => self.search_path().map_or((Token::Less, 1), |length| (Token::SearchPath, length)),
        }
    }

    /// The length of `<nixpkgs/lib>`, if one begins here.
    fn search_path(&self) -> Option<usize> {
        let mut at = self.start;
        loop {
            let end = self.skip(at + 1, is_path);
            if end == at + 1 {
                return None;
            }
            match self.byte(end) {
                b'>' => return Some(end + 1 - self.start),
                b'/' => at = end,
                _ => return None,
            }
        }
    }

    fn no_token(&self, at: usize) -> Box<SyntaxError> {
        let character = self.text.get(at..).and_then(|rest| rest.chars().next());
        let message = match character {
            Some('\u{feff}') if at == 0 => "it begins with a byte order mark, which is no Nix",
            Some(c) if c.is_whitespace() => "there is a blank here that is none to Nix",
            _ => "this is no Nix",
        };
        self.wrong(message, at, at + character.map_or(0, char::len_utf8))
    }

    /// An error at a place.
    pub(super) fn wrong(
        &self,
        message: impl Into<String>,
        start: usize,
        end: usize,
    ) -> Box<SyntaxError> {
        let end = end.min(self.text.len());
        let span = Span { start: start.min(end), end };
        Box::new(SyntaxError { message: message.into(), span, is_limit: false })
    }
}

/// Whether all digits before an exponent are zeros.
fn is_zero(number: &str) -> bool {
    number.bytes().take_while(|byte| !matches!(byte, b'e' | b'E')).all(|b| b"0.".contains(&b))
}
