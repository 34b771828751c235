{
  description = "As much of nixpkgs as the tests need";
  outputs =
    { self }:
    let
      lib = import ./lib.nix;
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import ./. { inherit system; });
      nixosModules.notDetected = { };
      htmlDocs.nixpkgsManual = { };
    };
}
