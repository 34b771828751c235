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
    for functions in [
        "import poetry2nix { inherit pkgs; }",
        "poetry2nix.lib.mkPoetry2Nix { inherit pkgs; }",
        "pkgs.poetry2nix",
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
        assert_eq!(read.told(), ["packages.x.a: nixpkgs[cudaSupport]"], "{functions}");
    }
}
