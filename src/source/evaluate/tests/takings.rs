//! What is taken of inputs.

use super::*;

#[test]
fn kinds() {
    for (expr, kind) in [
        ("dep.packages.x.y", "packages"),
        ("dep.inputs.inner.packages.x.y", "packages"),
        ("dep.devShells.x.y", "shells"),
        ("dep.checks.x.y", "checks"),
        ("dep.overlays.default", "overlays"),
        ("dep.lib.f 1", "lib"),
        ("\"${dep}/x\"", "source"),
        ("dep + \"/x\"", "source"),
        ("dep.rev", "source"),
    ] {
        let read = outputs("dep", &format!("{{ dep, ... }}: {{ packages.x.y = {expr}; }}"));
        assert_eq!(read.taken(), [format!("dep {kind}")], "{expr}");
    }
}

#[test]
fn modules_of_nixpkgs_by_path_are_no_source() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
           ({ modulesPath, ... }: { imports = [ (modulesPath + \"/profiles/x.nix\")
             \"${modulesPath}/y.nix\" ]; }) ]; }; }",
    );
    assert_eq!(read.taken(), ["nixpkgs lib"]);
    assert_eq!(read.uses(), ["nixpkgs lib"]);
}

#[test]
fn all_inputs_under_one_name() {
    let read = outputs(
        "nixpkgs a b",
        "{ nixpkgs, ... }@inputs: let
           overlay = final: _: { inputs = builtins.mapAttrs
             (_: flake: (flake.packages or { }).${final.system} or { }) inputs; };
           pkgs = import nixpkgs { overlays = [ overlay ]; };
         in { packages.x.y = pkgs.inputs.a.tool; }",
    );
    assert_eq!(read.taken(), ["nixpkgs packages", "a packages"]);
}

#[test]
fn handing_inputs_on_is_no_taking() {
    let read = outputs(
        "nixpkgs dep",
        "inputs: { nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
           specialArgs = { inherit inputs; }; modules = [ ({ inputs, ... }: { }) ]; }; }",
    );
    assert_eq!(read.taken(), ["nixpkgs lib"]);
}

#[test]
fn what_certainly_fails_is_dead() {
    let read = outputs(
        "a b",
        "{ a, b, ... }: { packages.x = builtins.listToAttrs (map (name: { inherit name;
           value = if name == \"one\" then a.packages.x.y else b.packages.x.y; })
           (builtins.filter (name: name != \"two\") [ \"one\" \"two\" ])); }",
    );
    assert_eq!(read.taken(), ["a packages"]);
}
