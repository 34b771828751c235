{
  inputs.home-manager = { url = "github:nix-community/home-manager"; inputs.nixpkgs.follows = "nixpkgs"; };
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { nixpkgs, home-manager, ... }: let lib = nixpkgs.lib // home-manager.lib; in {
    homeConfigurations."me@here" = lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [ { home = { username = "me"; stateVersion = "24.11"; }; } (import ./other.nix { inherit lib; }) ];
    };
  };
}
