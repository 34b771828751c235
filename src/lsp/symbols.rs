//! Symbols: the inputs of `flake.nix` as a tree, and the nodes of `flake.lock` with their inputs.

use std::path::Path;

use lsp_types::{DocumentSymbol, DocumentSymbolResponse, Location, SymbolInformation, SymbolKind};

use super::client::Client;
use super::flakes::FileKind;
use super::positions::Lines;
use super::session::Session;
use super::texts::Texts;
use super::uri::uri_of;
use crate::flake_ref::source_of;
use crate::lock::{Site, Target};
use crate::source::declare::{Declarations, DeclaredInput};
use crate::source::syntax::File;
use crate::text::{Span, Visible};

/// The deepest level of overrides that is shown: people write two or three.
const DEEPEST: usize = 32;

/// The symbols of a file of an audited flake.
pub(super) fn of_file(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
) -> Option<DocumentSymbolResponse> {
    match FileKind::of(path)? {
        FileKind::Flake => of_flake(session.texts, path, session.client),
        FileKind::Lock => {
            let lines = session.texts.get(path)?;
            Some(shown(nodes(session, &lines), path, session.client)?)
        }
        FileKind::Config | FileKind::Source => None,
    }
}

/// The inputs that a flake.nix declares; empty if it cannot be read, or is none.
pub(super) fn of_flake(
    texts: &Texts,
    path: &Path,
    client: Client,
) -> Option<DocumentSymbolResponse> {
    if FileKind::of(path) != Some(FileKind::Flake) {
        return None;
    }
    let lines = texts.get(path)?;
    let file = File::parse_flake(lines.text().clone()).ok()?;
    let declared = Declarations::read(&file).ok()?;
    let inputs = declared.inputs().map(|input| declared_input(input, &lines, 0)).collect();
    shown(inputs, path, client)
}

fn declared_input(input: &DeclaredInput, lines: &Lines, depth: usize) -> DocumentSymbol {
    let below = input.inputs.values().filter(|_| depth < DEEPEST);
    let children: Vec<_> = below.map(|input| declared_input(input, lines, depth + 1)).collect();
    let detail = match (&input.follows, &input.reference) {
        (Some(follows), _) if follows.path.is_empty() => Some("follows this flake".to_owned()),
        (Some(follows), _) => Some(format!("follows {}", follows.path.join("/"))),
        (None, Some(_)) => Some(input.reference_text()),
        (None, None) => None,
    };
    symbol(
        &input.name,
        detail,
        SymbolKind::MODULE,
        (input.span(), input.name_span()),
        lines,
        children,
    )
}

fn nodes(session: &Session<'_, '_, '_, '_>, lines: &Lines) -> Vec<DocumentSymbol> {
    let graph = session.graph();
    let lock = graph.lock();
    let nodes = lock.nodes().ids().map(|node| {
        let inputs = graph.inputs_of(node).map(|input| {
            let detail = match graph.target(input) {
                Target::Direct(key) => key.to_owned(),
                Target::Follows([]) => "follows this flake".to_owned(),
                Target::Follows(path) => format!("follows {}", path.join("/")),
            };
            let spans = (lock.input_span(node, input), lock.input_name_span(node, input));
            let name = lock.input(input).name;
            symbol(name, Some(detail), SymbolKind::FIELD, spans, lines, Vec::new())
        });
        let spans = (lock.site_span(node, Site::Node), lock.node_key_span(node));
        let detail = (node != lock.root()).then(|| source_of(lock, node));
        let key = lock.node(node).key;
        symbol(key, detail, SymbolKind::MODULE, spans, lines, inputs.collect())
    });
    nodes.collect()
}

fn symbol(
    name: &str,
    detail: Option<String>,
    kind: SymbolKind,
    (span, selected): (Span, Span),
    lines: &Lines,
    children: Vec<DocumentSymbol>,
) -> DocumentSymbol {
    #[expect(deprecated, reason = "the type has the field")]
    DocumentSymbol {
        // Clients refuse a symbol without a name.
        name: if name.is_empty() { "\"\"".to_owned() } else { Visible(name).to_string() },
        detail: detail.map(|detail| Visible(&detail).to_string()),
        kind,
        tags: None,
        deprecated: None,
        range: lines.range(span),
        selection_range: lines.range(selected),
        children: (!children.is_empty()).then_some(children),
    }
}

/// In the client's form: a tree, or a flat list.
fn shown(
    symbols: Vec<DocumentSymbol>,
    path: &Path,
    client: Client,
) -> Option<DocumentSymbolResponse> {
    if client.symbol_tree {
        return Some(DocumentSymbolResponse::Nested(symbols));
    }
    let uri = uri_of(path)?;
    let mut flat = Vec::new();
    let mut open: Vec<(Option<String>, DocumentSymbol)> =
        symbols.into_iter().rev().map(|symbol| (None, symbol)).collect();
    while let Some((container_name, symbol)) = open.pop() {
        let DocumentSymbol { name, kind, range, children, .. } = symbol;
        let children = children.into_iter().flatten().rev();
        open.extend(children.map(|child| (Some(name.clone()), child)));
        let location = Location { uri: uri.clone(), range };
        #[expect(deprecated, reason = "the type has the field")]
        flat.push(SymbolInformation {
            name,
            kind,
            tags: None,
            deprecated: None,
            location,
            container_name,
        });
    }
    Some(DocumentSymbolResponse::Flat(flat))
}
