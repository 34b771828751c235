//! What is within something else without being built into it, and sets whose names mean other
//! things than those of nixpkgs.

use super::*;

/// The closure of another host in an installer, a script or an argument is not built together with the
/// host; its containers and homes are.
#[test]
fn systems_in_systems() {
    let other = "self.nixosConfigurations.other";
    for (option, told) in [
        (format!("isoImage.storeContents = [ {other}.config.system.build.toplevel ];"), ""),
        (
            format!(
                "systemd.services.i.script = \"install --system ${{{other}.config.system.build.toplevel}}\";"
            ),
            "",
        ),
        (format!("environment.etc.x.text = config.lib.mine.of [ {other} ];"), ""),
        (
            "containers.c.config = { pkgs, ... }: { environment.systemPackages = [ pkgs.btop ]; };"
                .into(),
            "1<nixpkgs:btop!",
        ),
    ] {
        let flake = format!(
            "{{ self, nixpkgs, ... }}: {{ nixosConfigurations = {{
               a = nixpkgs.lib.nixosSystem {{ modules = [
                 ({{ config, pkgs, ... }}: {{ nixpkgs.config.cudaSupport = true; {option} }}) ]; }};
               other = nixpkgs.lib.nixosSystem {{ modules = [
                 ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.btop ]; }}) ]; }}; }}; }}"
        );
        let read = read_outputs("nixpkgs", &flake).told();
        let host = read.iter().find(|line| line.starts_with("nixosConfigurations.a")).unwrap();
        assert_eq!(host.contains("btop"), !told.is_empty(), "{option}: {host}");
        assert!(host.contains(told), "{option}: {host}");
    }
    // By itself it is an output like any other.
    let flake = "{ self, nixpkgs, ... }: { packages.x.vm = (nixpkgs.lib.nixosSystem { modules = [
        ({ pkgs, ... }: { environment.systemPackages = [ pkgs.btop ]; }) ]; }).config.system.build.vm; }";
    hold(&[("nixpkgs", flake, &["packages.x.vm: nixpkgs 0<nixpkgs:btop!"])]);
}

/// A function of packages in an option, or of an editor, is given the packages of a language.
#[test]
fn sets_of_other_languages() {
    for (option, told) in [
        ("services.home-assistant.extraPackages = ps: [ ps.ollama ];", "python3Packages.ollama"),
        ("services.octoprint.plugins = ps: with ps; [ torch ];", "python3Packages.torch"),
        ("programs.emacs.extraPackages = epkgs: [ epkgs.btop ];", "epkgs.btop"),
        (
            "environment.systemPackages = [ (pkgs.emacsWithPackages (epkgs: [ epkgs.btop ])) ];",
            "epkgs.btop",
        ),
        (
            "programs.steam.package = pkgs.steam.override { extraPkgs = pkgs: [ pkgs.btop ]; };",
            "btop",
        ),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ pkgs, ... }}: {{ {option} }}) ]; }}; }}"
        );
        let read = read_outputs("nixpkgs", &flake).told().join("\n");
        assert!(read.contains(&format!("<nixpkgs:{told}")), "{option}: {read}");
    }
}

/// `overlays` of a package set are all its overlays, also within one of them.
#[test]
fn overlays_of_a_package_set() {
    for given in ["inherit (final) overlays;", "overlays = prev.overlays;", ""] {
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.other.tool ];
                 nixpkgs.overlays = [ (final: prev: {{ tool = prev.tool.override {{ x = 1; }}; }})
                   (final: prev: {{ other = import nixpkgs {{ {given} }}; }}) ]; }}) ]; }}; }}"
        );
        let reading = read_outputs("nixpkgs", &flake).reading;
        let uses = &reading.outputs[0].uses;
        let is_overridden = uses.iter().any(|taking| taking.is_override);
        assert_eq!(is_overridden, !given.is_empty(), "{given}: {uses:?}");
    }
}

/// A set of packages that is extended twice has what both add, and no more of it is taken than is
/// named.
#[test]
fn sets_that_are_extended_twice() {
    for (name, told) in [
        ("tool", "nixpkgs 0<nixpkgs:python3Packages.tool"),
        ("b", "nixpkgs 0<nixpkgs:torch"),
        ("a", "nixpkgs 0<nixpkgs:btop!"),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: let pkgs = nixpkgs.legacyPackages.x; set =
               (pkgs.python3Packages.overrideScope (f: p: {{ a = pkgs.btop; }})).overrideScope
                 (f: p: {{ b = pkgs.torch; }}); in {{
               packages.x.it = pkgs.mkShell {{ packages = [ set.{name} ]; }}; }}"
        );
        hold(&[("nixpkgs", &flake, &[&format!("packages.x.it: {told}")])]);
    }
}

/// A submodule whose option is called `config`.
#[test]
fn an_option_called_config() {
    let flake = "{ nixpkgs, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
        ({ lib, config, ... }: {
          options.my = lib.mkOption { type = lib.types.attrsOf (lib.types.submodule {
            options.config = lib.mkOption { }; options.on = lib.mkOption { default = false; }; }); };
          config.my.a = { config = { pkgs, ... }: { environment.systemPackages = [ pkgs.b ]; }; };
          config.containers.c.config = { imports = [ config.my.a.config ]; }; }) ]; }; }";
    let told = read_outputs("nixpkgs", flake).told().join("\n");
    assert!(told.contains("<nixpkgs:b"), "{told}");
}

/// The system of a host by an option of its own, also in a set.
#[test]
fn the_system_of_a_host_by_an_option() {
    for platform in ["config.my.system", "{ system = config.my.system; }"] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ config, lib, pkgs, ... }}: {{ options.my.system = lib.mkOption {{ }};
                 config = {{ my.system = \"aarch64-linux\"; nixpkgs.hostPlatform = {platform};
                   environment.systemPackages = [ dep.packages.${{pkgs.system}}.x ]; }}; }}) ]; }}; }}"
        );
        let told = "nixosConfigurations.a: nixpkgs 0<dep.packages.aarch64-linux.x";
        hold(&[("nixpkgs dep", &flake, &[told])]);
    }
}

/// flake-parts' `allSystems`, of the flake and of its `config`.
#[test]
fn the_arguments_of_each_system() {
    for of in ["self", "config"] {
        let flake = format!(
            "inputs@{{ self, nixpkgs, flake-parts, ... }}:
               flake-parts.lib.mkFlake {{ inherit inputs; }} ({{ config, ... }}: {{
               systems = [ \"x86_64-linux\" ];
               perSystem = {{ system, ... }}: {{
                 _module.args.gpu = import nixpkgs {{ inherit system; config.cudaSupport = true; }}; }};
               flake.nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
                 pkgs = {of}.allSystems.x86_64-linux._module.args.gpu;
                 modules = [ ({{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.b ]; }}) ]; }};
             }})"
        );
        let told = "nixosConfigurations.a: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:b";
        hold(&[("nixpkgs flake-parts=hercules-ci/flake-parts", &flake, &[told])]);
    }
}

/// What an unread flake calls by a name of its own is a package only where packages are listed: texts
/// and numbers of a private flake are none.
#[test]
fn names_that_flakes_do_not_usually_have() {
    for (option, told) in [
        ("networking.hostName = \"a.${dep.domain}\";", ""),
        ("services.openssh.ports = [ dep.ports.ssh ];", ""),
        ("environment.etc.x.text = dep.text;", ""),
        ("environment.systemPackages = [ dep.tool ];", " 0<dep.tool"),
        ("my.editor = dep.extensions.x86_64-linux.a;", " 0<dep.extensions.x86_64-linux.a"),
        ("environment.systemPackages = [ dep.packages.x.tool ];", " 0<dep.packages.x.tool"),
        ("environment.etc.x.text = \"${dep.packages.x.tool}/bin\";", " 0<dep.packages.x.tool"),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{
               modules = [ {{ {option} }} ]; }}; }}"
        );
        hold(&[("nixpkgs dep", &flake, &[&format!("nixosConfigurations.a: nixpkgs{told}")])]);
    }
}

/// A path in the configuration of a host that unread code is given is no folder of modules.
#[test]
fn paths_in_a_configuration() {
    let read = read_files(
        "nixpkgs dep",
        &[
            (
                "flake.nix",
                "{ outputs = { self, nixpkgs, dep, ... }: {
                     tools = dep.configure { hosts = self.nixosConfigurations; };
                     nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [
                       ({ config, ... }: { age.storage = ./. + \"/secrets/${config.networking.hostName}\"; })
                     ]; }; }; }",
            ),
            ("iso.nix", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.btop ]; }"),
        ],
    );
    let told = read.told().join("\n");
    assert!(told.contains("nixosConfigurations.a") && !told.contains("btop"), "{told}");
}

/// An option that is another name of the modules of a home.
#[test]
fn options_with_another_name() {
    for (alias, sets) in [
        ("mkAliasOptionModule [ \"hm\" ]", "hm.imports = [ ./x.nix ];"),
        ("mkAliasOptionModule [ \"my\" \"home\" ]", "my.home.imports = [ \"${./.}/x.nix\" ];"),
        ("mkRenamedOptionModule [ \"hm\" ]", "hm.home.packages = [ pkgs.a ];"),
        ("mkAliasOptionModule [ \"hm\" ]", "hm = { pkgs, ... }: { home.packages = [ pkgs.a ]; };"),
    ] {
        let flake = format!(
            "{{ outputs = {{ nixpkgs, home-manager, ... }}: {{
               nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
                 home-manager.nixosModules.home-manager
                 ({{ lib, ... }}: {{ imports = [ (lib.{alias} [ \"home-manager\" \"users\" \"me\" ]) ]; }})
                 ({{ pkgs, ... }}: {{ nixpkgs.config.cudaSupport = true; {sets} }}) ]; }}; }}; }}"
        );
        let read = read_files(
            "nixpkgs home-manager=nix-community/home-manager",
            &[("flake.nix", &flake), ("x.nix", "{ pkgs, ... }: { home.packages = [ pkgs.a ]; }")],
        );
        // Where a module of the host names its own packages, these are in the home.
        let of = if sets.contains("hm.home") { "nixpkgs[cudaSupport]" } else { "nixpkgs" };
        let told = format!("nixosConfigurations.a: nixpkgs[cudaSupport] nixpkgs 1<{of}:a");
        assert_eq!(read.told(), [told], "{alias} {sets}");
    }
}

/// Loaders that make the packages of a host leave nothing of its platform but the system; a
/// replaced `stdenv` that is the same is none.
#[test]
fn what_does_not_replace_the_platform() {
    let read = read_files(
        "nixpkgs snowfall-lib=snowfallorg/lib",
        &[
            ("flake.nix", "{ outputs = inputs: inputs.snowfall-lib.mkFlake { inherit inputs; src = ./.; }; }"),
            (
                "systems/x86_64-linux/desk/default.nix",
                "{ pkgs, ... }: { nixpkgs.hostPlatform = { system = \"x86_64-linux\"; gcc.arch = \"znver4\"; };
                   environment.systemPackages = [ pkgs.a ]; }",
            ),
        ],
    );
    assert_eq!(read.told(), ["nixosConfigurations.desk: nixpkgs 0<nixpkgs:a"]);
    for (stdenv, is_on) in [
        ("{ pkgs }: pkgs.stdenv", false),
        ("{ pkgs, ... }: pkgs.stdenv", false),
        ("p: p.pkgs.stdenv", false),
        ("{ pkgs }: pkgs.clangStdenv", true),
        ("{ pkgs }: pkgs.ccacheStdenv", true),
    ] {
        let flake = format!(
            "{{ nixpkgs, ... }}: {{ packages.x.a = (import nixpkgs {{
               config.replaceStdenv = {stdenv}; }}).mkShell {{ }}; }}"
        );
        let settings = if is_on { "[replaceStdenv]" } else { "" };
        hold(&[("nixpkgs", &flake, &[&format!("packages.x.a: nixpkgs{settings}")])]);
    }
}

/// A module that a function which is not read is given within a host is one of that host, or of a
/// home in it: it has no packages of its own.
#[test]
fn modules_within_a_host_by_unread_functions() {
    let flake =
        "{ nixpkgs, dep, home-manager, ... }: { nixosConfigurations.a = nixpkgs.lib.nixosSystem {
        specialArgs.lib = dep.lib;
        modules = [ home-manager.nixosModules.home-manager
          ({ lib, ... }: lib.mkIf true { nixpkgs.config.cudaSupport = true;
            home-manager.users.me = { nixpkgs.config.allowUnfree = true;
              imports = [ ({ pkgs, ... }: { home.packages = [ pkgs.btop ]; }) ]; }; }) ]; }; }";
    let inputs = "nixpkgs dep home-manager=nix-community/home-manager";
    let reading = read_outputs(inputs, flake).reading;
    let unknown = reading.instances.iter().filter(|made| made.used && made.base.is_none());
    assert_eq!(unknown.count(), 0, "{:?}", reading.instances);
}

/// A service that computes on the GPU and that nobody switches on is off, unless a module that is not
/// read may do so.
#[test]
fn services_that_nobody_switches_on() {
    for (modules, told) in [
        ("", ""),
        ("{ services.ollama.enable = false; }", ""),
        ("{ services.ollama.enable = true; }", " 0<nixpkgs:a 0<nixpkgs:ollama!"),
        ("dep.nixosModules.default", " 0<nixpkgs:a?"),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ config, lib, pkgs, ... }}: {{ environment.systemPackages =
                 lib.optional config.services.ollama.enable pkgs.a; }}) {modules} ]; }}; }}"
        );
        let read = read_outputs("nixpkgs dep", &flake).told().join("\n");
        let told = format!("nixosConfigurations.a: nixpkgs{told}");
        assert!(read == told || read.starts_with(&format!("{told} --")), "{modules}: {read}");
    }
}

/// Functions of the root in an extended library are no modules where the library is handed on.
#[test]
fn libraries_that_are_handed_on() {
    let read = read_files(
        "nixpkgs dep",
        &[
            (
                "flake.nix",
                "{ outputs = { nixpkgs, dep, ... }: let
                     lib = nixpkgs.lib.extend (final: prev: { mine.all = _: [ ./x.nix ]; }); in {
                     tools = dep.tools { inherit lib; }; }; }",
            ),
            (
                "x.nix",
                "{ pkgs, ... }: { environment.systemPackages = [ pkgs.btop ];
               nixpkgs.config.allowUnfree = true; }",
            ),
        ],
    );
    let told = read.told().join("\n");
    assert!(!told.contains("btop"), "{told}");
}

/// A package set that is extended twice may have what either overlay adds.
#[test]
fn overlays_below_others_that_are_not_read() {
    let flake = "{ nixpkgs, dep, ... }: let
        pkgs = (nixpkgs.legacyPackages.x.extend dep.overlays.default).extend (final: prev: { a = 1; });
      in { packages.x.it = pkgs.writeShellScriptBin \"x\" \"${pkgs.tool}/bin/tool\"; }";
    let told = read_outputs("nixpkgs dep", flake).told().join("\n");
    assert!(told.contains("an overlay of `dep`"), "{told}");
}
