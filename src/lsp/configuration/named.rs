//! The name at a place of `flake-audit.toml`, determined by the tokens before it. A parser would
//! only report an error for half-typed text.

use crate::text::Span;

/// What kind of name a place can have.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A key at the top level, or the name of a table.
    Top,
    Header,
    /// A key of `[rules]`, or the rule of an exemption.
    Rule,
    /// A key of an exemption.
    Exempt,
    /// `firm` or `light`.
    Strength,
    Level,
    Input,
}

/// The name at a place, or what is being typed there.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::lsp) struct Named {
    pub(super) kind: Kind,
    /// The name, or its part so far.
    pub(in crate::lsp) part: Span,
    /// Whether it is in quotes.
    pub(super) is_quoted: bool,
    /// Whether it is a value.
    pub(super) is_value: bool,
}

impl Named {
    /// The name around a byte.
    pub(in crate::lsp) fn around(text: &str, at: usize) -> Option<Self> {
        let ends = |c: char| c.is_whitespace() || "\"'=,[]{}#.".contains(c);
        let before = Self::before(text, at)?;
        // In quotes, a dot is part of the name.
        let ends = |c: char| ends(c) && !(c == '.' && before.is_quoted);
        let rest = text.get(at..)?;
        let end = at + rest.find(ends).unwrap_or(rest.len());
        Self::before(text, end).filter(|named| named.part.start < named.part.end)
    }

    /// What is being typed up to a byte.
    pub(super) fn before(text: &str, at: usize) -> Option<Self> {
        let mut reading = Reading::default();
        let mut rest = text.get(..at)?;
        while let Some(first) = rest.chars().next() {
            let start = at - rest.len();
            rest = match first {
                '#' => rest.get(rest.find('\n')?..)?,
                '"' | '\'' => {
                    let quotes = if first == '"' { "\"\"\"" } else { "'''" };
                    match rest.strip_prefix(quotes) {
                        Some(inner) => inner.get(inner.find(quotes)? + 3..)?,
                        None => match closed(rest, first) {
                            Some((inner, behind)) => {
                                reading.name(inner);
                                behind
                            }
                            None => return reading.named(Span { start: start + 1, end: at }, true),
                        },
                    }
                }
                c if is_bare(c) => {
                    let behind = rest.trim_start_matches(is_bare);
                    if behind.is_empty() {
                        return reading.named(Span { start, end: at }, false);
                    }
                    reading.name(rest.get(..rest.len() - behind.len())?);
                    behind
                }
                other => {
                    reading.sign(other);
                    rest.get(other.len_utf8()..)?
                }
            };
        }
        reading.named(Span { start: at, end: at }, false)
    }
}

fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-".contains(c)
}

/// The inside of a quoted text, and the rest; `None` if its line ends before it does.
fn closed(text: &str, quote: char) -> Option<(&str, &str)> {
    let inner = text.get(1..)?;
    let mut is_escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            '\n' => return None,
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            c if c == quote => return Some((inner.get(..at)?, inner.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

/// The state of the reading.
#[derive(Debug, Default)]
struct Reading {
    /// The last table header.
    table: Vec<String>,
    /// Whether a table header is being read.
    in_header: bool,
    /// The keys of the current binding, including those of inline tables.
    keys: Vec<String>,
    in_value: bool,
    /// The number of keys at the start of each inline table.
    inline: Vec<usize>,
    /// How many lists are open.
    lists: usize,
}

impl Reading {
    fn name(&mut self, name: &str) {
        if self.in_header {
            self.table.push(name.to_owned());
        } else if !self.in_value {
            self.keys.push(name.to_owned());
        }
    }

    fn sign(&mut self, sign: char) {
        let in_list = self.in_value && self.lists > 0;
        match sign {
            '=' => self.in_value = true,
            '[' if self.in_value => self.lists += 1,
            '[' => {
                self.table.clear();
                self.keys.clear();
                self.in_header = true;
            }
            ']' if self.in_value => self.lists = self.lists.saturating_sub(1),
            ']' => self.in_header = false,
            '{' if self.in_value => {
                self.inline.push(self.keys.len());
                self.in_value = false;
            }
            ',' if !in_list => {
                self.keys.truncate(self.inline.last().copied().unwrap_or(0));
                self.in_value = false;
            }
            '}' => {
                self.keys.truncate(self.inline.pop().unwrap_or(0));
                self.in_value = true;
            }
            // Only a list continues on the next line.
            '\n' if !in_list => {
                let Self { table, .. } = std::mem::take(self);
                self.table = table;
            }
            _ => {}
        }
    }

    fn named(self, part: Span, is_quoted: bool) -> Option<Named> {
        let path: Vec<&str> = self.table.iter().chain(&self.keys).map(String::as_str).collect();
        let kind = match (path.as_slice(), self.in_value) {
            _ if self.in_header => Kind::Header,
            ([], false) => Kind::Top,
            (["rules"], false) | (["exempt", "rule"], true) => Kind::Rule,
            (["rules", _], false) => Kind::Strength,
            (["rules", _] | ["rules", _, "firm" | "light"], true) => Kind::Level,
            (["exempt"], false) => Kind::Exempt,
            (["configured" | "nixpkgs"] | ["exempt", "input" | "inputs"], true) => Kind::Input,
            _ => return None,
        };
        Some(Named { kind, part, is_quoted, is_value: self.in_value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name at the bar.
    fn around(text: &str) -> Option<(Kind, String)> {
        let at = text.find('|').unwrap();
        let whole = text.replacen('|', "", 1);
        let named = Named::around(&whole, at)?;
        Some((named.kind, whole[named.part.range()].to_owned()))
    }

    #[test]
    fn every_name_is_of_its_kind() {
        for (text, kind, name) in [
            ("confi|gured = [\"a\"]", Kind::Top, "configured"),
            ("configured = [\"a/b\", 'c|/d']", Kind::Input, "c/d"),
            ("configured = [\n  # \"x\n  \"a\",\n  \"|b.c\",\n]", Kind::Input, "b.c"),
            ("nixpkgs = \"|a\"\n[rules]\n", Kind::Input, "a"),
            ("[rul|es]", Kind::Header, "rules"),
            ("[[exempt|]]", Kind::Header, "exempt"),
            ("x = '''\n[[exempt]]\n'''\n[rules]\nstale-l|ock = 1", Kind::Rule, "stale-lock"),
            ("[rules]\n\"stale-lock\" = \"de|ny\"", Kind::Level, "deny"),
            ("rules.stale-lock|.firm = \"deny\"", Kind::Rule, "stale-lock"),
            ("rules = { a = \"warn\", b = { firm = 1, |light = 1 } }", Kind::Strength, "light"),
            ("[rules]\na = { firm = \"deny\", light = \"|warn\" }", Kind::Level, "warn"),
            ("[rules]\na = {}\n[[exempt]]\nrule = \"stale|-lock\"", Kind::Rule, "stale-lock"),
            ("[[exempt]]\ninputs = [\"a\", \"|b\"]\nreason = \"x\"", Kind::Input, "b"),
            ("[[exempt]]\nrule = 7\nrea|son = \"x\"", Kind::Exempt, "reason"),
        ] {
            assert_eq!(around(text), Some((kind, name.to_owned())), "{text}");
        }
        for text in
            ["# confi|gured", "[[exempt]]\nreason = \"in|puts\"", "a = |", "[a]\nb|c = 1", "|"]
        {
            assert_eq!(around(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_half_typed_is_known() {
        let before = |text: &str| {
            let named = Named::before(text, text.len())?;
            Some((named.kind, text[named.part.range()].to_owned(), named.is_quoted))
        };
        let some = |kind, part: &str, is_quoted| Some((kind, part.to_owned(), is_quoted));
        assert_eq!(before(""), some(Kind::Top, "", false));
        assert_eq!(before("conf"), some(Kind::Top, "conf", false));
        assert_eq!(before("["), some(Kind::Header, "", false));
        assert_eq!(before("[rules]\n"), some(Kind::Rule, "", false));
        assert_eq!(before("[rules]\na = "), some(Kind::Level, "", false));
        assert_eq!(before("[rules]\na = { "), some(Kind::Strength, "", false));
        assert_eq!(before("configured = [ \"x/"), some(Kind::Input, "x/", true));
        assert_eq!(before("[rules]\na = \"deny\"\n[[exempt]]\n"), some(Kind::Exempt, "", false));
        for text in ["\"", "'''", "[[[[", "]]}}", "{{{{", "= = =", "\\", "a = \"\\", "𝄞", "a.\"𝄞"]
        {
            Named::before(text, text.len());
            Named::around(text, 0);
        }
    }
}
