//! flake-audit: finds the flake inputs that get an unconfigured nixpkgs.
//!
//! The data goes one way: bytes → [`lock`] → [`graph`] → roles, slots and causes ([`instance`])
//! → [`rules`] → [`audit`] report → [`render`] or [`draw`]. `docs/architecture.md` has the
//! picture, and a test holds it.

pub mod draw;
pub mod flake_ref;
pub mod graph;
pub mod instance;
pub mod lock;
pub mod text;
