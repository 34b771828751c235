//! Which settings of nixpkgs are found.

use super::*;

#[test]
fn shapes_of_config() {
    for (config, keys) in [
        ("{ allowUnfree = true; cudaSupport = false; }", vec!["allowUnfree=on", "cudaSupport=off"]),
        ("{ } // (if x then { cudaSupport = true; } else { })", vec!["cudaSupport=if"]),
        ("lib.optionalAttrs x { cudaSupport = true; }", vec!["cudaSupport=if"]),
        ("lib.optionalAttrs true { cudaSupport = true; }", vec!["cudaSupport=on"]),
        ("lib.optionalAttrs false { cudaSupport = true; }", vec![]),
        ("{ pkgs }: { cudaSupport = true; }", vec!["cudaSupport=on"]),
        ("lib.mkForce { cudaSupport = true; }", vec!["cudaSupport=on"]),
        (
            "lib.mkMerge [ { cudaSupport = true; } (lib.mkIf x { allowUnfree = true; }) ]",
            vec!["allowUnfree=if", "cudaSupport=on"],
        ),
        (
            "{ cudaSupport = lib.mkDefault true; cudaCapabilities = [ ]; }",
            vec!["cudaCapabilities=off", "cudaSupport=on"],
        ),
        ("{ cudaSupport = lib.mkEnableOption \"it\"; }", vec!["cudaSupport=off"]),
        (
            "{ cudaSupport = lib.mkEnableOption \"it\" // { default = true; }; }",
            vec!["cudaSupport=on"],
        ),
        ("{ enableCuda = true; }", vec!["enableCuda=on"]),
        (
            "lib.recursiveUpdate { cudaSupport = true; } { allowUnfree = true; }",
            vec!["allowUnfree=on", "cudaSupport=on"],
        ),
        (
            "builtins.removeAttrs { cudaSupport = true; a = true; } [ \"cudaSupport\" ]",
            vec!["a=on"],
        ),
        (
            "builtins.listToAttrs [ { name = \"cudaSupport\"; value = true; } ]",
            vec!["cudaSupport=on"],
        ),
        ("lib.genAttrs [ \"cudaSupport\" ] (_: true)", vec!["cudaSupport=on"]),
        (
            "lib.filterAttrs (n: _: n != \"a\") { cudaSupport = true; a = true; }",
            vec!["cudaSupport=on"],
        ),
        ("{ ${\"cuda\" + \"Support\"} = true; }", vec!["cudaSupport=on"]),
        ("rec { gpu = true; cudaSupport = gpu; }", vec!["cudaSupport=on", "gpu=on"]),
        ("with { gpu = true; }; { cudaSupport = gpu; }", vec!["cudaSupport=on"]),
        ("let cudaSupport = true; in { inherit cudaSupport; }", vec!["cudaSupport=on"]),
        ("{ cudaSupport = true; } // { cudaSupport = false; }", vec!["cudaSupport=off"]),
        ("(gpu: { cudaSupport = gpu; }) true", vec!["cudaSupport=on"]),
        ("({ gpu ? true, ... }: { cudaSupport = gpu; }) { }", vec!["cudaSupport=on"]),
        // Overrides that override nothing do not count.
        ("{ packageOverrides = p: { }; }", vec!["packageOverrides=off"]),
        ("{ packageOverrides = _: rec { }; }", vec!["packageOverrides=off"]),
        ("{ packageOverrides = pkgs: with pkgs; { }; }", vec!["packageOverrides=off"]),
        ("{ packageOverrides = pkgs: let a = 1; in { }; }", vec!["packageOverrides=off"]),
        ("{ haskellPackageOverrides = self: super: { }; }", vec!["haskellPackageOverrides=off"]),
        ("{ packageOverrides = p: { a = p.b; }; }", vec!["packageOverrides=on"]),
        (
            "{ packageOverrides = p: lib.optionalAttrs x { a = p.b; }; }",
            vec!["packageOverrides=on"],
        ),
        ("{ packageOverrides = import ./x.nix; }", vec!["packageOverrides=?"]),
        ("{ packageOverrides = p: builtins.fromJSON p.b; }", vec!["packageOverrides=on"]),
        ("builtins.fromJSON x", vec!["?=?"]),
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: let lib = nixpkgs.lib; x = builtins.currentSystem == 1;
                 in {{ packages.a.b = (import nixpkgs {{ config = {config}; }}).hello; }}"
            ),
        );
        assert_eq!(read.keys(), keys, "{config}");
    }
}

/// A setting of one package is none of nixpkgs, and an output of such a name has no effect.
#[test]
fn what_is_no_setting() {
    hold(&[
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.a.b =
               nixpkgs.legacyPackages.a.ffmpeg.override { cudaSupport = true; }; }",
            &["packages.a.b: <nixpkgs:ffmpeg"],
        ),
        ("nixpkgs", "{ ... }: { nixpkgs.config.cudaSupport = true; }", &[]),
        // Beside `config`.
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.a.b = (import nixpkgs { cudaSupport = true; }).hello; }",
            &["packages.a.b: <nixpkgs:hello"],
        ),
    ]);
}

/// The definitions of an option decide whether it is on, or its default without any.
#[test]
fn options_decide_for_each_host() {
    let module = "({ config, lib, ... }: {
         options.gpu = lib.mkEnableOption \"gpu\";
         options.unfree = lib.mkOption { type = lib.types.bool; default = true; };
         options.who = lib.mkOption { type = lib.types.str; };
         config = lib.mkMerge [
           { nixpkgs.config.allowUnfree = config.unfree; }
           (lib.mkIf config.gpu { nixpkgs.config.cudaSupport = true; }) ]; })";
    for (more, keys) in [
        ("{ }", vec!["allowUnfree=on"]),
        ("{ gpu = true; }", vec!["allowUnfree=on", "cudaSupport=on"]),
        ("{ gpu = lib.mkDefault true; }", vec!["allowUnfree=on", "cudaSupport=on"]),
        ("{ gpu = true; unfree = false; }", vec!["allowUnfree=off", "cudaSupport=on"]),
        ("{ gpu = lib.mkIf false true; }", vec!["allowUnfree=on"]),
        ("{ imports = [ { gpu = true; } ]; }", vec!["allowUnfree=on", "cudaSupport=on"]),
        ("{ imports = [ { gpu = true; } ]; gpu = lib.mkForce false; }", vec!["allowUnfree=on"]),
        ("{ imports = [ { gpu = lib.mkDefault true; } ]; gpu = false; }", vec!["allowUnfree=on"]),
        ("{ gpu = builtins.currentSystem == 1; }", vec!["allowUnfree=on", "cudaSupport=if"]),
        ("{ who = \"a\"; gpu = config.who == \"a\"; }", vec!["allowUnfree=on", "cudaSupport=on"]),
        ("{ who = \"a\"; gpu = config.who == \"b\"; }", vec!["allowUnfree=on"]),
        (
            "{ networking.hostName = \"gpu\"; gpu = config.networking.hostName == \"gpu\"; }",
            vec!["allowUnfree=on", "cudaSupport=on"],
        ),
        // What nixpkgs itself defines is not known here.
        ("{ gpu = config.services.xserver.enable; }", vec!["allowUnfree=on", "cudaSupport=if"]),
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
                   modules = [ {module} ({{ config, lib, ... }}: {more}) ]; }}; }}"
            ),
        );
        let keys_of_it: Vec<_> =
            read.keys().into_iter().filter(|key| key != "cudaSupport=off").collect();
        assert_eq!(keys_of_it, keys, "{more}");
    }
}

#[test]
fn the_last_word_of_a_setting_counts() {
    for (modules, keys) in [
        (
            "{ nixpkgs.config.cudaSupport = true; }
             ({ lib, ... }: { nixpkgs.config.cudaSupport = lib.mkForce false; })",
            vec!["cudaSupport=off"],
        ),
        (
            "({ lib, ... }: { nixpkgs.config.cudaSupport = lib.mkDefault false; })
             { nixpkgs.config.cudaSupport = true; }",
            vec!["cudaSupport=on"],
        ),
        (
            "({ lib, ... }: { nixpkgs.config = lib.mkForce { allowUnfree = true; }; })
             { nixpkgs.config.cudaSupport = true; }",
            vec!["allowUnfree=on"],
        ),
        (
            "({ lib, ... }: { nixpkgs.config = lib.mkMerge [ { allowUnfree = true; }
               { cudaSupport = true; } ]; })",
            vec!["allowUnfree=on", "cudaSupport=on"],
        ),
        ("{ nixpkgs = { config = { cudaSupport = true; }; }; }", vec!["cudaSupport=on"]),
        ("{ config.nixpkgs.config.cudaSupport = true; }", vec!["cudaSupport=on"]),
        (
            "({ lib, ... }: { config = lib.mkIf true { nixpkgs.config.cudaSupport = true; }; })",
            vec!["cudaSupport=on"],
        ),
        ("{ disabledModules = [ ]; nixpkgs.config.cudaSupport = true; }", vec!["cudaSupport=on"]),
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
                   modules = [ {modules} ]; }}; }}"
            ),
        );
        assert_eq!(read.keys(), keys, "{modules}");
    }
}

/// An unknown `config` may contain settings.
#[test]
fn a_config_that_is_not_known() {
    for module in [
        "{ nixpkgs.config = import ./missing.nix; }",
        "{ nixpkgs = import ./missing.nix; }",
        "{ config, ... }: { nixpkgs.config = config.my.settings; }",
        "{ lib, ... }: { nixpkgs.config = lib.mkForce (import ./missing.nix); }",
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
                   modules = [ ({module}) ({{ pkgs, ... }}: {{
                     environment.systemPackages = [ pkgs.hello ]; }}) ]; }}; }}"
            ),
        );
        let told = "nixosConfigurations.a: nixpkgs[*??] 0<nixpkgs[*??]:hello";
        assert_eq!(read.told(), [told], "{module}");
    }
}

/// Options of the compiler change every package, wherever a platform has them.
#[test]
fn options_of_the_compiler() {
    for (platform, keys) in [
        ("{ system = \"x86_64-linux\"; gcc.arch = \"znver4\"; }", vec!["hostPlatform.gcc=on"]),
        (
            "{ system = \"x86_64-linux\"; gcc = { tune = \"znver4\"; }; }",
            vec!["hostPlatform.gcc=on"],
        ),
        ("{ system = \"x86_64-linux\"; gcc.arch = if x then \"znver4\" else null; }", vec![]),
        ("{ system = \"x86_64-linux\"; gcc.arch = null; }", vec![]),
        ("{ system = \"x86_64-linux\"; gcc = { }; }", vec![]),
        ("{ system = \"x86_64-linux\"; }", vec![]),
        ("\"x86_64-linux\"", vec![]),
    ] {
        for outputs in [
            format!(
                "packages.x86_64-linux.a = (import nixpkgs {{ localSystem = {platform}; }}).hello;"
            ),
            format!(
                "nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
                   {{ nixpkgs.hostPlatform = {platform}; }}
                   ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.a ]; }}) ]; }};"
            ),
        ] {
            let read = read_outputs(
                "nixpkgs",
                &format!(
                    "{{ nixpkgs, ... }}: let x = builtins.currentSystem == 1; in {{ {outputs} }}"
                ),
            );
            assert_eq!(read.keys(), keys, "{outputs}");
        }
    }
}
