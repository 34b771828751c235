//! The lock that Nix would write for a `flake.nix`, computed without fetching anything.
