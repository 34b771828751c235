{
  description = "configured in place";
  inputs = {
    nixpkgs.url = "nixpkgs";
    dep = { url = "git+https://git.acme.example/dep?ref=main"; inputs = { nixpkgs.follows = "nixpkgs"; }; };
  };
  outputs = inputs@{ nixpkgs, ... }:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs { inherit system; config = { allowUnfree = true; cudaSupport = true; }; overlays = [ (final: prev: { a = prev.b; }) ]; };
    in
    { devShells.${system}.default = pkgs.mkShell { packages = with pkgs; [ python3Packages.torch inputs.dep.packages.${system}.default ]; }; };
}
