//! Finding places in JSON text that is known to be well formed.
//!
//! serde_json gives no positions. Strings without escapes are slices of the text, so their place is
//! known; for everything else these functions walk the text again, without recursion. They run only
//! if a message needs the place.

use std::borrow::Cow;

use crate::text::Span;

/// A member of an object: the span of its key (with quotes) and of its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl Member {
    /// The key, unescaped.
    pub(super) fn name<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let raw = text.get(self.key.range()).unwrap_or_default();
        match raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
            Some(inner) if !inner.contains('\\') => Cow::Borrowed(inner),
            _ => serde_json::from_str(raw).map(Cow::Owned).unwrap_or_default(),
        }
    }
}

/// The members of the object at `value`; none if it is no object.
pub(super) fn members(text: &str, value: Span) -> impl Iterator<Item = Member> {
    let bytes = text.as_bytes();
    let is_object = bytes.get(value.start) == Some(&b'{');
    let mut at = if is_object { value.start + 1 } else { bytes.len() };
    std::iter::from_fn(move || {
        at = skip(bytes, at, |b| is_blank(b) || b == b',');
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        let key = Span { start: at, end: string_end(bytes, at) };
        let value_start = value_after_key(text, key);
        let value = Span { start: value_start, end: value_end(bytes, value_start) };
        at = value.end;
        Some(Member { key, value })
    })
}

/// The last member with this name: the one that counts if a name occurs twice.
pub(super) fn member(text: &str, value: Span, name: &str) -> Option<Member> {
    members(text, value).filter(|member| member.name(text) == name).last()
}

/// The whole document.
pub(super) fn document(text: &str) -> Span {
    let start = skip(text.as_bytes(), 0, is_blank);
    Span { start, end: text.len() }
}

/// The span of the value that belongs to a key.
pub(super) fn value_of_key(text: &str, key: Span) -> Span {
    let start = value_after_key(text, key);
    Span { start, end: value_end(text.as_bytes(), start) }
}

fn value_after_key(text: &str, key: Span) -> usize {
    skip(text.as_bytes(), key.end, |b| is_blank(b) || b == b':')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

fn skip(bytes: &[u8], from: usize, what: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !what(*byte)).unwrap_or(rest.len())
}

/// One past the closing quote of the string that starts here.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(rest) = bytes.get(at..) {
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(found) if rest.get(found) == Some(&b'"') => return at + found + 1,
            Some(found) => at += found + 2,
            None => break,
        }
    }
    bytes.len()
}

fn value_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'"') => at = string_end(bytes, at),
            Some(b'{' | b'[') => {
                depth += 1;
                at += 1;
            }
            Some(b'}' | b']') => {
                depth = depth.saturating_sub(1);
                at += 1;
            }
            Some(byte) if depth == 0 && !is_blank(*byte) && !matches!(byte, b',' | b':') => {
                at = skip(bytes, at, |b| !is_blank(b) && !matches!(b, b',' | b']' | b'}'));
            }
            Some(_) => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_an_object_with_their_spans() {
        let text = r#" { "a" : [1, {"x": "}]"}] , "b\u0022" :true,"a":"z\"" } "#;
        let found: Vec<_> = members(text, document(text))
            .map(|m| (m.name(text).into_owned(), &text[m.value.range()]))
            .collect();
        assert_eq!(
            found,
            [("a".into(), r#"[1, {"x": "}]"}]"#), ("b\"".into(), "true"), ("a".into(), r#""z\"""#)]
        );
        assert_eq!(&text[member(text, document(text), "a").unwrap().value.range()], r#""z\"""#);
        assert!(member(text, document(text), "c").is_none());
    }
}
