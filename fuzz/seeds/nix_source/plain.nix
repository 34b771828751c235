{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.11";
  inputs.dep.url = "github:acme/dep";
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, dep }: {
    packages.x86_64-linux.default = nixpkgs.legacyPackages.x86_64-linux.hello;
    packages.x86_64-linux.dep = dep.packages.x86_64-linux.default;
  };
}
