//! Inlay hints: where inputs end, after their declarations in `flake.nix`.

use std::path::Path;

use lsp_types::{InlayHint, InlayHintLabel, Range};

use super::flakes::FileKind;
use super::session::Session;
use crate::flake_ref::source_of;
use crate::lock::NodeId;
use crate::source::declare::{DeclaredInput, Reference};
use crate::text::Visible;

/// The hints for a part of a file.
pub(super) fn of(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    range: Range,
) -> Option<Vec<InlayHint>> {
    if FileKind::of(path)? != FileKind::Flake {
        return None;
    }
    let declared = session.analysis().declarations()?;
    let lines = session.texts.get(path)?;
    let mut open: Vec<(Vec<&str>, &DeclaredInput)> =
        declared.inputs().map(|input| (vec![&*input.name], input)).collect();
    let mut hints = Vec::new();
    while let Some((path, input)) = open.pop() {
        for below in input.inputs.values() {
            open.push(([&*path, &[&*below.name]].concat(), below));
        }
        let said = match (&input.follows, &input.reference) {
            (Some(follows), _) => follows.value,
            (None, Some(Reference::Url { span, .. })) => *span,
            (None, Some(Reference::Attributes(_))) => input.name_span(),
            // Entries that only lead to deeper ones get no hint, and implied inputs have no
            // declaration.
            (None, None) => continue,
        };
        let position = lines.position(said.end);
        if position < range.start || position > range.end {
            continue;
        }
        let found = session.graph().find_input(path.iter().copied());
        let Some(end) = found.and_then(|input| session.graph().end(input)) else { continue };
        hints.push(InlayHint {
            position,
            label: InlayHintLabel::String(label(session, end)),
            kind: None,
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        });
    }
    hints.sort_by_key(|hint| hint.position);
    Some(hints)
}

/// Where an input ends, and which settings a wrapper has on.
fn label(session: &Session<'_, '_, '_, '_>, end: NodeId) -> String {
    let analysis = session.analysis();
    let mut text = format!("→ {}", source_of(session.graph().lock(), end));
    let wrapper = analysis.wrapper_of(end).map(|wrapper| analysis.wrapper(wrapper));
    let settings = wrapper.and_then(|wrapper| wrapper.config.as_ref()).into_iter().flatten();
    let on: Vec<_> = settings.filter(|(_, on)| *on).map(|(name, _)| name.as_str()).collect();
    if !on.is_empty() {
        text += &format!(", {}", on.join(", "));
    }
    Visible(&text).to_string()
}
