{
  outputs = { nixpkgs, self, ... }@inputs: with nixpkgs; {
    lib.f = { a ? 1, b ? a, ... }: x: x |> (y: y + a) |> lib.id;
    nixosModules = { default = import ./other.nix; other = { config, pkgs, ... }: { config = lib.mkMerge [ { a.b.c = pkgs.hello; } ]; }; };
    templates.default = { path = ./template; description = "a"; };
    hydraJobs = builtins.foldl' (a: b: a // b) { } (map (n: { ${n} = self.packages.x86_64-linux; }) (builtins.attrNames inputs));
  };
}
