//! flakelight: a folder of files that are options, and modules beside them.

use super::*;

const GPU: &str = "nixpkgs.config.cudaSupport = true;";
const TAKES: &str = "environment.systemPackages = [ inputs.dep.packages.x86_64-linux.default ];";

/// Options of flakelight are read from the files in `nix/`, by their own names and by aliases.
#[test]
fn flakelight_reads_a_folder() {
    let host = format!(
        "{{ inputs, ... }}: {{ system = \"x86_64-linux\"; modules = [ {{ {TAKES} }}
           ({{ flake, pkgs, ... }}: {{ imports = [ flake.inputs.self.nixosModules.gpu ];
              environment.etc.x.source = pkgs.own; }}) ]; }}"
    );
    for (module, file) in [
        ("{ }", "nix/nixosConfigurations/desk.nix"),
        ("{ }", "nix/nixos/desk/default.nix"),
        ("{ }", "nix/nixos/_desk.nix"),
        ("{ nixDirAliases.nixosConfigurations = [ \"hosts\" ]; }", "nix/hosts/desk.nix"),
        ("({ lib, ... }: { nixDir = ./lib; })", "lib/nixos/desk.nix"),
    ] {
        let flake = format!(
            "{{ outputs = {{ flakelight, ... }}@inputs: flakelight ./. {{
                 imports = [ {module} ]; inherit inputs; }}; }}"
        );
        let folder = file.split('/').next().unwrap();
        let read = read_files(
            "nixpkgs flakelight=nix-community/flakelight dep",
            &[
                ("flake.nix", &flake),
                (file, &host),
                (
                    &format!("{folder}/nixosModules/gpu.nix"),
                    &format!("{{ inputs, ... }}: {{ {GPU} }}"),
                ),
                (
                    &format!("{folder}/packages/own.nix"),
                    "{ stdenv, b }: stdenv.mkDerivation { buildInputs = [ b ]; }",
                ),
                (&format!("{folder}/hosts.nix.md"), "no code"),
            ],
        );
        assert_eq!(
            read.told(),
            [
                "nixosConfigurations.desk: nixpkgs[cudaSupport] \
                 0<dep.packages.x86_64-linux.default 0<nixpkgs[cudaSupport]:b",
                "packages.x86_64-linux.own: nixpkgs 0<nixpkgs:b",
            ],
            "{file}"
        );
    }
}

/// Settings of flakelight apply to its packages, hosts and homes.
#[test]
fn flakelight_hands_settings_on() {
    let read = read_outputs(
        "nixpkgs flakelight=nix-community/flakelight dep home-manager=nix-community/home-manager",
        "{ flakelight, ... }@inputs: flakelight ./. ({ lib, config, ... }: {
           inherit inputs; nixpkgs.config.cudaSupport = true;
           withOverlays = { inputs, ... }: [ (final: prev: { fresh = inputs.dep.packages.x.y; }) ];
           devShell.packages = pkgs: [ pkgs.fresh ];
           nixosConfigurations.desk = { modules = [ ({ pkgs, hostname, ... }: {
             environment.systemPackages = [ pkgs.a ]; }) ]; };
           homeConfigurations = { inputs, ... }: { me = { system = \"x86_64-linux\"; modules = [
             ({ pkgs, ... }: { home.packages = [ pkgs.b ]; }) ]; }; };
           perSystem = pkgs: { checks.c = pkgs.c; };
           outputs.packages.x86_64-linux.d = inputs.dep.packages.x86_64-linux.d; })",
    );
    assert_eq!(
        read.told(),
        [
            "checks.x86_64-linux.c: <nixpkgs[cudaSupport]:c",
            "devShells.x86_64-linux.default: nixpkgs[cudaSupport] 0<dep.packages.x.y",
            "homeConfigurations.me: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:b",
            "nixosConfigurations.desk: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
            "packages.x86_64-linux.d: <dep.packages.x86_64-linux.d",
        ]
    );
}

/// Modules that are imported from other flakes may make hosts of the options that are set for them.
#[test]
fn flakelight_with_modules_of_others() {
    let read = read_outputs(
        "nixpkgs flakelight=nix-community/flakelight dep more",
        &format!(
            "{{ flakelight, ... }}@inputs: flakelight ./. {{
               imports = [ inputs.more.flakelightModules.default ];
               machines.desk = {{ {GPU} {TAKES} }}; }}"
        ),
    );
    assert_eq!(
        read.told(),
        [
            ": -- a function of `flakelight`",
            "machines: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.default"
        ]
    );
}

/// What a folder says of an option that a module of the flake declares, and what that makes of it.
#[test]
fn flakelight_with_modules_of_its_own() {
    let module = "{ config, lib, inputs, ... }: {
        options.hostConfigurations = lib.mkOption { default = { }; };
        config.outputs.gpuConfigurations = lib.mapAttrs (name: host:
          inputs.nixpkgs.lib.nixosSystem { inherit (host) modules; }) config.hostConfigurations; }";
    let host = format!("{{ inputs, ... }}: {{ modules = [ {{ {GPU} {TAKES} }} ]; }}");
    for folder in ["hostConfigurations", "hosts"] {
        let read = read_files(
            "nixpkgs flakelight=nix-community/flakelight dep",
            &[
                (
                    "flake.nix",
                    "{ outputs = { flakelight, ... }@inputs: flakelight ./. { inherit inputs;
                         imports = [ ./hosts.nix ];
                         nixDirAliases.hostConfigurations = [ \"hosts\" ]; }; }",
                ),
                ("hosts.nix", module),
                (&format!("nix/{folder}/desk.nix"), &host),
            ],
        );
        assert_eq!(
            read.told(),
            ["gpuConfigurations.desk: nixpkgs[cudaSupport] 0<dep.packages.x86_64-linux.default"],
            "{folder}"
        );
    }
}
