//! nixvim: an editor made of modules. What is built in counts, not its code.

use super::*;

const INPUTS: &str = "nixpkgs home-manager=nix-community/home-manager nixvim=nix-community/nixvim";

/// Standalone, it is built with the packages that it is given, and takes in what its modules name.
#[test]
fn by_itself() {
    for (made, told) in [
        (
            "nixvim.legacyPackages.x.makeNixvimWithModule { pkgs = cuda; module = m; }",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
        ),
        (
            "(nixvim.lib.evalNixvim { modules = [ m { nixpkgs.pkgs = cuda; } ]; }).config.build.package",
            "nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a",
        ),
        (
            "nixvim.legacyPackages.x.makeNixvimWithModule { pkgs = cuda; module = { }; }",
            "nixpkgs[cudaSupport]",
        ),
    ] {
        hold(&[(
            INPUTS,
            &format!(
                "{{ nixpkgs, nixvim, ... }}: let cuda = import nixpkgs {{ config.cudaSupport = true; }};
                   m = {{ pkgs, ... }}: {{ extraPackages = [ pkgs.a ]; }}; in {{
                   packages.x.editor = {made}; }}"
            ),
            &[&format!("packages.x.editor: {told}")],
        )]);
    }
}

/// In a home, its option has modules, and its own module hides nothing.
#[test]
fn in_a_home() {
    hold(&[(
        INPUTS,
        "{ nixpkgs, home-manager, nixvim, ... }: { homeConfigurations.me =
           home-manager.lib.homeManagerConfiguration {
             pkgs = import nixpkgs { config.cudaSupport = true; };
             modules = [ nixvim.homeModules.nixvim
               ({ pkgs, ... }: { programs.nixvim.extraPackages = [ pkgs.a ]; }) ]; }; }",
        &["homeConfigurations.me: nixpkgs[cudaSupport] 0<nixpkgs[cudaSupport]:a"],
    )]);
}

/// A copy of another name is recognized by its files, and its code is not evaluated.
#[test]
fn copies_are_known_by_their_files() {
    let code = "{ outputs = _: { lib.homeManagerConfiguration = args: throw \"\"; }; }";
    let marks: &[(&str, &str)] = &[
        ("flake.nix", code),
        ("nixos/common.nix", "{ }"),
        ("modules/lib/stdlib-extended.nix", "{ }"),
    ];
    let root = "{ outputs = { nixpkgs, hm, ... }: { homeConfigurations.me =
        hm.lib.homeManagerConfiguration { pkgs = nixpkgs.legacyPackages.x86_64-linux;
          modules = [ ({ pkgs, ... }: { home.packages = [ pkgs.a ]; }) ]; }; }; }";
    let read = |files| {
        let root_files: &[(&str, &str)] = &[("flake.nix", root)];
        read_world(&[flake("root", "nixpkgs hm", root_files), flake("hm", "nixpkgs", files)]).told()
    };
    assert_eq!(read(marks), ["homeConfigurations.me: nixpkgs 0<nixpkgs:a"]);
    assert_ne!(read(&marks[..2]), ["homeConfigurations.me: nixpkgs 0<nixpkgs:a"]);
}
