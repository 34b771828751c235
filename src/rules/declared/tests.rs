//! Runs the rules that need flake.nix on less than a whole flake.

use crate::finding::Finding;
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, Unescaped};
use crate::rules::{stale_lock, unused_override};
use crate::source::declare::Declarations;
use crate::source::syntax::File;

/// What both rules find, each finding mapped by `tell`.
fn findings<T>(
    flake: &str,
    lock: &[u8],
    tell: impl Fn(&Graph<'_, '_>, &Finding<'_>) -> T,
) -> Vec<T> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(lock, &unescaped).unwrap();
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).unwrap();
    let file = File::parse_flake(flake.into()).unwrap();
    let declarations = Declarations::read(&file).unwrap();
    let mut findings = Vec::new();
    stale_lock::check_with(&graph, &declarations, None, &Default::default(), &mut findings);
    unused_override::check_with(&graph, &declarations, &mut findings);
    findings.iter().map(|finding| tell(&graph, finding)).collect()
}

/// Messages, notes, and the text at the place in flake.nix. `inputs` is all of flake.nix except the
/// outputs, `nodes` all nodes of the lock without their sources.
pub(in crate::rules) fn told(inputs: &str, nodes: &str) -> Vec<String> {
    let flake = format!("{{ {inputs} outputs = _: {{ }}; }}");
    let mut nodes: serde_json::Value = serde_json::from_str(nodes).unwrap();
    for (key, node) in nodes.as_object_mut().unwrap() {
        let source = serde_json::json!({
            "type": "github", "owner": "acme", "repo": key.split('_').next(), "rev": "ab", "lastModified": 1_736_115_905,
        });
        let node = node.as_object_mut().unwrap();
        if key != "root" {
            let mut original = source.clone();
            for name in ["rev", "lastModified"] {
                original.as_object_mut().unwrap().remove(name);
            }
            node.entry("locked").or_insert(source);
            node.entry("original").or_insert(original);
        }
    }
    let lock = serde_json::json!({ "nodes": nodes, "root": "root", "version": 7 }).to_string();
    findings(&flake, lock.as_bytes(), |_, finding| {
        let notes = finding.notes.iter().fold(String::new(), |all, note| all + "; " + note);
        let place = finding.place.map(|place| format!(" @ {}", &flake[place.span().range()]));
        format!("{}{notes}{}", finding.message, place.unwrap_or_default())
    })
}
