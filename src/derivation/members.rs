//! Which packages a derivation brings together, by its attributes.

use super::store_name::Digest;
use super::text::{DrvAttribute, Piece, pieces};

/// The attributes with what comes along with a package (nixpkgs' `pkgs/stdenv/generic/setup.sh`).
const PROPAGATED: [&str; 2] = ["propagatedBuildInputs", "propagatedNativeBuildInputs"];
/// The attributes with the inputs of a build.
const INPUTS: [&str; 4] =
    ["buildInputs", "nativeBuildInputs", "propagatedBuildInputs", "propagatedNativeBuildInputs"];

/// The packages that a derivation brings together.
#[derive(Debug)]
pub enum Members {
    /// One folder with links to all of them (`buildEnv`, and so Python's `withPackages`;
    /// `symlinkJoin`).
    Linked(Box<[Digest]>),
    /// The inputs of a shell.
    Shell(Box<[Digest]>),
    /// The inputs of a build.
    Build(Box<[Digest]>),
}

impl Members {
    /// The packages of a derivation with these attributes, in a store with this prefix.
    pub(super) fn of(attributes: &[DrvAttribute<'_>], prefix: &str) -> Self {
        let has = |name: &str| attributes.iter().any(|attribute| attribute.name == name);
        if has("pkgs") && has("pathsToLink") {
            return Self::Linked(listed(attributes, &["pkgs"], prefix));
        }
        // symlinkJoin is a runCommand with `paths` and nothing to build.
        if has("paths") && has("buildCommand") {
            return Self::Linked(listed(attributes, &["paths"], prefix));
        }
        let inputs = listed(attributes, &INPUTS, prefix);
        if has("shellHook") { Self::Shell(inputs) } else { Self::Build(inputs) }
    }

    /// The outputs that are named, and whether their propagated inputs count, too.
    pub(super) fn listed(&self) -> (&[Digest], bool) {
        match self {
            Self::Linked(listed) => (listed, false),
            Self::Shell(listed) | Self::Build(listed) => (listed, true),
        }
    }
}

/// What comes along with a package.
pub(super) fn propagated(attributes: &[DrvAttribute<'_>], prefix: &str) -> Box<[Digest]> {
    listed(attributes, &PROPAGATED, prefix)
}

/// The store paths in these attributes.
fn listed(attributes: &[DrvAttribute<'_>], names: &[&str], prefix: &str) -> Box<[Digest]> {
    let mut found = Vec::new();
    for attribute in attributes {
        if names.contains(&&*attribute.name) {
            found.extend(pieces(&attribute.value, prefix).into_iter().filter_map(
                |piece| match piece {
                    Piece::Path(digest) => Some(digest),
                    Piece::Text(_) => None,
                },
            ));
        }
    }
    found.into()
}
