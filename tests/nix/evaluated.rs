//! Whether flakes of a lock evaluate, which an unverified fix depends on.

use flake_audit::verify::{Nix as Asked, NixSession};

use crate::program::{self, Nix};
use crate::world::{SYSTEM, World};

/// Takes `lib` of its nixpkgs.
const WITH_LIB: &str = r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  outputs = { self, nixpkgs }: {
    packages = nixpkgs.lib.genAttrs [ "x86_64-linux" ] (system: {
      default = nixpkgs.legacyPackages.${system}.python3Packages.torch;
    });
  };
}
"#;

/// The packages of a dependency that takes `lib`, behind a wrapper with these outputs.
fn behind(nix: &Nix, exports: &str) -> (World<'static>, Result<Vec<String>, String>) {
    // Leaked, so that it lives as long as the test.
    let nix: &'static Nix = Box::leak(Box::new(nix.clone()));
    let world = World::new(nix);
    let wrapper = world.pair("nixpkgs-gpu").nix;
    let bare = wrapper.replace("inherit (nixpkgs) lib nixosModules htmlDocs;", exports);
    world.write("nixpkgs-gpu/flake.nix", &bare);
    world.write("dep/flake.nix", WITH_LIB);
    world.write(
        "root/flake.nix",
        r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  inputs.nixpkgs-gpu.url = "@nixpkgs-gpu@";
  inputs.nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";
  inputs.dep.url = "@dep@";
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs-gpu";
  outputs = { self, dep, ... }: {
    checks.x86_64-linux.dep = dep.packages.x86_64-linux.default;
    devShells.x86_64-linux = { };
  };
}
"#,
    );
    world.lock("root");
    let asked = Asked::new(&nix.program);
    let result = session(&asked, &world, SYSTEM).packages(&["dep".to_owned()]);
    (world, result)
}

fn session<'n>(nix: &'n Asked, world: &World<'_>, system: &str) -> NixSession<'n> {
    NixSession::open(nix, &world.at("root"), Some(system)).unwrap()
}

#[test]
fn a_wrapper_that_lacks_something_is_seen_by_who_takes_it() {
    for nix in &program::all() {
        let (world, packages) = behind(nix, "inherit (nixpkgs) lib;");
        let torch = world.torch(
            "config = { allowUnfree = true; cudaSupport = true; cudaCapabilities = [ \"9.0\" ]; };",
        );
        assert_eq!(packages, Ok(vec![torch.clone()]));
        let asked = Asked::new(&nix.program);
        assert_eq!(session(&asked, &world, SYSTEM).packages(&[]), Ok(vec![torch]), "the root's");
        let elsewhere = session(&asked, &world, "riscv64-linux");
        assert_eq!(elsewhere.packages(&["dep".to_owned()]), Ok(Vec::new()), "it has none");

        let (_, packages) = behind(nix, "");
        assert_eq!(packages, Err("attribute 'lib' missing".to_owned()));
    }
}
