//! Changes of a document in one message: a few while somebody types, thousands after replacing
//! something everywhere.

use std::sync::Arc;

use lsp_types::{Position, TextDocumentContentChangeEvent};
use ropey::Rope;

use super::positions::Encoding;

/// The text after changes, each relative to the result of those before; `None` if it exceeds this
/// many bytes. The cost is that of reading the text once, plus a little for each change.
pub(super) fn changed(
    text: &Arc<str>,
    mut changes: Vec<TextDocumentContentChangeEvent>,
    encoding: Encoding,
    longest: usize,
) -> Option<Arc<str>> {
    // Changes before a whole text have no effect.
    let whole = changes.iter().rposition(|change| change.range.is_none());
    let parts = changes.split_off(whole.map_or(0, |at| at + 1));
    let text = changes.pop().map_or_else(|| text.clone(), |whole| whole.text.into());
    if parts.is_empty() {
        return (text.len() <= longest).then_some(text);
    }
    let mut rope = Rope::from_str(&text);
    for TextDocumentContentChangeEvent { range, text, .. } in parts {
        let range = range.unwrap_or_default();
        let start = character_at(&rope, range.start, encoding);
        rope.remove(start..character_at(&rope, range.end, encoding).max(start));
        rope.insert(start, &text);
        if rope.len_bytes() > longest {
            return None;
        }
    }
    Some(String::from(rope).into())
}

/// The index of a character, whose byte offset would be that of `Lines::offset`.
fn character_at(rope: &Rope, position: Position, encoding: Encoding) -> usize {
    let (line, column) = (position.line as usize, position.character as usize);
    if line >= rope.len_lines() {
        return rope.len_chars();
    }
    let start = rope.line_to_char(line);
    let mut end = rope.line_to_char(line + 1);
    while end > start && matches!(rope.char(end - 1), '\n' | '\r') {
        end -= 1;
    }
    let wanted = match encoding {
        Encoding::Utf8 => {
            let byte = rope.char_to_byte(start).saturating_add(column);
            rope.byte_to_char(byte.min(rope.char_to_byte(end)))
        }
        Encoding::Utf16 => {
            let unit = rope.char_to_utf16_cu(start).saturating_add(column);
            rope.utf16_cu_to_char(unit.min(rope.char_to_utf16_cu(end)))
        }
    };
    wanted.min(end)
}

#[cfg(test)]
mod tests {
    use lsp_types::Range;
    use proptest::prelude::*;

    use super::*;
    use crate::lsp::positions::Lines;

    fn part(range: [u32; 4], text: &str) -> TextDocumentContentChangeEvent {
        let [line, character, end_line, end] = range;
        let start = Position { line, character };
        let range = Range { start, end: Position { line: end_line, character: end } };
        TextDocumentContentChangeEvent {
            range: Some(range),
            range_length: None,
            text: text.to_owned(),
        }
    }

    fn whole(text: &str) -> TextDocumentContentChangeEvent {
        TextDocumentContentChangeEvent { range: None, range_length: None, text: text.to_owned() }
    }

    /// Applies one change after the other, with a copy for each.
    fn one_by_one(
        text: &str,
        changes: &[TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> String {
        let mut text = text.to_owned();
        for change in changes {
            match change.range {
                None => text = change.text.clone(),
                Some(range) => {
                    let span = Lines::new(text.as_str().into(), encoding).span(range);
                    text.replace_range(span.range(), &change.text);
                }
            }
        }
        text
    }

    fn text() -> impl Strategy<Value = String> {
        let pieces = ["a", "ü", "𝄞", "\n", "\r", "\r\n", "\u{2028}", "bcdef", "", "\u{b}"];
        prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12)
            .prop_map(|pieces| pieces.concat())
    }

    fn change() -> impl Strategy<Value = TextDocumentContentChangeEvent> {
        let number = || prop_oneof![9 => 0..7_u32, 1 => Just(u32::MAX)];
        let range = prop::option::weighted(0.9, [number(), number(), number(), number()]);
        (range, text()).prop_map(|(range, text)| match range {
            Some(range) => part(range, &text),
            None => whole(&text),
        })
    }

    proptest! {
        #[test]
        fn all_at_once_are_as_one_by_one(
            text in text(),
            changes in prop::collection::vec(change(), 0..9),
            is_utf8: bool,
        ) {
            let encoding = if is_utf8 { Encoding::Utf8 } else { Encoding::Utf16 };
            let expected = one_by_one(&text, &changes, encoding);
            let made = changed(&text.as_str().into(), changes, encoding, usize::MAX);
            prop_assert_eq!(made.as_deref(), Some(&*expected));
        }
    }

    /// Copying the document for each change would write 400 gigabytes here, so the test would not
    /// end.
    #[test]
    fn a_change_does_not_cost_the_document() {
        let line = "ü = 1; # a line of a very long document\n";
        let many = 100_000;
        let text: Arc<str> = line.repeat(many).into();
        let each = |number: usize| part([number as u32, 4, number as u32, 5], "22");
        // In order, as editors send them, backwards, and mixed.
        let mut order: Vec<usize> = (0..many).collect();
        order.truncate(40_000);
        order.extend((40_000..70_000).rev());
        order.extend((70_000..many).map(|at| 70_000 + at * 7_919 % (many - 70_000)));
        let changes = order.into_iter().map(each).collect();
        let made = changed(&text, changes, Encoding::Utf16, usize::MAX).unwrap();
        assert_eq!(&*made, line.replace('1', "22").repeat(many));
    }

    #[test]
    fn what_grows_too_long_is_none() {
        let text: Arc<str> = "abc".into();
        let longer = |text: &str| vec![part([0, 0, 0, 0], text)];
        let made = |changes| changed(&text, changes, Encoding::Utf8, 5);
        assert_eq!(made(longer("de")).as_deref(), Some("deabc"));
        assert_eq!(made(longer("def")), None);
        assert_eq!(made(vec![whole("abcdef")]), None);
        assert_eq!(made(vec![whole("abcdef"), whole("a")]).as_deref(), Some("a"));
    }
}
