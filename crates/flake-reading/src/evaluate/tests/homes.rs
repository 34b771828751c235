//! home-manager: standalone homes, and homes in hosts.

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

/// A home in a host shares its packages only if an option says so.
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

/// Homes below `legacyPackages`, where `nix run home-manager` finds them.
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

/// A home in a host has the `lib` of the host, unless it gets another one.
#[test]
fn homes_have_the_lib_of_their_host() {
    let library = "{ lib }: { every = folder: map (name: folder + \"/${name}\")
        (lib.filter (name: name != \"default.nix\") (lib.attrNames (builtins.readDir folder))); }";
    let user = "{ lib, ... }: { imports = lib.mine.every ./.; }";
    for (special, extra, told) in [
        (
            "specialArgs = { inherit lib; };",
            "",
            "nixosConfigurations.a: nixpkgs nixpkgs 1<nixpkgs:blender!",
        ),
        (
            "specialArgs = { lib = nixpkgs.lib; };",
            "home-manager.extraSpecialArgs = { inherit lib; };",
            "nixosConfigurations.a: nixpkgs nixpkgs 1<nixpkgs:blender!",
        ),
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, home-manager, ... }}: let
                 lib = nixpkgs.lib.extend (self: super: {{ mine = import ./lib {{ lib = self; }}; }});
               in {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ {special} modules = [
                 home-manager.nixosModules.home-manager
                 {{ home-manager.users.me = import ./user; {extra} }} ]; }}; }}; }}"
        );
        let read = read_files(
            INPUTS,
            &[
                ("flake.nix", &flake),
                ("lib/default.nix", library),
                ("user/default.nix", user),
                ("user/k.nix", "{ pkgs, ... }: { home.packages = [ pkgs.blender ]; }"),
            ],
        );
        assert_eq!(read.told(), [told], "{special}");
    }
}

/// A home with given packages and overlays of its own keeps the settings and overlays of the
/// packages.
#[test]
fn homes_with_overlays_of_their_own() {
    let read = read_outputs(
        "nixpkgs fresh>nixpkgs-fresh home-manager=nix-community/home-manager",
        "{ nixpkgs, fresh, home-manager, ... }: { homeConfigurations.me =
           home-manager.lib.homeManagerConfiguration {
             pkgs = import nixpkgs { config.cudaSupport = true;
               overlays = [ (final: prev: { tool = fresh.legacyPackages.x.tool; }) ]; };
             modules = [ { nixpkgs.overlays = [ (final: prev: { own = prev.own.override { }; }) ]; }
               ({ pkgs, ... }: { home.packages = [ pkgs.hello pkgs.tool ]; }) ]; }; }",
    );
    let told =
        "homeConfigurations.me: nixpkgs[cudaSupport] 0<fresh:tool 0<nixpkgs[cudaSupport]:hello";
    assert_eq!(read.told(), [told]);
}

/// The functions that home-manager adds to `lib` are known.
#[test]
fn the_library_of_home_manager() {
    let read = read_outputs(
        INPUTS,
        "{ nixpkgs, home-manager, ... }: { homeConfigurations.me =
           home-manager.lib.homeManagerConfiguration { pkgs = nixpkgs.legacyPackages.x; modules = [
             ({ pkgs, lib, ... }: { home.activation.a =
               lib.hm.dag.entryAfter [ \"writeBoundary\" ] \"${pkgs.hello}/bin/hello\"; }) ]; }; }",
    );
    assert_eq!(read.told(), ["homeConfigurations.me: nixpkgs 0<nixpkgs:hello"]);
}

/// A home without options for its packages has the given ones, and only their settings.
#[test]
fn settings_of_given_packages_are_not_told_twice() {
    let read = read_outputs(
        INPUTS,
        "{ nixpkgs, home-manager, ... }: { homeConfigurations.me =
           home-manager.lib.homeManagerConfiguration {
             pkgs = import nixpkgs { config.cudaSupport = true; };
             modules = [ ({ pkgs, ... }: { home.packages = [ pkgs.hello ]; }) ]; }; }",
    );
    let configured = read.reading.instances.iter().filter(|made| !made.settings.is_empty());
    assert_eq!(configured.count(), 1);
}

/// A home with settings of its own is for the system of its host.
#[test]
fn a_home_is_for_the_system_of_its_host() {
    let root = "{ outputs = { nixpkgs, home-manager, dep, ... }: {
        nixosConfigurations.a = nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [
          home-manager.nixosModules.home-manager
          { home-manager.users.me = { pkgs, ... }: { home.packages =
              [ dep.packages.${pkgs.stdenv.hostPlatform.system}.x ]; }; } ]; }; }; }";
    let dep = "{ outputs = { nixpkgs, ... }: { packages = nixpkgs.lib.genAttrs
        [ \"x86_64-linux\" \"aarch64-linux\" ] (system: { x = nixpkgs.legacyPackages.${system}.a; }); }; }";
    let told = read_world(&[
        flake("root", &format!("{INPUTS} dep"), &[("flake.nix", root)]),
        flake("dep", "nixpkgs", &[("flake.nix", dep)]),
    ])
    .told();
    assert_eq!(told, ["nixosConfigurations.a: nixpkgs nixpkgs 1<dep/nixpkgs:a"]);
}

/// What a host was given as arguments is taken from it for a home beside it.
#[test]
fn homes_with_the_arguments_of_a_host() {
    let flake = "{ self, nixpkgs, home-manager, ... }@inputs: let
           of = host: host._module.specialArgs.inputs.home-manager.lib.homeManagerConfiguration {
             inherit (host) pkgs;
             extraSpecialArgs.tool = host._module.args.tool;
             modules = [ ({ pkgs, tool, ... }: { home.packages = [ pkgs.hello tool ]; }) ]; };
         in {
         nixosConfigurations.a = nixpkgs.lib.nixosSystem { specialArgs = { inherit inputs; };
           modules = [ ({ pkgs, ... }: { nixpkgs.config.cudaSupport = true;
             _module.args.tool = pkgs.torch; }) ]; };
         homeConfigurations.me = of self.nixosConfigurations.a; }";
    let told = read_outputs(INPUTS, flake).told();
    let home = "homeConfigurations.me: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:hello \
                0<nixpkgs[cudaSupport]:torch";
    assert_eq!(told, [home, "nixosConfigurations.a: nixpkgs[cudaSupport]"]);
}

/// The library by which a system or home is made is that of its modules.
#[test]
fn the_library_of_the_modules() {
    let lib = "nixpkgs.lib.extend (final: prev: { mine.on = prev.mkOption { default = true; };
                 mine.load = folder: [ ({ pkgs, ... }: { %packages = [ pkgs.b ]; }) ]; })";
    for (with, make, packages) in [
        ("", "lib.nixosSystem { ", "environment.systemPackages"),
        ("", "nixpkgs.lib.nixosSystem { inherit lib; ", "environment.systemPackages"),
        ("", "home-manager.lib.homeManagerConfiguration { inherit lib pkgs; ", "home.packages"),
        (
            " // home-manager.lib",
            "lib.homeManagerConfiguration { inherit lib pkgs; ",
            "home.packages",
        ),
    ] {
        let flake = format!(
            "{{ nixpkgs, home-manager, ... }}: let lib = ({}){with}; pkgs = nixpkgs.legacyPackages.x; in {{
               nixosConfigurations.a = {make} modules = [ ({{ lib, config, pkgs, ... }}: {{
                 imports = lib.mine.load ./modules; options.x = lib.mine.on;
                 config.{packages} = lib.optional config.x pkgs.a; }}) ]; }}; }}",
            lib.replace("%packages", packages)
        );
        let told = "nixosConfigurations.a: nixpkgs 0<nixpkgs:a 0<nixpkgs:b";
        let read = read_outputs(INPUTS, &flake).told();
        assert_eq!(read, [told], "{with} {make}");
    }
}
