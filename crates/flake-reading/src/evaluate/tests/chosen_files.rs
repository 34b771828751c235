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

/// Sets of files, one of which is there on a condition: so is its module.
#[test]
fn files_of_a_set_that_holds_them_on_a_condition() {
    let chosen = |modules: &str| {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: let
                 inherit (nixpkgs) lib;
                 x = builtins.getEnv \"X\" == \"1\";
                 all = {{ gpu = ./gpu.nix; tools = ./tools.nix; }};
                 some = lib.filterAttrs (n: _: n == \"tools\" || x) all;
               in {{ nixosConfigurations.h = lib.nixosSystem {{ modules = {modules}; }}; }}; }}"
        );
        let read = read_files(
            "nixpkgs",
            &[
                ("flake.nix", flake.as_str()),
                ("gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
                ("tools.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }"),
            ],
        );
        read.told().join(" ")
    };
    let mut wrong = Vec::new();
    for modules in [
        "lib.attrValues some",
        "lib.attrValues (lib.mapAttrs (_: f: f) some)",
        "lib.attrValues (lib.mapAttrs' (n: f: lib.nameValuePair n f) some)",
        "lib.mapAttrsToList (_: f: f) some",
        "map (pair: pair.value) (lib.attrsToList some)",
        "lib.attrValues (lib.concatMapAttrs (n: f: { ${n} = f; }) some)",
        "lib.attrValues (builtins.intersectAttrs some all)",
        "lib.concatAttrValues (lib.mapAttrs (_: f: [ f ]) some)",
        "lib.concatLists (lib.attrValues (lib.zipAttrs [ some ]))",
        "lib.attrValues (lib.zipAttrsWith (_: lib.head) [ some ])",
        "lib.attrValues (lib.foldAttrs (f: _: f) null [ some ])",
        "lib.foldlAttrs (all: _: f: all ++ [ f ]) [ ] some",
        "lib.attrValues (lib.foldlAttrs (all: n: f: all // { ${n} = f; }) { } some)",
        "lib.attrValues (lib.foldl' (set: n: set // { ${n} = all.${n}; }) { } (lib.attrNames some))",
        "lib.attrValues (lib.foldr (n: set: set // { ${n} = all.${n}; }) { } (lib.attrNames some))",
        "lib.attrValues (removeAttrs all (if x then [ ] else [ \"gpu\" ]))",
        "lib.attrValues ({ inherit (all) tools; } // lib.optionalAttrs x { inherit (all) gpu; })",
        "lib.catAttrs \"f\" (lib.attrValues (lib.mapAttrs (_: f: { inherit f; }) some))",
        "lib.attrValues (lib.getAttrs (lib.attrNames some) all)",
        "lib.attrValues (lib.genAttrs (lib.attrNames some) (n: all.${n}))",
        "lib.collect builtins.isPath some",
        "lib.attrValues (lib.recursiveUpdate { inherit (all) tools; } (lib.optionalAttrs x { inherit (all) gpu; }))",
        "lib.attrValues (lib.mergeAttrsList [ { inherit (all) tools; } (lib.optionalAttrs x { inherit (all) gpu; }) ])",
        "lib.attrValues (lib.filterAttrsRecursive (n: _: n == \"tools\" || x) all)",
        "lib.attrValues (lib.mapAttrsRecursive (_: f: f) some)",
        "map (n: all.${n}) (lib.attrNames some)",
        "lib.concatMap (n: [ all.${n} ]) (builtins.attrNames some)",
        "lib.pipe some [ lib.attrValues (map toString) ]",
        "lib.flatten [ (lib.attrValues some) ]",
        "lib.optional x all.gpu ++ [ all.tools ]",
        "lib.attrValues (lib.foldl' lib.mergeAttrs { } [ { inherit (all) tools; } (lib.optionalAttrs x { inherit (all) gpu; }) ])",
        "lib.optional (some ? gpu) all.gpu ++ [ all.tools ]",
        "[ some.gpu or { } all.tools ]",
        "[ (lib.attrByPath [ \"gpu\" ] { } some) all.tools ]",
        "[ (if some ? gpu then some.gpu else { }) all.tools ]",
        "map (f: f) (lib.unique (lib.attrValues some))",
        "lib.attrValues (lib.listToAttrs (map (n: { name = n; value = all.${n}; }) (lib.attrNames some)))",
        "lib.attrValues (lib.attrsets.unionOfDisjoint { inherit (all) tools; } (lib.optionalAttrs x { inherit (all) gpu; }))",
        "lib.concatLists (lib.attrValues (lib.groupBy baseNameOf (lib.attrValues some)))",
    ] {
        let told = chosen(modules);
        if told != "nixosConfigurations.h: nixpkgs[cudaSupport?] 0<nixpkgs[cudaSupport?]:a" {
            wrong.push(format!("{modules}: {told}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}
