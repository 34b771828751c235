//! `flake-audit.toml`: where it is found, its effect, and its errors.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;

use crate::cli::{fixtures, flake_audit, shown};

/// A repository with several flakes, each a copy of the same fixture.
fn repository(flakes: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    for flake in flakes {
        let flake = folder.path().join(flake);
        fs::create_dir_all(&flake).unwrap();
        let lock = fixtures().join("seed/a-follows-plain/flake.lock");
        fs::copy(lock, flake.join("flake.lock")).unwrap();
    }
    folder
}

fn configure(folder: &Path, text: &str) {
    fs::write(folder.join("flake-audit.toml"), text).unwrap();
}

fn code(folder: &Path) -> i32 {
    flake_audit(folder).arg("check").output().unwrap().status.code().unwrap()
}

#[test]
fn the_file_is_found_up_to_the_repository() {
    let folder = repository(&["a", "b/c"]);
    assert_eq!(code(folder.path()), 1);
    let allow = "[rules]\nunconfigured-nixpkgs = \"allow\"\n";
    configure(&folder.path().join("a"), allow);
    assert_eq!(code(&folder.path().join("a")), 0);
    assert_eq!(code(folder.path()), 1);
    configure(folder.path(), allow);
    assert_eq!(code(folder.path()), 0);
    assert_eq!(code(&folder.path().join("b/c")), 0);
    // The search stops at the repository's root.
    fs::create_dir(folder.path().join("b/.git")).unwrap();
    assert_eq!(code(&folder.path().join("b/c")), 1);
    // The nearer one wins.
    configure(&folder.path().join("a"), "");
    assert_eq!(code(&folder.path().join("a")), 1);
}

#[test]
fn a_file_that_is_named_goes_for_all() {
    let folder = repository(&["a"]);
    fs::write(folder.path().join("x.toml"), "[rules]\nunconfigured-nixpkgs = \"warn\"\n").unwrap();
    let mut command = flake_audit(folder.path());
    assert_eq!(
        command.args(["check", "--config", "x.toml"]).output().unwrap().status.code(),
        Some(0)
    );
    assert_snapshot!(shown(flake_audit(folder.path()).args(["check", "--config", "y.toml"])));
}

#[test]
fn exemptions_are_counted_and_stale_ones_reported() {
    let folder = repository(&["a"]);
    let exempt = "[[exempt]]\nrule = \"unconfigured-nixpkgs\"\ninput = \"another-dep/nixpkgs\"\n\
        reason = \"tests only\"\n";
    configure(folder.path(), exempt);
    assert_snapshot!(shown(flake_audit(folder.path()).arg("check")));
    assert_snapshot!(shown(flake_audit(folder.path()).args(["check", "-v"])));
    // A rule that is off finds nothing, which says nothing about its exemptions.
    configure(folder.path(), &exempt.replace("unconfigured-nixpkgs", "duplicate-nixpkgs"));
    let shown_off = shown(flake_audit(folder.path()).arg("check"));
    assert!(!shown_off.contains("warning:"), "{shown_off}");
    let stale = exempt.replace("another-dep", "other-dep") + "expires = 2020-01-01\n";
    configure(folder.path(), &(exempt.to_owned() + "expires = 2020-01-01\n" + &stale));
    assert_snapshot!(shown(flake_audit(folder.path()).arg("check")));
    let json = flake_audit(folder.path()).args(["check", "--format", "json"]).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["summary"]["exempted"], 1);
    assert_eq!(json["reports"][0]["findings"][0]["exempted"]["reason"], "tests only");
    assert_eq!(json["warnings"].as_array().unwrap().len(), 2);
}

#[test]
fn mistakes_are_errors_with_their_line() {
    for (name, text) in [
        ("unknown-rule", "[rules]\nunconfigured-nixpkg = \"deny\"\n"),
        ("unknown-key", "\nconfigred = [\"nixpkgs-gpu\"]\n"),
        ("unknown-input", "configured = [\n  \"nixpkgs-cpu\",\n]\n"),
        ("no-reason", "[[exempt]]\nrule = \"node-cycle\"\ninput = \"a\"\n"),
        ("not-toml", "configured = nixpkgs-gpu"),
    ] {
        let folder = repository(&["."]);
        configure(folder.path(), text);
        let shown = shown(flake_audit(folder.path()).arg("check"));
        assert!(shown.starts_with("exit 2\n"), "{shown}");
        assert_snapshot!(format!("config-{name}"), shown);
    }
}

#[test]
fn one_file_for_several_flakes_may_name_inputs_of_some() {
    let folder = repository(&["a", "b"]);
    let other = fixtures().join("wrapper-skew/same-branch/flake.lock");
    fs::copy(other, folder.path().join("b/flake.lock")).unwrap();
    configure(folder.path(), "configured = [\"nixpkgs-gpu\", \"another-dep/nothing\"]\n");
    assert_snapshot!(shown(flake_audit(folder.path()).args(["check", "-q"])));
}

/// A flake that sets `cudaSupport` and takes packages of two unread dependencies.
fn with_a_list() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    let case = fixtures().join("inline-configuration/with-inputs");
    let flake = fs::read_to_string(case.join("flake.nix")).unwrap();
    let declared = "    another-dep.url = \"github:acme/another-dep\";\n";
    let taken = "another-dep.packages.x86_64-linux.default ";
    let more = |text: &str| format!("{text}{}", text.replace("another-dep", "further-dep"));
    let flake = flake.replace(declared, &more(declared)).replace(taken, &more(taken));
    let follows = "    another-dep.inputs.nixpkgs.follows = \"nixpkgs\";\n";
    fs::write(folder.path().join("flake.nix"), flake.replace(follows, &more(follows))).unwrap();
    let lock = fs::read(case.join("flake.lock")).unwrap();
    let mut lock: serde_json::Value = serde_json::from_slice(&lock).unwrap();
    let mut further = lock["nodes"]["another-dep"].clone();
    for reference in ["locked", "original"] {
        further[reference]["repo"] = "further-dep".into();
    }
    lock["nodes"]["further-dep"] = further;
    lock["nodes"]["root"]["inputs"]["further-dep"] = "further-dep".into();
    fs::write(folder.path().join("flake.lock"), lock.to_string()).unwrap();
    folder
}

#[test]
fn a_list_is_accepted_once_each_of_its_inputs_is() {
    let folder = with_a_list();
    let said = || shown(flake_audit(folder.path()).args(["check", "--deny", "warnings"]));
    let (both, accept) = (said(), "accept: add to flake-audit.toml:\n");
    assert!(both.contains("`another-dep/nixpkgs`, `further-dep/nixpkgs` are plain"), "{both}");
    // The proposed lines are valid.
    let lines = both.split_once(accept).unwrap().1.trim_end();
    assert!(
        lines.contains("inputs = [\"another-dep/nixpkgs\", \"further-dep/nixpkgs\"]"),
        "{lines}"
    );
    configure(folder.path(), lines);
    assert!(said().starts_with("exit 0\n--- stdout\n1 lock: 1 exempted"), "{}", said());
    // One of two is not enough, and an exemption for an unknown input is reported at its place.
    configure(folder.path(), &lines.replace("further-dep/nixpkgs", "gone/nixpkgs"));
    let one = said();
    assert!(one.starts_with("exit 1"), "{one}");
    assert!(one.contains("flake-audit.toml:3:38: "), "{one}");
    configure(folder.path(), &lines.replace("inputs = ", "reasons = "));
    assert!(said().contains("reasons"), "{}", said());
    // The same in flake.nix, each with the comment at its input.
    configure(folder.path(), "");
    let file = folder.path().join("flake.nix");
    let mut text = fs::read_to_string(&file).unwrap();
    for name in ["another-dep", "further-dep"] {
        assert!(said().starts_with("exit 1"), "{}", said());
        let url = format!("    {name}.url");
        let allowed = format!("    # flake-audit: allow(inline-configuration) looked at\n{url}");
        text = text.replace(&url, &allowed);
        fs::write(&file, &text).unwrap();
    }
    assert!(said().starts_with("exit 0"), "{}", said());
}
