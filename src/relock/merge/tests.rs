use super::*;
use crate::source::syntax::File;
use serde_json::{Value, json};

/// A lock whose nodes are named by their keys: `a-1` is revision 1 of `a`.
fn lock(nodes: &str) -> String {
    let mut nodes: Value = serde_json::from_str(nodes).unwrap();
    for (key, node) in nodes.as_object_mut().unwrap() {
        if key != "root" {
            let (repo, revision) = key.split_once('-').unwrap();
            let reference = json!({ "type": "github", "owner": "acme", "repo": repo });
            node["original"] = reference.clone();
            node["locked"] = reference;
            node["locked"]["rev"] = format!("{:0>40}", revision.split('-').next().unwrap()).into();
            node["locked"]["lastModified"] = revision.len().into();
        }
    }
    json!({ "nodes": nodes, "root": "root", "version": 7 }).to_string()
}

fn merged(
    texts: [Option<&str>; 3],
    flake: Option<&str>,
    prefer: Option<Prefer>,
) -> Result<Merged, String> {
    let texts = texts.map(|text| text.map(lock));
    let unescaped = [Unescaped::new(), Unescaped::new(), Unescaped::new()];
    let overrides = Overrides::new();
    let mut locks = Vec::new();
    for (text, unescaped) in texts.iter().zip(&unescaped) {
        locks.push(text.as_ref().map(|text| Lock::parse(text.as_bytes(), unescaped).unwrap()));
    }
    let graphs: Vec<_> =
        locks.iter().map(|lock| Some(Graph::build(lock.as_ref()?, &overrides).unwrap())).collect();
    let versions = Versions {
        base: graphs[0].as_ref(),
        ours: graphs[1].as_ref().unwrap(),
        theirs: graphs[2].as_ref().unwrap(),
    };
    let declarations = flake.map(|inputs| {
        let text = format!("{{ {inputs} outputs = _: {{ }}; }}");
        Declarations::read(&File::parse_flake(text.as_str().into()).unwrap()).unwrap()
    });
    let stores = Stores::default();
    let wanted = declarations.as_ref().map(|declarations| MergedFlake {
        declarations,
        files: None,
        stores: &stores,
    });
    merge(&versions, wanted.as_ref(), prefer)
}

const BASE: &str = r#"{ "root": { "inputs": { "a": "a-1", "n": "n-1" } }, "a-1": {}, "n-1": {} }"#;

/// The inputs of the root in a merged lock, by revision.
fn root(merged: &Merged) -> String {
    let lock: Value = serde_json::from_str(&merged.text).unwrap();
    let inputs = lock["nodes"]["root"]["inputs"].as_object().unwrap();
    let told = inputs.iter().map(|(name, target)| match target.as_str() {
        Some(key) => {
            let revision = lock["nodes"][key]["locked"]["rev"].as_str().unwrap();
            format!("{name} {}", revision.trim_start_matches('0'))
        }
        None => format!("{name} = {target}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Without flake.nix, the locks themselves decide.
#[test]
fn locks_alone() {
    let updated = r#"{ "root": { "inputs": { "a": "a-2", "n": "n-1" } }, "a-2": {}, "n-1": {} }"#;
    let without = r#"{ "root": { "inputs": { "n": "n-1" } }, "n-1": {} }"#;
    let follows = r#"{ "root": { "inputs": { "a": ["n"], "n": "n-1" } }, "n-1": {} }"#;
    let more = r#"{ "root": { "inputs": { "a": "a-1", "m": "m-1", "n": "n-3" } }, "a-1": {}, "m-1": {}, "n-3": {} }"#;
    for (ours, theirs, expected) in [
        (updated, more, "a 2, m 1, n 3"),
        (updated, without, "n 1"),
        (updated, follows, r#"a = ["n"], n 1"#),
        (without, more, "m 1, n 3"),
    ] {
        for texts in
            [[Some(BASE), Some(ours), Some(theirs)], [Some(BASE), Some(theirs), Some(ours)]]
        {
            let merged = merged(texts, None, None).unwrap();
            assert_eq!((root(&merged).as_str(), merged.conflicts.len()), (expected, 0));
        }
    }
}

#[test]
fn a_conflict_has_our_entry_until_somebody_decides() {
    let ours = r#"{ "root": { "inputs": { "a": "a-22", "n": "n-1" } }, "a-22": {}, "n-1": {} }"#;
    let theirs =
        r#"{ "root": { "inputs": { "a": "a-333", "n": "n-2" } }, "a-333": {}, "n-2": {} }"#;
    let texts = [Some(BASE), Some(ours), Some(theirs)];
    let undecided = merged(texts, None, None).unwrap();
    assert_eq!(root(&undecided), "a 22, n 2");
    let [conflict] = undecided.conflicts.as_slice() else { panic!("{undecided:?}") };
    assert_eq!((conflict.path.as_slice(), conflict.taken), (["a".to_owned()].as_slice(), None));
    let told = format!("github:acme/a/{:0>40} (1970-01-01)", "333");
    assert_eq!(conflict.theirs.to_string(), told);
    for (prefer, expected, side) in [
        (Prefer::Newest, "a 333, n 2", Side::Theirs),
        (Prefer::Side(Side::Ours), "a 22, n 2", Side::Ours),
        (Prefer::Side(Side::Theirs), "a 333, n 2", Side::Theirs),
    ] {
        let decided = merged(texts, None, Some(prefer)).unwrap();
        assert_eq!(root(&decided), expected);
        assert_eq!(decided.conflicts[0].taken, Some(side));
    }
    // What flake.nix makes follow is no conflict.
    let flake = r#"inputs.n.url = "github:acme/n"; inputs.a.follows = "n";"#;
    let settled = merged(texts, Some(flake), None).unwrap();
    assert_eq!((root(&settled).as_str(), settled.conflicts.len()), (r#"a = ["n"], n 2"#, 0));
}

/// The newest is unknown if both are equally new, or if one is a follows and one an update.
#[test]
fn the_newest_is_not_always_known() {
    let nodes = |a: &str| {
        format!(
            r#"{{ "root": {{ "inputs": {{ "a": {a}, "n": "n-1" }} }}, "n-1": {{}}, "a-2": {{}}, "a-3": {{}} }}"#
        )
    };
    let (two, three, follows) = (nodes("\"a-2\""), nodes("\"a-3\""), nodes("[\"n\"]"));
    for (ours, theirs, base) in [(&two, &three, Some(BASE)), (&two, &follows, None)] {
        let merged = merged([base, Some(ours), Some(theirs)], None, Some(Prefer::Newest)).unwrap();
        assert_eq!((merged.conflicts.len(), merged.conflicts[0].taken), (1, None));
    }
}

#[test]
fn follows_of_both_sides_have_to_end_somewhere() {
    // One side follows what the other has removed.
    let ours = r#"{ "root": { "inputs": { "a": "a-1", "n": ["a", "n"] } }, "a-1": { "inputs": { "n": "n-1" } }, "n-1": {} }"#;
    let theirs = r#"{ "root": { "inputs": { "a": "a-2", "n": "n-1" } }, "a-2": {}, "n-1": {} }"#;
    let base = r#"{ "root": { "inputs": { "a": "a-1", "n": "n-1" } }, "a-1": { "inputs": { "n": "n-1-a" } }, "n-1": {}, "n-1-a": {} }"#;
    let flake = r#"inputs.a.url = "github:acme/a"; inputs.n.follows = "a/n";"#;
    for flake in [None, Some(flake)] {
        let refused = merged([Some(base), Some(ours), Some(theirs)], flake, None).unwrap_err();
        assert_eq!(refused, "`n` follows an input that does not exist");
    }
}

#[test]
fn what_is_merged_with_itself_is_written_as_nix_writes_it() {
    let odd = r#"{ "root": { "inputs": { "b": "n-1", "a": "n-1" } }, "n-1": {}, "unused-1": {} }"#;
    let merged = merged([Some(BASE), Some(odd), Some(odd)], None, None).unwrap();
    let lock: Value = serde_json::from_str(&merged.text).unwrap();
    assert_eq!(lock["nodes"]["root"]["inputs"], json!({ "a": "a", "b": "b" }));
    assert_eq!(lock["nodes"].as_object().unwrap().len(), 3);
}
