//! Why derivations could not be read.

use thiserror::Error;

use super::aterm::Malformed;

/// Why a closure could not be read.
#[derive(Debug, Error)]
pub enum DerivationError {
    /// Something that is to be a `.drv` is none.
    #[error("{0} is not the path of a derivation in the store")]
    NotInStore(String),
    /// A file cannot be read.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The `.drv`.
        path: String,
        /// Why not.
        reason: String,
    },
    /// A file is no derivation.
    #[error("{path} is no derivation: {error}")]
    Malformed {
        /// The `.drv`.
        path: String,
        /// Where it is none.
        error: Malformed,
    },
    /// Derivations need each other.
    #[error("{0} needs itself, which no derivation of Nix can")]
    Circle(String),
    /// There is no end of it.
    #[error("there are more than {0} derivations")]
    TooMany(usize),
}
