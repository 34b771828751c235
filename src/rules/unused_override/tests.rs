use crate::rules::declared::tests::told;

const NODES: &str = r#"{
    "root": { "inputs": { "dep": "dep", "nixpkgs": "nixpkgs", "data": "data" } },
    "dep": { "inputs": { "nixpkgs": ["nixpkgs"], "own": ["dep", "sub"], "sub": "sub" } },
    "sub": {},
    "data": { "flake": false },
    "nixpkgs": {}
}"#;

const INPUTS: &str = r#"inputs.dep.url = "github:acme/dep"; inputs.nixpkgs.url = "github:acme/nixpkgs";
    inputs.data = { url = "github:acme/data"; flake = false; };
    inputs.dep.inputs.nixpkgs.follows = "nixpkgs";"#;

#[test]
fn each_override_without_effect_is_told() {
    for (line, expected) in [
        ("", None),
        (r#"inputs.dep.inputs.sub.url = "github:acme/sub";"#, None),
        (r#"inputs.dep.inputs.nixpks.flake = false;"#, None),
        (
            r#"inputs.dep.inputs.nixpks.follows = "nixpkgs";"#,
            Some(
                "flake.nix overrides `dep/nixpks`, but `dep` has no input `nixpks`; it has an input `nixpkgs`",
            ),
        ),
        (
            r#"inputs.dep.inputs.other.inputs.a.url = "a";"#,
            Some("flake.nix overrides `dep/other/a`, but `dep` has no input `other`"),
        ),
        (
            r#"inputs.dep.inputs.sub.inputs.nixpkgs.follows = "";"#,
            Some("flake.nix overrides `dep/sub/nixpkgs`, but `dep/sub` has no input `nixpkgs`"),
        ),
        (
            r#"inputs.data.inputs.nixpkgs.follows = "";"#,
            Some("flake.nix overrides `data/nixpkgs`, but `data` is no flake and has no inputs"),
        ),
        (
            r#"inputs.dep.inputs.own.inputs.a.follows = "";"#,
            Some(
                "flake.nix overrides `dep/own/a`, but `dep/own` is not used: it follows `dep/sub`; what is \
                 used is `dep/sub/a`",
            ),
        ),
        (
            r#"inputs.dep.inputs.nixpkgs.inputs.a.inputs.b.follows = "";"#,
            Some(
                "flake.nix overrides `dep/nixpkgs/a/b`, but `dep/nixpkgs` is not used: it follows \
                 `nixpkgs`; what is used is `nixpkgs/a/b`",
            ),
        ),
    ] {
        let expected: Vec<_> =
            expected.iter().map(|message| format!("{message} @ {line}")).collect();
        assert_eq!(told(&format!("{INPUTS} {line}"), NODES), expected, "{line}");
    }
}

#[test]
fn what_is_not_locked_is_not_judged() {
    // A folder beside flake.nix may have got the input since.
    let nodes = r#"{ "root": { "inputs": { "dep": "dep" } }, "dep": {
        "locked": { "type": "path", "path": "./dep" }, "original": { "type": "path", "path": "./dep" },
        "parent": [] } }"#;
    let inputs = r#"inputs.dep.url = "./dep"; inputs.dep.inputs.new.follows = "";"#;
    assert!(told(inputs, nodes).is_empty());
}
