//! The tree that `nix flake metadata` prints as inputs, with the verdicts at the ends of lines.
//!
//! A tree follows direct inputs only, so each node is printed with its inputs once; if a node
//! occurs again (old locks share nodes), `(*)` stands for them, as in `cargo tree`. Shape:
//! `CmdFlakeMetadata` in Nix's `src/nix/flake.cc`.

use std::io::{self, Write};

use super::caption::WrapperCaption;
use super::escaped::{Clipped, Slashed, visible};
use super::legend::NodeKind;
use super::view::View;
use crate::flake_ref::FlakeRef;
use crate::instance::Role;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table, Target};
use crate::text::{Time, Visible};

/// Bytes to print for each byte of the lock, and in addition for any lock. The end of a line can be
/// a hundred times as long as the input is in the lock; no real lock comes near.
const ROOM: (usize, usize) = (16, 1 << 20);

/// The deepest level that is printed, so that the indentation of lines stays bounded.
const DEEPEST: usize = 64;

/// Writes the drawing.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "Inputs:")?;
    let lock = view.lock();
    let lines = Lines::of(view);
    let mut room = lock.text().len().saturating_mul(ROOM.0).saturating_add(ROOM.1);
    let mut more = lines.count;
    let mut states = Table::like(lock.nodes(), State::Open);
    for node in lock.nodes().ids().filter(|node| *node != lock.root()) {
        *states.at_mut(node) = State::Unseen;
    }
    let mut levels = vec![Level { node: lock.root(), next: *lines.first.at(lock.root()) }];
    while let Some(level) = levels.last_mut() {
        let Some(input) = level.next else {
            *states.at_mut(level.node) = State::Done;
            levels.pop();
            continue;
        };
        level.next = *lines.after.at(input);
        let mut text = Vec::new();
        branch(&levels, &mut text)?;
        let end = view.graph().end(input).filter(|_| view.graph().is_direct(input));
        let opens = end.filter(|end| lines.first.at(*end).is_some());
        let state = opens.map_or(State::Unseen, |node| *states.at(node));
        line(view, input, state, &mut text)?;
        let Some(left) = room.checked_sub(text.len()) else { break };
        room = left;
        more -= 1;
        out.write_all(&text)?;
        let Some(node) = opens.filter(|_| state == State::Unseen) else { continue };
        if levels.len() < DEEPEST {
            *states.at_mut(node) = State::Open;
            levels.push(Level { node, next: *lines.first.at(node) });
        } else {
            levels.push(Level { node, next: None });
            branch(&levels, out)?;
            writeln!(out, "… its inputs are deeper than {DEEPEST} levels")?;
            levels.pop();
        }
    }
    // Otherwise it is complete, except for what was marked as too deep.
    if !levels.is_empty() {
        writeln!(out, "… {more} more not shown: all of them would be too much")?;
    }
    let unreachable = lock.nodes().len() - view.graph().reachable().len();
    if let Some(left_out) = view.left_out() {
        writeln!(out, "\n{}", visible(left_out))?;
    } else if unreachable > 0 {
        let nodes = if unreachable == 1 { "node" } else { "nodes" };
        writeln!(out, "\nLeft out: {unreachable} {nodes} to which no input leads.")?;
    }
    Ok(())
}

/// Whether a node's inputs have been printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    /// They are being printed.
    Open,
    Done,
}

/// A node whose inputs are being printed.
struct Level {
    node: NodeId,
    /// The next of its lines.
    next: Option<InputId>,
}

/// The inputs that have a line.
struct Lines {
    /// The first line below a node.
    first: Table<NodeTag, Option<InputId>>,
    /// The next line of the same node.
    after: Table<InputTag, Option<InputId>>,
    /// The number of lines.
    count: usize,
}

impl Lines {
    /// The inputs in view, and those below which there is something in view.
    fn of(view: &View<'_, '_, '_, '_>) -> Self {
        let graph = view.graph();
        let lock = view.lock();
        let mut leads_on: Table<NodeTag, bool> = Table::like(lock.nodes(), false);
        for &node in graph.reachable().iter().rev() {
            let Some(place) = graph.place(node) else { continue };
            *leads_on.at_mut(node) |= view.has_node(node);
            *leads_on.at_mut(place.parent) |= *leads_on.at(node);
        }
        let mut first = Table::like(lock.nodes(), None);
        let mut after = Table::like(lock.inputs(), None);
        let mut count = 0;
        for input in lock.inputs().ids().rev() {
            let leads_on = || graph.end(input).is_some_and(|end| *leads_on.at(end));
            if view.has_input(input) || (graph.is_direct(input) && leads_on()) {
                let holder = graph.edge(input).holder;
                *after.at_mut(input) = first.at_mut(holder).replace(input);
                count += usize::from(graph.is_reachable(holder));
            }
        }
        Self { first, after, count }
    }
}

/// Writes the indentation of a line in the last level; every level is already at its next line.
fn branch(levels: &[Level], out: &mut dyn Write) -> io::Result<()> {
    let Some((last, above)) = levels.split_last() else { return Ok(()) };
    for level in above {
        out.write_all(if level.next.is_some() { "│   " } else { "    " }.as_bytes())?;
    }
    out.write_all(if last.next.is_some() { "├───" } else { "└───" }.as_bytes())
}

fn line(
    view: &View<'_, '_, '_, '_>,
    input: InputId,
    state: State,
    out: &mut dyn Write,
) -> io::Result<()> {
    write!(out, "{}", Visible(view.lock().input(input).name))?;
    match view.graph().target(input) {
        Target::Direct(_) => direct(view, input, out)?,
        Target::Follows(path) => {
            // As written, so that all lines together are no longer than the lock.
            write!(out, " follows input '{}'", visible(Slashed(path)))?;
        }
    }
    match state {
        State::Unseen => {}
        State::Open => write!(out, " (loop)")?,
        State::Done => write!(out, " (*)")?,
    }
    remarks(view, input, out)?;
    writeln!(out)
}

/// The locked reference and its time.
fn direct(view: &View<'_, '_, '_, '_>, input: InputId, out: &mut dyn Write) -> io::Result<()> {
    let Some(locked) = view.graph().end(input).and_then(|end| view.lock().locked(end)) else {
        return Ok(());
    };
    let text = Clipped::reference(FlakeRef::new(locked));
    write!(out, ": {}", visible(text))?;
    match locked.number("lastModified").and_then(Time::new) {
        Some(time) => write!(out, " ({time})"),
        None => Ok(()),
    }
}

/// Remarks on the node and the input: `[plain nixpkgs; unconfigured: …]`.
fn remarks(view: &View<'_, '_, '_, '_>, input: InputId, out: &mut dyn Write) -> io::Result<()> {
    let end = view.graph().end(input).filter(|_| view.graph().is_direct(input));
    let role = end.map(|end| view.analysis().role(end));
    let mut separator = " [";
    if let Some(role) = role.filter(|role| !matches!(role, Role::Root | Role::Flake)) {
        write!(out, "{separator}{}", NodeKind::of(role).words())?;
        separator = "; ";
        if let Role::Configured(id) = role {
            let wrapper = view.analysis().wrapper(id);
            write!(out, ": {}", WrapperCaption(wrapper))?;
        }
    }
    if let Some(verdict) = view.verdict(input).words() {
        write!(out, "{separator}{}", visible(verdict))?;
        separator = "; ";
    }
    if separator == "; " { write!(out, "]") } else { Ok(()) }
}
