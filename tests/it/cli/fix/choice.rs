//! Choosing what to repair.

use insta::assert_snapshot;

use crate::support::workspace::Workspace;

#[test]
fn safe_fixes_alone() {
    let workspace = Workspace::of("seed/a-follows-plain");
    assert_snapshot!(workspace.fix_without_writing(&["--safe-only"]));
    // With the sources on disk it is safe.
    let workspace = Workspace::of("source/fix-is-safe");
    assert!(workspace.fix(&["--safe-only"]).contains("follows = \"nixpkgs-gpu\""));
    // Removing what has no effect is safe, too.
    let workspace = Workspace::of("unused-override/below-a-follows");
    assert!(workspace.fix(&["--safe-only"]).starts_with("exit 0\n--- stdout\nrepaired"));
}

#[test]
fn some_rules() {
    let workspace = Workspace::of("seed/a-follows-plain");
    assert_snapshot!(workspace.fix_without_writing(&["-q", "--rule", "wrapper-skew"]));
    let workspace = Workspace::of("seed/e-team-wrappers");
    let done = workspace.fix(&["--rule", "unconfigured-nixpkgs", "--rule", "split-configuration"]);
    assert!(done.contains("2 findings repaired, nothing left"), "{done}");
}

#[test]
fn a_silent_rule_speaks_when_it_is_named() {
    let workspace = Workspace::of("unconfigured-secondary/own-stable");
    assert_snapshot!(workspace.fix_without_writing(&[]));
    assert_snapshot!(workspace.fix(&["--rule", "unconfigured-secondary"]));
    workspace.fix_without_writing(&["--rule", "unconfigured-secondary"]);
}

/// Copies follow what they repeat, by identity and not by name; exempted ones are left.
#[test]
fn copies_follow_when_that_is_asked_for() {
    for (case, rule) in [
        ("duplicate-input/three-copies", "duplicate-input"),
        ("duplicate-input/with-what-it-holds", "duplicate-input"),
        ("duplicate-nixpkgs/two-revisions", "duplicate-nixpkgs"),
    ] {
        let workspace = Workspace::of(case);
        workspace.fix_without_writing(&[]);
        assert_snapshot!(workspace.fix_without_writing(&["--diff", "--rule", rule]));
        workspace.fix(&["--rule", rule]);
        workspace.fix_without_writing(&["--rule", rule]);
    }
    let workspace = Workspace::of("duplicate-input/three-copies");
    let exempt = "[[exempt]]\nrule = \"duplicate-input\"\ninput = \"second-dep/flake-utils\"\n\
                  reason = \"needs the older one\"\n";
    workspace.write("flake-audit.toml", exempt);
    let done = workspace.fix(&["--rule", "duplicate-input"]);
    assert!(done.contains("1 finding repaired"), "{done}");
    assert!(!workspace.read("flake.nix").contains("second-dep.inputs.flake-utils"), "{done}");
}

#[test]
fn what_the_configuration_turns_off_speaks_when_it_is_named() {
    let workspace = Workspace::of("seed/a-follows-plain");
    workspace.write("flake-audit.toml", "[rules]\nunconfigured-nixpkgs = \"allow\"\n");
    workspace.fix_without_writing(&[]);
    let done = workspace.fix(&["--rule", "unconfigured-nixpkgs"]);
    assert!(done.contains("1 finding repaired"), "{done}");
}

#[test]
fn some_inputs() {
    let chosen = |case: &str, inputs: &[&str]| {
        let workspace = Workspace::of(case);
        let arguments: Vec<&str> = inputs.iter().flat_map(|input| ["--input", input]).collect();
        let shown = workspace.fix_without_writing(&[&["--dry-run"], &arguments[..]].concat());
        let exit = shown.lines().next().unwrap();
        let chosen = shown.lines().filter(|line| line.starts_with("would repair "));
        let last = shown.lines().filter(|line| line.ends_with(" left") || line.contains("--input"));
        let lines: Vec<&str> = [exit].into_iter().chain(chosen).chain(last).collect();
        format!("== {case} {}\n{}\n", inputs.join(" "), lines.join("\n"))
    };
    let team = "seed/e-team-wrappers";
    let told = [
        chosen(team, &["vision-lib/nixpkgs-gpu"]),
        chosen(team, &["vision-lib"]),
        chosen(team, &["*/nixpkgs-gpu"]),
        chosen(team, &["**"]),
        chosen(team, &["speech-lib", "vision-lib"]),
        // An input without any finding.
        chosen(team, &["nixpkgs"]),
        // The finding is elsewhere, but its override would be here.
        chosen("seed/j-through-unstable", &["another-dep"]),
        chosen("seed/j-through-unstable", &["sidecar"]),
        // Overrides without effect are named by what they override.
        chosen("unused-override/below-a-follows", &["utils/nixpkgs"]),
        chosen("unused-override/below-a-follows", &["helper/another-dep/utils/systems"]),
        chosen(team, &["vision"]),
        chosen(team, &["vision-lib", "*/*/*/*"]),
        chosen(team, &[""]),
    ];
    assert_snapshot!(told.concat());
}

#[test]
fn the_configured_input_is_named() {
    let workspace = Workspace::of("unconfigured-nixpkgs/configured-not-declared");
    assert_snapshot!(workspace.fix(&["--configured", "pkgs"]));
    let workspace = Workspace::of("unconfigured-nixpkgs/two-wrappers-ambiguous");
    assert_snapshot!(workspace.fix(&[
        "--configured",
        "nixpkgs-rocm",
        "--configured",
        "nixpkgs-gpu"
    ]));
    let workspace = Workspace::of("seed/a-follows-plain");
    assert_snapshot!(workspace.fix_without_writing(&["--configured", "nixpkgs-rocm"]));
}

#[test]
fn flake_nix_alone() {
    let workspace = Workspace::of("seed/a-follows-plain");
    let lock = workspace.read("flake.lock");
    assert_snapshot!(workspace.fix(&["--no-lock"]));
    assert_eq!(workspace.read("flake.lock"), lock);
    // The rest is left to `nix flake lock`, or to a run without --no-lock.
    assert_snapshot!(workspace.fix_without_writing(&["--no-lock"]));
    assert_snapshot!(workspace.fix(&[]));
}

#[test]
fn flags_that_exclude_each_other() {
    let workspace = Workspace::of("seed/a-follows-plain");
    for arguments in [
        &["--rule", "no-such-rule"][..],
        &["--no-lock", "--init", "gpu"],
        &["--no-lock", "--verify"],
        &["--bare"],
        &["--importable"],
        &["--init", "gpu", "--bare", "--importable"],
        &["--init", "gpu", "--config", "cudaSupport=maybe"],
        &["--init", "gpu", "--config", "./a=b", "--config", "c"],
        &["--no-source", "--store", "store"],
    ] {
        let shown = workspace.fix_without_writing(arguments);
        assert!(shown.starts_with("exit 2\n"), "{shown}");
    }
}
