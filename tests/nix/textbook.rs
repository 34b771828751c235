//! The textbook cases: a root with a wrapper or with inline settings, and a dependency that follows
//! plain nixpkgs.

use crate::program::Nix;
use crate::world::World;

/// A root with a wrapper.
pub(crate) const FOLLOWS_PLAIN: &str = r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  inputs.nixpkgs-gpu.url = "@nixpkgs-gpu@";
  inputs.nixpkgs-gpu.inputs.nixpkgs.follows = "nixpkgs";
  inputs.dep.url = "@dep@";
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, nixpkgs-gpu, dep }: {
    packages.x86_64-linux.default = nixpkgs-gpu.legacyPackages.x86_64-linux.python3Packages.torch;
    checks.x86_64-linux.dep = dep.packages.x86_64-linux.default;
  };
}
"#;

/// A root with inline settings, and a dependency with plain nixpkgs.
pub(crate) const INLINE: &str = r#"{
  inputs.nixpkgs.url = "@nixpkgs@";
  inputs.dep.url = "@dep@";
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, dep }:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs {
        inherit system;
        config = {
          allowUnfree = true;
          cudaSupport = true;
          cudaCapabilities = [
            "8.6" # the old machines
            "9.0"
          ];
        };
      };
    in
    {
      devShells.${system}.default = pkgs.mkShell {
        packages = [ pkgs.python3Packages.torch dep.packages.${system}.default ];
      };
    };
}
"#;

/// Its settings.
pub(crate) const INLINE_CONFIG: &str =
    r#"config = { allowUnfree = true; cudaSupport = true; cudaCapabilities = [ "8.6" "9.0" ]; };"#;

/// A world with a root at `name` and its dependency, locked.
pub(crate) fn world<'n>(nix: &'n Nix, name: &str, root: &str) -> World<'n> {
    let world = World::new(nix);
    world.dependency("dep", r#"nixpkgs.url = "@nixpkgs@";"#, "nixpkgs", &[]);
    world.write(&format!("{name}/flake.nix"), root);
    world.lock(name);
    world
}
