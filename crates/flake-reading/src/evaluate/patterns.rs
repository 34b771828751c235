//! `match`: comparing a whole text with a pattern.
//!
//! Source: Nix manual, "Built-in Functions": patterns are POSIX extended ones. If a pattern could
//! mean something else here, the result is unknown.

use regex::bytes::{Regex, RegexBuilder};

use super::collections::FastMap;
use crate::syntax::Name;

/// The most bytes of a pattern, and of its compiled form.
const LONGEST_PATTERN: usize = 1 << 10;
const LARGEST: usize = 64 << 10;
/// The most bytes of a text.
const LONGEST: usize = 16 << 10;
/// The most patterns that are kept; results of further ones are unknown.
const MOST: usize = 200;

/// The compiled patterns.
#[derive(Default)]
pub(super) struct Patterns(FastMap<Name, Option<Regex>>);

/// The result of a match.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Match<'t> {
    /// Not certain.
    Unknown,
    No,
    /// It matches: the text of each group, if it took part.
    Yes(Vec<Option<&'t str>>),
    /// It matches, with this number of groups: of several ways POSIX takes the longest, which may
    /// not be the one that was found.
    Somehow(usize),
}

impl Patterns {
    /// Matches a whole text against a pattern.
    pub(super) fn matched<'t>(&mut self, pattern: &Name, text: &'t str) -> Match<'t> {
        if text.len() > LONGEST || !text.is_ascii() {
            return Match::Unknown;
        }
        if !self.0.contains_key(pattern) {
            if self.0.len() >= MOST {
                return Match::Unknown;
            }
            self.0.insert(pattern.clone(), built(pattern));
        }
        let Some(Some(built)) = self.0.get(pattern) else { return Match::Unknown };
        match built.captures(text.as_bytes()) {
            None => Match::No,
            Some(found) if !is_decided(pattern) => Match::Somehow(found.len().saturating_sub(1)),
            Some(found) => {
                let groups = found.iter().skip(1);
                Match::Yes(groups.map(|group| text.get(group?.range())).collect())
            }
        }
    }
}

/// The compiled pattern; `None` if its meaning is not certain.
fn built(pattern: &str) -> Option<Regex> {
    // The whole text is matched anyway.
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = match pattern.strip_suffix('$') {
        Some(inner) if !inner.ends_with('\\') => inner,
        _ => pattern,
    };
    if pattern.len() > LONGEST_PATTERN || !pattern.is_ascii() || !means_the_same(pattern) {
        return None;
    }
    let whole = format!(r"\A(?:{pattern})\z");
    let mut builder = RegexBuilder::new(&whole);
    // In Nix `.` is any byte.
    builder.dot_matches_new_line(true).unicode(false).size_limit(LARGEST).nest_limit(32);
    builder.build().ok()
}

/// Whether a pattern means the same in both languages: no lazy repetition, only signs after a
/// backslash, and in brackets neither backslashes nor nested sets.
fn means_the_same(pattern: &str) -> bool {
    /// Characters with a special meaning in both.
    const SIGNS: &str = r".[]{}()*+?|^$\";
    let mut signs = pattern.chars().peekable();
    let mut before = None;
    while let Some(sign) = signs.next() {
        match sign {
            '\\' if !signs.next().is_some_and(|sign| SIGNS.contains(sign)) => return false,
            '?' | '*' | '+' if matches!(before, None | Some('(' | '|' | '?' | '*' | '+' | '}')) => {
                return false;
            }
            '^' | '$' => return false,
            '[' => {
                signs.next_if_eq(&'^');
                signs.next_if_eq(&']');
                let mut inside = None;
                loop {
                    match signs.next() {
                        None | Some('\\') => return false,
                        // `[[:alpha:]]` is the same.
                        Some('[') => {
                            if signs.next() != Some(':') {
                                return false;
                            }
                            while signs.next_if(char::is_ascii_alphabetic).is_some() {}
                            if (signs.next(), signs.next()) != (Some(':'), Some(']')) {
                                return false;
                            }
                            inside = None;
                        }
                        Some(']') => break,
                        Some(sign @ ('&' | '~' | '-')) if inside == Some(sign) => return false,
                        Some(sign) => inside = Some(sign),
                    }
                }
            }
            _ => {}
        }
        // A character after a backslash, or brackets, is not a special sign.
        before = Some(if matches!(sign, '\\' | '[') { 'a' } else { sign });
    }
    true
}

/// Whether there is one way to match: where there are alternatives, they are plain texts none of which
/// begins with another.
fn is_decided(pattern: &str) -> bool {
    if !pattern.contains('|') {
        return true;
    }
    let plain =
        |text: &str| text.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign));
    let groups = pattern.split(['(', ')']);
    groups.filter(|group| group.contains('|')).all(|group| {
        let all: Vec<&str> = group.split('|').collect();
        let begins = |one: usize, other: usize| {
            one != other
                && all
                    .get(one)
                    .zip(all.get(other))
                    .is_some_and(|(one, other)| other.starts_with(one))
        };
        all.iter().all(|text| plain(text))
            && !(0..all.len()).any(|one| (0..all.len()).any(|other| begins(one, other)))
    })
}

#[cfg(test)]
mod tests {
    use super::Match::{No, Somehow, Unknown, Yes};
    use super::Patterns;

    #[test]
    fn a_pattern_is_held_against_the_whole_text() {
        for (pattern, text, are) in [
            ("a.c", "abc", Yes(vec![])),
            ("a.c", "abcd", No),
            ("ab", "xab", No),
            ("[0-9]+\\.[0-9]+(\\.[0-9]+)?", "1.90.0", Yes(vec![Some(".0")])),
            ("[0-9]+\\.[0-9]+(\\.[0-9]+)?", "1.90", Yes(vec![None])),
            ("[0-9]+\\.[0-9]+(\\.[0-9]+)?", "nightly", No),
            ("nightly-([0-9-]+)", "nightly-2026-01-02", Yes(vec![Some("2026-01-02")])),
            ("[[:space:]]*([^[:space:]]+)[[:space:]]*", " a\n", Yes(vec![Some("a")])),
            ("[]x]+", "]x", Yes(vec![])),
            (".*", "a\nb", Yes(vec![])),
            ("(a|ab)c", "abc", Somehow(1)),
            (".*-(linux|darwin)$", "x86_64-linux", Yes(vec![Some("linux")])),
            ("(a|b.)c", "ac", Somehow(1)),
            ("a|(bc|d)", "bc", Somehow(1)),
            ("(a|(b|c)d)", "bd", Somehow(2)),
            ("(a|b)(c|cd)d?", "acd", Somehow(2)),
            // Different in both languages, or too large.
            ("a+?", "a", Unknown),
            ("\\d+", "1", Unknown),
            ("\\<a", "a", Unknown),
            ("[\\w]", "w", Unknown),
            ("[a&&b]", "a", Unknown),
            ("(?:a)", "a", Unknown),
            ("a{1000}{1000}", "a", Unknown),
            ("é", "é", Unknown),
            ("(", "(", Unknown),
            ("a^b", "ab", Unknown),
            ("(a$)", "a", Unknown),
            ("a\\\\$", "a\\", Unknown),
            // The whole text is meant anyway.
            ("^a$", "a", Yes(vec![])),
            ("^[^.]*(\\.nix)?$", "a.nix", Yes(vec![Some(".nix")])),
            ("^a|b$", "b", Somehow(0)),
            ("a\\$", "a$", Yes(vec![])),
        ] {
            assert_eq!(Patterns::default().matched(&pattern.into(), text), are, "{pattern} {text}");
        }
    }
}
