//! What the areas share: locks made by hand and at random, a second resolver, the corpus.

pub(crate) mod builder;
pub(crate) mod corpus;
pub(crate) mod everything;
pub(crate) mod flake_folder;
pub(crate) mod json_style;
pub(crate) mod naive;
pub(crate) mod property;
pub(crate) mod random;
pub(crate) mod source;
pub(crate) mod speller;
pub(crate) mod story;
pub(crate) mod workspace;
