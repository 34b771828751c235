//! What in a lock not every Nix can read.

use super::{Need, NeedPlace, Needed, Reason};
use crate::flake_ref::NixVersion;
use crate::flake_ref::since::{FILE, newer_attributes};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, Site, SourceKind, Target};

const RELATIVE: NixVersion = NixVersion::minor(26);
const THROUGH_FOLLOWS: NixVersion = NixVersion::minor(18);

pub(super) fn needs(graph: &Graph<'_, '_>) -> Vec<Need> {
    let mut needs = Vec::new();
    for &node in graph.reachable() {
        of_node(graph, node, &mut needs);
        for input in graph.inputs_of(node).filter(|input| leads_through_follows(graph, *input)) {
            needs.push(Need {
                nix: Needed::Since(THROUGH_FOLLOWS),
                reason: Reason::ThroughFollows,
                place: NeedPlace::Input(input),
            });
        }
    }
    needs
}

fn of_node(graph: &Graph<'_, '_>, node: NodeId, needs: &mut Vec<Need>) {
    let lock = graph.lock();
    let mut push = |since, reason, site| {
        needs.push(Need { nix: Needed::Since(since), reason, place: NeedPlace::Node(node, site) });
    };
    let Some(locked) = lock.locked(node) else { return };
    // Older versions write relative paths with a hash; newer ones lock those again.
    if locked.relative_path().is_some() && locked.text("narHash").is_none() {
        push(RELATIVE, Reason::Relative, Site::Member("locked"));
    }
    if locked.kind() == SourceKind::File {
        push(FILE, Reason::File, Site::Inner("locked", "type"));
    }
    let references = [("locked", Some(locked)), ("original", lock.original(node))];
    let newer = references.into_iter().flat_map(|(member, reference)| {
        let newer = reference.into_iter().flat_map(newer_attributes);
        newer.map(move |(name, since)| (since, name, member))
    });
    // A Nix that reads the newest attribute reads the others, too.
    let newest = newer.reduce(|newest, other| if other.0 > newest.0 { other } else { newest });
    if let Some((since, name, member)) = newest {
        push(since, Reason::Attribute(name), Site::Inner(member, name));
    }
}

/// Whether the path that an input follows leads through an input that is itself a follows, so that
/// it is not the path of any input in the lock.
fn leads_through_follows(graph: &Graph<'_, '_>, input: InputId) -> bool {
    let Target::Follows(path) = graph.target(input) else { return false };
    let Some((_, above)) = path.split_last() else { return false };
    let lock = graph.lock();
    let mut at = lock.root();
    for name in above {
        let Some(step) = lock.input_named(at, name) else { return false };
        match (graph.target(step), graph.end(step)) {
            (Target::Follows(_), Some(_)) => return graph.end(input).is_some(),
            (Target::Direct(_), Some(node)) => at = node,
            (_, None) => return false,
        }
    }
    false
}
