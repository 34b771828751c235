//! What is repaired, and how that is reported.

use insta::assert_snapshot;

use crate::support::workspace::Workspace;

/// Checks and fixes a fixture in all ways, and shows the results.
fn every_way(case: &str) -> String {
    let workspace = Workspace::of(case);
    let diff = workspace.fix_without_writing(&["--diff"]);
    let dry = workspace.fix_without_writing(&["--dry-run"]);
    let done = workspace.fix(&[]);
    // All have the exit code of the real repair.
    let exit = |shown: &str| shown.lines().next().unwrap().to_owned();
    assert_eq!(exit(&diff), exit(&done), "{case}");
    assert_eq!(exit(&dry), exit(&done), "{case}");
    let again = workspace.fix_without_writing(&[]);
    format!("$ fix --diff\n{diff}$ fix --dry-run\n{dry}$ fix\n{done}$ fix\n{again}")
}

macro_rules! cases {
    ($($name:ident: $case:literal;)*) => {
        $(#[test]
        fn $name() {
            assert_snapshot!(stringify!($name), every_way($case));
        })*
    };
}

cases! {
    a_follows_plain: "seed/a-follows-plain";
    b_own_nixpkgs: "seed/b-own-nixpkgs";
    c_clean: "seed/c-clean";
    d_three_levels: "seed/d-three-levels";
    e_team_wrappers: "seed/e-team-wrappers";
    f_skewed_wrapper: "seed/f-skewed-wrapper";
    g_root_follows_wrapper: "seed/g-root-follows-wrapper";
    g_root_is_unfree: "seed/g-root-is-unfree";
    h_pin_holder: "seed/h-pin-holder";
    i_lib_slot: "seed/i-lib-slot";
    j_through_unstable: "seed/j-through-unstable";
    sources_on_disk: "source/fix-is-safe";
    unused_override: "unused-override/below-a-follows";
    override_of_no_flake: "unused-override/no-flake";
    override_of_another_name: "unused-override/no-such-input";
    stale_lock: "stale-lock/changed-follows";
    stale_input: "stale-lock/undeclared-input";
    stale_and_to_be_fetched: "stale-lock/other-branch";
    leftover_in_the_lock: "stale-lock/leftover";
    would_break: "source/fix-would-break-lib";
    setting_beside_config: "ineffective-setting/beside-config";
    setting_that_brings_more_to_light: "inline-configuration/key-beside-config";
    option_beside_config: "ineffective-setting/options";
    several_wrappers: "unconfigured-nixpkgs/two-wrappers-ambiguous";
    no_flake_slot: "unconfigured-nixpkgs/flake-false-slot";
}

/// The lock says that a dependency is configured, flake.nix that it will not be: one run repairs
/// both, as two would.
#[test]
fn what_a_stale_lock_hides_is_repaired_too() {
    let workspace = Workspace::of("seed/c-clean");
    workspace.replace(
        "flake.nix",
        "another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\";",
        "another-dep.inputs.nixpkgs.follows = \"nixpkgs\";",
    );
    let lock = workspace.read("flake.lock");
    assert_snapshot!(workspace.fix(&[]));
    assert_eq!(workspace.read("flake.lock"), lock);
    assert_snapshot!(workspace.fix_without_writing(&[]));
}

/// The override of the copy's nixpkgs loses its effect once the copy is not used.
#[test]
fn what_loses_its_effect_by_a_repair_goes_with_it() {
    let workspace = Workspace::of("split-configuration/equal-copy");
    workspace.replace(
        "flake.nix",
        "  outputs =",
        "  inputs.vision-lib.inputs.nixpkgs-gpu.inputs.nixpkgs.follows = \"nixpkgs\";\n\n  outputs =",
    );
    workspace.replace("flake.lock", "          \"vision-lib\",\n", "");
    assert_snapshot!(workspace.fix(&["--rule", "split-configuration"]));
    assert!(workspace.fix_without_writing(&[]).contains("nothing to repair\n"));
}

/// Another input can only move once the copy of the wrapper is gone.
#[test]
fn what_another_repair_makes_possible_is_repaired_in_the_same_run() {
    let workspace = Workspace::of("split-configuration/copy-holds-a-pin");
    assert_snapshot!(workspace.fix(&[]));
    workspace.fix_without_writing(&[]);
}

/// What the root declares about its wrapper's nixpkgs is a pin, and is kept.
#[test]
fn what_the_root_makes_its_wrapper_follow_is_left() {
    let workspace = Workspace::of("seed/b-own-nixpkgs");
    workspace.replace(
        "flake.nix",
        "nixpkgs-gpu.inputs.nixpkgs.follows = \"nixpkgs\"",
        "nixpkgs-gpu.inputs.nixpkgs.follows = \"another-dep/nixpkgs\"",
    );
    assert_snapshot!(workspace.fix(&[]));
    workspace.fix_without_writing(&[]);
}

/// Two overrides below one input, one of which may be a misspelling, which is left.
#[test]
fn overrides_of_one_input_are_told_apart() {
    let workspace = Workspace::of("unused-override/no-such-input");
    workspace.replace(
        "flake.nix",
        "      inputs.nixpks.follows",
        "      inputs.gone-for-good.follows = \"nixpkgs\";\n      inputs.nixpks.follows",
    );
    let done = workspace.fix(&[]);
    assert!(done.contains("1 finding repaired, 2 warnings left"), "{done}");
    assert!(!workspace.read("flake.nix").contains("gone-for-good"));
}

/// An input that flake.nix no longer declares is removed by the same run and blocks nothing.
#[test]
fn an_input_that_is_not_declared_any_more_is_in_nobodys_way() {
    for case in ["input-not-declared", "input-not-declared-but-taken"] {
        for arguments in [&[][..], &["--rule", "unconfigured-nixpkgs"], &["--no-lock"]] {
            let workspace = Workspace::of(format!("unconfigured-nixpkgs/{case}"));
            let done = workspace.fix(arguments);
            assert!(!done.contains("inputs.old-dep"), "{done}");
            assert!(
                done.contains("another-dep.inputs.nixpkgs.follows = \"nixpkgs-gpu\""),
                "{done}"
            );
            if !arguments.contains(&"--no-lock") {
                assert!(done.starts_with("exit 0\n"), "{done}");
                assert!(!workspace.read("flake.lock").contains("old-dep"));
            }
        }
    }
}

/// A url that the root has for an input is kept, whatever else is repaired.
#[test]
fn a_pin_is_left_and_named() {
    for case in ["pinned-by-a-url", "pinned-by-attributes", "pinned-for-another", "pinned-below"] {
        let workspace = Workspace::of(format!("unconfigured-nixpkgs/{case}"));
        let told = workspace.fix_without_writing(&[]);
        assert!(told.contains("flake.nix pins `another-dep/"), "{told}");
        assert!(!told.contains("follows = \"nixpkgs-gpu\""), "{told}");
    }
}
