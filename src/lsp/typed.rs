//! What is being typed in a `flake.nix`, which need not be valid: the attribute path at the cursor,
//! determined by the tokens before it. A parser would only report an error.

use crate::text::Span;

/// Something half typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    /// The names before it, from the top of the file.
    pub(super) path: Vec<String>,
    /// The part so far.
    pub(super) part: Span,
    /// Whether it is inside quotes: the value of the path, or a name.
    pub(super) is_quoted: bool,
    /// Whether it is a value.
    pub(super) is_value: bool,
}

/// An open set, or the file.
#[derive(Debug, Default)]
struct Level {
    /// The names of the current binding.
    names: Vec<String>,
    /// Whether its value has begun.
    in_value: bool,
}

impl Typed {
    /// What is before a byte; `None` in comments, and where neither a name nor a text can be.
    pub(super) fn at(text: &str, at: usize) -> Option<Self> {
        let text = text.get(..at)?;
        let mut levels = vec![Level::default()];
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let start = at - rest.len();
            let level = levels.last_mut()?;
            rest = match first {
                '#' => skip(rest, "#", "\n")?,
                '/' if rest.starts_with("/*") => skip(rest, "/*", "*/")?,
                '\'' if rest.starts_with("''") => indented(rest)?,
                '"' => match quoted(rest) {
                    Some((inner, behind)) => {
                        if !level.in_value {
                            level.names.push(inner.to_owned());
                        }
                        behind
                    }
                    None => {
                        let part = Span { start: start + 1, end: at };
                        return Some(Self::new(&levels, part, true));
                    }
                },
                c if c.is_ascii_alphabetic() || c == '_' => {
                    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-'".contains(c);
                    let name = rest.trim_start_matches(is_part);
                    let name = rest.get(..rest.len() - name.len())?;
                    let behind = rest.get(name.len()..)?;
                    if !level.in_value {
                        if behind.is_empty() {
                            let part = Span { start, end: at };
                            return Some(Self::new(&levels, part, false));
                        }
                        level.names.push(name.to_owned());
                    }
                    behind
                }
                other => {
                    match other {
                        '=' => level.in_value = true,
                        ';' => *level = Level::default(),
                        '{' => levels.push(Level::default()),
                        '}' if levels.len() > 1 => {
                            levels.pop();
                            levels.last_mut()?.in_value = true;
                        }
                        _ => {}
                    }
                    rest.get(other.len_utf8()..)?
                }
            };
        }
        let is_name = levels.last().is_some_and(|level| !level.in_value) && !text.is_empty();
        is_name.then(|| Self::new(&levels, Span { start: at, end: at }, false))
    }

    fn new(levels: &[Level], part: Span, is_quoted: bool) -> Self {
        let path = levels.iter().flat_map(|level| level.names.iter().cloned()).collect();
        let is_value = levels.last().is_some_and(|level| level.in_value);
        Self { path, part, is_quoted, is_value }
    }
}

/// The rest after something with this start and this end.
fn skip<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let inner = text.strip_prefix(start)?;
    inner.get(inner.find(end)? + end.len()..)
}

/// The rest after a text in two single quotes.
fn indented(text: &str) -> Option<&str> {
    let mut rest = text.get(2..)?;
    loop {
        let at = rest.find("''")?;
        rest = rest.get(at + 2..)?;
        // `'''`, `''$` and `''\` are escapes.
        match rest.chars().next() {
            Some('\'' | '$') => rest = rest.get(1..)?,
            Some('\\') => rest = rest.get(1 + rest.chars().nth(1).map_or(0, char::len_utf8)..)?,
            _ => return Some(rest),
        }
    }
}

/// The inside of a quoted text, and the rest; `None` if it is not closed.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.get(1..)?;
    let mut is_escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some((inner.get(..at)?, inner.get(at + 1..)?)),
            // While somebody types, a text without a closing quote would run to the end of the
            // file, so it ends at the line's end.
            '\n' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is being typed at the bar.
    fn typed(text: &str) -> Option<(String, String, bool)> {
        let at = text.find('|').unwrap();
        let whole = text.replace('|', "");
        let Typed { path, part, is_value, .. } = Typed::at(&whole, at)?;
        Some((path.join("."), whole[part.range()].to_owned(), is_value))
    }

    #[test]
    fn the_path_is_known_before_the_file_is_whole() {
        let some =
            |path: &str, part: &str, is_value| Some((path.to_owned(), part.to_owned(), is_value));
        assert_eq!(typed("{ inputs.a.inputs.|"), some("inputs.a.inputs", "", false));
        assert_eq!(typed("{ inputs.a.inputs.ni|\n}"), some("inputs.a.inputs", "ni", false));
        assert_eq!(typed("{ inputs = { a.inputs = { | }; };"), some("inputs.a.inputs", "", false));
        assert_eq!(
            typed(
                "{ inputs.x.url = \"y\"; # a comment\n inputs.\"a.b\".inputs.n.follows = \"gpu/n|"
            ),
            some("inputs.a.b.inputs.n.follows", "gpu/n", true)
        );
        assert_eq!(typed("{ inputs.\"a|"), some("inputs", "a", false));
        assert_eq!(typed("{ d = ''\n{ ''' ''${ }''; inputs.|"), some("inputs", "", false));
        assert_eq!(
            typed("{ inputs.a.follows = \"b|\";\n outputs = { self }: { }; }"),
            some("inputs.a.follows", "b", true)
        );
        assert_eq!(typed("{ # inputs.|"), None);
        assert_eq!(typed("{ /* inputs.| */"), None);
        assert_eq!(typed("{ a = 1|"), None);
        assert_eq!(typed("|"), None);
        for text in ["}}}}", "\"", "''", "{{{{", "a.\"", "\\", "''\\", "''\\𝄞", "=;=;"] {
            Typed::at(text, text.len());
        }
    }
}
