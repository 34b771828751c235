//! haumea: sets with the structure of folders.

use super::*;

#[test]
fn haumea() {
    let read = read_files(
        "nixpkgs haumea=nix-community/haumea",
        &[
            (
                "flake.nix",
                "{ outputs = { nixpkgs, haumea, ... }@inputs: let
                     all = haumea.lib.load { src = ./nix; inputs = { inherit inputs;
                       inherit (nixpkgs) lib; }; };
                   in { nixosConfigurations = all.hosts; }; }",
            ),
            (
                "nix/hosts/a.nix",
                "{ inputs, lib, ... }: lib.nixosSystem { modules = [
                   { nixpkgs.config.cudaSupport = true; } ]; }",
            ),
            (
                "nix/hosts/b.nix",
                "{ super, inputs, ... }: inputs.nixpkgs.lib.nixosSystem { modules = [ ]; }",
            ),
        ],
    );
    assert_eq!(
        read.told(),
        ["nixosConfigurations.a: nixpkgs[cudaSupport]", "nixosConfigurations.b: nixpkgs"]
    );
}

/// haumea keeps `default` beside the other files of a folder, unless a transformer lifts it; its
/// loaders are functions of a file.
#[test]
fn folders_of_haumea() {
    for (arguments, path) in [
        ("", "hw.wsl.nvidia"),
        ("", "hw.wsl.default"),
        ("loader = haumea.lib.loaders.path;", "hw.wsl.nvidia"),
        ("loader = haumea.lib.loaders.verbatim;", "hw.wsl.nvidia"),
        ("loader = _: path: path;", "hw.wsl.default"),
        ("transformer = haumea.lib.transformers.liftDefault;", "hw.wsl.nvidia"),
        ("transformer = [ (_: all: all.default or all) ];", "hw.wsl"),
    ] {
        let (nvidia, default) = if arguments.contains("liftDefault")
            || !path.ends_with("default") && !path.ends_with("wsl")
        {
            ("{ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }", "{ }")
        } else {
            ("{ }", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }")
        };
        let flake = format!(
            "{{ outputs = {{ nixpkgs, haumea, ... }}: let
                 all = haumea.lib.load {{ src = ./mods; {arguments} }}; in {{
               nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ all.{path} ]; }}; }}; }}"
        );
        let wrapped = |module: &str| match arguments.contains("loader") {
            true => module.to_owned(),
            // The default loader calls functions with the inputs.
            false => format!("{{ ... }}: {module}"),
        };
        let read = read_files(
            "nixpkgs haumea=nix-community/haumea",
            &[
                ("flake.nix", &flake),
                ("mods/hw/wsl/nvidia.nix", &wrapped(nvidia)),
                ("mods/hw/wsl/default.nix", &wrapped(default)),
            ],
        );
        assert_eq!(
            read.told(),
            ["nixosConfigurations.a: nixpkgs 0<nixpkgs:a"],
            "{arguments} {path}"
        );
    }
}
