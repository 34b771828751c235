//! Definitions: from a follows to the input, from an input to its node in the lock, from an
//! override to the dependency's `flake.nix` if that is on disk.

use std::path::Path;

use lsp_types::{Location, Position, Range};

use super::configuration::{self, Named};
use super::flakes::{FLAKE_NAME, FileKind};
use super::pointed::{Locked, Naming, Pointed};
use super::positions::Lines;
use super::session::Session;
use super::uri::uri_of;
use crate::lock::{InputId, NodeId, Target};
use crate::source::declare::Declarations;
use crate::source::{Files, Reader, Sources};

/// The definition of what is at a place.
pub(super) fn of(
    session: &Session<'_, '_, '_, '_>,
    path: &Path,
    position: Position,
) -> Option<Vec<Location>> {
    let lines = session.texts.get(path)?;
    let offset = lines.offset(position);
    match FileKind::of(path)? {
        FileKind::Flake => in_flake(session, &lines, offset),
        FileKind::Lock => in_lock(session, offset),
        FileKind::Config => {
            let named = Named::around(lines.text(), offset)?;
            let names = configuration::input_path(lines.text(), &named)?;
            let locked = || entry(session, session.graph().find_input(names.iter().copied())?);
            declaration(session, &names).or_else(locked).map(|location| vec![location])
        }
        FileKind::Source => None,
    }
}

fn in_flake(
    session: &Session<'_, '_, '_, '_>,
    lines: &Lines,
    offset: usize,
) -> Option<Vec<Location>> {
    let declared = session.analysis().declarations()?;
    let Pointed { path, role, .. } = Pointed::at(declared, lines.text(), offset)?;
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let input = session.graph().find_input(names.iter().copied());
    match role {
        Naming::Followed | Naming::Taken => {
            let here = declaration(session, &names);
            let locked = || input.and_then(|input| entry(session, input));
            here.or_else(locked).map(|location| vec![location])
        }
        Naming::Declared => {
            let input = input?;
            let graph = session.graph();
            let node = graph.end(input).and_then(|end| node(session, end));
            let holder = graph.edge(input).holder;
            let theirs = match names.as_slice() {
                [_] => graph.end(input).and_then(|end| in_dependency(session, end, None)),
                _ => in_dependency(session, holder, names.last().copied()),
            };
            Some(node.into_iter().chain(theirs).collect())
        }
    }
}

fn in_lock(session: &Session<'_, '_, '_, '_>, offset: usize) -> Option<Vec<Location>> {
    let graph = session.graph();
    let found = match Locked::at(graph, offset)? {
        Locked::Input(input, _) => match graph.target(input) {
            Target::Direct(_) => node(session, graph.end(input)?),
            Target::Follows(path) => entry(session, graph.find_input(path.iter().copied())?),
        },
        Locked::Node(node, _) => declaration(session, graph.owner_path(node).whole()?),
    };
    Some(vec![found?])
}

/// Where flake.nix declares an input, not only takes it as an argument.
fn declaration(session: &Session<'_, '_, '_, '_>, path: &[&str]) -> Option<Location> {
    let input =
        session.analysis().declarations()?.input_at(path).filter(|input| !input.is_implied())?;
    let file = session.file(FLAKE_NAME);
    let range = session.texts.get(&file)?.range(input.name_span());
    Some(Location { uri: session.snapshot.uri(&file)?, range })
}

/// An input in the lock.
fn entry(session: &Session<'_, '_, '_, '_>, input: InputId) -> Option<Location> {
    let graph = session.graph();
    session.in_lock(graph.lock().input_span(graph.edge(input).holder, input))
}

/// A node in the lock, except the root.
fn node(session: &Session<'_, '_, '_, '_>, node: NodeId) -> Option<Location> {
    let lock = session.graph().lock();
    session.in_lock(lock.node_key_span(node)).filter(|_| node != lock.root())
}

/// The `flake.nix` of a dependency, if it is on disk, at its declaration of an input.
fn in_dependency(
    session: &Session<'_, '_, '_, '_>,
    node: NodeId,
    input: Option<&str>,
) -> Option<Location> {
    let stores = session.subject.setup.stores.clone()?;
    let reader = Reader::new(stores, Some(session.subject.folder.clone()));
    let reader = reader.with_open(&session.snapshot.open);
    let mut sources = Sources::default();
    let (_, files) = reader.locked(&mut sources, session.graph().lock(), node)?;
    let path = files.tree().root().join(files.flake_file().as_str());
    let uri = session.snapshot.uri(&path).or_else(|| uri_of(&path))?;
    let range = input.and_then(|input| declared_in(session, &files, input)).unwrap_or_default();
    Some(Location { uri, range })
}

fn declared_in(session: &Session<'_, '_, '_, '_>, files: &Files, input: &str) -> Option<Range> {
    let file = files.get(&files.flake_file()).ok()?;
    let declared = Declarations::read(&file).ok()?;
    let lines = Lines::new(files.flake_text().ok()?, session.client.encoding);
    Some(lines.range(declared.input(input)?.name_span()))
}
