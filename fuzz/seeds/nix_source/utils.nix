{
  inputs.flake-utils.url = "github:numtide/flake-utils";
  inputs.nixpkgs.url = "nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs, flake-utils, ... }:
    flake-utils.lib.eachDefaultSystem (system: let pkgs = nixpkgs.legacyPackages.${system}; in {
      packages.default = if pkgs.stdenv.isLinux then pkgs.hello else pkgs.cowsay;
      legacyPackages = pkgs.extend (self.overlays.default);
    }) // { overlays.default = final: prev: { x = prev.x or null; y = assert final ? x; final.x; }; };
}
