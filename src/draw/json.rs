//! JSON for `graph --format json`: `schema_version` 1.
//!
//! Fields are added, never removed or renamed. It is written as it is made, one node or input per
//! line. `left_out` says how much is missing, for a drawing of a part of the lock, and for a lock
//! whose long names would be repeated too often.

use std::fmt::Display;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::view::View;
use crate::flake_ref::FlakeRef;
use crate::graph::InputPath;
use crate::instance::Role;
use crate::lock::{InputId, NodeId, Target};
use crate::render::json::SCHEMA_VERSION;
use crate::source::evaluate::facts::{Taken, Use};
use crate::text::write_json;

/// A node.
#[derive(Serialize)]
struct NodeV1<'v, 'a> {
    key: &'a str,
    role: &'static str,
    #[serde(rename = "ref")]
    reference: Option<AsText<FlakeRef<'v, 'a>>>,
    reachable: bool,
    /// `null` for an unreachable node, which has no owner.
    owner_path: Option<Vec<&'a str>>,
}

/// An input.
#[derive(Serialize)]
struct EdgeV1<'v, 'a> {
    from: &'a str,
    input: &'a str,
    follows: Option<&'v [&'a str]>,
    to: Option<&'a str>,
    /// What the root takes; only known from its source.
    taken: Option<Vec<&'static str>>,
    /// What a consumer does with a slot; only known from its source.
    uses: Option<Vec<&'static str>>,
}

/// What a drawing of a part leaves out.
#[derive(Serialize)]
struct LeftOutV1 {
    nodes: usize,
    inputs: usize,
}

/// Bytes of names and references for each byte of the lock, and in addition for any lock. No real
/// lock comes near.
const ROOM: (usize, usize) = (8, 1 << 20);

/// Writes the drawing.
///
/// # Errors
/// Those of `out`.
pub(super) fn write(view: &View<'_, '_, '_, '_>, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{{\n\"schema_version\":{SCHEMA_VERSION},\n\"root\":")?;
    write_json(&view.lock().node(view.lock().root()).key, out)?;
    // Half of it is for nodes, so that some is left for edges.
    let room = view.lock().text().len().saturating_mul(ROOM.0).saturating_add(ROOM.1);
    let node_sizes = view.nodes().iter().map(|node| node_v1(view, *node).size());
    let (nodes, taken) = fitting(node_sizes, room / 2);
    let (inputs, _) = fitting(view.inputs().map(|input| edge_v1(view, input).size()), room - taken);
    if view.left_out().is_some() || nodes < view.nodes().len() || inputs < view.input_count() {
        let (all_nodes, all_inputs) = (view.lock().nodes().len(), view.lock().inputs().len());
        write!(out, ",\n\"left_out\":")?;
        write_json(&LeftOutV1 { nodes: all_nodes - nodes, inputs: all_inputs - inputs }, out)?;
    }
    write!(out, ",\n\"nodes\":[")?;
    list(out, view.nodes().iter().take(nodes).map(|node| node_v1(view, *node)))?;
    write!(out, "],\n\"edges\":[")?;
    list(out, view.inputs().take(inputs).map(|input| edge_v1(view, input)))?;
    write!(out, "]\n}}\n")
}

/// How many of the first items fit into the room, and how much they take.
fn fitting(sizes: impl Iterator<Item = usize>, room: usize) -> (usize, usize) {
    let mut fitting = (0, 0);
    for size in sizes {
        if size > room - fitting.1 {
            break;
        }
        fitting = (fitting.0 + 1, fitting.1 + size);
    }
    fitting
}

impl NodeV1<'_, '_> {
    /// Bytes that are repeated from elsewhere.
    fn size(&self) -> usize {
        let reference =
            self.reference.as_ref().map_or(0, |reference| reference.0.to_string().len());
        self.key.len() + reference + self.owner_path.as_deref().map_or(0, length)
    }
}

impl EdgeV1<'_, '_> {
    /// Bytes that are repeated from elsewhere.
    fn size(&self) -> usize {
        let follows = self.follows.map_or(0, length);
        self.from.len() + self.input.len() + follows + self.to.map_or(0, str::len)
    }
}

fn length(names: &[&str]) -> usize {
    names.iter().map(|name| name.len() + 3).sum()
}

fn node_v1<'v, 'a>(view: &View<'_, '_, 'v, 'a>, node: NodeId) -> NodeV1<'v, 'a> {
    let graph = view.graph();
    let reachable = graph.is_reachable(node);
    NodeV1 {
        key: view.lock().node(node).key,
        role: match view.analysis().role(node) {
            Role::Root => "root",
            Role::Nixpkgs => "nixpkgs",
            Role::NixpkgsLib => "nixpkgs-lib",
            Role::Configured(_) => "configured",
            Role::Null | Role::Flake => "flake",
            Role::Source => "source",
        },
        reference: view.lock().locked(node).map(|attributes| AsText(FlakeRef::new(attributes))),
        reachable,
        owner_path: reachable.then(|| names(&graph.owner_path(node))),
    }
}

fn edge_v1<'v, 'a>(view: &View<'_, '_, 'v, 'a>, input: InputId) -> EdgeV1<'v, 'a> {
    let lock = view.lock();
    let edge = view.graph().edge(input);
    EdgeV1 {
        from: lock.node(edge.holder).key,
        input: lock.input(input).name,
        follows: match view.graph().target(input) {
            Target::Direct(_) => None,
            Target::Follows(path) => Some(path),
        },
        to: edge.end.node().map(|end| lock.node(end).key),
        taken: view
            .analysis()
            .taken_by_root(input)
            .map(|taken| taken.into_iter().map(Taken::as_str).collect()),
        uses: view.analysis().uses(input).map(|uses| uses.into_iter().map(Use::as_str).collect()),
    }
}

fn names<'a>(path: &InputPath<'a>) -> Vec<&'a str> {
    path.names().to_vec()
}

fn list(out: &mut dyn Write, items: impl Iterator<Item = impl Serialize>) -> io::Result<()> {
    for (at, item) in items.enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        write_json(&item, out)?;
    }
    out.write_all(b"\n")
}

/// Serializes as a string without building it.
struct AsText<T>(T);

impl<T: Display> Serialize for AsText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
