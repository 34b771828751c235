//! flake-audit: finds the flake inputs that get an unconfigured nixpkgs.
//!
//! Data flows in one direction: bytes → [`lock`] → [`graph`] → roles, slots and causes
//! ([`instance`]) → [`rules`] → [`audit`] report → [`render`] or [`draw`]. `docs/architecture.md`
//! has the details, and a test checks them.

pub mod audit;
pub mod baseline;
pub mod batch;
pub mod change;
pub mod cli;
pub mod config;
pub mod derivation;
pub mod detail;
pub mod difference;
pub mod draw;
pub mod explore;
pub mod finding;
pub mod fix;
pub mod flake_ref;
pub mod graph;
pub mod history;
pub mod instance;
pub mod load;
pub mod lock;
pub mod lsp;
pub mod needs;
pub mod relock;
pub mod render;
pub mod rules;
pub mod source;
pub mod text;
pub mod twice;
pub mod verify;

pub use flake_reading::bounded;
