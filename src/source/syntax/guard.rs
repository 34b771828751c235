//! Keeps hostile nesting from the parser: it recurses over operators, and trees are dropped
//! recursively, so a file of a megabyte could overflow any stack.
//!
//! One pass over the bytes bounds how deep a tree can get: brackets that are open, plus the words
//! that stand side by side in each of them (`f a b c` and `a // b // c` nest once a word).

use super::SyntaxError;
use crate::text::Span;

/// Deeper trees are refused. Of 8,000 real files the deepest comes to 251.
const DEEPEST: usize = 1_000;

/// What is open: a bracket or a string, and the words in it since the last separator.
struct Open {
    kind: Kind,
    words: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Words side by side nest: `( … )`, `{ … }`, `${ … }`, the file.
    Nesting,
    /// Words side by side are items.
    List,
    /// `"…"`
    Text,
    /// `''…''`
    Block,
}

/// Refuses a text that could become a tree of dangerous depth.
pub(super) fn check(text: &str) -> Result<(), SyntaxError> {
    let bytes = text.as_bytes();
    let mut open = vec![Open { kind: Kind::Nesting, words: 0 }];
    // Words in everything that is open.
    let mut depth = 0usize;
    let mut at = 0;
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    while at < bytes.len() {
        let brackets = open.len();
        if depth + brackets > DEEPEST {
            let message = "it nests too deeply to be read".to_owned();
            return Err(SyntaxError { message, span: Span { start: at, end: at } });
        }
        let Some(top) = open.last_mut() else { break };
        match (top.kind, byte(at)) {
            (Kind::Text, b'\\') => at += 2,
            (Kind::Text, b'"') => {
                open.pop();
                at += 1;
            }
            (Kind::Block, b'\'') if byte(at + 1) == b'\'' => {
                // `'''` and `''$` are escapes, `''\` too.
                at += match byte(at + 2) {
                    b'\'' | b'$' => 3,
                    b'\\' => 4,
                    _ => {
                        open.pop();
                        2
                    }
                };
            }
            (Kind::Text | Kind::Block, b'$') if byte(at + 1) == b'{' => {
                open.push(Open { kind: Kind::Nesting, words: 0 });
                at += 2;
            }
            (Kind::Text | Kind::Block, b'$') if byte(at + 1) == b'$' => at += 2,
            (Kind::Text | Kind::Block, _) => at += 1,
            (_, b'#') => {
                at = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default())
                    .map_or(bytes.len(), |end| at + end)
            }
            (_, b'/') if byte(at + 1) == b'*' => {
                let rest = bytes.get(at + 2..).unwrap_or_default();
                at = memchr::memmem::find(rest, b"*/").map_or(bytes.len(), |end| at + end + 4);
            }
            (_, b'"') => {
                depth += count(top);
                open.push(Open { kind: Kind::Text, words: 0 });
                at += 1;
            }
            (_, b'\'') if byte(at + 1) == b'\'' => {
                depth += count(top);
                open.push(Open { kind: Kind::Block, words: 0 });
                at += 2;
            }
            (_, b'[') => {
                depth += count(top);
                open.push(Open { kind: Kind::List, words: 0 });
                at += 1;
            }
            (_, b'(' | b'{') => {
                depth += count(top);
                open.push(Open { kind: Kind::Nesting, words: 0 });
                at += 1;
            }
            (_, b')' | b'}' | b']') => {
                depth -= top.words;
                top.words = 0;
                if brackets > 1 {
                    open.pop();
                }
                at += 1;
            }
            (_, b';' | b',') => {
                depth -= top.words;
                top.words = 0;
                at += 1;
            }
            (_, b' ' | b'\t' | b'\r' | b'\n') => at += 1,
            (_, first) => {
                depth += count(top);
                at += 1;
                // A word, or one character of an operator.
                if is_word(first) && first != b'-' {
                    while at < bytes.len() && is_word(byte(at)) {
                        at += 1;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Counts a word where words nest.
fn count(top: &mut Open) -> usize {
    let nests = usize::from(top.kind == Kind::Nesting);
    top.words += nests;
    nests
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || byte >= 0x80
}
