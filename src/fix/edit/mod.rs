//! `flake.nix` edited: splices on its syntax tree, every other byte kept.
