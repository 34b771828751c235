//! The length of the output for locks in which a little is repeated again and again.

use std::fmt::Write;

use super::{run, text, write};

const NIXPKGS: &str = r#"{"type":"github","owner":"NixOS","repo":"nixpkgs"}"#;

fn node(key: &str, repo: &str, inputs: &str) -> String {
    let reference = format!(r#"{{"type":"github","owner":"acme","repo":"{repo}"}}"#);
    format!(r#""{key}":{{"inputs":{{{inputs}}},"locked":{reference},"original":{reference}}},"#)
}

fn lock(nodes: &str, root: &str) -> String {
    format!(
        r#"{{"nodes":{{{nodes}"nixpkgs":{{"locked":{NIXPKGS},"original":{NIXPKGS}}},{}"root":{{"inputs":{{"nixpkgs":"nixpkgs","nixpkgs-gpu":"gpu",{root}}}}}}},"root":"root","version":7}}"#,
        node("gpu", "nixpkgs-gpu", r#""nixpkgs":["nixpkgs"]"#)
    )
}

fn many(count: usize, one: impl Fn(usize) -> String) -> String {
    (0..count).map(one).collect::<Vec<_>>().join(",")
}

/// Locks of some hundred kilobytes, whose full description would take hundreds of megabytes.
fn hostile() -> Vec<(&'static str, String)> {
    const MANY: usize = 3_000;
    let long = "x".repeat(100_000);
    let slots = many(MANY, |at| format!(r#""s{at}":["nixpkgs"]"#));
    let mut all = Vec::new();
    // A long name above everything.
    all.push(("a long name", lock(&node("dep", "dep", &slots), &format!(r#""{long}":"dep""#))));
    // A long key at which many inputs end, and one that holds many.
    let keyed = node(&long, "dep", &slots) + &node("n", "n", "");
    let follows = many(MANY, |at| format!(r#""f{at}":["d"]"#));
    all.push(("a long key", lock(&keyed, &format!(r#""d":"{long}",{follows}"#))));
    // A long reference at which many inputs end.
    let ends = many(MANY, |at| format!(r#""e{at}":"far""#));
    all.push((
        "a long reference",
        lock(&(node("far", &long, &slots) + &node("x", "x", &ends)), r#""x":"x""#),
    ));
    // 60 long names above many nodes, each with a long chain.
    let middle = "y".repeat(3_000);
    let mut row = String::new();
    for level in 0..60 {
        row += &node(&format!("r{level}"), "r", &format!(r#""{middle}":"r{}""#, level + 1));
    }
    let chain = many(MANY, |at| format!(r#""c{at}":["c{}"]"#, at + 1));
    row += &node("r60", "r", &format!(r#"{slots},{chain},"c{MANY}":["nixpkgs"]"#));
    all.push(("a long row", lock(&row, r#""r":"r0""#)));
    // Many consumers with the same cause.
    let mut shared = String::new();
    for at in 0..MANY {
        write!(shared, "{}", node(&format!("n{at}"), "n", r#""nixpkgs":["dep","s0"]"#)).unwrap();
    }
    let above = node("dep", "dep", &slots) + &shared;
    all.push((
        "many to explain",
        lock(&above, &format!(r#""dep":"dep",{}"#, many(MANY, |at| format!(r#""{at}":"n{at}""#)))),
    ));
    all
}

#[test]
fn output_is_in_proportion_to_the_lock() {
    for (name, lock) in hostile() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "flake.lock", &lock);
        for arguments in [
            &["graph", "--format", "tree"][..],
            &["graph", "--format", "json"],
            &["check", "--format", "json"],
            &["check"],
        ] {
            let output = run(folder.path(), arguments);
            let code = output.status.code();
            assert!(matches!(code, Some(0 | 1)), "{name}, {arguments:?}: {}", text(&output.stderr));
            let most = 24 * lock.len() + (12 << 20);
            let length = output.stdout.len();
            assert!(length < most, "{name}, {arguments:?}: {length} bytes of {}", lock.len());
            if arguments.contains(&"json") {
                serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
            }
        }
    }
}

#[test]
fn what_is_left_out_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (_, lock) = hostile().swap_remove(1);
    write(folder.path(), "flake.lock", &lock);
    let json = run(folder.path(), &["graph", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let edges = json["edges"].as_array().unwrap().len() as u64;
    let left_out = json["left_out"]["inputs"].as_u64().unwrap();
    assert!(edges > 10 && left_out > 1_000, "{edges} and {left_out}");
    assert_eq!(json["left_out"]["nodes"], 0);
    assert_eq!(edges + left_out, 3_000 * 2 + 4);
    // A tree repeats references, clipped, so it takes many more inputs.
    let reference = "\\u0007".repeat(600);
    let ends = many(20_000, |at| format!(r#""{at}":"far""#));
    let lock = lock_of(&reference, &ends);
    write(folder.path(), "flake.lock", &lock);
    let tree = text(&run(folder.path(), &["graph", "--format", "tree"]).stdout);
    let last = tree.lines().find(|line| line.starts_with('…')).unwrap();
    let more: usize = last.split(' ').nth(1).unwrap().parse().unwrap();
    let shown = tree.lines().filter(|line| line.contains("───")).count();
    assert_eq!(shown + more, 20_000 + 4, "{last}");
    assert!(last.contains("more not shown"));
}

fn lock_of(reference: &str, ends: &str) -> String {
    lock(&(node("far", reference, "") + &node("x", "x", ends)), r#""x":"x""#)
}
