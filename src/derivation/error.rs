//! Why derivations could not be read.

use thiserror::Error;

use super::aterm::Malformed;

/// Why a closure could not be read.
#[derive(Debug, Error)]
pub enum DerivationError {
    /// The name is not that of a `.drv` in a store.
    #[error("{0} is not the path of a derivation in the store")]
    NotInStore(String),
    /// A file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The `.drv`.
        path: String,
        /// The reason.
        reason: String,
    },
    /// A file is no derivation.
    #[error("{path} is no derivation: {error}")]
    Malformed {
        /// The `.drv`.
        path: String,
        /// The place of the error.
        error: Malformed,
    },
    /// Derivations need each other.
    #[error("{0} needs itself, which no derivation of Nix can")]
    Circle(String),
    /// The closure has more derivations than this limit.
    #[error("there are more than {0} derivations")]
    TooMany(usize),
}
