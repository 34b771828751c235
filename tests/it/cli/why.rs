use insta::assert_snapshot;

use serde_json::Value;

use super::{flake_audit, over_fixtures, shown};

#[test]
fn inputs_and_nodes() {
    let why = |inputs: &[&str], case: &str| {
        over_fixtures(&[&["why", "--lock", case][..], inputs].concat())
    };
    let deep = "seed/d-three-levels";
    assert_snapshot!(why(&["toolkit/viewer/nixpkgs", "nixpkgs-gpu", "nixpkgs_2"], deep));
    assert_snapshot!(why(&["toolkit/viewr/nixpkgs"], deep));
    assert_snapshot!(why(&["nixpkgs_9"], deep));
    assert_snapshot!(why(&["flake-parts/nixpkgs-lib"], "seed/i-lib-slot"));
    assert_snapshot!(why(&["nixpkgs"], "seed/g-root-is-unfree"));
}

fn of_hosts(asked: &[&str]) -> String {
    let case = "source/several-hosts";
    let store = format!("{case}/store");
    over_fixtures(&[&["why", "--lock", case, "--store", &store][..], asked].concat())
}

#[test]
fn outputs() {
    assert_snapshot!(of_hosts(&["nixosConfigurations.desk", "laptop"]));
    assert_snapshot!(of_hosts(&["nixosConfigurations.server", "devShells.default"]));
    // An input wins over an output with the same text.
    assert_snapshot!(of_hosts(&["speech", "packages.speech"]));
    for same in [
        "devShells.aarch64-linux.default",
        ".#devShells.x86_64-linux.default",
        "default",
        "devShells.\"x86_64-linux\".default.drvPath",
    ] {
        assert_eq!(of_hosts(&[same]), of_hosts(&["devShells.default"]), "{same}");
    }
}

#[test]
fn outputs_that_are_built_beside_a_wrapper() {
    let case = "root-unconfigured/root-uses-legacy-packages-beside-wrapper";
    assert_snapshot!(over_fixtures(&["why", "default", "--lock", case]));
}

#[test]
fn an_output_that_is_not_there_or_could_be_several() {
    assert_snapshot!(of_hosts(&["nixosConfigurations.dekc"]));
    assert_snapshot!(of_hosts(&["solvr"]));
    let folder = tempfile::tempdir().unwrap();
    let from = super::fixtures().join("inline-configuration/two-instances");
    for file in ["flake.lock", "flake.nix"] {
        std::fs::copy(from.join(file), folder.path().join(file)).unwrap();
    }
    let why = |asked| shown(flake_audit(folder.path()).args(["why", asked]));
    assert_snapshot!(why("devShells"));
    assert_snapshot!(why("rocm"));
}

#[test]
fn answers_as_json() {
    let shown = of_hosts(&["desk", "solver/nixpkgs", "--format", "json"]);
    let json = shown.split_once("--- stdout\n").unwrap().1;
    let mut json: Value = serde_json::from_str(json).unwrap();
    json["version"] = "…".into();
    assert_snapshot!(serde_json::to_string_pretty(&json).unwrap());
}
