//! easy-hosts: hosts by options of flake-parts, and from a folder.

use super::*;

const INPUTS: &str = "nixpkgs other=NixOS/nixpkgs dep flake-parts=hercules-ci/flake-parts \
                      easy-hosts=tgirlcloud/easy-hosts";

fn flake(options: &str) -> String {
    format!(
        "{{ outputs = inputs: inputs.flake-parts.lib.mkFlake {{ inherit inputs; }} {{
           imports = [ inputs.easy-hosts.flakeModule ]; systems = [ \"x86_64-linux\" ];
           easy-hosts = {{ {options} }}; }}; }}"
    )
}

/// Each folder is a host of its own, with the arguments of its system.
#[test]
fn hosts_of_a_folder() {
    let read = read_files(
        INPUTS,
        &[
            (
                "flake.nix",
                &flake(
                    "autoConstruct = true; path = ./hosts; hosts.b.tags = [ \"gpu\" ];
                perTag = tag: { modules = [ (./tags + \"/${tag}.nix\") ]; };
                perClass = class: { specialArgs.mine = class; };",
                ),
            ),
            ("tags/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            (
                "hosts/x86_64-nixos/a/default.nix",
                "{ inputs', ... }: { environment.systemPackages = [ inputs'.dep.packages.a ]; }",
            ),
            (
                "hosts/x86_64-nixos/b/default.nix",
                "{ self', mine, pkgs, ... }: {
                environment.systemPackages = [ pkgs.${mine} ]; }",
            ),
            (
                "hosts/aarch64-darwin/c/default.nix",
                "{ pkgs, ... }: { environment.systemPackages = [ pkgs.c ]; }",
            ),
        ],
    );
    let told = read.told();
    assert_eq!(
        &told[1..],
        [
            "nixosConfigurations.a: nixpkgs 0<dep.packages.x86_64-linux.a",
            "nixosConfigurations.b: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:nixos",
        ]
    );
    assert!(told[0].starts_with("darwinConfigurations.c: "), "{told:?}");
}

/// Hosts of options: their nixpkgs, modules and arguments, and the usual file.
#[test]
fn hosts_of_options() {
    let read = read_files(
        INPUTS,
        &[
            (
                "flake.nix",
                &flake(
                    "shared.modules = [ ./shared.nix ]; hosts.a = {
                nixpkgs = inputs.other; specialArgs.gpu = true; }; hosts.b = { arch = \"aarch64\";
                path = ./b.nix; specialArgs.gpu = false; };",
                ),
            ),
            ("shared.nix", "{ gpu, ... }: { nixpkgs.config.cudaSupport = gpu; }"),
            (
                "systems/a/default.nix",
                "{ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }",
            ),
            (
                "b.nix",
                "{ inputs', ... }: { environment.systemPackages = [ inputs'.dep.packages.b ]; }",
            ),
        ],
    );
    assert_eq!(
        read.told(),
        [
            "nixosConfigurations.a: other[cudaSupport] 0<other[cudaSupport]:a",
            "nixosConfigurations.b: nixpkgs 0<dep.packages.aarch64-linux.b",
        ]
    );
}
