//! Flake references: from attributes to the URL-like form that people read and back, and which
//! parts of a reference identify its source.

mod agreement;
mod asked;
mod identity;
mod link;
mod locked;
mod nix_version;
mod parse;
mod refused;
mod repository;
pub mod since;
mod source;
mod spelled;
mod uri;
mod url;
mod version;

pub use agreement::is_plain_spelling;
pub use identity::{Identity, repository_name};
pub use link::{Archived, Link};
pub use locked::{is_locked, revision, same_source};
pub use nix_version::NixVersion;
pub use parse::{is_flake_id, parse};
pub use refused::{RefKind, Refusal, RefusedBy, refusals};
pub use repository::Repository;
pub use source::identifying_ref;
pub use source::source_of;
pub use spelled::{OwnedRef, OwnedValue};
pub use url::FlakeRef;
pub use version::Version;
