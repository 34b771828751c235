//! What a wrapper is built on, where a flake has more than one nixpkgs of its own.

use crate::support::workspace::Workspace;

/// A flake whose hosts, of two versions of nixpkgs, all have the settings. Of its dependencies two follow
/// the newer one, and one the other.
fn two_versions() -> Workspace {
    let workspace = Workspace::of("inline-configuration/import-literal");
    let lock = workspace.read("flake.lock");
    let mut lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let nodes = lock["nodes"].as_object_mut().unwrap();
    let mut newer = nodes["nixpkgs"].clone();
    newer["original"]["ref"] = "nixos-unstable".into();
    newer["locked"]["rev"] = "1".repeat(40).into();
    newer["locked"]["narHash"] = "sha256-RN0yd/95JkgyhP1OyJanI2YFGxnv8ZzWm15w6BQR8P0=".into();
    nodes.insert("unstable".into(), newer);
    for (name, follows) in [("a", "unstable"), ("b", "unstable"), ("c", "nixpkgs")] {
        let mut dep = nodes["another-dep"].clone();
        dep["original"]["repo"] = name.into();
        dep["locked"]["repo"] = name.into();
        dep["inputs"]["nixpkgs"] = vec![follows].into();
        nodes.insert(name.into(), dep);
    }
    nodes.remove("another-dep");
    nodes["root"]["inputs"] = serde_json::json!({
        "a": "a", "b": "b", "c": "c", "nixpkgs": "nixpkgs", "unstable": "unstable"
    });
    workspace.write("flake.lock", serde_json::to_string_pretty(&lock).unwrap() + "\n");
    workspace.write(
        "flake.nix",
        "{
  inputs = {
    nixpkgs.url = \"github:NixOS/nixpkgs/nixos-24.11\";
    unstable.url = \"github:NixOS/nixpkgs/nixos-unstable\";
    a.url = \"github:acme/a\";
    a.inputs.nixpkgs.follows = \"unstable\";
    b.url = \"github:acme/b\";
    b.inputs.nixpkgs.follows = \"unstable\";
    c.url = \"github:acme/c\";
    c.inputs.nixpkgs.follows = \"nixpkgs\";
  };

  outputs = { nixpkgs, unstable, a, b, c, ... }:
    let
      host = of: packages: of.lib.nixosSystem {
        modules = [ {
          nixpkgs.config.cudaSupport = true;
          environment.systemPackages = packages;
        } ];
      };
      take = dep: dep.packages.x86_64-linux.default;
    in {
      nixosConfigurations.newer = host unstable [ (take a) (take b) ];
      nixosConfigurations.older = host nixpkgs [ (take c) ];
    };
}
",
    );
    workspace
}

/// It is built on what most followers have, and nobody is moved to another version of the flake's own.
#[test]
fn a_wrapper_is_built_on_what_its_followers_have() {
    let workspace = two_versions();
    workspace.fix(&["--init", "gpu"]);
    let flake = workspace.read("flake.nix");
    for line in [
        "gpu.inputs.nixpkgs.follows = \"unstable\";",
        "a.inputs.nixpkgs.follows = \"gpu\";",
        "b.inputs.nixpkgs.follows = \"gpu\";",
        "c.inputs.nixpkgs.follows = \"nixpkgs\";",
    ] {
        let is_there = flake.contains(line);
        assert!(is_there, "{line} is not in\n{flake}");
    }
}
