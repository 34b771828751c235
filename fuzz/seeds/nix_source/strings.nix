{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs?ref=\${a}&b=\"\\\n\t";
  outputs = { nixpkgs, ... }: let a' = "ä𝒳\u202e"; b'' = ''
      one ${"two ${''three ${toString (-4)}''}"}
        ''$ five
    ''; in { x.${a'}."${b''}" = [ <nixpkgs> ~/a ./a/${b''}.nix ../b /c 1.5e3 ] ++ (if !true || a' == b'' && 1 < 2 -> false then [ ] else [ { } ]); };
}
