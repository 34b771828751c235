//! Hosts made in various ways, and their contents.

use super::*;

#[test]
fn nixos_far_from_the_flake() {
    let read = read_files(
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
            ("hosts/b/default.nix", "{ }"),
            ("gpu.nix", "{ lib, ... }: {\n  nixpkgs.config.cudaSupport = lib.mkForce true;\n}"),
            ("dead.nix", "{ nixpkgs.config.allowUnfree = true; }"),
            ("other/flake.nix", "{ outputs = _: import ../dead.nix; }"),
        ],
    );
    let told = ["nixosConfigurations.a: nixpkgs[cudaSupport]", "nixosConfigurations.b: nixpkgs"];
    assert_eq!(read.told(), told);
    assert_eq!(read.lines(), ["gpu.nix:2 cudaSupport"]);
    assert!(!read.live().contains(&"dead.nix"));
}

#[test]
fn hosts_by_functions() {
    for hosts in [
        "builtins.listToAttrs (map (name: { inherit name; value = host name; }) [ \"a\" \"b\" ])",
        "nixpkgs.lib.genAttrs [ \"a\" \"b\" ] host",
        "nixpkgs.lib.attrsets.genAttrs [ \"a\" \"b\" ] (name: host name)",
        "builtins.mapAttrs (n: _: host n) { a = 1; b = 2; }",
        "nixpkgs.lib.mapAttrs' (n: _: nixpkgs.lib.nameValuePair n (host n)) { a = 1; b = 2; }",
        "builtins.foldl' (all: n: all // { ${n} = host n; }) { } [ \"a\" \"b\" ]",
        "nixpkgs.lib.foldr (n: all: all // { ${n} = host n; }) { } [ \"a\" \"b\" ]",
        "nixpkgs.lib.mergeAttrsList (map (n: { ${n} = host n; }) [ \"a\" \"b\" ])",
        "nixpkgs.lib.foldl' nixpkgs.lib.recursiveUpdate { } (map (n: { ${n} = host n; })
            [ \"a\" \"b\" ])",
        "{ a = host \"a\"; } // { b = host \"b\"; }",
        "nixpkgs.lib.attrsets.mergeAttrsList [ { a = host \"a\"; } { b = host \"b\"; } ]",
        "nixpkgs.lib.pipe [ \"a\" \"b\" ] [ (map (n: { name = n; value = host n; }))
            builtins.listToAttrs ]",
        "nixpkgs.lib.concatMapAttrs (n: _: { ${n} = host n; }) { a = 1; b = 1; }",
        "nixpkgs.lib.zipAttrsWith (_: builtins.head) [ { a = host \"a\"; } { b = host \"b\"; } ]",
        "nixpkgs.lib.filterAttrs (n: _: n != \"c\") (nixpkgs.lib.genAttrs [ \"a\" \"b\" \"c\" ] host)",
        "nixpkgs.lib.genAttrs (builtins.attrNames { a = 1; b = 2; }) host",
        "nixpkgs.lib.genAttrs (nixpkgs.lib.unique ([ \"a\" ] ++ [ \"b\" \"a\" ])) host",
        "builtins.listToAttrs (nixpkgs.lib.mapAttrsToList nixpkgs.lib.nameValuePair
            { a = host \"a\"; b = host \"b\"; })",
        "builtins.listToAttrs (nixpkgs.lib.imap0 (at: name: { inherit name; value = host name; })
            [ \"a\" \"b\" ])",
        "builtins.listToAttrs (builtins.concatMap (name: [ { inherit name; value = host name; } ])
            [ \"a\" \"b\" ])",
        "builtins.listToAttrs (builtins.genList (at: let name = builtins.elemAt [ \"a\" \"b\" ] at;
            in { inherit name; value = host name; }) 2)",
        "builtins.listToAttrs (nixpkgs.lib.zipListsWith (name: value: { inherit name; value = host value; })
            [ \"a\" \"b\" ] [ \"a\" \"b\" ])",
        "builtins.listToAttrs (nixpkgs.lib.flatten [ [ { name = \"a\"; value = host \"a\"; } ]
            { name = \"b\"; value = host \"b\"; } ])",
        "(nixpkgs.lib.evalModules { modules = [ ({ lib, ... }: {
            options.hosts = lib.mkOption { default = { a = host \"a\"; b = host \"b\"; }; }; }) ]; })
            .config.hosts",
        "nixpkgs.lib.mapAttrs (n: f: f n) { a = host; b = host; }",
        "nixpkgs.lib.mapAttrs (n: args: (args: nixpkgs.lib.nixosSystem ({ modules = [ gpu ]; } // args))
            args) { a = { system = \"x\"; }; b = { system = \"x\"; }; }",
        "nixpkgs.lib.mapAttrs (n: { more ? [ ], ... }: nixpkgs.lib.nixosSystem {
            modules = [ gpu ] ++ more; }) { a = { }; b.more = [ { } ]; }",
        "{ a = (host \"a\").extendModules { modules = [ { } ]; }; b = host \"b\"; }",
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ self, nixpkgs }}@inputs: with inputs; let
                   gpu = {{ nixpkgs.config.cudaSupport = true; }};
                   host = name: nixpkgs.lib.nixosSystem {{ modules = [ gpu ]; }};
                 in {{ nixosConfigurations = {hosts}; }}"
            ),
        );
        let told = [
            "nixosConfigurations.a: nixpkgs[cudaSupport]",
            "nixosConfigurations.b: nixpkgs[cudaSupport]",
        ];
        assert_eq!(read.told(), told, "{hosts}");
    }
}

/// A system inside a host is built with its own packages.
#[test]
fn systems_in_a_host() {
    hold(&[
        (
            "nixpkgs microvm",
            "{ nixpkgs, microvm, ... }: let
               pkgs = import nixpkgs { config.cudaSupport = true; };
             in { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               microvm.nixosModules.host
               { microvm.vms.b.pkgs = pkgs; }
             ]; }; }",
            &["nixosConfigurations.a: nixpkgs nixpkgs[cudaSupport] -- a module of `microvm`"],
        ),
        // What is in the guest is not the host's; without `pkgs` it has those of the host.
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: let takes.environment.systemPackages = [ dep.packages.x.a ];
             in { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               { nixpkgs.config.cudaSupport = true; }
               { microvm.vms.b = { pkgs = nixpkgs.legacyPackages.x; config = takes; }; } ]; };
             nixosConfigurations.b = nixpkgs.lib.nixosSystem { modules = [
               { nixpkgs.config.cudaSupport = true; microvm.vms.b.config = takes; } ]; }; }",
            &[
                "nixosConfigurations.a: nixpkgs[cudaSupport] nixpkgs 1<dep.packages.x.a",
                "nixosConfigurations.b: nixpkgs[cudaSupport] 0<dep.packages.x.a",
            ],
        ),
        (
            "nixpkgs dep",
            "{ nixpkgs, dep, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               { specialisation.b = { inheritParentConfig = false;
                   configuration.nixpkgs.config.cudaSupport = true; };
                 environment.systemPackages = [ dep.packages.x.a ]; } ]; }; }",
            &["nixosConfigurations.a: nixpkgs nixpkgs[cudaSupport] 0<dep.packages.x.a"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               { containers.b.config = { pkgs, ... }: { nixpkgs.config.allowUnfree = true;
                   environment.systemPackages = [ pkgs.b ]; }; }
               ({ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }) ]; }; }",
            &["nixosConfigurations.a: nixpkgs nixpkgs[allowUnfree] 0<nixpkgs:a \
               1<nixpkgs[allowUnfree]:b"],
        ),
        (
            "nixpkgs nixpkgs-old",
            "{ nixpkgs, nixpkgs-old, ... }: {
               nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               { containers.b = { nixpkgs = nixpkgs-old; config = { pkgs, ... }: {
                   environment.systemPackages = [ pkgs.b ]; }; }; } ]; }; }",
            &["nixosConfigurations.a: nixpkgs nixpkgs-old 1<nixpkgs-old:b"],
        ),
        (
            "nixpkgs",
            "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
               { specialisation.b.configuration = { pkgs, ... }: {
                   nixpkgs.config.cudaSupport = true;
                   environment.systemPackages = [ pkgs.b ]; }; }
               ({ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }) ]; }; }",
            &["nixosConfigurations.a: nixpkgs nixpkgs[cudaSupport] 0<nixpkgs:a \
               1<nixpkgs[cudaSupport]:a 1<nixpkgs[cudaSupport]:b"],
        ),
    ]);
}

/// Outputs of other names that are hosts.
#[test]
fn a_host_under_other_names() {
    hold(&[
        (
            "nixpkgs",
            "{ self, nixpkgs, ... }: {
               nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
                 ({ pkgs, ... }: { nixpkgs.config.cudaSupport = true;
                   environment.systemPackages = [ pkgs.a ]; }) ]; };
               packages.x86_64-linux.a = self.nixosConfigurations.a.config.system.build.toplevel;
               hydraJobs.a = self.nixosConfigurations.a.config.system.build.isoImage; }",
            &[
                "hydraJobs.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
                "nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
                "packages.x86_64-linux.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
            ],
        ),
        (
            "nixpkgs deploy-rs=serokell/deploy-rs",
            "{ self, nixpkgs, deploy-rs, ... }: {
               nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
                 { nixpkgs.config.cudaSupport = true; } ]; };
               deploy.nodes.a = { hostname = \"a\"; profiles.system = { user = \"root\";
                 path = deploy-rs.lib.x86_64-linux.activate.nixos self.nixosConfigurations.a; }; };
               checks = builtins.mapAttrs (system: deployLib: deployLib.deployChecks self.deploy)
                 deploy-rs.lib; }",
            &[
                "checks: nixpkgs[cudaSupport] -- a function of `deploy-rs`",
                "deploy.nodes.a.profiles.system.path: nixpkgs[cudaSupport] \
                 -- a function of `deploy-rs`",
                "nixosConfigurations.a: nixpkgs[cudaSupport]",
            ],
        ),
    ]);
}

/// Hosts that other flakes make, with the nixpkgs of those flakes.
#[test]
fn hosts_by_other_flakes() {
    for (name, repository, output, told) in [
        (
            "generators",
            "nix-community/nixos-generators",
            "packages.x86_64-linux.a = generators.nixosGenerate { format = \"iso\"; modules = MODULES; };",
            "packages.x86_64-linux.a: generators/nixpkgs[cudaSupport] \
             0<generators/nixpkgs[cudaSupport]:a",
        ),
        (
            "darwin",
            "lnl7/nix-darwin",
            "darwinConfigurations.a = darwin.lib.darwinSystem { system = \"aarch64-darwin\";
               modules = MODULES; };",
            "darwinConfigurations.a: darwin/nixpkgs[cudaSupport]@mac \
             0<darwin/nixpkgs[cudaSupport]@mac:a",
        ),
    ] {
        let output = output.replace(
            "MODULES",
            "[ ({ pkgs, ... }: { nixpkgs.config.cudaSupport = true;
               environment.systemPackages = [ pkgs.a ]; }) ]",
        );
        let root = format!("{{ outputs = {{ {name}, ... }}: {{ {output} }}; }}");
        let input = format!("{name}={repository}");
        let read =
            read_world(&[flake("root", &input, &[("flake.nix", &root)]), unread(name, "nixpkgs")]);
        assert_eq!(read.told(), [told]);
    }
}

/// Systems of nix-on-droid are made of the packages that they get, and system-manager's from the
/// nixpkgs that it follows; both have arguments of their own.
#[test]
fn systems_on_other_systems() {
    let phone = "{ nixpkgs, dep, nix-on-droid, ... }: let phone = tools:
          nix-on-droid.lib.nixOnDroidConfiguration {
            pkgs = import nixpkgs { system = \"aarch64-linux\"; config.cudaSupport = true; };
            extraSpecialArgs = { inherit tools dep; };
            modules = [ ({ lib, pkgs, tools, dep, ... }: { nixpkgs.config.rocmSupport = true;
              environment.packages = [ pkgs.a ] ++ lib.optional tools dep.packages.aarch64-linux.b;
              home-manager = { useGlobalPkgs = true; extraSpecialArgs.more = tools;
                config = { lib, pkgs, more, ... }: { home.packages = lib.optional more pkgs.c; }; };
            }) ]; };
        in { nixOnDroidConfigurations = { a = phone true; b = phone false; }; }";
    let own = "nixpkgs[cudaSupport]";
    hold(&[(
        "nixpkgs dep nix-on-droid=nix-community/nix-on-droid",
        phone,
        &[
            &format!(
                "nixOnDroidConfigurations.a: {own} 0<dep.packages.aarch64-linux.b 0<{own}:a 0<{own}:c"
            ),
            &format!("nixOnDroidConfigurations.b: {own} 0<{own}:a"),
        ],
    )]);
    let root = "{ outputs = { self, dep, manager, ... }: let system = special:
          manager.lib.makeSystemConfig (special // { overlays = [ (final: prev: { b = dep.packages.x.b; }) ];
            modules = [ ({ lib, pkgs, gpu, ... }: { nixpkgs.config.cudaSupport = gpu;
              environment.systemPackages = [ pkgs.b ] ++ lib.optional gpu pkgs.a; }) ]; });
        in { systemConfigs.a = system { specialArgs.gpu = true; };
             systemConfigs.b = system { extraSpecialArgs.gpu = false; };
             packages.x.b = self.systemConfigs.b.config.build.toplevel; }; }";
    let read = read_world(&[
        flake("root", "dep manager=numtide/system-manager", &[("flake.nix", root)]),
        unread("manager", "nixpkgs"),
    ]);
    let told = read.told();
    assert_eq!(
        told,
        [
            "packages.x.b: manager/nixpkgs 0<dep.packages.x.b",
            "systemConfigs.a: manager/nixpkgs[cudaSupport] 0<dep.packages.x.b \
             0<manager/nixpkgs[cudaSupport]:a",
            "systemConfigs.b: manager/nixpkgs 0<dep.packages.x.b",
        ]
    );
}

/// Containers and extended systems add arguments of their own.
#[test]
fn systems_made_of_others_have_their_own_arguments() {
    let module = "({ lib, pkgs, gpu, ... }: { nixpkgs.config.cudaSupport = gpu;
        environment.systemPackages = lib.optional gpu pkgs.a; })";
    hold(&[
        (
            "nixpkgs",
            &format!(
                "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [ {{
                   containers.b = {{ specialArgs.gpu = true; config = {module}; }};
                   containers.c = {{ specialArgs.gpu = false; config = {module}; }}; }} ]; }}; }}"
            ),
            &["nixosConfigurations.a: nixpkgs nixpkgs[cudaSupport] nixpkgs \
               1<nixpkgs[cudaSupport]:a"],
        ),
        (
            "nixpkgs",
            &format!(
                "{{ self, nixpkgs, ... }}: {{ nixosConfigurations = {{ a = nixpkgs.lib.nixosSystem {{
                   specialArgs.gpu = false; modules = [ {module} ]; }};
                   b = self.nixosConfigurations.a.extendModules {{ specialArgs.gpu = true; }}; }}; }}"
            ),
            &[
                "nixosConfigurations.a: nixpkgs",
                "nixosConfigurations.b: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
            ],
        ),
    ]);
}

/// The module of the service overrides the package by another option.
#[test]
fn packages_that_a_service_accelerates() {
    let service = |options: &str| {
        format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
            ({{ pkgs, lib, ... }}: {{ services.ollama = {{ enable = true;
                package = (import nixpkgs {{ }}).ollama; }};
              nixpkgs.config.cudaSupport = true; }}) {{ {options} }} ]; }}; }}"
        )
    };
    let told = |kind: &str| {
        vec![format!("nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs:ollama{kind}")]
    };
    for (options, kind) in [
        ("", "!"),
        ("services.ollama.acceleration = \"cuda\";", "+"),
        ("services.ollama.acceleration = null;", "!"),
        ("services.ollama = { acceleration = false; };", ""),
        ("services.other.acceleration = \"cuda\";", "!"),
    ] {
        assert_eq!(read_outputs("nixpkgs", &service(options)).told(), told(kind), "{options}");
    }
}

/// A machine that is made into an image is a closure of its own, though its own packages make the
/// image.
#[test]
fn systems_in_what_their_own_packages_make() {
    let read = read_outputs(
        "nixpkgs nixpkgs-host",
        "{ self, nixpkgs, nixpkgs-host, ... }: let guest = nixpkgs.lib.nixosSystem { modules = [
            ({ pkgs, ... }: { environment.systemPackages = [ pkgs.tool ]; }) ]; };
          image = guest.pkgs.closureInfo { rootPaths = [ guest.config.system.build.toplevel ]; };
          host = import nixpkgs-host { config.cudaSupport = true; };
        in { packages.x86_64-linux.a = host.writeShellScriptBin \"a\" \"${image}\"; }",
    );
    let output = &read.reading.outputs[0];
    let systems: Vec<bool> = output.builders.iter().map(|builder| builder.is_system).collect();
    assert_eq!(systems, [false, false, true]);
    assert_eq!(output.uses[0].builder, Some(super::facts::BuilderId::new(2)));
}

/// An extended host keeps the packages that it was given.
#[test]
fn extended_hosts_keep_given_packages() {
    let flake = "{ nixpkgs, ... }: { nixosConfigurations.a = (nixpkgs.lib.nixosSystem {
        pkgs = import nixpkgs { config.cudaSupport = true; }; modules = [ ]; }).extendModules {
        modules = [ ({ pkgs, ... }: { environment.systemPackages = [ pkgs.a ]; }) ]; }; }";
    let told = "nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a";
    hold(&[("nixpkgs", flake, &[told])]);
}
