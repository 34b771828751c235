//! Wrappers written by flake-audit: `init`, and `fix --init` for inline settings.

use flake_audit::verify::{Nix as Asked, NixSession};

use crate::program::{self, Nix};
use crate::textbook::{INLINE, INLINE_CONFIG, world};
use crate::world::{SYSTEM, World};

/// A dependency that imports the source of its nixpkgs.
const IMPORTS: &str = r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.default =
      (import nixpkgs { system = "x86_64-linux"; config = _: { allowUnfree = true; }; }).mkShell {
        packages = [ (import nixpkgs { system = "x86_64-linux"; }).python3Packages.torch ];
      };
  };
}
"#;

/// A root with inline settings, after `fix --init`; returns the packages of its dependency.
fn introduced<'n>(world: &World<'n>, arguments: &[&str]) -> Result<Vec<String>, String> {
    let fix = [&["fix", "root", "--init", "gpu"][..], arguments].concat();
    let output = world.flake_audit(&fix).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let nix = Asked::new(&world.nix.program);
    let session = NixSession::open(&nix, &world.at("root"), Some(SYSTEM));
    session.map_err(|error| error.to_string())?.packages(&["dep".to_owned()])
}

/// The flake has one torch, with its own settings, and nothing to lock.
fn is_cured(world: &World<'_>) {
    let before = world.pair("root");
    world.lock("root");
    assert_eq!(world.pair("root"), before, "{}", world.nix.name);
    let torch = world.torch(INLINE_CONFIG);
    assert_eq!(world.torches("root"), std::slice::from_ref(&torch));
    let verified = world.verify("root", &[]);
    assert_eq!(verified.code, 0, "{}: {verified:?}", world.nix.name);
    assert_eq!(verified.derivations()[0].0, torch);
}

/// Nix before 2.26 requires a hash of a relative path in the lock, so it refuses this one.
fn refuses(nix: &Nix, packages: &Result<Vec<String>, String>) {
    let reason = packages.as_ref().unwrap_err();
    assert!(reason.contains("mutable lock"), "{}: {reason}", nix.name);
}

#[test]
fn settings_made_in_place_move_into_a_wrapper() {
    for nix in &program::all() {
        let world = world(nix, "root", INLINE);
        assert_eq!(world.torches("root").len(), 2);
        let packages = introduced(&world, &[]);
        if nix.locks_relative_paths() {
            assert_eq!(packages.unwrap().len(), 1);
            is_cured(&world);
        } else {
            refuses(nix, &packages);
        }
    }
}

#[test]
fn a_wrapper_serves_who_imports_it_unless_it_is_bare() {
    for nix in &program::all() {
        let world = World::new(nix);
        world.write("dep/flake.nix", IMPORTS);
        world.write("root/flake.nix", INLINE);
        world.lock("root");
        // A bare wrapper has no default.nix, which the dependency is seen to need.
        let before = world.pair("root");
        let output =
            world.flake_audit(&["fix", "root", "--init", "gpu", "--bare"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert_eq!(world.pair("root"), before);
        assert!(!world.at("root/gpu").exists());

        let packages = introduced(&world, &[]);
        if nix.locks_relative_paths() {
            assert_eq!(packages.map(|all| all.len()), Ok(1), "{}", nix.name);
            is_cured(&world);
        } else {
            refuses(nix, &packages);
        }
    }
}

#[test]
fn init_writes_a_wrapper_that_evaluates() {
    for nix in &program::all() {
        let world = World::new(nix);
        let nixpkgs = world.referring("@nixpkgs@");
        let config = ["allowUnfree=true", "cudaSupport=true", "cudaCapabilities=[ \"9.0\" ]"];
        let config = config.iter().flat_map(|one| ["--config", one]);
        let init: Vec<&str> =
            ["init", "gpu", "--nixpkgs", &nixpkgs].into_iter().chain(config).collect();
        let output = world.flake_audit(&init).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        world.lock("gpu");
        let config =
            "config = { allowUnfree = true; cudaSupport = true; cudaCapabilities = [ \"9.0\" ]; };";
        for system in ["x86_64-linux", "aarch64-darwin"] {
            let torch = format!(".#legacyPackages.{system}.python3Packages.torch.drvPath");
            let path = nix.ask(&world.at("gpu"), &["eval", "--raw", &torch]);
            assert_eq!(path == world.torch(config), system == SYSTEM);
        }
        let version = nix.ask(&world.at("gpu"), &["eval", "--raw", ".#lib.version"]);
        assert_eq!(version, "24.11");
    }
}
