//! The fixtures of the rules that need flake.nix, and a way to try them on less than a flake.

use std::fs;
use std::path::Path;

use crate::finding::{Finding, Subject};
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, Unescaped};
use crate::rules::{stale_lock, unused_override};
use crate::source::declare::Declarations;

/// What both rules find, told by `tell`.
fn findings<T>(
    flake: &str,
    lock: &[u8],
    tell: impl Fn(&Graph<'_, '_>, &Finding<'_>) -> T,
) -> Vec<T> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(lock, &unescaped).unwrap();
    let overrides = Overrides::new();
    let graph = Graph::build(&lock, &overrides).unwrap();
    let root = rnix::Root::parse(flake).ok().unwrap();
    let declarations = Declarations::read(&root).unwrap();
    let mut findings = Vec::new();
    stale_lock::check_with(&graph, &declarations, None, &mut findings);
    unused_override::check_with(&graph, &declarations, &mut findings);
    findings.iter().map(|finding| tell(&graph, finding)).collect()
}

/// Messages and notes, and what stands at the place in flake.nix. `inputs` is all of flake.nix but
/// the outputs, `nodes` all nodes of the lock but their sources.
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
        let place = finding.place.map(|place| format!(" @ {}", &flake[place.span.range()]));
        format!("{}{notes}{}", finding.message, place.unwrap_or_default())
    })
}

/// As `findings.txt` lists it, but for what a fix changes.
fn line(graph: &Graph<'_, '_>, finding: &Finding<'_>) -> String {
    let path = match finding.subject {
        Subject::Flake(_) => ".".into(),
        Subject::Node(node) => graph.owner_path(node).names().join("/"),
        Subject::Input(input) => graph.input_path(input).names().join("/"),
    };
    let level = crate::rules::find(finding.rule).unwrap().level.as_str();
    let applicability = finding.fix.as_ref().unwrap().applicability.as_str();
    format!("{level} {} {path} | {applicability}", finding.rule)
}

#[test]
fn fixtures_have_the_findings_that_they_list() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folders = |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    let mut seen = 0;
    for case in folders(&fixtures).filter(|area| area.is_dir()).flat_map(|area| folders(&area)) {
        let file = |name: &str| fs::read_to_string(case.join(name));
        let (Ok(flake), Ok(lock), Ok(listed)) =
            (file("flake.nix"), file("flake.lock"), file("findings.txt"))
        else {
            continue;
        };
        seen += 1;
        let is_ours = |line: &&str| line.contains("stale-lock") || line.contains("unused-override");
        let head = |line: &str| match line.rsplit_once(" | ") {
            Some((finding, fix)) => format!("{finding} | {}", fix.split(' ').next().unwrap()),
            None => line.to_owned(),
        };
        let listed: Vec<_> = listed.lines().filter(is_ours).map(head).collect();
        let mut found = findings(&flake, lock.as_bytes(), line);
        found.sort();
        assert_eq!(found, listed, "{}", case.display());
    }
    assert!(seen > 100, "only {seen} fixtures");
}
