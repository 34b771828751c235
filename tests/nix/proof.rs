//! `fix --verify`: what Nix cannot evaluate any more is not written.

use crate::program::{self, Nix};
use crate::world::{SYSTEM, World, seed};

/// The root of both scenarios: its dependency follows plain nixpkgs.
const ROOT: &str = "root";

/// `flake-audit fix --verify` of a root whose sources it does not read; how it ends, and what it
/// says.
fn fix(world: &World<'_>) -> (i32, String) {
    let program = world.nix.program.to_str().unwrap();
    let arguments = ["fix", ROOT, "--no-source", "--verify", "--nix", program];
    let output = world.flake_audit(&arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// A dependency that takes `lib` from its nixpkgs, and a wrapper that may have none.
fn world<'n>(nix: &'n Nix, wrapper_has_lib: bool) -> World<'n> {
    let world = World::new(nix);
    if !wrapper_has_lib {
        let text = std::fs::read_to_string(world.at("nixpkgs-gpu/flake.nix")).unwrap();
        let line = "inherit (nixpkgs) lib nixosModules htmlDocs;";
        assert!(text.contains(line));
        world.write("nixpkgs-gpu/flake.nix", &text.replace(line, ""));
    }
    let flake = r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = { self, nixpkgs }: {
    packages = nixpkgs.lib.genAttrs [ "SYSTEM" ] (system: {
      default = nixpkgs.legacyPackages.${system}.python3Packages.torch;
    });
  };
}
"#;
    world.write("another-dep/flake.nix", &flake.replace("SYSTEM", SYSTEM));
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
