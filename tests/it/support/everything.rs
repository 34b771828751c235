//! Asks the library for everything about a lock once: it must neither panic nor take long.

use std::collections::BTreeSet;

use flake_audit::audit::{LockInput, Setup, audit};
use flake_audit::flake_ref::{Identity, Version};
use flake_audit::graph::{Graph, Overrides};
use flake_audit::instance::{Analysis, Declared, LockSources};
use flake_audit::lock::{Lock, LockError, Unescaped};
use flake_audit::render::{human, json};
use flake_audit::text::{LineIndex, is_hidden};

/// Parses, resolves and judges; counts the results.
pub(crate) fn survive(bytes: &[u8]) -> Result<Seen, LockError> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(bytes, &unescaped)?;
    spans(&lock);
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides)?;
    let steps = walk(&graph);
    let code = LockSources::none(&graph);
    let analysis = Analysis::new(&graph, &Declared::default(), &code);
    let instances = analysis.instances();
    for input in lock.inputs().ids() {
        let _ = analysis.is_disabled(input);
    }
    for &node in graph.reachable() {
        let _ = analysis.own_nixpkgs(node);
    }
    // Without optimization, reports on larger ones would take minutes.
    if bytes.len() <= 6_000_000 {
        audited(bytes);
    }
    Ok(Seen {
        reachable: graph.reachable().len(),
        steps,
        consumers: instances.iter().map(|instance| instance.consumers.len()).sum(),
        wrappers: analysis.wrappers().len(),
        expectations: analysis.expectations().len(),
        causes: analysis.causes().len(),
        affects: analysis.causes().iter().map(|cause| cause.affects.len()).sum(),
    })
}

/// The counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) reachable: usize,
    /// Steps of all chains, each counted up to a hundred.
    pub(crate) steps: usize,
    pub(crate) consumers: usize,
    pub(crate) wrappers: usize,
    pub(crate) expectations: usize,
    pub(crate) causes: usize,
    pub(crate) affects: usize,
}

/// Audits with every rule and writes the report in every format: the output is linear in the input.
fn audited(bytes: &[u8]) {
    let unescaped = Unescaped::new();
    let source = LockInput { name: "flake.lock", bytes, unescaped: &unescaped, reader: None };
    let setup = Setup { excerpts: true, include_allowed: true, lists: true, ..Setup::default() };
    let report = audit(source, None, &setup);
    let show = human::ReportStyle { color: true, quiet: false, verbose: true, width: Some(80) };
    let (mut text, mut json) = (Vec::new(), Vec::new());
    if report.findings.len() <= 3_000 {
        let page = human::Page::new(&report, show);
        page.write(&mut BTreeSet::new(), &mut text).unwrap();
    }
    json::write_report(&report, 0, &mut json).unwrap();
    for written in [text, json] {
        let limit = 100 * bytes.len() + 100_000;
        assert!(written.len() < limit, "{} bytes from {}", written.len(), bytes.len());
        let written = String::from_utf8(written).unwrap();
        let hidden = |c: &char| is_hidden(*c) && !matches!(c, '\n' | '\u{1b}');
        assert_eq!(written.chars().find(hidden), None);
    }
}

fn spans(lock: &Lock<'_>) {
    let index = LineIndex::new(lock.text());
    for (id, node) in lock.nodes().iter() {
        let key = lock.node_key_span(id);
        assert!(key.end <= lock.text().len() && index.position(key.start).line > 0);
        for input in node.inputs.ids() {
            let span = lock.input_span(id, input);
            assert!(lock.text().is_char_boundary(span.start), "{span:?}");
            assert!(lock.text().is_char_boundary(span.end), "{span:?}");
            assert!(index.position(span.start) <= index.position(span.end));
        }
        for attributes in [lock.locked(id), lock.original(id)].into_iter().flatten() {
            let _ = Version::of(attributes).to_string();
        }
        let _ = Identity::of(lock, id).map(|identity| identity.to_string());
    }
}

fn walk(graph: &Graph<'_, '_>) -> usize {
    let mut steps = 0;
    for (node, written) in graph.lock().nodes().iter() {
        assert!(graph.owner_path(node).names().len() <= 65);
        for input in written.inputs.ids() {
            assert!(graph.input_path(input).names().len() <= 65);
            let _ = graph.input_order(input);
            steps += graph.chain(input).take(100).count();
        }
    }
    for cycle in graph.node_cycles() {
        assert!(graph.is_direct(cycle.closes));
    }
    if let Some(&last) = graph.reachable().last() {
        let _ = graph.adjacency().users(last);
    }
    steps
}
