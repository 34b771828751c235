//! Shared by the areas: locks made by hand and at random, a second resolver, properties of every
//! lock.

pub(crate) mod builder;
#[path = "../../support/drawing.rs"]
pub(crate) mod drawing;
pub(crate) mod everything;
pub(crate) mod explorer;
pub(crate) mod flake_folder;
pub(crate) mod json_style;
#[allow(dead_code, reason = "only other suites ask for real locks")]
#[path = "../../support/locks.rs"]
pub(crate) mod locks;
pub(crate) mod naive;
pub(crate) mod pictures;
pub(crate) mod plans;
pub(crate) mod property;
pub(crate) mod random;
pub(crate) mod renamed;
pub(crate) mod repairs;
pub(crate) mod resolved;
pub(crate) mod source;
pub(crate) mod speller;
#[path = "../../support/store_folders.rs"]
pub(crate) mod store_folders;
pub(crate) mod story;
pub(crate) mod workspace;
