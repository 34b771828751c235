//! The text of a wrapper flake.
