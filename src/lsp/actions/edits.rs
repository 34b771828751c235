//! Edits of texts in the form of the protocol.

use std::path::Path;

use lsp_types::{
    DocumentChangeOperation, DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit, TextEdit, WorkspaceEdit,
};
use similar::{DiffOp, TextDiff};

use crate::lsp::positions::Lines;
use crate::lsp::session::Session;
use crate::text::{Span, placed};

/// Longer texts are replaced as a whole instead of compared line by line.
const COMPARED: usize = 5_000;

/// The edits that turn one text into another: whole lines, where they differ.
pub(in crate::lsp) fn between(before: &Lines, after: &str) -> Vec<TextEdit> {
    let old = before.text();
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let same = lines.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (lines.get(same..), new.get(same..));
    let (old_rest, new_rest) = (old_rest.unwrap_or_default(), new_rest.unwrap_or_default());
    let backwards = old_rest.iter().rev().zip(new_rest.iter().rev());
    let end = backwards.take_while(|(a, b)| a == b).count();
    let old_middle = old_rest.get(..old_rest.len() - end).unwrap_or_default();
    let new_middle = new_rest.get(..new_rest.len() - end).unwrap_or_default();
    let start: usize = lines.iter().take(same).map(|line| line.len()).sum();
    let edit = |from: &[&str], gone: &[&str], come: &[&str]| {
        let at = start + from.iter().map(|line| line.len()).sum::<usize>();
        let span = Span { start: at, end: at + gone.iter().map(|line| line.len()).sum::<usize>() };
        TextEdit { range: before.range(span), new_text: come.concat() }
    };
    if old_middle.is_empty() && new_middle.is_empty() {
        return Vec::new();
    }
    if old_middle.len() + new_middle.len() > COMPARED {
        return vec![edit(&[], old_middle, new_middle)];
    }
    let diff = TextDiff::from_slices(old_middle, new_middle);
    let ops = placed(diff.ops()).into_iter();
    let changed = ops.filter(|op| !matches!(op, DiffOp::Equal { .. }));
    let edits = changed.map(|op| {
        let (from, to) = (op.old_range(), op.new_range());
        let above = old_middle.get(..from.start).unwrap_or_default();
        let gone = old_middle.get(from).unwrap_or_default();
        edit(above, gone, new_middle.get(to).unwrap_or_default())
    });
    edits.collect()
}

/// Edits of several files together, which one undo reverts.
#[expect(clippy::mutable_key_type, reason = "the protocol's own type")]
pub(in crate::lsp) fn of_files(
    session: &Session<'_, '_, '_, '_>,
    files: Vec<(&Path, Vec<TextEdit>)>,
) -> Option<WorkspaceEdit> {
    if !session.client.document_changes {
        let named =
            files.into_iter().map(|(path, edits)| Some((session.snapshot.uri(path)?, edits)));
        let changes = named.collect::<Option<_>>()?;
        return Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() });
    }
    let documents = files.into_iter().map(|(path, edits)| of_document(session, path, edits));
    let documents = DocumentChanges::Edits(documents.collect::<Option<_>>()?);
    Some(WorkspaceEdit { document_changes: Some(documents), ..WorkspaceEdit::default() })
}

/// Edits of one file, which the client must only apply to the version that they were made for.
fn of_document(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    edits: Vec<TextEdit>,
) -> Option<TextDocumentEdit> {
    let (uri, version) = (session.snapshot.uri(path)?, session.snapshot.version(path));
    Some(TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: edits.into_iter().map(OneOf::Left).collect(),
    })
}

/// A new file with this text, if the client can create files.
pub(super) fn new_file(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    text: String,
) -> Option<WorkspaceEdit> {
    use lsp_types::{CreateFile, CreateFileOptions, Range, ResourceOp};

    if !session.client.creates_files {
        return None;
    }
    let create = CreateFile {
        uri: session.snapshot.uri(path)?,
        // A file that somebody has created meanwhile is kept.
        options: Some(CreateFileOptions { overwrite: None, ignore_if_exists: None }),
        annotation_id: None,
    };
    let written = TextEdit { range: Range::default(), new_text: text };
    let operations = vec![
        DocumentChangeOperation::Op(ResourceOp::Create(create)),
        DocumentChangeOperation::Edit(of_document(session, path, vec![written])?),
    ];
    let operations = DocumentChanges::Operations(operations);
    Some(WorkspaceEdit { document_changes: Some(operations), ..WorkspaceEdit::default() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::lsp::positions::Encoding;

    fn edited(before: &str, after: &str) -> (usize, String) {
        let lines = Lines::new(before.into(), Encoding::Utf16);
        let edits = between(&lines, after);
        let mut text = before.to_owned();
        for edit in edits.iter().rev() {
            text.replace_range(lines.span(edit.range).range(), &edit.new_text);
        }
        (edits.len(), text)
    }

    #[test]
    fn edits_make_the_new_text() {
        for (before, after, count) in [
            ("a\nb\nc\n", "a\nb\nc\n", 0),
            ("a\nb\nc\n", "a\nx\nc\n", 1),
            ("a\nb\nc\nd\ne\n", "x\nb\nc\nd\ny\n", 2),
            ("a\nb", "a\nb\nc", 1),
            ("ü\r\nb\r\n", "ü\r\n𝄞\r\nb\r\n", 1),
            ("", "a\n", 1),
            ("a\n", "", 1),
            ("a\na\na\n", "a\na\n", 1),
        ] {
            assert_eq!(edited(before, after), (count, after.to_owned()), "{before:?}");
        }
        let many: String = (0..COMPARED).map(|line| format!("{line}\n")).collect();
        let others: String = (0..COMPARED).map(|line| format!("-{line}\n")).collect();
        assert_eq!(edited(&format!("a\n{many}b"), &format!("a\n{others}b")).0, 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Few kinds of lines, so that many are alike.
        #[test]
        fn edits_of_any_text_make_any_other(
            old in prop::collection::vec(0..4_u8, 0..20),
            new in prop::collection::vec(0..4_u8, 0..20),
        ) {
            let lines = |of: &[u8]| of.iter().map(|line| format!("{line}\n")).collect::<String>();
            let (old, new) = (lines(&old), lines(&new));
            prop_assert_eq!(edited(&old, &new).1, new);
        }
    }
}
