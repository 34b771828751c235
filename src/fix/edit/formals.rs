//! Arguments of `outputs`.

use std::collections::BTreeSet;

use rnix::SyntaxKind::{NODE_PATTERN, TOKEN_COMMA, TOKEN_ELLIPSIS, TOKEN_WHITESPACE};
use rnix::ast;
use rnix::{SyntaxElement, SyntaxNode};
use rowan::ast::AstNode;

use super::file::{FlakeFile, end, start};
use super::line::{LineEnd, LineStart, blanks, following, previous};
use super::splice::Splices;
use super::{Edit, NotEdited};
use crate::source::declare::OutputsFormals;
use crate::text::{AttrPath, is_identifier};

pub(super) fn plan(
    file: &FlakeFile,
    edits: &[Edit],
    splices: &mut Splices,
) -> Result<(), NotEdited> {
    let Some(formals) = file.declared.outputs() else { return Ok(()) };
    let names = wanted(formals, edits);
    for name in &names {
        let why_not = if !is_identifier(name) {
            "is no name of an argument"
        } else if formals.bound.as_deref() == Some(name) {
            "is what it calls all of them"
        } else {
            continue;
        };
        let reason = format!("`outputs` cannot take `{}`, which {why_not}", AttrPath(&[name]));
        return Err(NotEdited::at(formals.span, reason));
    }
    if names.is_empty() {
        return Ok(());
    }
    let added = file.node(formals.braces, NODE_PATTERN).and_then(|pattern| {
        let last = ast::Pattern::cast(pattern.clone())?.pat_entries().last();
        match last {
            Some(last) => append(&last.syntax().clone(), &names, splices),
            None => begin(&pattern, &names, splices),
        }
    });
    added.ok_or_else(|| NotEdited::at(formals.span, "these arguments could not be extended"))
}

/// The inputs to add to the formals: those that need it, and those that nothing else makes known.
pub(super) fn wanted<'e>(formals: &OutputsFormals, edits: &'e [Edit]) -> Vec<&'e str> {
    if !formals.closed && formals.bound.is_some() {
        return Vec::new();
    }
    let mut named: BTreeSet<&str> = formals.names.iter().map(|f| f.name.as_str()).collect();
    let names = edits.iter().filter_map(|edit| match edit {
        Edit::Take { name } => Some(name.as_str()),
        _ => None,
    });
    names.filter(|name| named.insert(name)).collect()
}

/// Where the commas are if each argument has a line.
enum Commas {
    Leading(LineStart, String),
    Trailing(LineStart),
}

/// After the last argument.
fn append(last: &SyntaxNode, names: &[&str], splices: &mut Splices) -> Option<()> {
    let last = SyntaxElement::from(last.clone());
    let behind = end(&last);
    let each = |before: &str, after: &str| -> String {
        names.iter().map(|name| format!("{before}{name}{after}")).collect()
    };
    let next = solid(&last, following);
    let comma = next.filter(|next| next.kind() == TOKEN_COMMA);
    match commas(&last, comma.as_ref()) {
        Some(Commas::Leading(line, glue)) => {
            let at = match LineEnd::of(&last) {
                LineEnd::Newline { at } => at,
                LineEnd::Brace { .. } | LineEnd::Other => behind,
            };
            splices.insert(at, each(&format!("{}{glue}", line.text()), ""));
        }
        Some(Commas::Trailing(line)) => {
            let line = line.text();
            match (comma.as_ref().map(LineEnd::of), LineEnd::of(&last)) {
                (Some(LineEnd::Newline { at }), _) => splices.insert(at, each(&line, ",")),
                (Some(_), _) => splices.insert(behind, each(", ", "")),
                (None, LineEnd::Newline { at }) => {
                    let separated = each(&line, ",");
                    splices.insert(behind, ",");
                    splices.insert(at, separated.strip_suffix(',')?);
                }
                (None, _) => splices.insert(behind, each(&format!(",{line}"), "")),
            }
        }
        None => {
            let is_tight = previous(&last).is_some_and(|before| before.kind() == TOKEN_COMMA);
            splices.insert(behind, each(if is_tight { "," } else { ", " }, ""));
        }
    }
    Some(())
}

/// The layout of the arguments, if the last one has a line of its own.
fn commas(last: &SyntaxElement, comma: Option<&SyntaxElement>) -> Option<Commas> {
    // `, last`, or `first` above `, ...`.
    let before = solid(last, previous).filter(|before| before.kind() == TOKEN_COMMA);
    let leading = before.as_ref().or(comma).and_then(|comma| {
        let line = LineStart::started_by(comma)?;
        let behind = following(comma);
        let glue = blanks(behind.as_ref()).filter(|glue| !glue.contains('\n')).unwrap_or_default();
        Some(Commas::Leading(line, format!(",{glue}")))
    });
    leading.or_else(|| LineStart::started_by(last).map(Commas::Trailing))
}

/// The next element in a direction that is not white space; it may be a comment.
fn solid(
    element: &SyntaxElement,
    step: impl Fn(&SyntaxElement) -> Option<SyntaxElement>,
) -> Option<SyntaxElement> {
    let next = step(element)?;
    if next.kind() == TOKEN_WHITESPACE { step(&next) } else { Some(next) }
}

/// Into a pattern without names.
fn begin(pattern: &SyntaxNode, names: &[&str], splices: &mut Splices) -> Option<()> {
    let mut children = pattern.children_with_tokens();
    let ellipsis = children.find(|child| child.kind() == TOKEN_ELLIPSIS);
    if let Some(ellipsis) = ellipsis {
        let gap =
            LineStart::started_by(&ellipsis).map_or_else(|| " ".to_owned(), |line| line.text());
        let names: String = names.iter().map(|name| format!("{name},{gap}")).collect();
        splices.insert(start(&ellipsis), names);
        return Some(());
    }
    let mut children = pattern.children_with_tokens();
    let brace = children.find(|child| child.kind() == rnix::SyntaxKind::TOKEN_L_BRACE)?;
    let gap = following(&brace);
    let tail = if blanks(gap.as_ref()).is_some() { "" } else { " " };
    splices.insert(end(&brace), format!(" {}{tail}", names.join(", ")));
    Some(())
}
