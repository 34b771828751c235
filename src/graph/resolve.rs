//! Follows: every input resolved once, with an explicit stack and a memo.
//!
//! Source: `LockFile::findInput` (Nix, `src/libflake/lockfile.cc`). One difference is intended: Nix
//! reports a cycle when one resolution passes the same follows twice, even if it ends; here only
//! what never ends is one.

use super::{Edge, End, Overrides, OwnerPlace, target};
use crate::lock::{InputId, InputTag, Lock, NodeId, NodeTag, Table, Target};

/// How far the resolution of an input has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    /// Being resolved, at this index of the stack.
    Open(usize),
    Done,
}

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

/// Resolves all inputs that are left: direct inputs of reachable nodes are resolved already.
pub(super) fn resolve_all(
    lock: &Lock<'_>,
    overrides: &Overrides<'_>,
    places: &Table<NodeTag, Option<OwnerPlace>>,
    edges: &mut Table<InputTag, Edge>,
) {
    let mut states: Table<InputTag, State> = Table::like(edges, State::Unseen);
    let mut stack: Vec<Walk> = Vec::new();
    let walk = |input| Walk { input, step: 0, at: lock.root(), last: None };
    let rank = |edges: &Table<InputTag, Edge>, input: InputId| {
        (places.at(edges.at(input).holder).map_or(u32::MAX, |place| place.rank), input)
    };
    for input in lock.inputs().ids() {
        if *states.at(input) == State::Done {
            continue;
        }
        stack.push(walk(input));
        *states.at_mut(input) = State::Open(0);
        while let Some(top) = stack.last_mut() {
            let through = match step(lock, overrides, top) {
                Step::Finished(end, next) => {
                    finish(edges, &mut states, top.input, end, next);
                    stack.pop();
                    continue;
                }
                Step::Through(through) => through,
            };
            match *states.at(through) {
                State::Done => match edges.at(through).end {
                    End::Node(node) => {
                        top.at = node;
                        top.step += 1;
                        top.last = Some(through);
                    }
                    broken => {
                        finish(edges, &mut states, top.input, broken, Some(through));
                        stack.pop();
                    }
                },
                State::Unseen => {
                    *states.at_mut(through) = State::Open(stack.len());
                    stack.push(walk(through));
                }
                State::Open(position) => {
                    let members = stack.split_off(position);
                    let cause = members
                        .iter()
                        .map(|member| member.input)
                        .min_by_key(|input| rank(edges, *input))
                        .unwrap_or(through);
                    let steps = u32::try_from(members.len()).unwrap_or(u32::MAX);
                    let next = members.iter().skip(1).map(|member| member.input).chain([through]);
                    for (member, next) in members.iter().zip(next) {
                        finish(edges, &mut states, member.input, End::Cycle { cause }, Some(next));
                        edges.at_mut(member.input).steps = steps;
                    }
                }
            }
        }
    }
}

fn step(lock: &Lock<'_>, overrides: &Overrides<'_>, walk: &Walk) -> Step {
    let dangling = || {
        let step = u32::try_from(walk.step).unwrap_or(u32::MAX);
        Step::Finished(End::Dangling { cause: walk.input, step }, None)
    };
    match target(lock, overrides, walk.input) {
        Target::Direct(key) => match lock.node_keyed(key) {
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

fn finish(
    edges: &mut Table<InputTag, Edge>,
    states: &mut Table<InputTag, State>,
    input: InputId,
    end: End,
    next: Option<InputId>,
) {
    let steps = next.map_or(0, |next| edges.at(next).steps).saturating_add(1);
    let edge = edges.at_mut(input);
    edge.end = end;
    edge.next = next;
    edge.steps = steps;
    *states.at_mut(input) = State::Done;
}
