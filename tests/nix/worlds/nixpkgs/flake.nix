{
  description = "As much of nixpkgs as worlds are made of";
  outputs =
    { self }:
    let
      lib = import ./lib.nix // {
        nixosSystem = import ./nixos.nix;
      };
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import ./. { inherit system; });
      nixosModules.notDetected = { };
      htmlDocs.nixpkgsManual = { };
    };
}
