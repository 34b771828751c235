//! home-manager: homes by themselves, and in hosts.

use super::*;

const INPUTS: &str = "nixpkgs home-manager=nix-community/home-manager";

#[test]
fn homes_by_themselves() {
    for (args, module, told) in [
        ("pkgs = plain;", "{ }", "nixpkgs"),
        ("pkgs = plain;", "{ nixpkgs.config.allowUnfree = true; }", "nixpkgs[allowUnfree]"),
        ("pkgs = cuda;", "{ }", "nixpkgs[cudaSupport]"),
        ("pkgs = nixpkgs.legacyPackages.\"x86_64-linux\";", "{ }", "nixpkgs"),
        (
            "pkgs = plain; extraSpecialArgs = { gpu = true; };",
            "{ gpu, ... }: { nixpkgs.config.cudaSupport = gpu; }",
            "nixpkgs[cudaSupport]",
        ),
        (
            "pkgs = plain; extraSpecialArgs = { inherit cuda; };",
            "{ cuda, ... }: { nixpkgs.overlays = [ ]; }",
            "nixpkgs",
        ),
    ] {
        let read = read_outputs(
            INPUTS,
            &format!(
                "{{ nixpkgs, home-manager, ... }}: let plain = nixpkgs.legacyPackages.x;
                   cuda = import nixpkgs {{ config.cudaSupport = true; }}; in {{
                   homeConfigurations.me = home-manager.lib.homeManagerConfiguration {{ {args}
                     modules = [ ({module})
                       ({{ pkgs, ... }}: {{ home.packages = [ pkgs.hello ]; }}) ]; }}; }}"
            ),
        );
        let told = format!("homeConfigurations.me: {told} 0<{told}:hello");
        assert_eq!(read.told(), [told], "{args} {module}");
    }
}

/// A home of a host shares its packages only if that is said.
#[test]
fn homes_in_hosts() {
    for (modules, told) in [
        ("{ home-manager.useGlobalPkgs = true; }", "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:hello"),
        (
            "{ home-manager = { useUserPackages = true; useGlobalPkgs = true; }; }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:hello",
        ),
        ("{ }", "nixpkgs[cudaSupport] nixpkgs 1<nixpkgs:hello"),
        ("{ home-manager.useGlobalPkgs = false; }", "nixpkgs[cudaSupport] nixpkgs 1<nixpkgs:hello"),
        (
            "{ home-manager.users.me.nixpkgs.config.cudaSupport = true; }",
            "nixpkgs[cudaSupport] nixpkgs[cudaSupport] 1<nixpkgs[cudaSupport]:hello",
        ),
        (
            "{ home-manager.useGlobalPkgs = true;
               home-manager.sharedModules = [ ({ pkgs, ... }: { home.packages = [ pkgs.b ]; }) ]; }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:b 0<nixpkgs[cudaSupport]:hello",
        ),
    ] {
        let read = read_outputs(
            INPUTS,
            &format!(
                "{{ nixpkgs, home-manager, ... }}: {{ nixosConfigurations.a =
                   nixpkgs.lib.nixosSystem {{ modules = [
                     home-manager.nixosModules.home-manager
                     {{ nixpkgs.config.cudaSupport = true;
                       home-manager.users.me = {{ pkgs, ... }}: {{ home.packages = [ pkgs.hello ]; }}; }}
                     {modules} ]; }}; }}"
            ),
        );
        assert_eq!(read.told(), [format!("nixosConfigurations.a: {told}")], "{modules}");
    }
}

#[test]
fn a_home_sees_its_host() {
    for home in [
        "{ osConfig, pkgs, lib, ... }: { home.packages = lib.optional osConfig.gpu pkgs.a; }",
        "{ nixosConfig, pkgs, lib, ... }: { home.packages = lib.mkIf nixosConfig.gpu [ pkgs.a ]; }",
        "{ gpu, pkgs, lib, ... }: { home.packages = lib.optionals gpu [ pkgs.a ]; }",
    ] {
        let read = read_outputs(
            INPUTS,
            &format!(
                "{{ nixpkgs, home-manager, ... }}: {{ nixosConfigurations = builtins.mapAttrs
                   (_: gpu: nixpkgs.lib.nixosSystem {{ modules = [
                     home-manager.nixosModules.home-manager
                     ({{ lib, ... }}: {{ options.gpu = lib.mkEnableOption \"gpu\"; config = {{
                       inherit gpu; home-manager = {{ useGlobalPkgs = true;
                         extraSpecialArgs = {{ inherit gpu; }}; users.me = {home}; }}; }}; }})
                   ]; }}) {{ a = true; b = false; }}; }}"
            ),
        );
        let told = ["nixosConfigurations.a: nixpkgs 0<nixpkgs:a", "nixosConfigurations.b: nixpkgs"];
        assert_eq!(read.told(), told, "{home}");
    }
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
    let read = read_files(
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

/// Homes below `legacyPackages`, as `nix run home-manager` finds them.
#[test]
fn homes_of_each_system() {
    hold(&[(
        INPUTS,
        "{ nixpkgs, home-manager, ... }: { legacyPackages = nixpkgs.lib.genAttrs
           [ \"x86_64-linux\" \"aarch64-linux\" ] (system: { homeConfigurations.me =
             home-manager.lib.homeManagerConfiguration {
               pkgs = nixpkgs.legacyPackages.${system};
               modules = [ ({ pkgs, ... }: { home.packages = [ pkgs.a ]; }) ]; }; }); }",
        &["legacyPackages.x86_64-linux.homeConfigurations.me: nixpkgs 0<nixpkgs:a"],
    )]);
}
