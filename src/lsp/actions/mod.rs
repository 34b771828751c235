//! Code actions: repairs, exemptions, and a rule's page.

pub(super) mod edits;
mod exempt;
mod repairs;

use std::path::Path;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, Command, Diagnostic, Range,
};
use serde_json::json;

use super::diagnostics::{of_finding, place};
use super::session::Session;
use crate::audit::Reported;
pub(super) use repairs::{FIX_ALL, LOCK, resolved};

/// The command that shows a rule's page.
pub(super) const EXPLAIN: &str = "flake-audit.explain";

/// The actions for this part of a file, and for findings that the client names; for a cursor, those
/// of its whole line. If kinds are given, only actions of those kinds.
pub(super) fn offered(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    params: &CodeActionParams,
) -> Vec<CodeActionOrCommand> {
    let CodeActionParams { range, context, .. } = params;
    let only = context.only.as_deref();
    let fingerprint = |shown: &'_ Diagnostic| shown.data.as_ref()?.get("fingerprint").cloned();
    let named: Vec<_> = context.diagnostics.iter().filter_map(fingerprint).collect();
    if session.refused.is_some() {
        return Vec::new();
    }
    let is_wanted = |action: &CodeAction| {
        only.is_none_or(|only| only.iter().any(|wanted| is_of(action.kind.as_ref(), wanted)))
    };
    let mut actions = Vec::new();
    let open = session.report.findings.iter().filter(|finding| finding.is_open());
    let placed = open.map(|finding| (finding, place(session, finding)));
    let is_named = |finding: &Reported<'_>| named.iter().any(|name| *name == finding.fingerprint);
    let here = placed.filter(|(finding, (file, at))| {
        file == path && (overlap(*at, *range) || is_named(finding))
    });
    for (finding, (_, at)) in here {
        let diagnostic = of_finding(session, finding, at);
        actions.extend(repairs::of_finding(session, path, finding));
        actions.extend(exempt::in_comment(session, finding));
        actions.extend(exempt::in_configuration(session, finding));
        actions.push(explain(finding));
        let about = |diagnostics: &[Diagnostic]| diagnostics.to_vec();
        for action in actions.iter_mut().filter(|action| action.diagnostics.is_none()) {
            action.diagnostics = Some(about(std::slice::from_ref(&diagnostic)));
        }
    }
    actions.extend(repairs::of_file(session, path, only));
    actions.into_iter().filter(is_wanted).map(CodeActionOrCommand::CodeAction).collect()
}

/// Whether a kind is another one, or a subkind of it.
fn is_of(kind: Option<&CodeActionKind>, wanted: &CodeActionKind) -> bool {
    let (kind, wanted) = (kind.map_or("", CodeActionKind::as_str), wanted.as_str());
    wanted.is_empty()
        || kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether two ranges touch or overlap.
fn overlap(a: Range, b: Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn explain(finding: &Reported<'_>) -> CodeAction {
    let title = format!("Explain {}", finding.rule.id);
    let command = Command {
        title: title.clone(),
        command: EXPLAIN.to_owned(),
        arguments: Some(vec![json!(finding.rule.id)]),
    };
    CodeAction {
        title,
        kind: Some(CodeActionKind::QUICKFIX),
        command: Some(command),
        ..CodeAction::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_parts() {
        let is = |kind: &'static str, wanted: &'static str| {
            is_of(Some(&CodeActionKind::new(kind)), &CodeActionKind::new(wanted))
        };
        assert!(is("source.fixAll.flake-audit", "source"));
        assert!(is("source.fixAll.flake-audit", "source.fixAll"));
        assert!(is("quickfix", ""));
        assert!(!is("quickfix", "source"));
        assert!(!is("sourcery", "source"));
    }
}
