//! The installed Nix, asked what each instance of nixpkgs makes of a package.
