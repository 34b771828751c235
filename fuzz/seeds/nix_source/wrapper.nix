{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: {
    inherit (nixpkgs) lib nixosModules htmlDocs;
    legacyPackages = nixpkgs.lib.genAttrs nixpkgs.lib.systems.flakeExposed (system:
      import nixpkgs { inherit system; config = { cudaSupport = true; cudaCapabilities = [ "8.9" ]; }; });
  };
}
