//! Modules that are files chosen by their names.

use super::*;

/// Files that are chosen by a list, of which the host knows the names.
#[test]
fn chosen_files_are_modules() {
    let chosen = |names: &str, path: &str| {
        let flake =
            "{ outputs = { nixpkgs, ... }: { nixosConfigurations.h = nixpkgs.lib.nixosSystem {
                 specialArgs = { x = builtins.getEnv \"X\" == \"1\"; }; modules = [ ./m ]; }; }; }";
        let loader = format!(
            "{{ lib, x, ... }}: let
               all = builtins.filter (n: lib.hasSuffix \".nix\" n && n != \"default.nix\")
                 (builtins.attrNames (builtins.readDir ./.));
               chosen = builtins.filter (name: builtins.elem name ({names})) all;
             in {{ imports = map (name: {path}) chosen; }}"
        );
        let read = read_files(
            "nixpkgs",
            &[
                ("flake.nix", flake),
                ("m/default.nix", loader.as_str()),
                ("m/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
                ("m/tools.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }"),
            ],
        );
        read.told().join(" ")
    };
    let (with, without) = ("nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a", "nixpkgs 0<nixpkgs:a");
    let perhaps = "nixpkgs[cudaSupport?] 0<nixpkgs[cudaSupport?]:a";
    for path in ["./. + \"/${name}\"", "./${name}", "\"${./.}/${name}\"", "./. + (\"/\" + name)"] {
        for (names, told) in [
            ("[ \"gpu.nix\" \"tools.nix\" ]", with),
            ("[ \"tools.nix\" ]", without),
            ("if x then [ \"other.nix\" \"tools.nix\" ] else [ \"tools.nix\" ]", without),
            ("if x then [ \"gpu.nix\" \"tools.nix\" ] else [ \"tools.nix\" \"gpu.nix\" ]", with),
            ("[ \"tools.nix\" ] ++ (if x then [ \"gpu.nix\" ] else [ ])", perhaps),
        ] {
            assert_eq!(
                chosen(names, path),
                format!("nixosConfigurations.h: {told}"),
                "{names} {path}"
            );
        }
    }
}

/// Paths are texts in the store.
#[test]
fn files_are_chosen_by_their_paths() {
    let read = read_files(
        "nixpkgs",
        &[
            (
                "flake.nix",
                "{ outputs = { nixpkgs, ... }: let inherit (nixpkgs) lib; in {
                   nixosConfigurations.h = lib.nixosSystem { modules = builtins.filter
                     (f: !lib.hasInfix \"/_\" (toString f)) (builtins.filter
                       (f: lib.hasSuffix \".nix\" (toString f))
                       (lib.filesystem.listFilesRecursive ./modules)); }; }; }",
            ),
            ("modules/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            ("modules/_off/rocm.nix", "{ nixpkgs.config.rocmSupport = true; }"),
            ("modules/read.md", ""),
        ],
    );
    assert_eq!(read.told(), ["nixosConfigurations.h: nixpkgs[cudaSupport]"]);
}

/// `fp /modules/gpu.nix`: a path below the folder of the flake.
#[test]
fn paths_below_a_folder() {
    let read = read_files(
        "nixpkgs",
        &[
            (
                "flake.nix",
                "{ outputs = { nixpkgs, ... }: { nixosConfigurations.h = nixpkgs.lib.nixosSystem {
                   specialArgs.fp = path: ./${path}; modules = [ ./hosts/h.nix ]; }; }; }",
            ),
            ("hosts/h.nix", "{ fp, ... }: { imports = [ (fp /modules/gpu.nix) ]; }"),
            ("modules/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
            ("other.nix", "{ nixpkgs.config.rocmSupport = true; }"),
        ],
    );
    assert_eq!(read.told(), ["nixosConfigurations.h: nixpkgs[cudaSupport]"]);
}
