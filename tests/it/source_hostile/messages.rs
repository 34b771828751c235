//! The messages about sources that cannot be read.

use super::*;

/// Problems are reported on stderr, once, and the exit code is that of the findings.
#[test]
fn the_program_over_broken_sources() {
    let run = |flake: &FlakeFolder, arguments: &[&str]| {
        let mut command = flake_audit(flake.path());
        command.arg("check").args(arguments).arg("--store").arg(flake.store());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let flake = FlakeFolder::new();
    flake
        .file("other.nix", "{\n  a = ;\n}\n")
        .dep_file("flake.nix", "{")
        .dep_file("other.nix", "}");
    let (code, out, err) = run(&flake, &[]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert_eq!(err.matches("warning: ").count(), 1, "{err}");
    assert!(err.contains("warning: other.nix:2:7: "), "{err}");
    assert!(out.contains("unconfigured-nixpkgs"), "{out}");
    // Without errors: a source that cannot be read fails nothing.
    let allowed = ["--allow", "unconfigured-nixpkgs", "--allow", "root-unconfigured"];
    let (code, _, err) = run(&flake, &allowed);
    assert_eq!((code, err.matches("warning: ").count()), (Some(0), 1), "{err}");

    flake.file("flake.nix", "{\n  inputs = (;\n}\n");
    let (code, out, err) = run(&flake, &[]);
    // A file that Nix refuses is no flake.
    assert_eq!(code, Some(2), "{out}{err}");
    assert_eq!(err.matches("error: Nix refuses this flake.nix: ").count(), 1, "{err}");
    assert!(err.contains("--> flake.nix:2:13") && !out.contains("unconfigured"), "{out}{err}");

    let deep = "(".repeat(500_000);
    flake.file("flake.nix", ROOT_FLAKE).file("other.nix", deep);
    let (code, _, err) = run(&flake, &[]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("warning: other.nix:1:") && err.contains("deeply"), "{err}");

    // Without its sources there is nothing to report about them.
    let mut command = flake_audit(flake.path());
    let output = command.args(["check", "--no-source"]).output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(1), Vec::new()));
}

/// If no active rule needs sources, none is opened.
#[test]
fn sources_that_nobody_asks_for() {
    let flake = FlakeFolder::new();
    flake.file("flake.nix", "{").file("other.nix", "{").dep_file("flake.nix", "{");
    let mut command = flake_audit(flake.path());
    command.args(["check", "--format", "ndjson", "--store"]).arg(flake.store());
    for rule in RULES.iter().filter(|rule| rule.judges.reads_source()) {
        command.args(["--allow", rule.id]);
    }
    let output = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["sources"]["read"], 0);
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
