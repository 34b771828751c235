{
  inputs = { nixpkgs = { }; dep = { flake = false; url = "https://acme.example/a.tar.gz"; }; };
  outputs = { self, nixpkgs, dep, ... }:
    let
      systems = [ "x86_64-linux" "aarch64-darwin" ];
      each = f: nixpkgs.lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});
    in
    rec {
      packages = each (pkgs: rec { default = a; a = pkgs.callPackage ./other.nix { }; b = pkgs.runCommand "b" { } ''
        cp ${dep} $out # ''${not} $$ ''' ''\n
      ''; });
      checks = packages;
      apps = each (pkgs: { default = { type = "app"; program = "${pkgs.hello}/bin/hello"; }; });
    };
}
