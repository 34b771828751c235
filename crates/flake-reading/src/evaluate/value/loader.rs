//! What a loader of import-tree was told (`frameworks/import_tree.rs`).

use super::{SetAttr, Thunk};

/// What a loader was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::evaluate) struct Loader {
    /// What a file has to pass.
    pub(in crate::evaluate) tests: Vec<LoaderTest>,
    /// A test in place of "a Nix file, and no name begins with `_`".
    pub(in crate::evaluate) initial: Option<Thunk>,
    /// What is made of each file, in turn.
    pub(in crate::evaluate) maps: Vec<Thunk>,
    pub(in crate::evaluate) paths: Vec<Thunk>,
    pub(in crate::evaluate) result: LoaderMakes,
    /// Functions of the loader, by the names under which it has their results.
    pub(in crate::evaluate) own: Vec<SetAttr>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::evaluate) struct LoaderTest {
    /// A predicate, or a pattern.
    pub(in crate::evaluate) of: Thunk,
    pub(in crate::evaluate) is_pattern: bool,
    /// Whether it has to fail.
    pub(in crate::evaluate) is_negated: bool,
}

/// What is made of the list of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::evaluate) enum LoaderMakes {
    #[default]
    Module,
    List,
    ResultOf(Thunk),
}
