//! Packages that options take by being on.

use super::*;

/// Options that take a package of the system's overlays by being on.
#[test]
fn packages_that_options_take_by_default() {
    let told = |overlays: &str, options: &str| {
        let flake = format!(
            "{{ outputs = inputs@{{ nixpkgs, home-manager, ... }}: {{
                 nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
                   {{ nixpkgs.config.cudaSupport = true; nixpkgs.overlays = [ ({overlays}) ]; }}
                   home-manager.nixosModules.home-manager
                   {{ home-manager.useGlobalPkgs = true; }}
                   {{ {options} }} ]; }}; }}; }}"
        );
        let inputs = "nixpkgs home-manager=nix-community/home-manager dep";
        let told = read_files(inputs, &[("flake.nix", &flake)]).told();
        let is_told = |text: &str| told.iter().any(|line| line.contains(text));
        match (is_told("dep.packages.x86_64-linux.default?"), is_told("dep.packages")) {
            (true, _) => "perhaps",
            (_, true) => "yes",
            _ => "no",
        }
    };
    let overlay = "final: prev: { firefox = inputs.dep.packages.x86_64-linux.default; }";
    for (options, expected) in [
        ("programs.firefox.enable = true;", "yes"),
        ("services.firefox = { enable = true; port = 1; };", "yes"),
        ("home-manager.users.me.programs.firefox.enable = true;", "yes"),
        ("programs.firefox.enable = builtins.currentTime > 1;", "perhaps"),
        ("programs.firefox.enable = false;", "no"),
        ("programs.firefox.policies = { };", "no"),
        ("programs.firefox = { enable = true; package = inputs.nixpkgs; };", "no"),
        ("programs.firefox = { enable = true; package = builtins.unknown; };", "no"),
        (
            "programs = if builtins.currentTime > 1 then { firefox.enable = true; } else { };",
            "perhaps",
        ),
        ("programs.git.enable = true;", "no"),
    ] {
        assert_eq!(told(overlay, options), expected, "{options}");
    }
    assert_eq!(told("final: prev: { }", "programs.firefox.enable = true;"), "no");
}

/// A home with a nixpkgs of its own in a host with CUDA: what its options take by being on is seen.
#[test]
fn options_of_a_home_with_a_nixpkgs_of_its_own() {
    for (home, told) in [
        ("programs.btop.enable = true;", " nixpkgs 1<nixpkgs:btop!"),
        ("programs.btop.enable = false;", " nixpkgs"),
        ("programs.git.enable = true;", " nixpkgs"),
        ("programs.btop = { enable = true; package = null; };", " nixpkgs"),
        (
            "nixpkgs.config.cudaSupport = true; programs.btop.enable = true;",
            " nixpkgs[cudaSupport] 1<nixpkgs[cudaSupport]:btop!",
        ),
        ("home.file.x.source = config.lib.file.mkOutOfStoreSymlink \"/x\";", " nixpkgs"),
        ("home.packages = [ (config.lib.nixGL.wrap pkgs.btop) ];", " nixpkgs 1<nixpkgs:btop!"),
    ] {
        let flake = format!(
            "{{ outputs = inputs@{{ nixpkgs, home-manager, ... }}: {{
                 nixosConfigurations.a = nixpkgs.lib.nixosSystem {{ modules = [
                   {{ nixpkgs.config.cudaSupport = true; }}
                   home-manager.nixosModules.home-manager
                   {{ home-manager.users.me = {{ config, pkgs, ... }}: {{ {home} }}; }} ]; }}; }}; }}"
        );
        let inputs = "nixpkgs home-manager=nix-community/home-manager";
        let read = read_files(inputs, &[("flake.nix", &flake)]);
        let told = format!("nixosConfigurations.a: nixpkgs[cudaSupport]{told}");
        assert_eq!(read.told(), [told], "{home}");
    }
}
