//! Hosts however they are made, and what is in them.

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

/// Each host is asked for by its name, and gets what is meant for it alone.
#[test]
fn hosts_that_their_names_tell_apart() {
    for module in [
        "({ lib, ... }: lib.mkIf (name == \"a\") { nixpkgs.config.cudaSupport = true; })",
        "{ nixpkgs.config.cudaSupport = name == \"a\"; }",
        "(if name == \"a\" then { nixpkgs.config.cudaSupport = true; } else { })",
        "({ lib, host, ... }: lib.optionalAttrs (host == \"a\") {
            nixpkgs.config.cudaSupport = true; })",
        "({ lib, config, ... }: lib.mkIf (config.networking.hostName == \"a\") {
            nixpkgs.config.cudaSupport = true; })",
        "({ lib, config, ... }: { options.tags = lib.mkOption { };
            config.nixpkgs.config.cudaSupport = builtins.elem \"gpu\" config.tags; })
         { tags = if name == \"a\" then [ \"gpu\" ] else [ ]; }",
        "({ lib, config, ... }: { options.my.gpu.enable = lib.mkOption { default = false; };
            config = lib.mkIf config.my.gpu.enable { nixpkgs.config.cudaSupport = true; }; })
         ({ lib, ... }: lib.optionalAttrs (lib.hasPrefix \"a\" name) { my.gpu.enable = true; })",
        "({ lib, config, ... }: let cfg = config.my.gpu; in with lib; {
            options.my.gpu.enable = mkEnableOption \"gpu\";
            config = mkIf cfg.enable { nixpkgs.config = { cudaSupport = true; }; }; })
         { my.gpu.enable = { a = true; b = false; }.${name}; }",
        "(./. + \"/hosts/${name}.nix\")",
        "./hosts/${name}.nix",
        "\"${self}/hosts/${name}.nix\"",
        "(import (./hosts + \"/${name}.nix\"))",
    ] {
        let flake = format!(
            "{{ outputs = {{ self, nixpkgs, ... }}: {{ nixosConfigurations =
                 nixpkgs.lib.genAttrs [ \"a\" \"b\" ] (name: nixpkgs.lib.nixosSystem {{
                   specialArgs.host = name; modules = [ {module}
                     {{ networking.hostName = name; }} ]; }}); }}; }}"
        );
        let read = read_files(
            "nixpkgs",
            &[
                ("flake.nix", flake.as_str()),
                ("hosts/a.nix", "{ nixpkgs.config.cudaSupport = true; }"),
                ("hosts/b.nix", "{ }"),
            ],
        );
        let told =
            ["nixosConfigurations.a: nixpkgs[cudaSupport]", "nixosConfigurations.b: nixpkgs"];
        assert_eq!(read.told(), told, "{module}");
    }
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
        let read = read_files("nixpkgs", &files);
        let told = ["nixosConfigurations.a: nixpkgs[cudaSupport]"];
        assert_eq!(read.told(), told, "{more} {modules}");
    }
}

/// Folders of modules, however they are gone through.
#[test]
fn modules_of_a_folder() {
    for imports in [
        "map (name: ./modules + \"/${name}\") (builtins.attrNames (builtins.readDir ./modules))",
        "lib.mapAttrsToList (name: _: ./modules/${name}) (builtins.readDir ./modules)",
        "lib.filesystem.listFilesRecursive ./modules",
        "builtins.filter (lib.hasSuffix \".nix\") (lib.filesystem.listFilesRecursive ./modules)",
        "lib.attrValues (lib.mapAttrs (name: _: import (./modules + \"/${name}\"))
            (lib.filterAttrs (name: type: type == \"regular\" && lib.hasSuffix \".nix\" name)
              (builtins.readDir ./modules)))",
        "map (name: ./modules + (\"/\" + name)) (builtins.filter (name: builtins.match \".*\\\\.nix\" name
            != null) (builtins.attrNames (builtins.readDir ./modules)))",
        "lib.fileset.toList ./modules",
        "[ (import ./modules/gpu.nix) ]",
        "[ ./modules/gpu.nix ]",
        "[ { imports = [ ./modules/gpu.nix ]; } ]",
        "[ ({ ... }: { imports = [ ./modules/gpu.nix ]; }) ]",
        "lib.optional (builtins.pathExists ./modules/gpu.nix) ./modules/gpu.nix",
        "[ (lib.modules.importApply ./apply.nix { }) ]",
        "builtins.concatLists [ [ ./modules/gpu.nix ] ]",
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: let lib = nixpkgs.lib; in {{
               nixosConfigurations.a = lib.nixosSystem {{ modules = {imports}; }}; }}; }}"
        );
        let read = read_files(
            "nixpkgs",
            &[
                ("flake.nix", flake.as_str()),
                ("modules/gpu.nix", "{ nixpkgs.config.cudaSupport = true; }"),
                ("apply.nix", "_: { nixpkgs.config.cudaSupport = true; }"),
                ("dead.nix", "{ nixpkgs.config.rocmSupport = true; }"),
            ],
        );
        assert_eq!(read.told(), ["nixosConfigurations.a: nixpkgs[cudaSupport]"], "{imports}");
    }
}

/// Names of arguments come from `specialArgs`, `_module.args`, and what a module system gives.
#[test]
fn arguments_of_modules() {
    for (args, module) in [
        ("specialArgs = { gpu = true; };", "{ gpu, ... }: { nixpkgs.config.cudaSupport = gpu; }"),
        (
            "specialArgs = { cfg = { gpu = true; }; };",
            "{ cfg, lib, ... }: { nixpkgs.config = lib.optionalAttrs cfg.gpu { cudaSupport = true; }; }",
        ),
        (
            "specialArgs = inputs // { my.gpu = true; };",
            "{ my, ... }: { nixpkgs.config.cudaSupport = my.gpu; }",
        ),
        ("", "{ gpu, ... }: { _module.args.gpu = true; nixpkgs.config.cudaSupport = gpu; }"),
        ("", "{ gpu, ... }: { _module.args = { gpu = true; }; nixpkgs.config.cudaSupport = gpu; }"),
        ("specialArgs.gpu = true;", "args: { nixpkgs.config.cudaSupport = args.gpu; }"),
        (
            "specialArgs.gpu = true;",
            "{ ... }@args: { nixpkgs.config.cudaSupport = args.gpu or false; }",
        ),
        (
            "specialArgs = { inherit self; };",
            "{ self, ... }: { imports = [ self.nixosModules.gpu ]; }",
        ),
        (
            "specialArgs = { inherit inputs; };",
            "{ inputs, ... }: { imports = [ inputs.self.nixosModules.gpu ]; }",
        ),
        (
            "specialArgs = { inherit (self) nixosModules; };",
            "{ nixosModules, ... }: { imports = with nixosModules; [ gpu ]; }",
        ),
        ("", "{ lib, ... }: { imports = lib.attrValues self.nixosModules; }"),
    ] {
        let read = read_outputs(
            "nixpkgs",
            &format!(
                "{{ self, nixpkgs, ... }}@inputs: {{
                   nixosModules.gpu = {{ nixpkgs.config.cudaSupport = true; }};
                   nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ {args}
                     modules = [ ({module}) ]; }}; }}"
            ),
        );
        let told = ["nixosConfigurations.a: nixpkgs[cudaSupport]"];
        assert_eq!(read.told(), told, "{args} {module}");
    }
}

/// What is inside a host is built with what that is made of.
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

/// Other outputs that are a host after all.
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

/// Hosts that other flakes make, of the nixpkgs that these have.
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

#[test]
fn what_specialargs_give_no_module_takes_away() {
    let module = "{ inputs, pkgs, ... }: { _module.args = { inherit inputs; };
        environment.systemPackages = [ inputs.dep.packages.x86_64-linux.t ]; }";
    let host = format!(
        "inputs: {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{
        specialArgs = {{ inherit inputs; }}; modules = [ ({module}) ]; }}; }}"
    );
    hold(&[(
        "nixpkgs dep",
        &host,
        &["nixosConfigurations.a: nixpkgs 0<dep.packages.x86_64-linux.t"],
    )]);
}

#[test]
fn modules_by_the_type_of_what_they_are() {
    let host = |module: &str| {
        format!(
            "{{ nixpkgs, ... }}: let
            handle = module: let type = builtins.typeOf module; in
              if type == \"lambda\" then ({{ pkgs, ... }}@args: module args)
              else if type == \"path\" then handle (import module) else module;
            in {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
            modules = map handle [ ({module}) ]; }}; }}"
        )
    };
    let told: &[&str] = &["nixosConfigurations.a: nixpkgs[cudaSupport]"];
    hold(&[
        ("nixpkgs", &host("args: { nixpkgs.config.cudaSupport = true; }"), told),
        ("nixpkgs", &host("{ nixpkgs.config.cudaSupport = true; }"), told),
    ]);
}

/// The module of the service overrides the package by its other option.
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

/// A machine that an image is made of is a closure of its own, though the image is made by the
/// machine's packages.
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
