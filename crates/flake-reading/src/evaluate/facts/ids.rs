//! What things are known by, and places in files.

use crate::Span;

/// Which file, in the order of [`Reading::files`](super::Reading::files).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(in crate::evaluate) u32);

impl FileId {
    /// The `flake.nix` of the flake that is read, which is the first.
    pub const FLAKE: Self = Self(0);

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

/// Which instance of nixpkgs, in the order of [`Reading::instances`](super::Reading::instances).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceId(u32);

impl InstanceId {
    /// The one at an index.
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which output, in the order of [`Reading::outputs`](super::Reading::outputs).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutputId(u32);

impl OutputId {
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Which builder of an output, in the order of [`Output::builders`](super::Output::builders).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuilderId(u32);

impl BuilderId {
    pub(in crate::evaluate) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}
