//! Exemptions: a comment in `flake.nix`, or an entry of `flake-audit.toml`. The reason is left for
//! the user to fill in. The result is read back before it is offered.

use std::path::absolute;

use lsp_types::{CodeAction, CodeActionKind, TextEdit, WorkspaceEdit};
use serde_json::json;

use super::edits;
use crate::audit::Reported;
use crate::config::{Config, FILE_NAME};
use crate::fix::edit::generated;
use crate::lsp::flakes::FLAKE_NAME;
use crate::lsp::positions::Lines;
use crate::lsp::session::Session;
use crate::rules::RULES;
use crate::source::declare::Declarations;
use crate::source::syntax::File;
use crate::text::Span;

/// The placeholder for the reason.
const REASON: &str = "FIXME: say why";

fn action(finding: &Reported<'_>, place: &str, edit: WorkspaceEdit) -> CodeAction {
    CodeAction {
        title: format!("Exempt this from {} {place}", finding.rule.id),
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(edit),
        ..CodeAction::default()
    }
}

/// By a comment above the input's declaration.
pub(super) fn in_comment(
    session: &Session<'_, '_, '_, '_>,
    finding: &Reported<'_>,
) -> Option<CodeAction> {
    let names = finding.input_path.names();
    let flake = session.file(FLAKE_NAME);
    let lines = session.texts.get(&flake)?;
    if generated(lines.text()).is_some() {
        return None;
    }
    let declared = session.analysis().declarations()?;
    let inputs =
        (1..=names.len()).rev().filter_map(|length| declared.input_at(names.get(..length)?));
    let edit = inputs.take(names.len()).find_map(|input| {
        let edit = comment(&lines, input.span(), finding.rule.id);
        accepts(&lines, &edit, finding).then_some(edit)
    })?;
    let edit = edits::of_files(session, vec![(&flake, vec![edit])])?;
    Some(action(finding, "here, with a comment", edit))
}

/// A comment on a line of its own above these bytes, with their indentation.
fn comment(lines: &Lines, input: Span, rule: &str) -> TextEdit {
    let text = lines.text();
    let line = lines.line_at(input.start);
    let content = text.get(line.range()).unwrap_or_default();
    let indent = content.len() - content.trim_start().len();
    let indent = content.get(..indent).unwrap_or_default();
    let rest = text.get(line.end..).unwrap_or_default();
    let end = if rest.starts_with("\r\n") { "\r\n" } else { "\n" };
    let at = lines.position(line.start);
    TextEdit {
        range: lsp_types::Range { start: at, end: at },
        new_text: format!("{indent}# flake-audit: allow({rule}) {REASON}{end}"),
    }
}

/// Whether the text with this edit accepts a finding.
fn accepts(lines: &Lines, edit: &TextEdit, finding: &Reported<'_>) -> bool {
    let mut text = lines.text().to_string();
    text.insert_str(lines.offset(edit.range.start), &edit.new_text);
    let Ok(file) = File::parse_flake(text.into()) else { return false };
    let Ok(declared) = Declarations::read(&file) else { return false };
    declared.exemptions().iter().filter_map(|comment| comment.exempted.as_ref().ok()).any(|said| {
        let names = finding.input_path.names();
        said.reason == REASON
            && said.rules.iter().any(|rule| rule == finding.rule.id)
            && said.path.len() <= names.len()
            && said.path.iter().zip(names).all(|(a, b)| a == b)
    })
}

/// By an entry at the end of the configuration, which is created beside the lock if there is none.
pub(super) fn in_configuration(
    session: &Session<'_, '_, '_, '_>,
    finding: &Reported<'_>,
) -> Option<CodeAction> {
    let names = finding.input_path.whole()?;
    let is_plain = !names.iter().any(|name| name.is_empty() || name.contains('/'));
    let input = if is_plain { json!(names.join("/")) } else { json!(names) };
    let (rule, reason) = (json!(finding.rule.id), json!(REASON));
    let entry = format!("[[exempt]]\nrule = {rule}\ninput = {input}\nreason = {reason}\n");
    let place = format!("in {FILE_NAME}");
    let known = session.subject.config.map(|scope| absolute(&scope.config.file));
    let Some(file) = known else {
        let file = session.subject.folder.join(FILE_NAME);
        is_read(&entry, finding).then_some(())?;
        let edit = edits::new_file(session, &file, entry)?;
        return Some(action(finding, &place, edit));
    };
    let file = file.ok()?;
    let lines = session.texts.get(&file)?;
    let text = lines.text();
    let gap = match &**text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    is_read(&format!("{text}{gap}{entry}"), finding).then_some(())?;
    let end = lines.position(text.len());
    let range = lsp_types::Range { start: end, end };
    let edit = TextEdit { range, new_text: format!("{gap}{entry}") };
    let edit = edits::of_files(session, vec![(&file, vec![edit])])?;
    Some(action(finding, &place, edit))
}

/// Whether the last entry of a configuration accepts a finding.
fn is_read(text: &str, finding: &Reported<'_>) -> bool {
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let config = Config::parse(FILE_NAME.as_ref(), text, &rules);
    let last = config.ok().and_then(|mut config| config.exempt.pop());
    last.is_some_and(|last| last.applies(finding.rule.id, finding.input_path.names()))
}
