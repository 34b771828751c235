//! `fix --verify`: a repair that Nix cannot evaluate is not written.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::{self, Nix};
use crate::twice::copying;
use crate::world::{SYSTEM, World, seed};

/// The root of both scenarios: its dependency follows plain nixpkgs.
const ROOT: &str = "root";

/// Runs `flake-audit fix --verify` on a root whose sources it does not read; returns the exit code
/// and the output.
fn fix(world: &World<'_>) -> (i32, String) {
    let program = world.nix.program.to_str().unwrap();
    run(world, &["--no-source", "--nix", program])
}

/// The same, with access to the store that Nix writes to.
fn fix_with_store(world: &World<'_>) -> (i32, String) {
    let (program, store) = copying(world);
    run(world, &["--nix", program.to_str().unwrap(), "--store", store.to_str().unwrap()])
}

fn run(world: &World<'_>, more: &[&str]) -> (i32, String) {
    let output = world.flake_audit(&["fix", ROOT, "--verify"]).args(more).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// A dependency that takes `lib` from its nixpkgs, and a wrapper that may have none.
fn world<'n>(nix: &'n Nix, wrapper_has_lib: bool) -> World<'n> {
    let outputs = r#"{
    packages = nixpkgs.lib.genAttrs [ "SYSTEM" ] (system: {
      default = nixpkgs.legacyPackages.${system}.python3Packages.torch;
    });
  }"#;
    offering(nix, wrapper_has_lib, outputs)
}

/// The same, with a dependency with these outputs.
fn offering<'n>(nix: &'n Nix, wrapper_has_lib: bool, outputs: &str) -> World<'n> {
    let world = World::new(nix);
    if !wrapper_has_lib {
        let text = std::fs::read_to_string(world.at("nixpkgs-gpu/flake.nix")).unwrap();
        let line = "inherit (nixpkgs) lib nixosModules htmlDocs;";
        assert!(text.contains(line));
        world.write("nixpkgs-gpu/flake.nix", &text.replace(line, ""));
    }
    let outputs = outputs.replace("SYSTEM", SYSTEM);
    let inputs = "inputs.nixpkgs.url = \"@nixpkgs@\";";
    let flake = format!("{{\n  {inputs}\n  outputs = {{ self, nixpkgs }}: {outputs};\n}}\n");
    world.write("another-dep/flake.nix", &flake);
    seed(&world, "a-follows-plain", ROOT);
    world.lock(ROOT);
    world
}

#[test]
fn a_dependency_that_would_not_evaluate_any_more_stops_the_repair() {
    for nix in &program::all() {
        let world = world(nix, false);
        let before = world.pair(ROOT);
        let (code, told) = fix(&world);
        assert_eq!(world.pair(ROOT), before, "{}: {told}", nix.name);
        assert_eq!(code, 1, "{}: {told}", nix.name);
        assert!(told.contains("`another-dep` would not evaluate any more"), "{told}");
        assert!(told.contains("lib"), "{told}");
    }
}

#[test]
fn a_repair_that_evaluates_is_written() {
    for nix in &program::all() {
        let world = world(nix, true);
        let before = world.pair(ROOT);
        let (code, told) = fix(&world);
        assert_eq!(code, 0, "{}: {told}", nix.name);
        assert!(told.contains("1 dependency evaluates with the repair"), "{told}");
        let after = world.pair(ROOT);
        assert_ne!(after, before);
        world.lock(ROOT);
        assert_eq!(world.pair(ROOT), after, "{}", nix.name);
    }
}

/// A derivation that only needs what a wrapper without `lib` has, too.
const PLAIN: &str = "nixpkgs.legacyPackages.SYSTEM.python3Packages.torch";

/// One that needs `lib`.
fn with_lib() -> String {
    format!("(nixpkgs.lib.genAttrs [ \"a\" ] (_: {PLAIN})).a")
}

#[test]
fn what_never_evaluated_hides_nothing() {
    // Each kind, beside something that fails before and after, and something that always works.
    for (kind, value) in [
        ("packages", with_lib()),
        ("checks", with_lib()),
        ("devShells", with_lib()),
        ("apps", format!("{{ type = \"app\"; program = \"${{{}}}/bin/a\"; }}", with_lib())),
    ] {
        let outputs = format!(
            "{{
    packages.SYSTEM.aaa = throw \"never\";
    packages.SYSTEM.fine = {PLAIN};
    packages.SYSTEM.zzz = nixpkgs.nothing.at.all;
    {kind}.SYSTEM.\"o.k\" = {value};
  }}"
        );
        for nix in &program::all() {
            let world = offering(nix, false, &outputs);
            let before = world.pair(ROOT);
            let (code, told) = fix(&world);
            assert_eq!(code, 1, "{}: {told}", nix.name);
            assert_eq!(world.pair(ROOT), before, "{}: {told}", nix.name);
            let what =
                format!("`another-dep` would not evaluate any more: {kind}.{SYSTEM}.\"o.k\": ");
            assert!(told.contains(&what), "{}: {told}", nix.name);
            assert!(!told.contains("evaluates with the repair"), "{told}");
        }
    }
}

#[test]
fn what_breaks_by_going_away_breaks() {
    // Behind the wrapper there is no package of that name, and all apps fail.
    for (outputs, what) in [
        (
            format!("{{ packages.SYSTEM = if nixpkgs ? lib then {{ a = {PLAIN}; }} else {{ }}; }}"),
            "packages.x86_64-linux.a: it is not there any more",
        ),
        (
            format!("{{ packages.SYSTEM.a = {PLAIN}; devShell.SYSTEM = {}; }}", with_lib()),
            "devShell.x86_64-linux: ",
        ),
        (
            format!(
                "{{ packages.SYSTEM.a = {PLAIN}; checks = nixpkgs.lib.genAttrs [ \"SYSTEM\" ] (_: {{ c = {PLAIN}; }}); }}"
            ),
            "checks.x86_64-linux.c: ",
        ),
    ] {
        for nix in &program::all() {
            let world = offering(nix, false, &outputs);
            let (code, told) = fix(&world);
            assert_eq!(code, 1, "{}: {told}", nix.name);
            assert!(told.contains(what), "{}: {told}", nix.name);
        }
    }
}

#[test]
fn what_failed_before_may_fail_and_what_works_counts() {
    let outputs = format!("{{ packages.SYSTEM = {{ a = throw \"never\"; b = {PLAIN}; }}; }}");
    for nix in &program::all() {
        let world = offering(nix, false, &outputs);
        let (code, told) = fix(&world);
        assert_eq!(code, 0, "{}: {told}", nix.name);
        assert!(told.contains("1 dependency evaluates with the repair"), "{told}");
        assert!(!told.contains("not proved"), "{told}");
    }
}

#[test]
fn nothing_is_no_proof() {
    for (outputs, why) in [
        ("{ packages.SYSTEM.a = throw \"never\"; }".to_owned(), "never"),
        (
            format!("{{ packages.aarch64-darwin.a = {PLAIN}; }}"),
            "it has no package, app, check or shell for this system",
        ),
    ] {
        for nix in &program::all() {
            let world = offering(nix, true, &outputs);
            let (code, told) = fix(&world);
            assert_eq!(code, 0, "{}: {told}", nix.name);
            assert!(told.contains("not proved: `another-dep`, "), "{}: {told}", nix.name);
            assert!(told.contains(why), "{}: {told}", nix.name);
            assert!(!told.contains("evaluates with the repair"), "{told}");
            assert!(told.contains("the fix is unverified"), "{told}");
        }
    }
}

#[test]
fn what_is_not_twice_any_more_is_told() {
    for nix in &program::all() {
        let world = world(nix, true);
        let (code, told) = fix_with_store(&world);
        assert_eq!(code, 0, "{}: {told}", nix.name);
        assert!(told.contains("1 dependency evaluates with the repair"), "{told}");
        // As shown in docs/verify.md.
        let page = include_str!("../../docs/verify.md").lines();
        let shown: Vec<_> = page.filter_map(|line| line.strip_prefix("    note: ")).collect();
        assert_eq!(shown.len(), 2);
        for note in shown {
            assert!(told.contains(&format!("note: {note}\n")), "{}: {told}", nix.name);
        }
    }
}

/// A dependency offers a function that none of its packages uses, but the flake's own outputs do.
#[test]
fn an_output_of_the_flake_that_would_not_evaluate_any_more_stops_the_repair() {
    let outputs = format!("{{ packages.SYSTEM.default = {PLAIN}; lib.make = _: {}; }}", with_lib());
    for nix in &program::all() {
        let world = offering(nix, false, &outputs);
        let flake = world.pair(ROOT).nix;
        let start = format!("devShells.{SYSTEM}.default =");
        assert!(flake.contains(&start));
        let hosts = format!(
            "nixosConfigurations.fails = throw \"never\";\n      nixosConfigurations.desk = {{\n        \
             pkgs = nixpkgs.legacyPackages.{SYSTEM};\n        config.system.build.toplevel = \
             another-dep.lib.make {{ }};\n      }};\n      {start}"
        );
        world.write("root/flake.nix", &flake.replace(&start, &hosts));
        let before = world.pair(ROOT);
        let (code, told) = fix(&world);
        assert_eq!(code, 1, "{}: {told}", nix.name);
        let broken = "this flake would not evaluate any more: nixosConfigurations.desk: ";
        assert!(told.contains(broken), "{}: {told}", nix.name);
        assert_eq!(world.pair(ROOT), before, "{}: {told}", nix.name);
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
        .args(["-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_copy_is_what_nix_sees_of_a_work_tree() {
    for nix in &program::all() {
        let world = world(nix, true);
        let folder = world.at(ROOT);
        // Files that are tracked but ignored, announced, or changed since; and untracked ones.
        let flake = world.pair(ROOT).nix;
        let start = "outputs =\n    { self, nixpkgs, nixpkgs-gpu, another-dep }:";
        assert!(flake.contains(start));
        let guarded = flake.replace(
            start,
            &format!(
                "{start}\n    assert import ./ignored.nix == 2 && import ./announced.nix == 1;\n    \
                 assert !builtins.pathExists ./unknown.nix && !builtins.pathExists ./gone.nix;"
            ),
        );
        world.write("root/flake.nix", &guarded);
        for (name, text) in [
            (".gitignore", "/ignored.nix\n/flake.lock\n"),
            (".ignore", "*.nix\n"),
            ("ignored.nix", "1"),
            ("announced.nix", "1"),
            ("gone.nix", "1"),
            ("unknown.nix", "1"),
        ] {
            world.write(&format!("{ROOT}/{name}"), text);
        }
        git(&folder, &["init", "--quiet"]);
        git(&folder, &["add", "-f", "flake.nix", "flake.lock", ".gitignore", "ignored.nix"]);
        git(&folder, &["add", "gone.nix"]);
        git(&folder, &["commit", "--quiet", "-m", "a"]);
        git(&folder, &["add", "-N", "announced.nix"]);
        world.write("root/ignored.nix", "2");
        fs::remove_file(folder.join("gone.nix")).unwrap();
        // A dependency that follows the root would see the same.
        let (code, told) = fix(&world);
        assert_eq!(code, 0, "{}: {told}", nix.name);
        assert!(told.contains("1 dependency evaluates with the repair"), "{told}");
        // The root itself is what was copied.
        world.nix.ask(
            &folder,
            &["eval", "--no-write-lock-file", ".#devShells.x86_64-linux.default.name"],
        );
    }
}

#[test]
fn what_git_does_not_know_is_named() {
    for nix in &program::all() {
        let world = world(nix, true);
        let folder = world.at(ROOT);
        git(&folder, &["init", "--quiet"]);
        let before = world.pair(ROOT);
        let (code, told) = fix(&world);
        assert_eq!(code, 2, "{told}");
        let both = "root/flake.nix and root/flake.lock are not known to Git, so Nix does not see \
                    them: run `git add -N root/flake.nix root/flake.lock`";
        assert!(told.contains(both), "{told}");
        git(&folder, &["add", "flake.nix"]);
        let lock = "root/flake.lock is not known to Git, so Nix does not see it: run `git add -N \
                    root/flake.lock`";
        let (code, told) = fix(&world);
        assert_eq!(code, 2, "{told}");
        assert!(told.contains(lock), "{told}");
        let verified = world.verify(ROOT, &[]);
        assert_eq!(verified.code, 2);
        assert!(verified.stderr.contains(lock), "{}", verified.stderr);
        assert_eq!(world.pair(ROOT), before);
        git(&folder, &["add", "-N", "flake.lock"]);
        let (code, told) = fix(&world);
        assert_eq!(code, 0, "{}: {told}", nix.name);
    }
}
