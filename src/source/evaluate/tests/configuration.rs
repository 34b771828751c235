//! What settings of nixpkgs are found, and of which instance.

use super::*;

#[test]
fn import_with_a_setting() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }:
         let pkgs = import nixpkgs { system = \"x\"; config.cudaSupport = true; };
         in { packages.x.default = pkgs.python3Packages.torch; }",
    );
    assert_eq!(read.settings(), ["flake.nix:2 cudaSupport=on nixpkgs"]);
    assert_eq!(read.taken(), ["nixpkgs packages"]);
    assert_eq!(read.uses(), ["nixpkgs import"]);
    assert_eq!(read.facts.built[0].name, "python3Packages.torch");
}

#[test]
fn shapes_of_config() {
    for (config, keys) in [
        ("{ allowUnfree = true; cudaSupport = false; }", vec!["allowUnfree=on", "cudaSupport=off"]),
        ("{ } // (if x then { cudaSupport = true; } else { })", vec!["cudaSupport=if"]),
        ("lib.optionalAttrs x { cudaSupport = true; }", vec!["cudaSupport=if"]),
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
        ("{ enableCuda = true; }", vec!["enableCuda=on"]),
        // Overrides of no package are none.
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
        let read = outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: let lib = nixpkgs.lib; x = builtins.currentSystem == 1;
                 in {{ packages.a.b = (import nixpkgs {{ config = {config}; }}).hello; }}"
            ),
        );
        let keys: Vec<_> = keys.iter().map(|key| format!("{key} nixpkgs")).collect();
        assert_eq!(read.keys(), keys, "{config}");
    }
}

#[test]
fn an_override_of_one_package_is_none() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: { packages.a.b =
           nixpkgs.legacyPackages.a.ffmpeg.override { cudaSupport = true; }; }",
    );
    assert!(read.settings().is_empty());
    assert_eq!(read.uses(), ["nixpkgs legacyPackages"]);
}

#[test]
fn nixpkgs_config_as_an_output_has_no_effect() {
    let read = outputs("nixpkgs", "{ ... }: { nixpkgs.config.cudaSupport = true; }");
    assert!(read.settings().is_empty());
}

#[test]
fn two_imports_side_by_side() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: let
           pkgs = import nixpkgs { config.cudaSupport = true; };
           pkgs-rocm = import nixpkgs { config.rocmSupport = true; };
         in { packages.a = { inherit (pkgs) x; inherit (pkgs-rocm) y; }; }",
    );
    assert_eq!(read.keys(), ["cudaSupport=on nixpkgs", "rocmSupport=on nixpkgs"]);
}

#[test]
fn a_variant_is_a_setting() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: { packages.a.b = nixpkgs.legacyPackages.a.pkgsCuda.ollama; }",
    );
    assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
    assert_eq!(read.facts.built[0].name, "ollama");
}

#[test]
fn nixos_far_from_the_flake() {
    let read = read(
        "nixpkgs",
        &[
            ("flake.nix", "{ outputs = inputs: import ./outputs inputs; }"),
            (
                "outputs/default.nix",
                "{ nixpkgs, ... }@inputs: { nixosConfigurations =
                nixpkgs.lib.mapAttrs (name: _: import ./host.nix { inherit inputs name; })
                (builtins.readDir ../hosts); }",
            ),
            (
                "outputs/host.nix",
                "{ inputs, name }: inputs.nixpkgs.lib.nixosSystem {
                modules = [ ../hosts/${name} ]; }",
            ),
            ("hosts/a/default.nix", "{ imports = [ ../../gpu.nix ]; }"),
            ("gpu.nix", "{ lib, ... }: {\n  nixpkgs.config.cudaSupport = lib.mkForce true;\n}"),
            ("dead.nix", "{ nixpkgs.config.allowUnfree = true; }"),
            ("other/flake.nix", "{ outputs = _: import ../dead.nix; }"),
        ],
    );
    assert_eq!(read.settings(), ["gpu.nix:2 cudaSupport=on nixpkgs"]);
    assert!(!read.live().contains(&"dead.nix"));
}

#[test]
fn modules_of_a_folder_by_names_that_are_made() {
    let mut files: Vec<(String, String)> =
        (0..20).map(|at| (format!("modules/deep/m{at}.nix"), "{ }".to_owned())).collect();
    files.push(("modules/gpu/default.nix".into(), "{ nixpkgs.config.cudaSupport = true; }".into()));
    files.push(("modules/notes.md".into(), String::new()));
    let flake = "{ outputs = { nixpkgs, ... }: let lib = nixpkgs.lib;
      modules = lib.pipe ./modules [
        lib.filesystem.listFilesRecursive
        (builtins.filter (lib.hasSuffix \".nix\"))
        (map (value: { inherit value; name = lib.pipe value [ toString
           (lib.removePrefix \"${toString ./modules}/\") (lib.removeSuffix \"/default.nix\") MORE ]; }))
        builtins.listToAttrs ];
      in { nixosConfigurations.a = lib.nixosSystem { modules = MODULES; }; }; }";
    for (more, modules) in [
        ("", "[ modules.gpu ]"),
        ("", "builtins.attrValues modules"),
        ("(builtins.replaceStrings [ ] [ ])", "builtins.attrValues modules"),
    ] {
        let text = flake.replace("MORE", more).replace("MODULES", modules);
        let mut files = files.clone();
        files.push(("flake.nix".into(), text));
        let files: Vec<_> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let read = read("nixpkgs", &files);
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"], "{more} {modules}");
    }
}

#[test]
fn hosts_by_functions() {
    for hosts in [
        "builtins.listToAttrs (map (name: { inherit name; value = host name; }) [ \"a\" ])",
        "nixpkgs.lib.genAttrs [ \"a\" ] host",
        "builtins.mapAttrs (n: _: host n) { a = 1; }",
        "nixpkgs.lib.mapAttrs' (n: _: nixpkgs.lib.nameValuePair n (host n)) { a = 1; }",
        "builtins.foldl' (all: n: all // { ${n} = host n; }) { } [ \"a\" \"b\" ]",
    ] {
        let read = outputs(
            "nixpkgs",
            &format!(
                "{{ self, nixpkgs }}@inputs: with inputs; let
                   host = name: nixpkgs.lib.nixosSystem {{
                     modules = [ {{ nixpkgs.config.cudaSupport = true; }} ]; }};
                 in {{ nixosConfigurations = {hosts}; }}"
            ),
        );
        assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"], "{hosts}");
    }
}

#[test]
fn an_option_decides() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
           ({ config, lib, ... }: {
             options.gpu = lib.mkEnableOption \"gpu\";
             config.nixpkgs.config = { cudaSupport = config.gpu; allowUnfree = true; };
           })
           ({ config, lib, ... }: lib.mkIf config.gpu { nixpkgs.config.rocmSupport = true; })
         ]; }; }",
    );
    let expected = ["allowUnfree=on nixpkgs", "cudaSupport=if nixpkgs", "rocmSupport=if nixpkgs"];
    assert_eq!(read.keys(), expected);
}

#[test]
fn packages_of_a_nixos_that_are_given() {
    let read = outputs(
        "nixpkgs microvm",
        "{ nixpkgs, microvm, ... }: let
           pkgs = import nixpkgs { config.cudaSupport = true; };
         in { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
           microvm.nixosModules.host
           { microvm.vms.b.pkgs = pkgs; }
         ]; }; }",
    );
    assert_eq!(read.keys(), ["cudaSupport=on nixpkgs"]);
    assert_eq!(read.taken(), ["nixpkgs packages", "nixpkgs lib", "microvm modules"]);
}

#[test]
fn containers_have_their_own() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
           { containers.b.config = { ... }: { nixpkgs.config.allowUnfree = true; }; } ]; }; }",
    );
    assert_eq!(read.keys(), ["allowUnfree=on nixpkgs"]);
}

#[test]
fn what_is_only_exported_is_not_the_flakes_own() {
    let read = outputs(
        "nixpkgs",
        "{ nixpkgs, ... }: {
           nixosModules.gpu = { nixpkgs.config.cudaSupport = true; };
           lib.make = system: import nixpkgs { inherit system; config.allowUnfree = true; };
         }",
    );
    assert_eq!(read.keys(), ["allowUnfree=on nixpkgs !", "cudaSupport=on - !"]);
}

#[test]
fn home_manager_alone() {
    let read = outputs(
        "nixpkgs home-manager=nix-community/home-manager",
        "{ nixpkgs, home-manager, ... }: {
           homeConfigurations.me = home-manager.lib.homeManagerConfiguration {
             pkgs = nixpkgs.legacyPackages.x;
             modules = [ { nixpkgs.config.allowUnfree = true; } ];
           }; }",
    );
    assert_eq!(read.keys(), ["allowUnfree=on nixpkgs"]);
    assert_eq!(read.facts.instances.last().unwrap().made_by, MadeBy::HomeManager);
}

#[test]
fn users_of_a_host_by_its_name() {
    let host = |name: &str| {
        format!(
            "{name} = nixpkgs.lib.nixosSystem {{ modules =
               [ ./user.nix {{ networking.hostName = \"{name}\"; }} ]; }};"
        )
    };
    let flake = format!(
        "{{ outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations = {{ {} {} }}; }}; }}",
        host("a"),
        host("b")
    );
    let read = read(
        "nixpkgs",
        &[
            ("flake.nix", &flake),
            (
                "user.nix",
                "{ config, ... }: {
               home-manager.users.me = import ./users/${config.networking.hostName}.nix; }",
            ),
            ("users/a.nix", "{ }"),
            ("users/b.nix", "{ }"),
            ("users/dead.nix", "{ }"),
        ],
    );
    assert_eq!(read.live(), ["flake.nix", "user.nix", "users/a.nix", "users/b.nix"]);
}
