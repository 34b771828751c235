//! What `flake-audit verify` compares, and in which place.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program;
use crate::textbook::{FOLLOWS_PLAIN, INLINE, INLINE_CONFIG, world};
use crate::world::World;

/// A command that has to succeed.
fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=n", "-c", "user.email=n@example.org"]).args(arguments);
    let output = command.current_dir(folder).output().expect("`git` runs");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

#[test]
fn settings_made_in_place_are_those_that_are_compared() {
    for nix in &program::all() {
        let world = world(nix, "root", INLINE);
        let verified = world.verify("root", &[]);
        assert_eq!(verified.code, 1, "{verified:?}");
        let plain = world.torch("");
        assert_eq!(
            verified.derivations(),
            [
                (plain, vec!["nixpkgs, used by dep/nixpkgs".to_owned()]),
                (world.torch(INLINE_CONFIG), vec!["nixpkgs, used by this flake".to_owned()]),
            ]
        );
        let paths: Vec<_> = verified.derivations().into_iter().map(|(path, _)| path).collect();
        let mut torches = world.torches("root");
        torches.sort_by_key(|torch| paths.iter().position(|path| path == torch));
        assert_eq!(torches, paths, "they are what the shell is made of");
    }
}

#[test]
fn what_cannot_be_taken_over_is_told() {
    let computed = INLINE.replace("cudaSupport = true;", "cudaSupport = dep ? packages;");
    let overlaid = INLINE.replace("inherit system;", "inherit system; overlays = [ (_: _: { }) ];");
    for nix in &program::all() {
        for (root, reason) in [
            (&computed, "not evaluated: the value of `cudaSupport` is no literal"),
            (&overlaid, "not evaluated: it has overlays"),
        ] {
            let verified = world(nix, "root", root).verify("root", &[]);
            assert!(verified.stdout.contains(reason), "{verified:?}");
            assert_eq!((verified.count().as_str(), verified.code), ("1 derivation", 2));
        }
    }
}

#[test]
fn a_nixpkgs_that_is_no_flake_is_imported() {
    for nix in &program::all() {
        let world = World::new(nix);
        world.write(
            "dep/flake.nix",
            r#"{
  inputs.nixpkgs = { url = "@nixpkgs@"; flake = false; };
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.default = (import nixpkgs { system = "x86_64-linux"; }).python3Packages.torch;
  };
}
"#,
        );
        let root = FOLLOWS_PLAIN.replace("inputs.dep.inputs.nixpkgs.follows = \"nixpkgs\";", "");
        world.write("root/flake.nix", &root);
        world.lock("root");
        let verified = world.verify("root", &[]);
        let plain = (world.torch(""), vec!["dep/nixpkgs, used by dep/nixpkgs".to_owned()]);
        assert!(verified.derivations().contains(&plain), "{verified:?}");
        assert_eq!((verified.count().as_str(), verified.code), ("2 derivations", 1));
    }
}

#[test]
fn a_flake_is_found_in_git_and_in_odd_folders() {
    for nix in &program::all() {
        for name in ["plain", "with space", "a#b?c=d&e%20f+g", "ü'\"$x;"] {
            let world = world(nix, name, FOLLOWS_PLAIN);
            let verified = world.verify(name, &[]);
            assert_eq!(verified.count(), "2 derivations", "{}: {name}: {verified:?}", nix.name);
        }
        for name in ["repository", "repository/sub", "repository/sub folder"] {
            let world = World::new(nix);
            world.dependency("dep", r#"nixpkgs.url = "@nixpkgs@";"#, "nixpkgs", &[]);
            world.write(&format!("{name}/flake.nix"), FOLLOWS_PLAIN);
            let repository = world.at("repository");
            git(&repository, &["init", "-q"]);
            git(&repository, &["add", "-A"]);
            world.lock(name);
            let is_same = |state: &str| {
                let verified = world.verify(name, &[]);
                let context = format!("{}: {name}, {state}: {verified:?}", nix.name);
                if name.contains(' ') && !nix.reads_folders_of_paths() {
                    // There is no reference for it.
                    assert_eq!((verified.count().as_str(), verified.code), ("no derivation", 2));
                    return;
                }
                assert_eq!(verified.count(), "2 derivations", "{context}");
            };
            is_same("dirty");
            git(&repository, &["add", "-A"]);
            git(&repository, &["commit", "-q", "-m", "m"]);
            is_same("clean");
        }
    }
}

#[test]
fn a_wrapper_can_stand_in_the_flake_itself() {
    for nix in &program::all() {
        let world = World::new(nix);
        world.dependency("dep", r#"nixpkgs.url = "@nixpkgs@";"#, "nixpkgs", &[]);
        let wrapper = world.pair("nixpkgs-gpu").nix;
        for name in ["root", "repository/sub"] {
            world.write(&format!("{name}/gpu/flake.nix"), &wrapper);
            let root = FOLLOWS_PLAIN.replace("@nixpkgs-gpu@", "path:./gpu");
            world.write(&format!("{name}/flake.nix"), &root);
            if name.starts_with("repository") {
                git(&world.at("repository"), &["init", "-q"]);
                git(&world.at("repository"), &["add", "-A"]);
            }
            world.lock(name);
            let verified = world.verify(name, &[]);
            let gpu = "config = { allowUnfree = true; cudaSupport = true; cudaCapabilities = [ \"9.0\" ]; };";
            let expected = [
                (world.torch(""), vec!["nixpkgs, used by dep/nixpkgs".to_owned()]),
                (world.torch(gpu), vec!["nixpkgs-gpu, used by this flake".to_owned()]),
            ];
            assert_eq!(verified.derivations(), expected, "{}: {name}: {verified:?}", nix.name);
        }
    }
}

#[test]
fn nothing_of_the_environment_leaks_in() {
    for nix in &program::all() {
        let world = world(nix, "root", FOLLOWS_PLAIN);
        let program = nix.program.to_str().unwrap();
        let arguments = ["verify", "root", "--nix", program, "--system", "x86_64-linux"];
        let mut command = world.flake_audit(&arguments);
        command.env("NIXPKGS_ALLOW_UNFREE", "1").env("STUB_CUDA_SUPPORT", "1");
        let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
        assert!(output.contains(&world.torch("")), "{output}");
    }
}

#[test]
fn attributes_and_systems_are_those_that_are_asked_for() {
    for nix in &program::all() {
        let world = world(nix, "root", FOLLOWS_PLAIN);
        let verified = world
            .verify("root", &["--json", "--attr", "mkShell", "--attr", "python3Packages.torch"]);
        let document: serde_json::Value = serde_json::from_str(&verified.stdout).unwrap();
        let attributes = document["attributes"].as_array().unwrap();
        assert_eq!(attributes[0]["attr"], "mkShell");
        assert_eq!(attributes[0]["failed"].as_array().unwrap().len(), 2, "a function has none");
        assert_eq!(attributes[1]["attr"], "python3Packages.torch");
        assert_eq!(attributes[1]["system"], "x86_64-linux");
        let derivations = attributes[1]["derivations"].as_array().unwrap();
        assert_eq!(derivations.len(), 2);
        assert_eq!(derivations[0]["drv"], world.torch(""));
        let instance = &derivations[0]["instances"][0];
        assert_eq!(instance["path"], serde_json::json!(["nixpkgs"]));
        assert_eq!(instance["consumers"], serde_json::json!([["dep", "nixpkgs"]]));
        assert_eq!(instance["used_by_root"], false);

        let program = nix.program.to_str().unwrap();
        let on = |arguments: &[&str]| {
            let all = [&["verify", "root", "--json", "--nix", program][..], arguments].concat();
            let output = world.flake_audit(&all).output().unwrap();
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let attribute = &document["attributes"][0];
            assert_eq!(attribute["derivations"].as_array().unwrap().len(), 2, "{attribute}");
            attribute["system"].as_str().unwrap().to_owned()
        };
        assert_eq!(on(&["--system", "aarch64-darwin"]), "aarch64-darwin");
        let current = ["eval", "--impure", "--raw", "--expr", "builtins.currentSystem"];
        assert_eq!(on(&[]), nix.ask(&fs::canonicalize(world.at("root")).unwrap(), &current));
    }
}
