//! Hovers: the details that `why` shows for an input, a node, or an output, where it is named.

use std::path::Path;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};

use super::client::Client;
use super::configuration::{self, Named};
use super::flakes::FileKind;
use super::pointed::{Locked, Pointed, contains};
use super::positions::Lines;
use super::session::Session;
use super::texts::Texts;
use crate::detail::{DetailLine, of_input, of_instance, of_node, of_output};
use crate::text::{Span, Visible};

/// The hover for a place.
pub(super) fn at(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    position: Position,
) -> Option<Hover> {
    let lines = session.texts.get(path)?;
    let offset = lines.offset(position);
    let told = match FileKind::of(path)? {
        FileKind::Flake => input(session, &lines, offset)
            .or_else(|| setting(session, path, offset))
            .or_else(|| output(session, path, offset))?,
        FileKind::Source => {
            setting(session, path, offset).or_else(|| output(session, path, offset))?
        }
        FileKind::Lock => locked(session, offset)?,
        FileKind::Config => {
            let (texts, client) = (session.texts, session.client);
            return in_configuration(Some(session), texts, client, path, position);
        }
    };
    Some(shown(told, &lines, session.client))
}

/// The hover for a place in a configuration; for inputs only if the flake was audited.
pub(super) fn in_configuration(
    session: Option<&Session<'_, '_, '_, '_>>,
    texts: &Texts,
    client: Client,
    path: &Path,
    position: Position,
) -> Option<Hover> {
    let lines = texts.get(path)?;
    let named = Named::around(lines.text(), lines.offset(position))?;
    let told = match configuration::explained(lines.text(), &named) {
        Some((title, text)) => {
            let line = DetailLine { name: "is", text: text.to_owned(), leads_to: None };
            (title.to_owned(), vec![line], named.part)
        }
        None => {
            let (session, names) = (session?, configuration::input_path(lines.text(), &named)?);
            let input = session.graph().find_input(names.iter().copied())?;
            (names.join("/"), of_input(&session.known, input), named.part)
        }
    };
    Some(shown(told, &lines, client))
}

fn shown((title, known, span): HoverText, lines: &Lines, client: Client) -> Hover {
    let range = Some(lines.range(span));
    let mut text = Visible(&title).to_string();
    for line in known {
        text += &format!("\n  {:9} {}", line.name, Visible(&line.text));
    }
    let contents = HoverContents::Markup(match client.markdown {
        true => MarkupContent { kind: MarkupKind::Markdown, value: fenced(&text) },
        false => MarkupContent { kind: MarkupKind::PlainText, value: text },
    });
    Hover { contents, range }
}

/// A block in which nothing is Markdown. Names come from anyone, and one with backticks would close
/// a shorter fence.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}text\n{text}\n{fence}")
}

/// A title, the details, and the span.
type HoverText = (String, Vec<DetailLine>, Span);

fn input(session: &Session<'_, '_, '_, '_>, lines: &Lines, offset: usize) -> Option<HoverText> {
    let declared = session.analysis().declarations()?;
    let Pointed { span, path, .. } = Pointed::at(declared, lines.text(), offset)?;
    let found = session.graph().find_input(path.iter().map(String::as_str))?;
    Some((path.join("/"), of_input(&session.known, found), span))
}

fn locked(session: &Session<'_, '_, '_, '_>, offset: usize) -> Option<HoverText> {
    let graph = session.graph();
    Some(match Locked::at(graph, offset)? {
        Locked::Input(input, span) => {
            let title = graph.input_path(input).names().join("/");
            (title, of_input(&session.known, input), span)
        }
        Locked::Node(node, span) => {
            let title = format!("node {}", graph.lock().node(node).key);
            (title, of_node(&session.known, node), span)
        }
    })
}

/// Settings of nixpkgs that the flake makes here.
fn setting(session: &Session<'_, '_, '_, '_>, path: &Path, offset: usize) -> Option<HoverText> {
    let instances = session.analysis().instances();
    let reported = session.report.instances.iter().zip(&instances);
    reported.into_iter().find_map(|(reported, instance)| {
        let span = span_in(session, reported.made_at.as_ref()?, path)?;
        let is_here = contains(span, offset);
        let title = || "nixpkgs as it is configured here".to_owned();
        is_here.then(|| (title(), of_instance(&session.known, instance, reported), span))
    })
}

/// The span of a location, if it is in this file.
fn span_in(
    session: &Session<'_, '_, '_, '_>,
    location: &crate::audit::Location,
    path: &Path,
) -> Option<Span> {
    if session.file(&location.file) != path {
        return None;
    }
    let lines = session.texts.get(path)?;
    Some(Span { start: lines.byte_at(location.start), end: lines.byte_at(location.end) })
}

/// The innermost output that is defined here.
fn output(session: &Session<'_, '_, '_, '_>, path: &Path, offset: usize) -> Option<HoverText> {
    let files = session.source_files();
    let here = session.report.outputs.iter().filter_map(|output| {
        let (location, _) = files.location(output.place?, false)?;
        let span = span_in(session, &location, path)?;
        contains(span, offset).then_some((output, span))
    });
    let (output, span) = here.min_by_key(|(_, span)| span.end - span.start)?;
    Some((output.name(), of_output(&session.known, session.report, output), span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_the_block() {
        assert_eq!(fenced("a `b` c"), "```text\na `b` c\n```");
        assert_eq!(fenced("```\n![x](y)"), "````text\n```\n![x](y)\n````");
    }
}
