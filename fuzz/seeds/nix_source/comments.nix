# flake-audit: allow(unknown) nothing here
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs"; # flake-audit: allow(duplicate-nixpkgs) one is enough
  /* a block */ inputs.dep.url = "github:acme/dep"; /* flake-audit: no */
  # flake-audit: allow(unconfigured-nixpkgs, raw-through-wrapper): formatter only
  inputs.dep.inputs.nixpkgs.follows = "nixpkgs";
  outputs = _: { };
}
