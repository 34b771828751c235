//! Properties of every merge of three locks.

use flake_audit::graph::{Graph, Overrides};
use flake_audit::lock::{Lock, Unescaped};
use flake_audit::relock::canonical;
use flake_audit::relock::merge::{Merged, Prefer, Side, Versions, merge};
use serde_json::{Value, json};

use crate::support::property::check_locks;
use crate::support::random::Shape;

fn merged(texts: [&Value; 3], prefer: Option<Prefer>) -> Result<Merged, String> {
    let texts = texts.map(Value::to_string);
    let unescaped = [Unescaped::new(), Unescaped::new(), Unescaped::new()];
    let overrides = Overrides::new();
    let [base, ours, theirs] =
        [0, 1, 2].map(|n| Lock::parse(texts[n].as_bytes(), &unescaped[n]).unwrap());
    let [base, ours, theirs] =
        [&base, &ours, &theirs].map(|lock| Graph::build(lock, &overrides).unwrap());
    merge(&Versions { base: Some(&base), ours: &ours, theirs: &theirs }, None, prefer)
}

fn written(text: &str) -> String {
    let unescaped = Unescaped::new();
    canonical(&Lock::parse(text.as_bytes(), &unescaped).unwrap())
}

/// Another lock, derived from one by updates and edits: some nodes have another revision, some
/// inputs of the root are removed, one is added.
fn changed(lock: &Value, mut dice: u64, side: &str) -> Value {
    let mut below = |end: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % end
    };
    let mut lock = lock.clone();
    let root = lock["root"].as_str().unwrap().to_owned();
    let nodes = lock["nodes"].as_object_mut().unwrap();
    for node in nodes.values_mut() {
        if node["locked"]["rev"].is_string() && below(4) == 0 {
            node["locked"]["rev"] = format!("{:040x}", below(3) + 1).into();
            node["locked"]["lastModified"] = below(1 << 30).into();
        }
    }
    if below(3) == 0 {
        let new = json!({ "type": "github", "owner": "acme", "repo": side, "rev": "1".repeat(40) });
        nodes.insert(format!("new {side}"), json!({ "locked": new, "original": new }));
        nodes[&root]["inputs"][format!("new-{side}")] = format!("new {side}").into();
    }
    // Indexing would insert missing members.
    if let Some(inputs) = nodes[&root].get_mut("inputs").and_then(Value::as_object_mut)
        && below(3) == 0
    {
        let number = usize::try_from(below(8)).unwrap();
        if let Some(name) = inputs.keys().nth(number).cloned() {
            inputs.remove(&name);
        }
    }
    lock
}

/// Whether a merge was refused with a message.
fn is_refused(told: &str) -> bool {
    ["circle", "does not exist", "each way", "part too often"].iter().any(|it| told.contains(it))
}

#[test]
fn a_side_that_changed_nothing_has_no_say() {
    check_locks(Shape { shared: true, odd_names: true, ..Shape::default() }, |base, seed| {
        let changed = changed(base, seed, "ours");
        for sides in [[base, &changed, base], [base, base, &changed], [base, &changed, &changed]] {
            match merged(sides, None) {
                Ok(merged) => {
                    assert!(merged.conflicts.is_empty(), "a conflict");
                    // Every path to a shared node is one of its own afterwards.
                    let alone = self::merged([&changed; 3], None).unwrap();
                    assert_eq!(merged.text, alone.text, "not the changed lock");
                    assert_eq!(merged.text, written(&merged.text), "not as Nix writes it");
                }
                Err(told) => assert!(is_refused(&told), "refused: {told}"),
            }
        }
    });
}

#[test]
fn it_does_not_matter_who_merges_whom() {
    check_locks(Shape { shared: true, odd_names: true, ..Shape::default() }, |base, seed| {
        let (ours, theirs) = (changed(base, seed, "ours"), changed(base, !seed, "theirs"));
        let one = merged([base, &ours, &theirs], None);
        let other = merged([base, &theirs, &ours], None);
        let (one, other) = match (one, other) {
            (Ok(one), Ok(other)) => (one, other),
            (Err(told), _) | (_, Err(told)) => {
                return assert!(is_refused(&told), "refused: {told}");
            }
        };
        let paths = |merged: &Merged| -> Vec<Vec<String>> {
            merged.conflicts.iter().map(|conflict| conflict.path.clone()).collect()
        };
        assert_eq!(paths(&one), paths(&other), "other conflicts");
        if one.conflicts.is_empty() {
            assert_eq!(one.text, other.text, "another lock");
        }
        // A preference leaves no conflict, and an undecided merge has our side.
        for (side, sides) in
            [(Side::Ours, [base, &ours, &theirs]), (Side::Theirs, [base, &theirs, &ours])]
        {
            let decided = merged(sides, Some(Prefer::Side(side))).unwrap();
            assert!(decided.conflicts.iter().all(|it| it.taken == Some(side)), "undecided");
            assert_eq!(decided.text, one.text, "not what was preferred");
        }
    });
}

/// No lock causes a panic or an endless run.
#[test]
fn whatever_the_locks_hold_it_ends() {
    check_locks(Shape::WILD, |base, seed| {
        let (ours, theirs) = (changed(base, seed, "ours"), changed(base, !seed, "theirs"));
        match merged([base, &ours, &theirs], Some(Prefer::Newest)) {
            Ok(merged) => assert_eq!(merged.text, written(&merged.text), "not as Nix writes it"),
            Err(told) => assert!(is_refused(&told), "refused: {told}"),
        }
    });
}
