//! Which instances of nixpkgs there are, and what builds with which.

use super::*;

#[test]
fn two_imports_side_by_side() {
    hold(&[(
        "nixpkgs",
        "{ nixpkgs, ... }: let
           pkgs = import nixpkgs { config.cudaSupport = true; };
           pkgs-rocm = import nixpkgs { config.rocmSupport = true; };
         in { packages.a = { inherit (pkgs) x; inherit (pkgs-rocm) y; }; }",
        &["packages.a.x: <nixpkgs[cudaSupport]:x", "packages.a.y: <nixpkgs[rocmSupport]:y"],
    )]);
}

#[test]
fn a_variant_is_a_setting() {
    hold(&[
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.a.b = nixpkgs.legacyPackages.a.pkgsCuda.ollama; }",
            &["packages.a.b: <nixpkgs[cudaSupport]:ollama!"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { packages.a.b = nixpkgs.legacyPackages.a.pkgsRocm.ollama; }",
            &["packages.a.b: <nixpkgs[rocmSupport]:ollama!"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let pkgs = nixpkgs.legacyPackages.a; in {
               devShells.a.b = pkgs.mkShell { packages = [ pkgs.pkgsCuda.ollama pkgs.git ]; }; }",
            &["devShells.a.b: nixpkgs 0<nixpkgs:git 0<nixpkgs[cudaSupport]:ollama!"],
        ),
        // One for one GPU is none for the other.
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let pkgs = import nixpkgs { config.cudaSupport = true; }; in {
               packages.a.b = pkgs.pkgsRocm.ollama; }",
            &["packages.a.b: <nixpkgs[rocmSupport]:ollama!"],
        ),
    ]);
}

/// Every way to import a nixpkgs is recognized.
#[test]
fn ways_to_import() {
    for import in [
        "import nixpkgs { config.cudaSupport = true; }",
        "import \"${nixpkgs}\" { config.cudaSupport = true; }",
        "import nixpkgs.outPath { config.cudaSupport = true; }",
        "import (nixpkgs + \"/\") { config.cudaSupport = true; }",
        "import inputs.nixpkgs (args // { config.cudaSupport = true; })",
        "import inputs.${\"nixpkgs\"} { inherit (args) system; config.cudaSupport = true; }",
        "import nixpkgs.legacyPackages.x.path { config.cudaSupport = true; }",
        "(i: import i { config.cudaSupport = true; }) nixpkgs",
        "builtins.import nixpkgs { config.cudaSupport = true; }",
        "inputs.nixpkgs.lib.fix (self: import nixpkgs { config.cudaSupport = true; })",
        "inputs.nixpkgs.lib.makeOverridable (import nixpkgs) { config.cudaSupport = true; }",
        "(make \"x\").pkgs",
        "pkgsFor.x86_64-linux",
        "builtins.head (builtins.attrValues pkgsFor)",
        "(builtins.mapAttrs (_: i: import i { config.cudaSupport = true; }) { inherit nixpkgs; })
            .nixpkgs",
        "import (if true then nixpkgs else inputs.other) { config.cudaSupport = true; }",
    ] {
        let read = read_outputs(
            "nixpkgs other",
            &format!(
                "{{ nixpkgs, ... }}@inputs: let args = {{ system = \"x\"; }};
                   make = system: {{ pkgs = import nixpkgs {{
                     inherit system; config = {{ cudaSupport = true; }}; }}; }};
                   systems = [ \"x86_64-linux\" ];
                   pkgsFor = nixpkgs.lib.genAttrs systems (system: import nixpkgs {{
                     inherit system; config.cudaSupport = true; }});
                 in {{ packages.x.a = ({import}).python3Packages.torch; }}"
            ),
        );
        let told = "packages.x.a: <nixpkgs[cudaSupport]:python3Packages.torch!";
        assert_eq!(read.told(), [told], "{import}");
    }
}

/// An extended set is another instance, with the settings of the original.
#[test]
fn extended_sets_keep_their_settings() {
    hold(&[
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let
               pkgs = import nixpkgs { config.cudaSupport = true; };
               more = pkgs.extend (final: prev: { mine = prev.ollama; });
             in { packages.a.b = more.mine; }",
            &["packages.a.b: <nixpkgs[cudaSupport]:ollama!"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let
               pkgs = nixpkgs.legacyPackages.a.appendOverlays [ (f: p: { mine = f.hello; }) ];
             in { packages.a.b = pkgs.mine; }",
            &["packages.a.b: <nixpkgs:hello"],
        ),
    ]);
}

/// The `pkgs` that a host is given takes precedence over its own settings.
#[test]
fn packages_that_a_host_is_given() {
    let given = "nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:hello";
    for (args, modules, told) in [
        ("inherit pkgs;", "", given),
        ("", "{ nixpkgs.pkgs = pkgs; }", given),
        ("", "{ nixpkgs.pkgs = lib.mkDefault pkgs; }", given),
        ("", "{ nixpkgs = { inherit pkgs; config.allowUnfree = true; }; }", given),
        ("", "nixpkgs.nixosModules.readOnlyPkgs { nixpkgs.pkgs = pkgs; }", given),
        ("", "{ nixpkgs.config.cudaSupport = true; }", given),
        ("", "", "nixosConfigurations.a: nixpkgs 0<nixpkgs:hello"),
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: let inherit (nixpkgs) lib;
                   pkgs = import nixpkgs {{ config.cudaSupport = true; }};
                 in {{ nixosConfigurations.a = lib.nixosSystem {{ {args} modules = [
                   ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.hello ]; }})
                   {modules} ]; }}; }}"
            ),
        );
        assert_eq!(read.told(), [told], "{args} {modules}");
    }
}

/// Overlays in a host's options are added to the packages that it is given.
#[test]
fn overlays_on_packages_that_a_host_is_given() {
    let told = "nixosConfigurations.a: nixpkgs[cudaSupport] \
                0<nixpkgs[cudaSupport]:jq 0<other.legacyPackages.x86_64-linux.hello";
    for (args, module) in
        [("inherit pkgs;", ""), ("", "nixpkgs.pkgs = pkgs;"), ("", "nixpkgs = { inherit pkgs; };")]
    {
        let read = read_outputs(
            "nixpkgs other",
            &format!(
                "{{ nixpkgs, other, ... }}: let
                   pkgs = import nixpkgs {{ config.cudaSupport = true;
                     overlays = [ (_: prev: {{ older = prev.jq; }}) ]; }};
                 in {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ {args} modules = [
                   {{ {module} }}
                   ({{ pkgs, ... }}: {{
                     nixpkgs.overlays = [ (_: prev: {{
                       tool = other.legacyPackages.x86_64-linux.hello;
                       newer = prev.older; }}) ];
                     environment.systemPackages = [ pkgs.tool pkgs.newer ]; }}) ]; }}; }}"
            ),
        );
        assert_eq!(read.told(), [told], "{args} {module}");
    }
}

/// The result of an overlay that is not read may be anything, whatever packages it is added to.
#[test]
fn overlays_that_are_not_read_on_packages_that_a_host_is_given() {
    hold(&[(
        "nixpkgs other",
        "{ nixpkgs, other, ... }: let pkgs = import nixpkgs { config.cudaSupport = true; }; in {
           nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ({ pkgs, ... }: {
             nixpkgs.overlays = [ other.overlays.default ]; environment.systemPackages = [ pkgs.tool ];
           }) { nixpkgs.pkgs = pkgs; } ]; }; }",
        &["nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:tool \
           -- an overlay of `other`"],
    )]);
}

#[test]
fn a_host_of_a_set_has_its_settings() {
    hold(&[
        (
            "nixpkgs",
            "{ nixpkgs, ... }: let pkgs = import nixpkgs { config.cudaSupport = true; }; in {
               nixosConfigurations.a = pkgs.nixos [ ({ pkgs, ... }: {
                 environment.systemPackages = [ pkgs.hello ]; }) ]; }",
            &["nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:hello"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { nixosConfigurations.a =
               import \"${nixpkgs}/nixos/lib/eval-config.nix\" { system = \"x\"; modules = [
                 { nixpkgs.config.cudaSupport = true; } ]; }; }",
            &["nixosConfigurations.a: nixpkgs[cudaSupport]"],
        ),
    ]);
}

/// Names of another nixpkgs in an overlay, or in an argument.
#[test]
fn names_of_another_nixpkgs() {
    let unstable = "nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs-unstable:ollama!";
    for (args, module) in [
        (
            "",
            "{ pkgs, ... }: {
               nixpkgs.overlays = [ (f: p: { fresh = import unstable { inherit (p) system; }; }) ];
               environment.systemPackages = [ pkgs.fresh.ollama ]; }",
        ),
        (
            "",
            "{ pkgs, ... }: {
               nixpkgs.overlays = [ (f: p: { inherit (unstable.legacyPackages.x) ollama; }) ];
               environment.systemPackages = [ pkgs.ollama ]; }",
        ),
        (
            "specialArgs.fresh = import unstable { };",
            "{ fresh, ... }: { environment.systemPackages = [ fresh.ollama ]; }",
        ),
        (
            "",
            "{ fresh, ... }: { _module.args.fresh = import unstable { };
               environment.systemPackages = with fresh; [ ollama ]; }",
        ),
        (
            "specialArgs = { inherit inputs; };",
            "{ inputs, pkgs, ... }: { services.ollama.package =
                 inputs.nixpkgs-unstable.legacyPackages.${pkgs.system}.ollama; }",
        ),
        (
            "specialArgs = { inherit inputs; };",
            "{ inputs, pkgs, ... }: { services.ollama.package = inputs.nixpkgs-unstable
                 .legacyPackages.${pkgs.stdenv.hostPlatform.system}.ollama; }",
        ),
    ] {
        let read = read_outputs(
            "nixpkgs nixpkgs-unstable",
            &format!(
                "{{ nixpkgs, ... }}@inputs: let unstable = inputs.nixpkgs-unstable; in {{
                   nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ {args} modules = [
                     ({module}) {{ nixpkgs.config.cudaSupport = true; }} ]; }}; }}"
            ),
        );
        assert_eq!(read.told(), [unstable], "{args} {module}");
    }
}

/// `packageOverrides` is an overlay below the others, and counts as changing what it overrides.
#[test]
fn package_overrides_of_a_config() {
    for host in [
        "nixpkgs.lib.nixosSystem { modules = [ { nixpkgs.config.packageOverrides = pkgs: {
           mesa = pkgs.mesa.override { a = 1; }; tool = fresh.legacyPackages.x.tool; }; } main ]; }",
        "nixpkgs.lib.nixosSystem { pkgs = import nixpkgs { config.packageOverrides = pkgs: {
           mesa = pkgs.mesa.override { a = 1; }; tool = fresh.legacyPackages.x.tool; }; };
           modules = [ main ]; }",
    ] {
        let read = read_outputs(
            "nixpkgs fresh>nixpkgs-fresh",
            &format!(
                "{{ nixpkgs, fresh, ... }}: let main = {{ pkgs, ... }}: {{
                   environment.systemPackages = [ pkgs.tool pkgs.mesa ]; }}; in {{
                   nixosConfigurations.a = {host}; }}"
            ),
        );
        let own = "nixpkgs[packageOverrides]";
        let told = format!("nixosConfigurations.a: {own} 0<fresh:tool 0<{own}:mesa");
        assert_eq!(read.told(), [told], "{host}");
        let changed: Vec<_> = read.reading.instances.iter().flat_map(|m| &m.changed).collect();
        assert!(changed.iter().any(|name| *name == "mesa"), "{changed:?}");
    }
}
