use crate::rules::declared::tests::told;

const NODES: &str = r#"{
    "root": { "inputs": { "dep": "dep", "nixpkgs": "nixpkgs", "utils": ["dep", "utils"] } },
    "dep": { "inputs": { "nixpkgs": ["nixpkgs"], "sub": "sub", "utils": "utils" } },
    "sub": { "inputs": { "nixpkgs": ["dep", "nixpkgs"], "utils": ["utils"] } },
    "utils": {},
    "nixpkgs": {}
}"#;

const AGREES: &str = r#"inputs.dep.url = "github:acme/dep"; inputs.nixpkgs.url = "github:acme/nixpkgs";
    inputs.utils.follows = "dep/utils"; inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
    inputs.dep.inputs.sub.inputs.utils.follows = "utils";"#;

#[test]
fn what_agrees_is_silent() {
    assert!(told(AGREES, NODES).is_empty());
}

#[test]
fn what_differs_is_told_from_both_sides() {
    for (from, to, expected) in [
        (
            r#"nixpkgs.url = "github:acme/nixpkgs";"#,
            r#"nixpkgs.url = "github:acme/nixpkgs/main";"#,
            vec![
                "flake.nix wants `nixpkgs` to be `github:acme/nixpkgs/main`, but in flake.lock it is \
                 `github:acme/nixpkgs` @ inputs.nixpkgs.url = \"github:acme/nixpkgs/main\";",
            ],
        ),
        (
            r#"inputs.utils.follows = "dep/utils";"#,
            r#"inputs.utils = { type = "github"; owner = "acme"; repo = "utils"; };"#,
            vec![
                "flake.nix wants `utils` to be `github:acme/utils`, but in flake.lock it follows \
                 `dep/utils` @ inputs.utils = { type = \"github\"; owner = \"acme\"; repo = \"utils\"; };",
            ],
        ),
        (
            r#"inputs.utils.follows = "dep/utils";"#,
            "",
            vec!["flake.lock has an input `utils`, which flake.nix does not declare"],
        ),
        (
            r#"inputs.utils.follows = "dep/utils";"#,
            r#"inputs.utils.follows = "dep/utils"; inputs.x = { };"#,
            vec![
                "flake.nix declares the input `x`, which flake.lock does not have @ inputs.x = { };",
            ],
        ),
        (
            r#"sub.inputs.utils.follows = "utils";"#,
            r#"sub.inputs.utils.follows = "";"#,
            vec![
                "flake.nix wants `dep/sub/utils` to follow this flake itself, but in flake.lock it follows \
                 `utils`; Nix before 2.30 does not lock overrides two or more levels deep @ \
                 inputs.dep.inputs.sub.inputs.utils.follows = \"\";",
            ],
        ),
        (
            r#"inputs.dep.inputs.sub.inputs.utils.follows = "utils";"#,
            "",
            vec![
                "`dep/sub/utils` follows `utils` in flake.lock, but nothing in flake.nix says so; Nix does \
                 not notice, and keeps it @ inputs.dep.url = \"github:acme/dep\";",
            ],
        ),
        (
            r#"inputs.dep.inputs.nixpkgs.follows = "nixpkgs";"#,
            "",
            vec![
                "`dep/nixpkgs` follows `nixpkgs` in flake.lock, but nothing in flake.nix says so; Nix \
                 notices, and fetches an input of its own for `dep` @ inputs.dep.url = \"github:acme/dep\";",
            ],
        ),
        // What is below it is not reported as well.
        (
            r#"dep.url = "github:acme/dep";"#,
            r#"dep.url = "github:acme/dep/v2"; inputs.dep.inputs.x.follows = "nixpkgs";"#,
            vec![
                "flake.nix wants `dep` to be `github:acme/dep/v2`, but in flake.lock it is \
                 `github:acme/dep` @ inputs.dep.url = \"github:acme/dep/v2\";",
            ],
        ),
    ] {
        assert!(AGREES.contains(from), "{from}");
        assert_eq!(told(&AGREES.replacen(from, to, 1), NODES), expected, "{to}");
    }
}

#[test]
fn a_follows_that_leads_nowhere_is_told_as_such() {
    let top = r#"inputs.utils.follows = "dep/utils";"#;
    let below = r#"inputs.dep.inputs.nixpkgs.follows = "nixpkgs";"#;
    for (from, to, expected) in [
        (
            below,
            r#"inputs.dep.inputs.nixpkgs.follows = "nikpkgs";"#,
            "flake.nix wants `dep/nixpkgs` to follow `nikpkgs`, but this flake has no input `nikpkgs`; \
             did you mean `nixpkgs`?",
        ),
        (
            top,
            r#"inputs.utils.follows = "dep/util";"#,
            "flake.nix wants `utils` to follow `dep/util`, but `dep` has no input `util`; did you mean \
             `utils`?",
        ),
        (
            top,
            r#"inputs.utils.follows = "dep/utils"; inputs.x.follows = "zzz";"#,
            "flake.nix wants `x` to follow `zzz`, but this flake has no input `zzz`",
        ),
        // What is declared will exist, and what is locked anew may have any input.
        (
            top,
            r#"inputs.utils.follows = "x"; inputs.x.url = "github:acme/x";"#,
            "flake.nix wants `utils` to follow `x`, but in flake.lock it follows `dep/utils`",
        ),
        (
            top,
            r#"inputs.utils.follows = "x/utils"; inputs.x.url = "github:acme/x";"#,
            "flake.nix wants `utils` to follow `x/utils`, but in flake.lock it follows `dep/utils`",
        ),
        // The input of a dependency may be bound to another flake.
        (
            top,
            r#"inputs.utils.follows = "dep/sub/x";"#,
            "flake.nix wants `utils` to follow `dep/sub/x`, but in flake.lock it follows `dep/utils`",
        ),
    ] {
        assert!(AGREES.contains(from), "{from}");
        let told = told(&AGREES.replacen(from, to, 1), NODES);
        assert!(told.iter().any(|told| told.starts_with(&format!("{expected} @"))), "{told:#?}");
    }
}

#[test]
fn where_it_cannot_be_told_it_is_silent() {
    // A URL that versions of Nix read differently, and a path that they store differently.
    let nodes = r#"{ "root": { "inputs": { "dep": "dep" } }, "dep": {} }"#;
    let url = "git+ssh://git@example.org:acme/dep";
    assert!(told(&format!("inputs.dep.url = \"{url}\";"), nodes).is_empty());
    let nodes = r#"{ "root": { "inputs": { "dep": "dep" } }, "dep": {
        "locked": { "type": "path", "path": "/nix/store/x-source/dep", "narHash": "x" },
        "original": { "type": "path", "path": "/nix/store/x-source/dep" } } }"#;
    assert!(told("inputs.dep.url = \"./dep\";", nodes).is_empty());
    // A reference that no Nix reads, which looks like the declared one.
    let nodes = r#"{ "root": { "inputs": { "dep": "dep" } }, "dep": {
        "original": { "type": "github", "owner": "acme", "repo": "dep", "bogus": "1" } } }"#;
    assert!(told("inputs.dep.url = \"github:acme/dep\";", nodes).is_empty());
    // Two owners: `b/nixpkgs` is `a/nixpkgs`, which is overridden.
    let nodes = r#"{ "root": { "inputs": { "a": "x", "b": "x", "nixpkgs": "nixpkgs" } },
        "x": { "inputs": { "nixpkgs": ["nixpkgs"] } }, "nixpkgs": {} }"#;
    let inputs = r#"inputs.a.url = "github:acme/x"; inputs.a.inputs.nixpkgs.follows = "nixpkgs";
        inputs.b.url = "github:acme/x"; inputs.nixpkgs.url = "github:acme/nixpkgs";"#;
    assert!(told(inputs, nodes).is_empty());
}

#[test]
fn a_shared_node_hides_nothing_elsewhere() {
    // Two owners: `b/nixpkgs` is `a/nixpkgs`, which is overridden. Nothing explains the follows of
    // `c`.
    let nodes = r#"{ "root": { "inputs": { "a": "x", "b": "x", "c": "c", "nixpkgs": "nixpkgs" } },
        "x": { "inputs": { "nixpkgs": ["nixpkgs"] } }, "nixpkgs": {},
        "c": { "inputs": { "deep": "deep" } }, "deep": { "inputs": { "nixpkgs": ["nixpkgs"] } } }"#;
    let inputs = r#"inputs.a.url = "github:acme/x"; inputs.a.inputs.nixpkgs.follows = "nixpkgs";
        inputs.b.url = "github:acme/x"; inputs.nixpkgs.url = "github:acme/nixpkgs";
        inputs.c.url = "github:acme/c";"#;
    let told = told(inputs, nodes);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("`c/deep/nixpkgs` follows `nixpkgs`"), "{told:?}");
    assert!(told[0].contains("Nix does not notice, and keeps it"), "{told:?}");
}

#[test]
fn what_nix_notices_is_told() {
    // `dep` has a follows of its own, so Nix reads it again and trusts nothing directly below it.
    let nodes = |own: &str| {
        format!(
            r#"{{ "root": {{ "inputs": {{ "dep": "dep", "nixpkgs": "nixpkgs" }} }}, "nixpkgs": {{}},
            "dep": {{ "inputs": {{ "sub": "sub"{own} }} }},
            "sub": {{ "inputs": {{ "nixpkgs": ["nixpkgs"] }} }} }}"#
        )
    };
    let inputs =
        r#"inputs.dep.url = "github:acme/dep"; inputs.nixpkgs.url = "github:acme/nixpkgs";"#;
    for (own, note) in [
        ("", "Nix does not notice, and keeps it"),
        (r#", "x": ["dep", "sub"]"#, "Nix notices, and fetches an input of its own for `dep/sub`"),
    ] {
        let told = told(inputs, &nodes(own));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(note), "{told:?}");
    }
}
