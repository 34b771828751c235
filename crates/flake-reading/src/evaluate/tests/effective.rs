//! Definitions and options: which have an effect, and what is switched off.

use super::*;

#[test]
fn definitions_that_others_overrule() {
    const P: &str = "inputs.nixpkgs-unstable.legacyPackages.x.ollama";
    const TAKEN: &str = " 0<nixpkgs-unstable:ollama!";
    const MAYBE: &str = " 0<nixpkgs-unstable:ollama!?";
    let mut cases = Vec::new();
    for (first, second, told) in [
        // A plain one is stronger than a default, whichever comes first.
        ("a.b = lib.mkDefault P;", "a.b = 1;", ""),
        ("a.b = 1;", "a.b = lib.mkDefault P;", ""),
        ("a.b = P;", "a.b = lib.mkForce 1;", ""),
        ("a.b = lib.mkOverride 90 P;", "a = { b = lib.mkOverride 80 1; };", ""),
        ("a.b = lib.mkIf true (lib.mkDefault P);", "a.b = lib.mkForce null;", ""),
        ("a = lib.mkDefault { b = P; };", "a.b = 1;", ""),
        ("a = { c.b = with lib; mkDefault [ P ]; };", "a.c.b = [ ];", ""),
        ("a.b = \"${P}/x\";", "a = lib.mkForce { b = \"y\"; };", ""),
        ("a.b = lib.mkMerge [ (lib.mkDefault P) 1 ];", "", ""),
        ("e.b = P;", "e = { inherit (lib.mkForce { b = 1; }) b; };", TAKEN),
        // The same, or weaker, or of another option.
        ("a.b = [ P ];", "a.b = [ ];", TAKEN),
        ("a.b = lib.mkForce [ P ];", "a.b = lib.mkForce [ ];", TAKEN),
        ("a.b = P;", "a.b = lib.mkDefault 1;", TAKEN),
        ("a.b = lib.mkDefault P;", "a.c = 1;", TAKEN),
        ("a.b = P;", "a = lib.mkForce { c = 1; };", TAKEN),
        ("a.b = lib.mkDefault { x = P; };", "a.b.y = 1;", TAKEN),
        // Deeper than definitions are compared.
        ("a.b.c.d.e.f.g = lib.mkForce P;", "a.b.c.d.e.f.h = lib.mkForce 1;", TAKEN),
        ("a.b.c.d.e.f = { g = P; };", "a.b.c.d.e.f.h = lib.mkForce 1;", TAKEN),
        // No option is known here, so that the force may be of options below the other ones.
        ("a.b = { x = P; };", "a.b = lib.mkForce { y = 1; };", TAKEN),
        // It may not be defined.
        ("a.b = P;", "a.b = lib.mkIf (builtins.currentTime == 1) (lib.mkForce null);", TAKEN),
        ("a.b = P;", "a.b = lib.mkIf false (lib.mkForce null);", TAKEN),
        ("a.b = lib.mkIf (builtins.currentTime == 1) P;", "a.b = lib.mkDefault 1;", MAYBE),
        // One value of several attributes: only one of these is overruled.
        ("a = { inherit p; b = lib.mkForce 1; p2 = p; };", "a.p = lib.mkForce 1;", TAKEN),
        // Options that modules of this flake declare.
        ("a.o = lib.mkDefault P; c = config.a.o;", "a.o = 1;", ""),
        ("a.s.x = lib.mkDefault P; c = lib.attrValues config.a.s;", "a.s.x = 1;", ""),
        ("a.s.x = P; c = lib.attrValues config.a.s;", "a.s = lib.mkForce { y = 1; };", ""),
    ] {
        let flake = format!(
            "inputs: let p = P; in {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{
               modules = [
                 ({{ lib, pkgs, config, ... }}: {{ {first} }})
                 ({{ lib, pkgs, ... }}: {{ {second} }})
                 ({{ lib, ... }}: {{ options.a.o = lib.mkOption {{ }};
                   options.a.s = lib.mkOption {{ type = lib.types.attrsOf lib.types.package; }}; }})
               ]; }}; }}"
        );
        let flake = flake.replace('P', P);
        let told = format!("nixosConfigurations.a: nixpkgs{told}");
        cases.push((flake, told));
    }
    let told: Vec<[&str; 1]> = cases.iter().map(|(_, told)| [told.as_str()]).collect();
    let cases: Vec<(&str, &str, &[&str])> = cases
        .iter()
        .zip(&told)
        .map(|((flake, _), told)| ("nixpkgs nixpkgs-unstable", flake.as_str(), told.as_slice()))
        .collect();
    hold(&cases);
}

/// Options of the flake's own modules that an `enable` among them switches off.
#[test]
fn own_options_that_are_off() {
    const P: &str = "inputs.nixpkgs-unstable.legacyPackages.x.ollama";
    // By the module that declares it, and as what was set, of which that is not known.
    const TAKEN: &str = " 0<nixpkgs-unstable:ollama! 0<nixpkgs-unstable:ollama!?";
    for (options, told) in [
        ("my.a.package = P;", ""),
        ("my.a = { enable = true; package = P; };", TAKEN),
        ("my.a = { enable = false; package = P; };", ""),
        ("my.a.deep.package = P;", ""),
        // It is taken elsewhere.
        (
            "my.a.package = P; environment.systemPackages = [ config.my.a.package ];",
            " 0<nixpkgs-unstable:ollama!",
        ),
        (
            "my.a = { enable = builtins.currentTime == 1; package = P; };",
            " 0<nixpkgs-unstable:ollama!?",
        ),
        // No switch is among these.
        ("my.other = P;", " 0<nixpkgs-unstable:ollama!?"),
    ] {
        let options = options.replace('P', P);
        let flake = format!(
            "inputs: {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, config, ... }}: {{ options.my = {{
                  other = lib.mkOption {{ }};
                  a = {{ enable = lib.mkEnableOption \"a\"; package = lib.mkOption {{ }};
                    deep.package = lib.mkOption {{ default = null; }}; }}; }};
                  config = lib.mkIf config.my.a.enable {{
                    environment.systemPackages = [ config.my.a.package config.my.a.deep.package ]; }}; }})
               ({{ config, ... }}: {{ {options} }}) ]; }}; }}"
        );
        let told = format!("nixosConfigurations.a: nixpkgs{told}");
        assert_eq!(read_outputs("nixpkgs nixpkgs-unstable", &flake).told(), [told], "{options}");
    }
}

/// Submodules of which a condition is asked, and those that their own `enable` switches off.
#[test]
fn submodules_that_are_off() {
    for (sets, told) in [
        ("my.apps.a = { package = dep.packages.x.a; };", " 0<dep.packages.x.a 0<dep.packages.x.a?"),
        ("my.apps.a = { enable = false; package = dep.packages.x.a; };", ""),
        ("my.apps.a.gpu = false;", ""),
        ("my.apps.a.gpu = true;", " 0<dep.packages.x.b"),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, config, ... }}: {{
                 options.my.apps = lib.mkOption {{ default = {{ }};
                   type = lib.types.attrsOf (lib.types.submodule {{ options = {{
                     enable = lib.mkOption {{ default = true; }};
                     gpu = lib.mkEnableOption \"gpu\";
                     package = lib.mkOption {{ default = null; }}; }}; }}); }};
                 config.environment.systemPackages =
                   lib.mapAttrsToList (_: a: a.package) (lib.filterAttrs (_: a: a.enable) config.my.apps)
                   ++ lib.optional (lib.any (a: a.gpu) (lib.attrValues config.my.apps)) dep.packages.x.b; }})
               {{ {sets} }} ]; }}; }}"
        );
        hold(&[("nixpkgs dep", &flake, &[&format!("nixosConfigurations.a: nixpkgs{told}")])]);
    }
}

/// What NixOS has off by default is off where all modules are read.
#[test]
fn options_of_nixos_that_nobody_sets() {
    for (condition, more, told) in [
        ("config.boot.isContainer", "", ""),
        ("config.virtualisation.docker.enable", "", ""),
        ("config.virtualisation.docker.enable", "dep.nixosModules.m", " 0<dep.packages.x.a?"),
        ("config.specialisation != { }", "", ""),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, config, ... }}: {{ environment.systemPackages =
                 lib.optional ({condition}) dep.packages.x.a; }}) {more} ]; }}; }}"
        );
        let read = read_outputs("nixpkgs dep", &flake).told();
        let unread = if more.is_empty() { "" } else { " -- a module of `dep`" };
        assert_eq!(read, [format!("nixosConfigurations.a: nixpkgs{told}{unread}")], "{condition}");
    }
}

#[test]
fn units_that_are_off_are_not_built() {
    const P: &str = "\"${inputs.nixpkgs-unstable.legacyPackages.x.ollama}/x\"";
    for (options, told) in [
        ("systemd.services.s = { enable = false; serviceConfig.ExecStart = P; };", ""),
        ("systemd.services.s = { serviceConfig.ExecStart = P; };", " 0<nixpkgs-unstable:ollama!"),
        ("environment.etc.x = { enable = false; source = P; };", ""),
        (
            "environment.etc.x = { enable = builtins.currentTime == 1; source = P; };",
            " 0<nixpkgs-unstable:ollama!?",
        ),
        ("environment.etc.x.source = P;", " 0<nixpkgs-unstable:ollama!"),
    ] {
        let options = options.replace('P', P);
        let flake = format!(
            "inputs: {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, ... }}: {{ {options} }}) ]; }}; }}"
        );
        let told = format!("nixosConfigurations.a: nixpkgs{told}");
        hold(&[("nixpkgs nixpkgs-unstable", &flake, &[&told])]);
    }
}

/// The package of a service or program is built if that is on, or may be.
#[test]
fn packages_of_services_that_are_off() {
    let package = "package = inputs.nixpkgs-unstable.legacyPackages.x.ollama;";
    for (options, told) in [
        (format!("services.s = {{ enable = true; {package} }};"), " 0<nixpkgs-unstable:ollama!"),
        (format!("services.s = {{ enable = false; {package} }};"), ""),
        (format!("services.s = {{ enable = lib.mkDefault false; {package} }};"), ""),
        (format!("programs.s = {{ enable = false; {package} }};"), ""),
        (format!("programs.s.{package}"), " 0<nixpkgs-unstable:ollama!"),
        (
            format!("programs.s = {{ enable = builtins.currentTime == 1; {package} }};"),
            " 0<nixpkgs-unstable:ollama!?",
        ),
        // Another module switches it on.
        (
            format!("programs.s.{package} imports = [ {{ programs.s.enable = true; }} ];"),
            " 0<nixpkgs-unstable:ollama!",
        ),
        (
            format!("systemd.services.s = {{ enable = false; path = [ {} ]; }};", &package[10..57]),
            "",
        ),
        (
            format!("systemd.user.services.s.path = [ {} ];", &package[10..57]),
            " 0<nixpkgs-unstable:ollama!",
        ),
        (format!("programs.s = {{ enable = false; plugins = [ {} ]; }};", &package[10..57]), ""),
        (
            format!("programs.s = {{ enable = true; plugins = [ {} ]; }};", &package[10..57]),
            " 0<nixpkgs-unstable:ollama!",
        ),
        // These are no services.
        (format!("hardware.s.{package}"), " 0<nixpkgs-unstable:ollama!"),
        (
            format!("services.s = {{ enable = false; other.{package} }};"),
            " 0<nixpkgs-unstable:ollama!",
        ),
    ] {
        let flake = format!(
            "inputs: {{ nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, ... }}: {{ {options} }}) ]; }}; }}"
        );
        let told = format!("nixosConfigurations.a: nixpkgs{told}");
        hold(&[("nixpkgs nixpkgs-unstable dep", &flake, &[&told])]);
    }
}

/// `apply` of an option decides what others see of it.
#[test]
fn options_that_are_applied() {
    for (option, sets, condition, told) in [
        ("apply = lib.toLower;", "\"NVIDIA\"", "config.o == \"nvidia\"", " 0<dep.packages.x.a"),
        ("apply = lib.toLower;", "\"NVIDIA\"", "config.o == \"NVIDIA\"", ""),
        (
            "apply = lib.splitString \",\";",
            "\"a,b\"",
            "lib.elem \"b\" config.o",
            " 0<dep.packages.x.a",
        ),
        ("apply = lib.splitString \",\";", "\"a,b\"", "lib.elem \"c\" config.o", ""),
        ("apply = x: { inherit x; };", "true", "config.o.x", " 0<dep.packages.x.a"),
        (
            "default = false; apply = x: !x;",
            "lib.mkIf false true",
            "config.o",
            " 0<dep.packages.x.a",
        ),
    ] {
        let flake = format!(
            "{{ nixpkgs, dep, ... }}: {{ nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
               ({{ lib, config, ... }}: {{ options.o = lib.mkOption {{ {option} }};
                 config.environment.systemPackages = lib.optional ({condition}) dep.packages.x.a; }})
               ({{ lib, ... }}: {{ o = {sets}; }}) ]; }}; }}"
        );
        hold(&[("nixpkgs dep", &flake, &[&format!("nixosConfigurations.a: nixpkgs{told}")])]);
    }
}
