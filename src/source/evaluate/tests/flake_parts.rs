//! Flakes that are modules of flake-parts.

use super::*;

const PARTS: &str = "nixpkgs flake-parts=hercules-ci/flake-parts dep";

fn parts(modules: &str) -> Read {
    outputs(
        PARTS,
        &format!(
            "inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
               systems = [ \"x86_64-linux\" ]; imports = [ {modules} ]; }}"
        ),
    )
}

#[test]
fn packages_are_an_argument() {
    let read = parts(
        "({ inputs, ... }: { perSystem = { pkgs, system, ... }: {
           _module.args.pkgs = import inputs.nixpkgs { inherit system; config.cudaSupport = true; };
           packages.a = pkgs.python3Packages.torch; }; })",
    );
    assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
    assert_eq!(read.facts.built.len(), 1);
}

#[test]
fn options_of_the_flake_carry_settings() {
    let read = parts(
        "({ lib, config, inputs, ... }: {
           options.my.config = lib.mkOption { default = { }; };
           options.my.input = lib.mkOption { default = inputs.nixpkgs; };
           config.perSystem = { system, ... }: { _module.args.pkgs =
             import config.my.input { inherit system; config = config.my.config; }; };
         })
         { my.config = { allowUnfree = true; }; }
         { perSystem = { pkgs, ... }: { packages.a = pkgs.hello; }; }",
    );
    assert_eq!(read.keys(), ["allowUnfree=on nixpkgs"]);
}

#[test]
fn submodules_make_hosts() {
    let read = parts(
        "({ lib, config, inputs, ... }: {
           options.hosts = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule
             ({ config, ... }: {
               options.modules = lib.mkOption { default = [ ]; };
               options.system = lib.mkOption { };
               config.system = inputs.nixpkgs.lib.nixosSystem { inherit (config) modules; };
             })); };
           config.flake.nixosConfigurations = lib.mapAttrs (_: host: host.system) config.hosts;
         })
         ({ inputs, ... }: { hosts.a.modules = [
           inputs.dep.nixosModules.x { nixpkgs.config.cudaSupport = true; } ]; })",
    );
    assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
    assert!(read.taken().contains(&"dep modules".to_owned()));
}

#[test]
fn modules_by_the_names_of_outputs() {
    let read = parts(
        "{ flake.modules.nixos.gpu = { nixpkgs.config.cudaSupport = true; }; }
         ({ config, inputs, ... }: { flake.nixosConfigurations.a =
             inputs.nixpkgs.lib.nixosSystem { modules = [ config.flake.modules.nixos.gpu ]; }; })
         ({ inputs, withSystem, ... }: { flake.x = withSystem \"x86_64-linux\"
             ({ inputs', ... }: inputs'.dep.packages.y); })",
    );
    assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
    assert!(read.taken().contains(&"dep packages".to_owned()));
}

#[test]
fn outputs_that_are_merged() {
    let read = parts(
        "({ self, lib, inputs, ... }: { flake.nixosModules = lib.mkMerge [
             { gpu = { nixpkgs.config.cudaSupport = true; }; }
             (lib.mkIf true { other = { imports = [ inputs.dep.nixosModules.x ]; }; }) ];
           flake.nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
             modules = [ self.nixosModules.gpu self.nixosModules.other ]; }; })",
    );
    // For others, too.
    let expected = ["flake.nix:3 cudaSupport=on - !", "flake.nix:3 cudaSupport=on nixpkgs"];
    assert_eq!(read.settings(), expected);
    assert!(read.taken().contains(&"dep modules".to_owned()));
}

#[test]
fn the_flake_as_a_module() {
    let read = parts(
        "{ flake = { config, lib, ... }: { lib.make = name: { modules ? [ ] }: 1;
             packages.x.y = config.z; }; }
         ({ inputs, ... }: { flake.z = inputs.dep.packages.x.y; })",
    );
    assert_eq!(read.taken(), ["flake-parts lib", "dep packages"].map(str::to_owned));
}
