//! The reported needs of a lock and a flake, compared with what Nix reads.

use std::fs;
use std::path::Path;

use flake_audit::audit::{LockInput, with_analysis};
use flake_audit::flake_ref::NixVersion;
use flake_audit::lock::Unescaped;
use flake_audit::needs::{Needed, needs};
use flake_audit::source::{Reader, Stores};
use serde_json::{Map, Value, json};

use crate::program;

const REV: &str = "b08b47413ee99766b197cc38364311e2c1099d90";
const HASH: &str = "sha256-aBx2EdVmmvwNZj3pP3irgSEEYWFb67Bu2zm/HbAyazE=";

/// A flake, its lock, and its expected needs.
struct Scenario {
    name: &'static str,
    flake: String,
    nodes: Value,
    /// Whether flake.nix declares the inputs in the lock. Otherwise Nix drops them after reading
    /// them.
    agrees: bool,
    needs: &'static [&'static str],
}

fn github(repo: &str, inputs: Value) -> Value {
    let original = json!({ "type": "github", "owner": "acme", "repo": repo });
    let mut locked = original.clone();
    locked["rev"] = json!(REV);
    locked["narHash"] = json!(HASH);
    json!({ "locked": locked, "original": original, "inputs": inputs })
}

/// A flake whose inputs are these lines of flake.nix.
fn flake(inputs: &str) -> String {
    format!("{{\n{inputs}\n  outputs = _: {{ }};\n}}\n")
}

/// A lock with one input that is not declared, which Nix reads nevertheless.
fn reference(name: &'static str, reference: Value, needs: &'static [&'static str]) -> Scenario {
    let mut original: Map<String, Value> = reference.as_object().unwrap().clone();
    for locked in ["rev", "narHash", "lastModified", "revCount", "treeHash", "dirtyRev"] {
        original.remove(locked);
    }
    let nodes = json!({
        "root": { "inputs": { "x": "x" } },
        "x": { "locked": reference, "original": original },
    });
    Scenario { name, flake: flake(""), nodes, agrees: false, needs }
}

fn scenarios() -> Vec<Scenario> {
    let git = |more: Value| {
        let mut git = json!({ "type": "git", "url": "https://h/r.git", "ref": "main", "rev": REV });
        git["narHash"] = json!(HASH);
        merge(git, more)
    };
    let archive = |more: Value| {
        merge(json!({ "type": "tarball", "url": "https://h/r.tar.gz", "narHash": HASH }), more)
    };
    let forge = github("r", json!({}))["locked"].clone();
    let relative = json!({ "type": "path", "path": "./gpu" });
    let dep = r#"inputs.a.url = "github:acme/a"; inputs.c.url = "github:acme/c";"#;
    vec![
        reference("plain forge", forge.clone(), &[]),
        reference("plain Git", git(json!({ "shallow": true, "submodules": true })), &[]),
        reference("plain archive", archive(json!({})), &[]),
        reference("lfs", git(json!({ "lfs": true })), &["Nix 2.27"]),
        reference("exportIgnore", git(json!({ "exportIgnore": true })), &["Nix 2.20"]),
        reference("dirtyRev", git(json!({ "dirtyRev": "x-dirty" })), &["Nix 2.17"]),
        reference("keytype", git(json!({ "keytype": "ssh-rsa" })), &["Nix 2.19"]),
        reference("treeHash", merge(forge, json!({ "treeHash": REV })), &["Nix 2.20.6"]),
        reference("unpack", archive(json!({ "unpack": true })), &["Nix 2.9"]),
        reference("archive's rev", archive(json!({ "rev": REV })), &["Nix 2.17"]),
        reference("archive's day", archive(json!({ "lastModified": 1 })), &["Nix 2.17.1"]),
        Scenario {
            name: "relative",
            flake: flake(r#"inputs.gpu.url = "path:./gpu";"#),
            nodes: json!({
                "root": { "inputs": { "gpu": "gpu" } },
                "gpu": { "locked": relative, "original": relative, "parent": [] },
            }),
            agrees: true,
            needs: &["Nix 2.26"],
        },
        Scenario {
            name: "path literal",
            flake: flake("inputs.gpu.url = ./gpu;"),
            nodes: json!({
                "root": { "inputs": { "gpu": "gpu" } },
                "gpu": {
                    "locked": { "type": "path", "path": "gpu" },
                    "original": { "type": "path", "path": "gpu" },
                    "parent": [],
                },
            }),
            agrees: true,
            needs: &["Nix 2.26", "Nix 2.26"],
        },
        Scenario {
            name: "own submodules",
            flake: flake("inputs.self.submodules = true;"),
            nodes: json!({ "root": {} }),
            agrees: true,
            needs: &["Nix 2.27"],
        },
        Scenario {
            name: "buildTime",
            flake: flake(&format!("{dep} inputs.a.buildTime = true;")),
            nodes: json!({
                "root": { "inputs": { "a": "a", "c": "c" } },
                "a": github("a", json!({})),
                "c": github("c", json!({})),
            }),
            agrees: true,
            needs: &["Determinate Nix"],
        },
        Scenario {
            name: "a shallow override",
            flake: flake(&format!(r#"{dep} inputs.a.inputs.b.follows = "c";"#)),
            nodes: json!({
                "root": { "inputs": { "a": "a", "c": "c" } },
                "a": github("a", json!({ "b": ["c"] })),
                "c": github("c", json!({})),
            }),
            agrees: true,
            needs: &[],
        },
        Scenario {
            name: "a deep override",
            flake: flake(&format!(r#"{dep} inputs.a.inputs.b.inputs.x.follows = "c";"#)),
            nodes: json!({
                "root": { "inputs": { "a": "a", "c": "c" } },
                "a": github("a", json!({ "b": "b" })),
                "b": github("b", json!({ "x": ["c"] })),
                "c": github("c", json!({})),
            }),
            agrees: true,
            needs: &["Nix 2.30"],
        },
        Scenario {
            name: "through a follows",
            flake: flake(&format!(
                r#"{dep} inputs.a.inputs.b.follows = "c"; inputs.y.follows = "a/b/x";"#
            )),
            nodes: json!({
                "root": { "inputs": { "a": "a", "c": "c", "y": ["a", "b", "x"] } },
                "a": github("a", json!({ "b": ["c"] })),
                "c": github("c", json!({ "x": "x" })),
                "x": github("x", json!({})),
            }),
            agrees: true,
            needs: &["Nix 2.18"],
        },
        Scenario {
            name: "to a follows",
            flake: flake(&format!(
                r#"{dep} inputs.a.inputs.b.follows = "c"; inputs.y.follows = "a/b";"#
            )),
            nodes: json!({
                "root": { "inputs": { "a": "a", "c": "c", "y": ["a", "b"] } },
                "a": github("a", json!({ "b": ["c"] })),
                "c": github("c", json!({})),
            }),
            agrees: true,
            needs: &[],
        },
    ]
}

fn merge(mut reference: Value, more: Value) -> Value {
    reference.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    reference
}

/// The reported needs of the flake in a folder.
fn said(folder: &Path) -> Vec<Needed> {
    let bytes = fs::read(folder.join("flake.lock")).unwrap();
    let (unescaped, stores) = (Unescaped::new(), Stores::new(None, None));
    let reader = Reader::new(stores, Some(folder.to_path_buf()));
    let source = LockInput {
        name: "flake.lock",
        bytes: &bytes,
        unescaped: &unescaped,
        reader: Some(&reader),
    };
    let needs = with_analysis(source, None, &[], |analysis, _| needs(analysis));
    needs.unwrap().into_iter().map(|need| need.nix).collect()
}

#[test]
fn a_nix_reads_what_needs_no_newer_one() {
    for nix in &program::all() {
        let version = NixVersion::minor(nix.minor());
        let (mut read, mut refused) = (0, 0);
        for Scenario { name, flake, nodes, agrees, needs } in scenarios() {
            let folder = tempfile::Builder::new().prefix("flake-audit-nix-").tempdir().unwrap();
            let at = |file: &str| folder.path().join(file);
            let lock = json!({ "nodes": nodes, "root": "root", "version": 7 }).to_string();
            fs::create_dir(at("gpu")).unwrap();
            fs::write(at("gpu/flake.nix"), "{ outputs = _: { }; }\n").unwrap();
            fs::write(at("flake.nix"), flake).unwrap();
            fs::write(at("flake.lock"), &lock).unwrap();
            let told = said(folder.path());
            assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), needs, "{name}");
            let is_met = told.iter().all(|needed| needed.is_met_from(version));
            let keeps = if agrees { "--no-update-lock-file" } else { "--no-write-lock-file" };
            let output = nix.run(folder.path(), &["flake", "metadata", keeps, "path:."]);
            let complaints = String::from_utf8_lossy(&output.stderr);
            // An experimental feature is read before it is refused.
            let is_read =
                output.status.success() || complaints.contains("experimental Nix feature");
            assert_eq!(is_read, is_met, "{}: {name}: {complaints}", nix.name);
            if is_met { read += 1 } else { refused += 1 }
        }
        println!("{}: {read} read, {refused} refused", nix.name);
        assert!(read > 4 && refused > 0);
    }
}
