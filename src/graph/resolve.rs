//! Follows: every input resolved once, with an explicit stack and a memo.
//!
//! Source: `LockFile::findInput` (Nix, `src/libflake/lockfile.cc`). One difference is intended: Nix
//! reports a cycle when one resolution passes the same follows twice, even if it ends; here only
//! what never ends is one.

use super::{Edge, End, Overrides, OwnerPlace, target};
use crate::lock::{InputId, InputTag, Lock, NodeId, NodeTag, Table, Target};

/// A follows path that is being walked.
struct Walk {
    input: InputId,
    /// Names of the path that are done.
    step: usize,
    at: NodeId,
    last: Option<InputId>,
}

/// Where the next name of a path leads.
enum Step {
    /// The path is at its end or cannot go on.
    Finished(End, Option<InputId>),
    /// The name leads here.
    Through(InputId),
}

/// Resolves all inputs that are left: direct inputs of reachable nodes are resolved already. Those that
/// are have steps.
pub(super) fn resolve_all(
    lock: &Lock<'_>,
    overrides: &Overrides<'_>,
    places: &Table<NodeTag, Option<OwnerPlace>>,
    edges: &mut Table<InputTag, Edge>,
) {
    // Those that are being resolved: one more than their place in the stack.
    let mut open: Table<InputTag, u32> = Table::like(edges, 0);
    let mut stack: Vec<Walk> = Vec::new();
    let walk = |input| Walk { input, step: 0, at: lock.root(), last: None };
    let rank = |edges: &Table<InputTag, Edge>, input: InputId| {
        (places.at(edges.at(input).holder).map_or(u32::MAX, |place| place.rank), input)
    };
    for input in lock.inputs().ids() {
        if edges.at(input).steps > 0 {
            continue;
        }
        stack.push(walk(input));
        *open.at_mut(input) = 1;
        while let Some(top) = stack.last_mut() {
            let through = match step(lock, overrides, edges, top) {
                Step::Finished(end, next) => {
                    finish(edges, top.input, end, next);
                    stack.pop();
                    continue;
                }
                Step::Through(through) => through,
            };
            if edges.at(through).steps > 0 {
                match edges.at(through).end {
                    End::Node(node) => {
                        top.at = node;
                        top.step += 1;
                        top.last = Some(through);
                    }
                    broken => {
                        finish(edges, top.input, broken, Some(through));
                        stack.pop();
                    }
                }
                continue;
            }
            let Some(position) = open.at(through).checked_sub(1) else {
                stack.push(walk(through));
                *open.at_mut(through) = u32::try_from(stack.len()).unwrap_or(u32::MAX);
                continue;
            };
            let members = stack.split_off(position as usize);
            let cause = members
                .iter()
                .map(|member| member.input)
                .min_by_key(|input| rank(edges, *input))
                .unwrap_or(through);
            let steps = u32::try_from(members.len()).unwrap_or(u32::MAX);
            let next = members.iter().skip(1).map(|member| member.input).chain([through]);
            for (member, next) in members.iter().zip(next) {
                finish(edges, member.input, End::Cycle { cause }, Some(next));
                edges.at_mut(member.input).steps = steps;
            }
        }
    }
}

fn step(
    lock: &Lock<'_>,
    overrides: &Overrides<'_>,
    edges: &Table<InputTag, Edge>,
    walk: &Walk,
) -> Step {
    let dangling = || {
        let step = u32::try_from(walk.step).unwrap_or(u32::MAX);
        Step::Finished(End::Dangling { cause: walk.input, step }, None)
    };
    match target(lock, overrides, edges.at(walk.input), walk.input) {
        Target::Direct(_) => match lock.direct_end(walk.input) {
            Some(node) => Step::Finished(End::Node(node), None),
            // Only in unreachable nodes: in reachable ones it is an error.
            None => dangling(),
        },
        Target::Follows(path) => match path.get(walk.step) {
            None => Step::Finished(End::Node(walk.at), walk.last),
            Some(name) => lock.input_named(walk.at, name).map_or_else(dangling, Step::Through),
        },
    }
}

fn finish(edges: &mut Table<InputTag, Edge>, input: InputId, end: End, next: Option<InputId>) {
    let steps = next.map_or(0, |next| edges.at(next).steps).saturating_add(1);
    let edge = edges.at_mut(input);
    edge.end = end;
    edge.next = next;
    edge.steps = steps;
}
