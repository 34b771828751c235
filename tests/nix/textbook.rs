//! The textbook case: a root with a wrapper, and a dependency that follows plain nixpkgs.

use crate::program::Nix;
use crate::world::World;

/// The root.
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

/// A world with a root at `name` and its dependency, locked.
pub(crate) fn world<'n>(nix: &'n Nix, name: &str, root: &str) -> World<'n> {
    let world = World::new(nix);
    world.dependency("dep", r#"nixpkgs.url = "@nixpkgs@";"#, "nixpkgs", &[]);
    world.write(&format!("{name}/flake.nix"), root);
    world.lock(name);
    world
}
