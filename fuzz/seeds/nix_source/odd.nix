{
  inputs."nixpkgs".url = https://acme.example/n'ix?a=b&c,d;
  inputs.${"dep"} = { "url" = ./dep; inputs."a.b".follows = ""; };
  outputs = { self ? null, ... }: { };
}
