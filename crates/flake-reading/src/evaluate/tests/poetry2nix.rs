//! poetry2nix: Python projects by their `poetry.lock`.

use super::*;

/// Its functions build with the packages that they are given; what its overrides name is not taken.
#[test]
fn what_poetry2nix_makes() {
    let overrides = "{ withDefaults = overlay: self: super: { torch = super.torch.override {
        inherit (self) numpy; }; } // overlay self super; }";
    let theirs = format!(
        "{{ pkgs }}: {{ overrides = {overrides}; mkPoetryApplication = {{ overrides, ... }}: let
             python = pkgs.python3.override {{ packageOverrides = overrides; }};
           in python.pkgs.buildPythonPackage {{ all = builtins.attrValues python.pkgs; }}; }}"
    );
    const UNREAD: &str = " -- a function of `poetry2nix`";
    for (functions, unread) in [
        ("import poetry2nix { inherit pkgs; }", UNREAD),
        ("poetry2nix.lib.mkPoetry2Nix { inherit pkgs; }", UNREAD),
        ("pkgs.poetry2nix", ""),
    ] {
        let root = format!(
            "{{ outputs = {{ nixpkgs, poetry2nix, ... }}: let
                 pkgs = import nixpkgs {{ config.cudaSupport = true; }};
                 python = {functions};
               in {{ packages.x.a = python.mkPoetryApplication {{ projectDir = ./.;
                 overrides = python.overrides.withDefaults (self: super: {{ }}); }}; }}; }}"
        );
        let read = read_world(&[
            flake("root", "nixpkgs poetry2nix=nix-community/poetry2nix", &[("flake.nix", &root)]),
            flake(
                "poetry2nix",
                "nixpkgs",
                &[
                    ("flake.nix", "{ outputs = _: { lib.mkPoetry2Nix = import ./default.nix; }; }"),
                    ("default.nix", &theirs),
                ],
            ),
        ]);
        let told = format!("packages.x.a: nixpkgs[cudaSupport]{unread}");
        assert_eq!(read.told(), [told], "{functions}");
    }
}
