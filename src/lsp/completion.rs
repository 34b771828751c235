//! Completion: input paths in `follows = "…"`, and inputs after `inputs.` and `inputs.X.inputs.`,
//! with the names in the lock.

use std::path::Path;

use lsp_types::{CompletionItem, CompletionItemKind, CompletionTextEdit, Position, TextEdit};

use super::flakes::FileKind;
use super::positions::Lines;
use super::session::Session;
use super::typed::Typed;
use crate::flake_ref::source_of;
use crate::instance::Role;
use crate::lock::NodeId;
use crate::text::{AttrPath, NixString, Span, Visible};

/// The completions for what is being typed.
pub(super) fn at(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    position: Position,
) -> Option<Vec<CompletionItem>> {
    if FileKind::of(path)? != FileKind::Flake {
        return None;
    }
    let lines = session.texts.get(path)?;
    let typed = Typed::at(lines.text(), lines.offset(position))?;
    let names: Vec<&str> = typed.path.iter().map(String::as_str).collect();
    let (first, below) = names.split_first()?;
    if *first != "inputs" {
        return None;
    }
    match below {
        [own @ .., "follows"] if typed.is_value && typed.is_quoted => {
            follows(session, &lines, own, typed.part)
        }
        _ if typed.is_value => None,
        holder => {
            let holder = owner(session, holder)?;
            let quoted = typed.is_quoted;
            Some(inputs_of(session, &lines, holder, typed.part, move |name| {
                if quoted { in_quotes(name) } else { AttrPath(&[name]).to_string() }
            }))
        }
    }
}

/// A name inside quotes, escaped: a name from a lock must not become code.
fn in_quotes(name: &str) -> String {
    let quoted = NixString(name).to_string();
    quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
}

/// The node whose inputs are named after `X.inputs`; the root if the path is empty.
fn owner(session: &Session<'_, '_, '_, '_>, path: &[&str]) -> Option<NodeId> {
    let graph = session.graph();
    if path.is_empty() {
        return Some(graph.lock().root());
    }
    // Pairs of a name and `inputs`.
    let is_whole = path.chunks(2).all(|pair| matches!(pair, [_, "inputs"]));
    let names = path.iter().step_by(2).copied();
    graph.end(graph.find_input(names)?).filter(|_| is_whole)
}

/// Paths to follow, where everything up to the last slash is typed already.
fn follows(
    session: &Session<'_, '_, '_, '_>,
    lines: &Lines,
    own: &[&str],
    part: Span,
) -> Option<Vec<CompletionItem>> {
    let typed = lines.text().get(part.range())?;
    let (above, last) = typed.rsplit_once('/').unwrap_or(("", typed));
    let names: Vec<&str> = above.split('/').filter(|name| !name.is_empty()).collect();
    let graph = session.graph();
    let holder = match names.as_slice() {
        [] => graph.lock().root(),
        names => graph.end(graph.find_input(names.iter().copied())?)?,
    };
    let part = Span { start: part.end - last.len(), end: part.end };
    let mut items = inputs_of(session, lines, holder, part, in_quotes);
    // An input cannot follow itself.
    if let ([itself], true) = (own, names.is_empty()) {
        items.retain(|item| item.label != *itself);
    }
    Some(items)
}

/// The inputs of a node, configured nixpkgs first, then plain ones.
fn inputs_of(
    session: &Session<'_, '_, '_, '_>,
    lines: &Lines,
    holder: NodeId,
    part: Span,
    written: impl Fn(&str) -> String,
) -> Vec<CompletionItem> {
    let graph = session.graph();
    let items = graph.inputs_of(holder).map(|input| {
        let name = graph.lock().input(input).name;
        let end = graph.end(input);
        let rank = match end.map(|end| session.analysis().role(end)) {
            Some(Role::Configured(_)) => 0,
            Some(Role::Nixpkgs) => 1,
            _ => 2,
        };
        let detail = end.map(|end| source_of(graph.lock(), end));
        let edit = TextEdit { range: lines.range(part), new_text: written(name) };
        CompletionItem {
            label: Visible(name).to_string(),
            kind: Some(CompletionItemKind::MODULE),
            detail: detail.map(|detail| Visible(&detail).to_string()),
            sort_text: Some(format!("{rank}{name}")),
            filter_text: Some(name.to_owned()),
            text_edit: Some(CompletionTextEdit::Edit(edit)),
            ..CompletionItem::default()
        }
    });
    items.collect()
}
