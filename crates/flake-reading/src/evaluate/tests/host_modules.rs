//! Modules of hosts: folders of them, their arguments, and what tells them apart.

use super::*;

/// Each host is evaluated with its name, and only gets what is for it.
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

/// Folders of modules, listed in various ways.
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
        // The names of files in folders within folders.
        "let within = folder: lib.mapAttrs (file: type: if type == \"directory\"
               then within \"${folder}/${file}\" else type) (builtins.readDir folder);
             files = folder: lib.collect lib.isString (lib.mapAttrsRecursive
               (path: _: lib.concatStringsSep \"/\" path) (within folder));
           in map (file: ./. + \"/${file}\") (lib.filter
             (file: lib.hasSuffix \"gpu.nix\" file) (files ./.))",
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

/// `collect` and `mapAttrsRecursive` see every depth.
#[test]
fn what_is_collected_at_any_depth() {
    for (modules, told) in [
        ("lib.collect lib.isFunction { a.b.c = gpu; d = 1; e = [ gpu ]; }", "[cudaSupport]"),
        ("lib.collect (value: value ? at) { a.b = { at = 1; imports = [ gpu ]; }; }", "[cudaSupport]"),
        ("lib.collect (value: value ? at) { a.b = { no = 1; imports = [ gpu ]; }; }", ""),
        (
            "lib.attrValues (lib.mapAttrsRecursive (path: value: if path == [ \"a\" \"b\" ] then value
               else { }) { a.b = gpu; }).a",
            "[cudaSupport]",
        ),
        (
            "lib.attrValues (lib.mapAttrsRecursive (path: value: if path == [ \"b\" ] then value
               else { }) { a.b = gpu; }).a",
            "",
        ),
        (
            "[ (lib.mapAttrsRecursiveCond (set: !(set ? stop)) (_: value: value.config)
               { nixpkgs = { stop = 1; config.config.cudaSupport = true; }; }) ]",
            "[cudaSupport]",
        ),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let lib = nixpkgs.lib;
               gpu = {{ pkgs, ... }}: {{ nixpkgs.config.cudaSupport = true; }}; in {{
               nixosConfigurations.a = lib.nixosSystem {{ modules = {modules}; }}; }}"
        );
        let read = read_outputs("nixpkgs", &flake);
        assert_eq!(read.told(), [format!("nixosConfigurations.a: nixpkgs{told}")], "{modules}");
    }
}

/// Arguments come from `specialArgs`, `_module.args`, and the module system.
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

/// `_module.args` holds where its condition does; special arguments precede it.
#[test]
fn arguments_under_conditions() {
    const IF: &str = "builtins.currentTime == 1";
    for (special, definitions, told) in [
        ("", "_module.args = lib.mkIf true { gpu = true; };", "[cudaSupport]"),
        (
            "",
            "imports = [ { config = lib.mkIf false { _module.args.gpu = true; }; } ];
               _module.args.gpu = false;",
            "",
        ),
        (
            "",
            "imports = [ (lib.mkIf true { _module.args.gpu = true; })
               (lib.mkIf false { _module.args.gpu = false; }) ];",
            "[cudaSupport]",
        ),
        (
            "",
            "imports = [ { config = lib.mkIf config.on { _module.args.gpu = true; }; }
               { config = lib.mkIf (!config.on) { _module.args.gpu = false; }; } ];",
            "[cudaSupport]",
        ),
        (
            "",
            &format!(
                "imports = [ {{ config = lib.mkIf true {{ _module.args.gpu = true; }}; }}
                   {{ config = lib.mkIf ({IF}) {{ _module.args.gpu = false; }}; }} ];"
            ),
            "[cudaSupport]",
        ),
        (
            "",
            &format!("config = lib.mkIf ({IF}) {{ _module.args.gpu = true; }};"),
            "[cudaSupport?]",
        ),
        (
            "specialArgs.gpu = true;",
            "config = lib.mkIf true { _module.args.gpu = false; };",
            "[cudaSupport]",
        ),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ {special}
               modules = [
                 ({{ lib, ... }}: {{ options.on = lib.mkOption {{ default = true; }}; }})
                 ({{ lib, config, ... }}: {{ {definitions} }})
                 ({{ gpu, ... }}: {{ nixpkgs.config.cudaSupport = gpu; }}) ]; }}; }}"
        );
        let read = read_outputs("nixpkgs", &flake);
        assert_eq!(
            read.told(),
            [format!("nixosConfigurations.a: nixpkgs{told}")],
            "{special} {definitions}"
        );
    }
}

/// What only a disabled module imports is no module either.
#[test]
fn modules_that_are_disabled() {
    let cuda = "{ nixpkgs.config.cudaSupport = true; }";
    for (modules, told) in [
        ("[ ./cuda.nix ]", "[cudaSupport]"),
        ("[ ./cuda.nix { disabledModules = [ ./cuda.nix ]; } ]", ""),
        ("[ { disabledModules = [ ./cuda.nix ]; imports = [ ./cuda.nix ]; } ]", ""),
        ("[ ./all { disabledModules = [ ./cuda.nix ]; } ]", ""),
        ("[ ./all { disabledModules = [ ./all ]; } ]", ""),
        ("[ ./all ./cuda.nix { disabledModules = [ ./all ]; } ]", "[cudaSupport]"),
        (
            "[ ./cuda.nix { disabledModules = [ \"services/x.nix\" ./other.nix ]; } ]",
            "[cudaSupport]",
        ),
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
               modules = {modules}; }}; }}; }}"
        );
        let read = read_files(
            "nixpkgs",
            &[
                ("flake.nix", flake.as_str()),
                ("cuda.nix", cuda),
                ("all/default.nix", "{ imports = [ ../cuda.nix ]; }"),
                ("other.nix", "{ }"),
            ],
        );
        assert_eq!(read.told(), [format!("nixosConfigurations.a: nixpkgs{told}")], "{modules}");
    }
}

/// The wiki's way to say what is not in a specialisation.
#[test]
fn a_specialisation_has_none_of_its_own() {
    let flake =
        "{ nixpkgs, dep, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
        { specialisation.s.configuration.nixpkgs.config.cudaSupport = true; }
        ({ lib, config, ... }: { config = lib.mkIf (config.specialisation != { }) {
           environment.systemPackages = [ dep.packages.x.a ]; }; }) ]; }; }";
    let told = read_outputs("nixpkgs dep", flake).told();
    assert_eq!(told, ["nixosConfigurations.a: nixpkgs nixpkgs[cudaSupport] 0<dep.packages.x.a"]);
}

/// `pkgs.nixos` gets a module or several, and each machine of a test is a host.
#[test]
fn systems_by_functions_of_packages_and_tests() {
    let module = "{ environment.systemPackages = [ dep.packages.x.a ]; }";
    for (system, told) in [
        (format!("(pkgs.nixos {module}).toplevel"), "nixpkgs[cudaSupport] 0<dep.packages.x.a"),
        (format!("(pkgs.nixos [ {module} ]).toplevel"), "nixpkgs[cudaSupport] 0<dep.packages.x.a"),
        (format!("(pkgs.nixos (_: {module})).toplevel"), "nixpkgs[cudaSupport] 0<dep.packages.x.a"),
        (
            format!(
                "nixpkgs.lib.nixos.runTest {{ hostPkgs = nixpkgs.legacyPackages.x; nodes = {{
                   a = {{ nixpkgs.config.cudaSupport = true; }}; b = {module}; }}; }}"
            ),
            "nixpkgs[cudaSupport] nixpkgs nixpkgs 1<dep.packages.x.a",
        ),
        (
            format!(
                "nixpkgs.lib.nixos.runTest {{ hostPkgs = nixpkgs.legacyPackages.x;
                   defaults.nixpkgs.config.cudaSupport = true; nodes.b = {module}; }}"
            ),
            "nixpkgs[cudaSupport] nixpkgs 0<dep.packages.x.a",
        ),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: let pkgs = import nixpkgs {{ config.cudaSupport = true; }};
             in {{ checks.x.a = {system}; }}"
        );
        let read = read_outputs("nixpkgs dep", &flake);
        assert_eq!(read.told(), [format!("checks.x.a: {told}")], "{system}");
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

/// The platform of a host decides its settings, however it is written.
#[test]
fn settings_by_the_platform_of_the_host() {
    for (platform, cuda) in [
        ("nixpkgs.hostPlatform = \"x86_64-linux\";", true),
        ("nixpkgs.hostPlatform = nixpkgs.lib.mkDefault \"x86_64-linux\";", true),
        ("nixpkgs.hostPlatform.system = \"x86_64-linux\";", true),
        ("nixpkgs.hostPlatform = { system = \"x86_64-linux\"; };", true),
        ("nixpkgs.hostPlatform = \"aarch64-linux\";", false),
        ("nixpkgs.hostPlatform.system = \"aarch64-linux\";", false),
    ] {
        for setting in [
            "config.nixpkgs.hostPlatform.isx86_64",
            "config.nixpkgs.hostPlatform.system == \"x86_64-linux\"",
            "(let inherit (config.nixpkgs.hostPlatform) isx86_64; in isx86_64)",
        ] {
            let flake = format!(
                "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
                   {{ {platform} }}
                   ({{ config, pkgs, ... }}: {{ nixpkgs.config.cudaSupport = {setting};
                     environment.systemPackages = [ pkgs.a ]; }}) ]; }}; }}"
            );
            let of = if cuda { "nixpkgs[cudaSupport]" } else { "nixpkgs" };
            hold(&[("nixpkgs", &flake, &[&format!("nixosConfigurations.a: {of} 0<{of}:a")])]);
        }
    }
}

/// `mkIf` and its like are those of nixpkgs, whoever collects the library that a module gets.
#[test]
fn the_library_of_modules_is_known_by_its_names() {
    for (given, opened) in [
        ("lib = other.lib;", ""),
        ("lib = { inherit (other.lib) mkIf mkEnableOption; };", ""),
        ("inherit (nixpkgs) lib;", "with other.lib;"),
        ("lib = nixpkgs.lib // other.lib;", ""),
        ("lib = nixpkgs.lib.extend (final: prev: other.lib);", ""),
        ("lib = other.lib.made { };", ""),
    ] {
        for on in [true, false] {
            let flake = format!(
                "{{ nixpkgs, nixpkgs-old, other, ... }}: {{ nixosConfigurations.h = nixpkgs.lib.nixosSystem {{
                   specialArgs = {{ {given} }}; modules = [ {{ my.tool.enable = {on}; }}
                     ({{ config, lib, ... }}: with lib; {opened} {{
                       options.my.tool.enable = mkEnableOption \"it\";
                       config = mkIf config.my.tool.enable {{
                         environment.systemPackages = [ nixpkgs-old.legacyPackages.x.tool ]; }}; }}) ]; }}; }}"
            );
            let told = read_outputs("nixpkgs nixpkgs-old other", &flake).told();
            let takes = told.iter().any(|told| told.contains("0<nixpkgs-old:tool"));
            assert_eq!(takes, on, "{given} {opened} {on}: {told:?}");
        }
    }
}

/// The hardware of a host is often described elsewhere, with its system.
#[test]
fn hosts_whose_system_is_not_told() {
    for (takes, expected) in [
        ("nixpkgs-old.legacyPackages.${pkgs.stdenv.hostPlatform.system}.tool", true),
        ("nixpkgs-old.legacyPackages.${pkgs.system}.tool", true),
        ("(if pkgs.stdenv.isLinux then nixpkgs-old.legacyPackages.x.tool else null)", true),
        ("(if pkgs.stdenv.isDarwin then nixpkgs-old.legacyPackages.x.tool else null)", false),
    ] {
        let flake = format!(
            "{{ nixpkgs, nixpkgs-old, ... }}: {{ nixosConfigurations.h = nixpkgs.lib.nixosSystem {{
               modules = [ ({{ pkgs, ... }}: {{ environment.systemPackages = [ {takes} ]; }}) ]; }}; }}"
        );
        let told = read_outputs("nixpkgs nixpkgs-old", &flake).told();
        let found = told.iter().any(|told| told.contains("0<nixpkgs-old:tool"));
        assert_eq!(found, expected, "{takes}: {told:?}");
    }
}

/// NixOS has no `system` beside `config`, nix-darwin has.
#[test]
fn hosts_told_apart_by_what_they_have() {
    let flake = "{ nixpkgs, nix-darwin, ... }: let
        all = {
          desk = nixpkgs.lib.nixosSystem { system = \"x86_64-linux\"; modules = [ ]; };
          mac = nix-darwin.lib.darwinSystem { system = \"aarch64-darwin\"; modules = [ ]; }; };
        pick = f: nixpkgs.lib.filterAttrs (_: f) all;
      in { nixosConfigurations = pick (v: !(v ? system)); darwinConfigurations = pick (v: v ? system); }";
    let told = read_outputs("nixpkgs nix-darwin", flake).told().join("\n");
    assert!(told.contains("nixosConfigurations.desk"), "{told}");
    assert!(!told.contains("darwinConfigurations.desk"), "{told}");
}
