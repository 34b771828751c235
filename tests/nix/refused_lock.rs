//! The findings of `refused-lock`, compared with Nix.

use std::fs;
use std::path::Path;

use flake_audit::flake_ref::{RefKind, refusals};
use flake_audit::lock::{Lock, Unescaped};
use serde_json::{Map, Value, json};

use crate::program::{self, Nix};

const REV: &str = "b08b47413ee99766b197cc38364311e2c1099d90";
const HASH: &str = "sha256-aBx2EdVmmvwNZj3pP3irgSEEYWFb67Bu2zm/HbAyazE=";

/// A locked and an original reference of each type that every Nix accepts.
fn references() -> Vec<(Value, Value)> {
    let forge = |kind: &str| {
        let original = json!({ "type": kind, "owner": "o", "repo": "r" });
        let locked = json!({ "rev": REV, "narHash": HASH, "lastModified": 1_750_000_000 });
        (with(&original, &locked), original)
    };
    let of = |original: Value, locked: Value| (with(&original, &locked), original);
    vec![
        forge("github"),
        forge("gitlab"),
        forge("sourcehut"),
        of(
            json!({ "type": "git", "url": "https://h/r.git" }),
            json!({ "ref": "main", "rev": REV, "revCount": 3, "narHash": HASH }),
        ),
        of(json!({ "type": "hg", "url": "https://h/r" }), json!({ "rev": REV, "narHash": HASH })),
        of(json!({ "type": "tarball", "url": "https://h/r.tar.gz" }), json!({ "narHash": HASH })),
        of(json!({ "type": "file", "url": "https://h/r.txt" }), json!({ "narHash": HASH })),
        of(json!({ "type": "path", "path": "/nix/store/x" }), json!({ "narHash": HASH })),
    ]
}

fn with(reference: &Value, more: &Value) -> Value {
    let mut all: Map<String, Value> = reference.as_object().unwrap().clone();
    for (name, value) in more.as_object().unwrap() {
        match value {
            Value::Null => drop(all.remove(name)),
            value => drop(all.insert(name.clone(), value.clone())),
        }
    }
    Value::Object(all)
}

/// Changes of a reference: every attribute of any type with a likely value, with values of other
/// kinds, and texts that are nearly right.
fn changes() -> Vec<Value> {
    let mut all = vec![json!({})];
    for (name, value) in [
        ("owner", json!("o")),
        ("repo", json!("r")),
        ("ref", json!("main")),
        ("rev", json!(REV)),
        ("narHash", json!(HASH)),
        ("lastModified", json!(1)),
        ("host", json!("h.org")),
        ("treeHash", json!(REV)),
        ("url", json!("https://h/r")),
        ("revCount", json!(3)),
        ("shallow", json!(true)),
        ("submodules", json!(true)),
        ("lfs", json!(true)),
        ("exportIgnore", json!(true)),
        ("allRefs", json!(true)),
        ("name", json!("n")),
        ("dirtyRev", json!("x-dirty")),
        ("dirtyShortRev", json!("x-dirty")),
        ("unpack", json!(true)),
        ("path", json!("/p")),
        ("id", json!("i")),
        ("dir", json!("d")),
        ("type", json!("forgejo")),
        ("__final", json!(true)),
        ("buildTime", json!(true)),
        ("shortRev", json!("b08b474")),
        ("bogus", json!("1")),
    ] {
        all.push(json!({ name: value }));
        all.push(json!({ name: null }));
        all.push(json!({ name: 5 }));
        all.push(json!({ name: [1] }));
        all.push(json!({ name: true }));
        all.push(json!({ name: "a" }));
    }
    for rev in ["", "abc123", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "sha1:x"] {
        all.push(json!({ "rev": rev }));
    }
    all.push(json!({ "rev": REV.to_uppercase() }));
    all.push(json!({ "rev": "0".repeat(32) }));
    all.push(json!({ "rev": "e".repeat(31) + "u" }));
    all.push(json!({ "rev": "a".repeat(64) }));
    all.push(json!({ "rev": format!("sha1:{REV}") }));
    all.push(json!({ "rev": HASH }));
    for name in [
        "", "a b", "a..b", "a/b", "a//b", "a~b", "a.lock", "a.lock/b", "-a", "@", "a@b", "@{",
        "a:b", "a^", "a/", ".a", "a/.b", "a.", "a+b", "a#b", "a%2Fb", "\u{e4}", "a\\b", "a\u{7f}",
        "HEAD",
    ] {
        all.push(json!({ "ref": name, "rev": null }));
        all.push(json!({ "ref": name }));
    }
    for host in
        ["", "x.org", "X.ORG", "localhost", "x.org:80", "https://x.org", "x.org/a", "a_b", "u@h"]
    {
        all.push(json!({ "host": host }));
    }
    for url in [
        "h/r",
        "git@h:o/r",
        "",
        "/a/b",
        "./x",
        "file:///a",
        "file://a/b",
        "https://h/a b",
        "https://h/{x}",
        "https://h/a\"b",
        "https://h/<x>",
        "https://h/a^b",
        "https://h/\u{e4}",
        "https://h/?a=b c",
        "https://h/?a=^",
        "ssh://git@h:o/r",
        "ssh://git@h:22/r",
        "https://u:p@h/r",
        "https://[::1]/r",
        "https://h/a%20b",
    ] {
        all.push(json!({ "url": url }));
    }
    for hash in
        ["x", "sha256-aaaa", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", HASH.trim_end_matches('=')]
    {
        all.push(json!({ "narHash": hash }));
    }
    all
}

/// A lock with one input of these references.
fn lock(locked: &Value, original: &Value) -> String {
    json!({
        "nodes": { "x": { "locked": locked, "original": original }, "root": { "inputs": { "x": "x" } } },
        "root": "root",
        "version": 7
    })
    .to_string()
}

/// Whether Nix refuses a lock, and not only because something in it is not locked.
fn is_refused(nix: &Nix, folder: &Path, lock: &str) -> Option<String> {
    fs::write(folder.join("flake.lock"), lock).unwrap();
    let output = nix.run(folder, &["flake", "metadata", "--no-write-lock-file", "path:."]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let is_unlocked = said.contains("unlocked input") || said.contains("mutable lock");
    let wants_feature = said.contains("experimental Nix feature");
    (!output.status.success() && !is_unlocked && !wants_feature).then_some(said)
}

/// One in so many is tried, because each is a run of Nix, and there are thousands; all of them if
/// `FLAKE_AUDIT_TEST_ALL` is set. Has no common factor with the number of values for an attribute.
const ONE_IN: usize = 7;

#[test]
fn nix_refuses_what_is_reported_and_nothing_else() {
    let one_in = if std::env::var_os("FLAKE_AUDIT_TEST_ALL").is_some() { 1 } else { ONE_IN };
    for nix in &program::all() {
        let mut number = 0;
        let folder = tempfile::Builder::new().prefix("flake-audit-nix-").tempdir().unwrap();
        // No input is declared, so nothing is fetched, but the lock is still read.
        fs::write(folder.path().join("flake.nix"), "{ outputs = _: { }; }\n").unwrap();
        let (mut refused, mut taken, mut wrong) = (0, 0, Vec::new());
        for (locked, original) in references() {
            for change in changes() {
                for (locked, original) in [
                    (with(&locked, &change), original.clone()),
                    (locked.clone(), with(&original, &change)),
                ] {
                    number += 1;
                    if number % one_in != 0 {
                        continue;
                    }
                    let text = lock(&locked, &original);
                    let reported = reported(&text, nix.minor());
                    let said = is_refused(nix, folder.path(), &text);
                    match (&said, reported) {
                        (Some(_), Some(true)) => refused += 1,
                        (None, None | Some(false)) => taken += 1,
                        // What only older versions refuse is not reported.
                        (Some(_), None) if !nix.is_newest_asked() => taken += 1,
                        (said, reported) => wrong.push(format!("{reported:?} {text}: {said:?}")),
                    }
                }
            }
        }
        println!("{}: {refused} refused, {taken} taken, {} wrong", nix.name, wrong.len());
        assert!(wrong.is_empty(), "{}: {}", nix.name, wrong.join("\n"));
        let least = 500 / one_in;
        assert!(refused > least && taken > least, "{refused} {taken}");
    }
}

/// Whether anything is reported about the input, and whether for this version of Nix.
fn reported(text: &str, minor: u32) -> Option<bool> {
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).unwrap();
    let node = lock.node_keyed("x").unwrap();
    let locked = refusals(lock.locked(node).unwrap(), RefKind::Locked);
    let original = refusals(lock.original(node).unwrap(), RefKind::Original);
    let all: Vec<_> = locked.into_iter().chain(original).collect();
    (!all.is_empty()).then(|| all.iter().any(|refusal| refusal.by.includes(minor)))
}
