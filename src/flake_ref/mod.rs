//! Flake references: from attributes to the URL-like form that people read, and what of a
//! reference says *which source* it is.

mod branch;
mod identity;
mod url;

pub use branch::branch;
pub use identity::{Identity, repository_name};
pub use url::FlakeRef;
