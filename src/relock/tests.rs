use super::*;
use crate::graph::Overrides;
use crate::lock::Unescaped;
use crate::source::syntax::File;
use serde_json::{Value, json};

/// A lock with these nodes; sources are made from their keys.
fn lock(nodes: &str) -> String {
    let mut nodes: Value = serde_json::from_str(nodes).unwrap();
    for (key, node) in nodes.as_object_mut().unwrap() {
        let node = node.as_object_mut().unwrap();
        if key != "root" {
            let repo = key.split('_').next();
            let original = json!({ "owner": "acme", "repo": repo, "type": "github" });
            node.entry("original").or_insert(original);
            let locked = json!({ "owner": "acme", "repo": repo, "rev": "ab", "type": "github" });
            node.entry("locked").or_insert(locked);
        }
    }
    json!({ "nodes": nodes, "root": "root", "version": 7 }).to_string()
}

/// The inputs of all nodes of the new lock; `None` if the lock stays the same.
fn again(nodes: &str, inputs: &str) -> Result<Option<Value>, Unlockable> {
    let (text, unescaped, overrides) = (lock(nodes), Unescaped::new(), Overrides::new());
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let graph = Graph::build(&lock, &overrides).unwrap();
    let flake = format!("{{ {inputs} outputs = _: {{ }}; }}");
    let declared = Declarations::read(&File::parse_flake(flake.as_str().into()).unwrap()).unwrap();
    let new = relock(&graph, &declared, None, &Stores::default()).lock()?;
    Ok(new.map(|text| {
        let lock: Value = serde_json::from_str(&text).unwrap();
        let nodes = lock["nodes"].as_object().unwrap().iter();
        nodes.map(|(key, node)| (key.clone(), node["inputs"].clone())).collect()
    }))
}

const NODES: &str = r#"{
    "root": { "inputs": { "dep": "dep", "nixpkgs": "nixpkgs_3", "gpu": "gpu" } },
    "dep": { "inputs": { "nixpkgs": "nixpkgs", "sub": "sub", "u": ["dep", "sub", "u"] } },
    "gpu": { "inputs": { "nixpkgs": "nixpkgs_2" } },
    "sub": { "inputs": { "u": "u" } },
    "nixpkgs": {}, "nixpkgs_2": {}, "nixpkgs_3": {}, "u": {}
}"#;
const INPUTS: &str = r#"inputs.dep.url = "github:acme/dep"; inputs.gpu.url = "github:acme/gpu";
    inputs.nixpkgs.url = "github:acme/nixpkgs";"#;

#[test]
fn what_agrees_is_left_alone() {
    assert_eq!(again(NODES, INPUTS), Ok(None));
    // An override without effect, and one that changes nothing.
    let more = r#"inputs.dep.inputs.nope.follows = "nixpkgs";
        inputs.dep.inputs.u.follows = "dep/sub/u";"#;
    assert_eq!(again(NODES, &format!("{INPUTS}{more}")), Ok(None));
}

#[test]
fn overrides_are_applied_and_keys_numbered_anew() {
    let more = r#"inputs.dep.inputs.nixpkgs.follows = "gpu"; inputs.gpu.inputs.nixpkgs.follows = "nixpkgs";
        inputs.dep.inputs.sub.inputs.u.follows = "dep/nixpkgs";"#;
    let new = again(NODES, &format!("{INPUTS}{more}")).unwrap().unwrap();
    assert_eq!(
        new,
        json!({
            "root": { "dep": "dep", "gpu": "gpu", "nixpkgs": "nixpkgs" },
            "dep": { "nixpkgs": ["gpu"], "sub": "sub", "u": ["dep", "sub", "u"] },
            "gpu": { "nixpkgs": ["nixpkgs"] },
            "nixpkgs": null,
            "sub": { "u": ["dep", "nixpkgs"] },
        })
    );
}

#[test]
fn an_input_that_goes_takes_its_nodes_along() {
    let inputs = r#"inputs.dep.url = "github:acme/dep"; inputs.nixpkgs.follows = "dep/nixpkgs";"#;
    let new = again(NODES, inputs).unwrap().unwrap();
    assert_eq!(new["root"], json!({ "dep": "dep", "nixpkgs": ["dep", "nixpkgs"] }));
    assert_eq!(new.as_object().unwrap().len(), 5);
}

#[test]
fn this_flake_itself_can_be_followed() {
    let more = r#"inputs.dep.inputs.nixpkgs.follows = "";"#;
    let new = again(NODES, &format!("{INPUTS}{more}")).unwrap().unwrap();
    assert_eq!(new["dep"]["nixpkgs"], json!([]));
}

#[test]
fn shared_nodes_become_one_each() {
    let shared = r#"{ "root": { "inputs": { "a": "a", "b": "a" } }, "a": { "inputs": { "u": "u" } }, "u": {} }"#;
    let inputs = r#"inputs.a.url = "github:acme/a"; inputs.b.url = "github:acme/a";"#;
    let new = again(shared, inputs).unwrap().unwrap();
    assert_eq!(new["root"], json!({ "a": "a", "b": "b" }));
    assert_eq!((&new["a"], &new["b"]), (&json!({ "u": "u" }), &json!({ "u": "u_2" })));
}

#[test]
fn more_ways_than_anybody_can_lock_are_refused() {
    let node =
        |n: usize| format!(r#""n{n}": {{ "inputs": {{ "a": "n{}", "b": "n{}" }} }}"#, n + 1, n + 1);
    let levels: Vec<_> = (0..40).map(node).collect();
    let nodes = format!(
        r#"{{ "root": {{ "inputs": {{ "n0": "n0" }} }}, {}, "n40": {{}} }}"#,
        levels.join(", ")
    );
    let refused = again(&nodes, r#"inputs.n0.url = "github:acme/n0";"#).unwrap_err();
    assert!(refused.to_string().contains("more than 200000 ways"), "{refused}");
}

#[test]
fn what_nix_would_fetch_is_an_error() {
    let follows = r#"{ "root": { "inputs": { "dep": "dep", "nixpkgs": "nixpkgs" } },
        "dep": { "inputs": { "nixpkgs": ["nixpkgs"], "own": ["dep", "u"], "u": "u" } }, "nixpkgs": {}, "u": {} }"#;
    let known = r#"inputs.nixpkgs.url = "github:acme/nixpkgs";"#;
    for (inputs, expected) in [
        (r#"inputs.dep.url = "github:acme/other";"#, "`dep` is not locked as flake.nix has it"),
        (
            r#"inputs.dep = { url = "github:acme/dep"; inputs.nixpkgs.follows = "nixpkgs"; };
                inputs.new.url = "github:acme/new";"#,
            "`new` is not locked",
        ),
        (
            r#"inputs.dep.url = "github:acme/dep";"#,
            "nothing in flake.nix makes `dep/nixpkgs` follow `nixpkgs` any more",
        ),
        (
            r#"inputs.dep = { url = "github:acme/dep"; inputs.nixpkgs.url = "github:acme/x"; };"#,
            "`dep/nixpkgs` is not locked as flake.nix has it",
        ),
    ] {
        let error = again(follows, &format!("{known}{inputs}")).unwrap_err();
        assert!(matches!(error, Unlockable::Fetch(_)), "{error}");
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

/// For a direct dependency, and for what is below it.
#[test]
fn below_what_nix_reads_again_it_believes_nothing() {
    let inputs = r#"inputs.dep.url = "github:acme/dep"; inputs.n.url = "github:acme/n";"#;
    let nodes = |dep: &str, sub: &str| {
        format!(
            r#"{{ "root": {{ "inputs": {{ "dep": "dep", "n": "n" }} }}, "n": {{}},
            "dep": {{ "inputs": {{ "sub": "sub"{dep} }} }},
            "sub": {{ "inputs": {{ "deep": "deep"{sub} }} }},
            "deep": {{ "inputs": {{ "n": ["n"] }} }} }}"#
        )
    };
    let own = r#", "x": ["dep", "sub"]"#;
    for (dep, sub, more, notices) in [
        // Without a follows of its own it is trusted, with everything below it.
        ("", r#", "n": ["n"]"#, "", None),
        (own, r#", "n": ["n"]"#, "", Some("`dep/sub/n` follow `n`")),
        (own, r#", "n": ["n"]"#, r#"inputs.dep.inputs.sub.inputs.n.follows = "n";"#, None),
        // A declaration of the root explains its follows, so it need not be read.
        (own, r#", "n": ["n"]"#, r#"inputs.dep.inputs.x.follows = "dep/sub";"#, None),
        // A follows below it that it may declare itself.
        (own, r#", "n": ["dep", "x"]"#, "", None),
        // Nodes further down are trusted, unless one of them is read again, too.
        (own, "", "", None),
        (own, r#", "y": ["dep", "sub", "deep"]"#, "", Some("`dep/sub/deep/n` follow `n`")),
        (own, r#", "y": ["dep", "x"]"#, "", None),
        (r#", "x": []"#, "", "", Some("`dep/x` follow ``")),
    ] {
        let new = again(&nodes(dep, sub), &format!("{inputs}{more}"));
        match notices {
            None => assert_eq!(new, Ok(None), "{dep} {sub} {more}"),
            Some(what) => {
                let error = new.unwrap_err().to_string();
                assert!(
                    error.starts_with(&format!("nothing in flake.nix makes {what}")),
                    "{error}"
                );
            }
        }
    }
}

#[test]
fn what_only_one_nix_knows_is_kept() {
    let nodes = r#"{ "root": { "inputs": { "a": "a", "b": "b" } },
        "a": { "buildTime": true, "flake": false }, "b": { "buildTime": "odd" } }"#;
    let text = lock(nodes);
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    assert_eq!(canonical(&lock).matches("\"buildTime\": true,\n      \"flake\"").count(), 1);
    let inputs = r#"inputs.a = { url = "github:acme/a"; flake = false; buildTime = true; };"#;
    let new = again(nodes, inputs).unwrap().unwrap();
    assert_eq!(new, json!({ "root": { "a": "a" }, "a": null }));
}

#[test]
fn what_nix_refuses_is_an_error() {
    for (more, expected) in [
        (
            r#"inputs.dep.inputs.nixpkgs.follows = "dep/nope";"#,
            "`dep/nixpkgs` follows an input that does not exist",
        ),
        (
            r#"inputs.dep.inputs.nixpkgs.follows = "dep/nixpkgs";"#,
            "`dep/nixpkgs` follows itself in a circle",
        ),
        // Something else follows the input, so it must not be removed.
        (
            r#"inputs.dep.inputs.sub.follows = "nixpkgs";"#,
            "`dep/u` follows an input that does not exist",
        ),
    ] {
        let error = again(NODES, &format!("{INPUTS}{more}")).unwrap_err();
        assert_eq!(error, Unlockable::Refused(expected.into()));
    }
}

#[test]
fn what_nix_takes_for_a_circle_is_an_error() {
    // `dep/x` leads through `t` twice: in `dep/a`, and in that one's `b`.
    let nodes = |x: &str| {
        format!(
            r#"{{ "root": {{ "inputs": {{ "dep": "dep", "t": "t" }} }},
            "dep": {{ "inputs": {{ "a": ["t"], "c": ["dep", "a", "b"], "x": {x} }} }},
            "t": {{ "inputs": {{ "b": ["t"] }} }}, "x": {{}} }}"#
        )
    };
    let inputs = |x: &str| {
        format!(
            r#"inputs.t.url = "github:acme/t"; inputs.dep.url = "github:acme/dep";
            inputs.t.inputs.b.follows = "t"; inputs.dep.inputs.a.follows = "t"; inputs.dep.inputs.x.follows = "{x}";"#
        )
    };
    let error = again(&nodes("\"x\""), &inputs("dep/c")).unwrap_err();
    let expected = "Nix meets `t` twice on the way to `dep/a/b`, and takes that for a circle";
    assert_eq!(error, Unlockable::Refused(expected.into()));
    // Something that has not changed is not checked.
    assert_eq!(again(&nodes(r#"["dep", "c"]"#), &inputs("dep/c")), Ok(None));
}

#[test]
fn ways_that_part_too_often_are_refused() {
    // Each follows leads through the one before it, and to a node of its own.
    let count = 3000;
    let (mut nodes, mut root, mut said) = (String::new(), String::new(), String::new());
    for n in 0..count {
        let next = (n + 1) % count;
        nodes += &format!(r#", "d{n}": {{ "inputs": {{ "m": ["d{next}"] }} }}"#);
        root += &format!(r#""d{n}": "d{n}", "n{next}": ["n{n}", "m"], "#);
        said += &format!(r#"d{n}.url = "github:acme/d{n}"; d{n}.inputs.m.follows = "d{next}"; "#);
        if next > 0 {
            said += &format!(r#"n{next}.follows = "n{n}/m"; "#);
        }
    }
    root = root.replace(&format!(r#""n0": ["n{}", "m"], "#, count - 1), r#""n0": ["d0"]"#);
    let nodes = format!(r#"{{ "root": {{ "inputs": {{ {root} }} }}{nodes} }}"#);
    let started = std::time::Instant::now();
    let error = again(&nodes, &format!(r#"inputs = {{ n0.follows = "d1"; {said} }};"#));
    assert_eq!(error, Err(Unlockable::Refused("its follows part too often".into())));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}
