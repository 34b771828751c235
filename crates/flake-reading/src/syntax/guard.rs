//! Keeps hostile nesting from the parser: it recurses over operators and lists, and trees are
//! walked and dropped recursively, so a file of a megabyte could overflow any stack.
//!
//! One pass over the tokens bounds how tall a tree can get. Words that stand side by side may nest
//! once a word (`f a b c`, `a // b // c`), before a bracket or around it: `(f a b) c d` is as tall
//! as all of them. Brackets have to match, because the parser goes on where they do not, in ways
//! that nobody could count: to it `(f a; b` is a bracket that is closed.
//!
//! The same pass keeps from the tokenizer what costs it the square of a file's length.

use rnix::SyntaxKind::{self, *};

use super::SyntaxError;
use crate::Span;

/// Taller trees are refused. Of 8,000 real files the tallest comes to 328.
const TALLEST: usize = 1_000;

/// Tokens without anything between them, of characters that a path may have. At each the tokenizer
/// looks at all that follow. Of 8,000 real files the longest such run has 19.
const LONGEST_RUN: usize = 64;

/// What is open.
struct Open {
    kind: Kind,
    /// The words in it since the last separator.
    words: usize,
    /// How tall the tallest thing is that was opened and closed among them.
    inner: usize,
    /// How tall what stands before the last separator is.
    tallest: usize,
    /// `with` and `assert` whose `;` has not come.
    heads: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    /// `( … )`
    Paren,
    /// `{ … }`
    Braces,
    /// `let … in`
    Let,
    /// `${ … }`
    Interpolation,
    /// `[ … ]`: words side by side are items.
    List,
    /// `"…"` or `''…''`
    Text,
}

impl Open {
    fn new(kind: Kind) -> Self {
        Self { kind, words: 0, inner: 0, tallest: 0, heads: 0 }
    }

    /// How tall what stands since the last separator is.
    fn height(&self) -> usize {
        self.words + self.inner
    }

    /// What follows does not nest in what came before.
    fn separate(&mut self) {
        self.tallest = self.tallest.max(self.height());
        self.words = 0;
        self.inner = 0;
    }
}

struct Guard {
    open: Vec<Open>,
    /// Words in everything that is open.
    words: usize,
    /// The last token but for blanks and comments.
    before: SyntaxKind,
}

/// Refuses a text that could become a tree of dangerous height.
pub(super) fn check(text: &str) -> Result<(), SyntaxError> {
    let mut guard =
        Guard { open: vec![Open::new(Kind::File)], words: 0, before: SyntaxKind::TOKEN_ERROR };
    let mut run = 0;
    let mut end = 0;
    for (kind, token) in rnix::tokenize(text) {
        let span = Span { start: end, end: end + token.len() };
        end = span.end;
        if matches!(kind, TOKEN_WHITESPACE | TOKEN_COMMENT | TOKEN_STRING_CONTENT) {
            run = 0;
            if let Some(message) = odd(kind, token) {
                return Err(SyntaxError { message: message.to_owned(), span, is_limit: false });
            }
            continue;
        }
        run = if token.starts_with(is_in_runs) { run + 1 } else { 0 };
        let refused = match kind {
            _ if run > LONGEST_RUN => Err(TOO_LONG.to_owned()),
            TOKEN_ERROR => Err(guard.no_token(token)),
            kind => guard.token(kind),
        };
        if let Err(message) = refused {
            let is_limit = [TOO_TALL, TOO_LONG].contains(&&*message);
            return Err(SyntaxError { message, span, is_limit });
        }
        guard.before = kind;
    }
    Ok(())
}

const TOO_TALL: &str = "it nests too deeply to be read";
const TOO_LONG: &str = "too many operators and names stand here without a blank to be read";

/// What Nix does not take for a blank, or cannot hold in a string, and the tokenizer lets pass.
fn odd(kind: SyntaxKind, token: &str) -> Option<&'static str> {
    match kind {
        TOKEN_WHITESPACE if !token.bytes().all(|b| b" \t\r\n".contains(&b)) => {
            Some("there is a blank here that is none to Nix")
        }
        TOKEN_STRING_CONTENT if token.contains('\0') => Some("a string cannot hold a null byte"),
        _ => None,
    }
}

/// Characters at which the tokenizer looks ahead for a path.
fn is_in_runs(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '/' | '<')
}

impl Guard {
    fn token(&mut self, kind: SyntaxKind) -> Result<(), String> {
        self.next_item(kind);
        match kind {
            TOKEN_STRING_START => self.enter(Kind::Text),
            TOKEN_L_PAREN => self.enter(Kind::Paren),
            TOKEN_L_BRACK => self.enter(Kind::List),
            TOKEN_INTERPOL_START => self.enter(Kind::Interpolation),
            TOKEN_LET => self.enter(Kind::Let),
            TOKEN_L_BRACE => {
                // `let { … }` has no `in`.
                if self.before == TOKEN_LET {
                    self.leave(Kind::Let, "let")?;
                }
                self.enter(Kind::Braces)
            }
            TOKEN_STRING_END => self.leave(Kind::Text, "\""),
            TOKEN_R_PAREN => self.leave(Kind::Paren, ")"),
            TOKEN_R_BRACK => self.leave(Kind::List, "]"),
            TOKEN_R_BRACE => self.leave(Kind::Braces, "}"),
            TOKEN_INTERPOL_END => self.leave(Kind::Interpolation, "}"),
            TOKEN_IN => {
                self.leave(Kind::Let, "in")?;
                self.word()
            }
            TOKEN_SEMICOLON => self.semicolon(),
            TOKEN_COMMA => match self.top() {
                Some(top) if top.kind == Kind::Braces => {
                    self.separate();
                    Ok(())
                }
                _ => Err("there is a `,` where none belongs".into()),
            },
            TOKEN_COLON | TOKEN_AT if self.top().is_some_and(|top| top.kind == Kind::List) => {
                Err("a function in a list has to be in parentheses".into())
            }
            TOKEN_WITH | TOKEN_ASSERT => {
                if let Some(top) = self.open.last_mut() {
                    top.heads += 1;
                }
                self.word()
            }
            _ => self.word(),
        }
    }

    /// What is wrong with something that is no token.
    fn no_token(&self, text: &str) -> String {
        let is_in_text = self.top().is_some_and(|top| top.kind == Kind::Text);
        let message = match () {
            () if is_in_text => "this string has no end",
            () if text.starts_with("/*") => "this comment has no end",
            () => "this is no Nix",
        };
        message.to_owned()
    }

    fn top(&self) -> Option<&Open> {
        self.open.last()
    }

    /// What is in a string does not nest in what came before, nor do items of a list, but for
    /// `a.b or c.d or e`.
    fn next_item(&mut self, kind: SyntaxKind) {
        let is_start = matches!(
            kind,
            TOKEN_IDENT
                | TOKEN_REC
                | TOKEN_L_PAREN
                | TOKEN_L_BRACK
                | TOKEN_L_BRACE
                | TOKEN_STRING_START
                | TOKEN_INTEGER
                | TOKEN_FLOAT
                | TOKEN_URI
                | TOKEN_PATH_ABS
                | TOKEN_PATH_REL
                | TOKEN_PATH_HOME
                | TOKEN_PATH_SEARCH
        );
        let goes_on = matches!(self.before, TOKEN_DOT | TOKEN_OR | TOKEN_REC);
        let is_next = match self.top().map(|top| top.kind) {
            Some(Kind::Text) => kind == TOKEN_INTERPOL_START,
            Some(Kind::List) => is_start && !goes_on,
            _ => false,
        };
        if is_next {
            self.separate();
        }
    }

    fn semicolon(&mut self) -> Result<(), String> {
        let belongs = self.open.last_mut().is_some_and(|top| match top.kind {
            Kind::Braces | Kind::Let => true,
            Kind::File | Kind::Paren | Kind::Interpolation => {
                let has_head = top.heads > 0;
                top.heads = top.heads.saturating_sub(1);
                has_head
            }
            Kind::List | Kind::Text => false,
        });
        if !belongs {
            return Err("there is a `;` where none belongs".into());
        }
        self.separate();
        Ok(())
    }

    fn separate(&mut self) {
        if let Some(top) = self.open.last_mut() {
            self.words -= top.words;
            top.separate();
        }
    }

    fn word(&mut self) -> Result<(), String> {
        let Some(top) = self.open.last_mut() else { return Ok(()) };
        top.words += 1;
        self.words += 1;
        let height = top.height().max(self.words + self.open.len());
        if height > TALLEST { Err(TOO_TALL.into()) } else { Ok(()) }
    }

    fn enter(&mut self, kind: Kind) -> Result<(), String> {
        self.word()?;
        self.open.push(Open::new(kind));
        Ok(())
    }

    fn leave(&mut self, kind: Kind, token: &str) -> Result<(), String> {
        self.separate();
        let closed = self.open.pop_if(|top| top.kind == kind);
        let Some((closed, top)) = closed.zip(self.open.last_mut()) else {
            return Err(format!("there is a `{token}` where none belongs"));
        };
        top.inner = top.inner.max(closed.tallest + 1);
        if top.height() > TALLEST { Err(TOO_TALL.into()) } else { Ok(()) }
    }
}
