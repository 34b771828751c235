//! The promises of automatic plans: applied to the graph they configure what they explain, and move
//! nothing that pins a version.

use std::collections::BTreeSet;

use flake_audit::graph::{End, Graph, Overrides};
use flake_audit::instance::{Analysis, Cause, Declared, LockSources, Wrapper};
use flake_audit::lock::{InputId, Lock, Unescaped};

/// Whether the overrides of a cause are automatic.
fn is_automatic(cause: &Cause) -> bool {
    cause.target.unique && cause.pin.is_none() && cause.passing.is_none()
}

/// The overrides for a cause.
fn overrides<'a>(analysis: &Analysis<'_, '_, 'a>, cause: &Cause) -> Vec<(InputId, Vec<&'a str>)> {
    let wrapper = analysis.wrapper(cause.target.wrapper);
    let path = analysis.graph().owner_path(wrapper.node);
    let target = path.whole().expect("a short path").to_vec();
    cause.overrides.iter().map(|slot| (*slot, target.clone())).collect()
}

/// The slots that a cause explains.
fn explained(cause: &Cause) -> impl Iterator<Item = InputId> {
    std::iter::once(cause.slot).chain(cause.affects.iter().copied()).chain(cause.through)
}

/// The slots that are promised to be configured: the primary ones, or all if there are none.
fn promised(analysis: &Analysis<'_, '_, '_>, cause: &Cause) -> Vec<InputId> {
    let primary: Vec<_> =
        explained(cause).filter(|slot| analysis.slot(*slot).is_primary()).collect();
    if primary.is_empty() { explained(cause).collect() } else { primary }
}

/// The inputs that no plan may move: the root's own, and the bases of wrappers.
fn pins(analysis: &Analysis<'_, '_, '_>) -> Vec<InputId> {
    let graph = analysis.graph();
    let bases = analysis.wrappers().filter_map(|(_, wrapper): (_, &Wrapper)| wrapper.base_input);
    graph.inputs_of(graph.lock().root()).chain(bases).collect()
}

fn keeps_promises(before: &Analysis<'_, '_, '_>, causes: &[&Cause]) {
    let graph = before.graph();
    let laid: Overrides<'_> = causes.iter().flat_map(|cause| overrides(before, cause)).collect();
    let after = Graph::build(graph.lock(), &laid).unwrap();
    for cause in causes {
        let wrapper = before.wrapper(cause.target.wrapper).node;
        for slot in promised(before, cause) {
            let is = after.edge(slot).end;
            assert_eq!(is, End::Node(wrapper), "{:?} is not cured", graph.input_path(slot));
        }
    }
    for pin in pins(before) {
        assert_eq!(after.end(pin), graph.end(pin), "{:?} moves", graph.input_path(pin));
    }
    for &node in after.reachable() {
        for input in after.inputs_of(node) {
            assert!(
                after.end(input).is_some() || graph.end(input).is_none(),
                "{:?} breaks",
                graph.input_path(input)
            );
        }
    }
    nothing_new(before, &Analysis::new(&after, &Declared::default(), &LockSources::none(&after)));
}

/// What is unconfigured afterwards was so before. Only a dependency that comes to hold the wrapper
/// by the cure may newly expect it below; such a plan is refused where it is made.
fn nothing_new(before: &Analysis<'_, '_, '_>, after: &Analysis<'_, '_, '_>) {
    let firm = before.expectations().iter().filter(|expectation| expectation.is_firm());
    let holders: BTreeSet<_> = firm.map(|expectation| expectation.flake).collect();
    let known: BTreeSet<_> = before.causes().iter().flat_map(explained).collect();
    for cause in after.causes() {
        if !holders.contains(&after.expectation(cause.expectation).flake) {
            continue;
        }
        for slot in explained(cause) {
            assert!(known.contains(&slot), "{:?} is new", before.graph().input_path(slot));
        }
    }
}

/// Checks each automatic plan of a lock alone, and all together; returns how many there are.
pub(crate) fn check_plans(text: &str) -> usize {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let none = Overrides::new();
    let graph = Graph::build(&lock, &none).unwrap();
    let code = LockSources::none(&graph);
    let analysis = Analysis::new(&graph, &Declared::default(), &code);
    let automatic: Vec<_> = analysis.causes().iter().filter(|cause| is_automatic(cause)).collect();
    for cause in &automatic {
        keeps_promises(&analysis, &[cause]);
    }
    keeps_promises(&analysis, &automatic);
    automatic.len()
}
