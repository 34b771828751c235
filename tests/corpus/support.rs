//! The support of the other tests that is needed for real locks.
#![allow(dead_code, reason = "the other tests use more of it")]

#[path = "../it/support/builder.rs"]
pub(crate) mod builder;
#[path = "../support/drawing.rs"]
pub(crate) mod drawing;
#[path = "../it/support/everything.rs"]
pub(crate) mod everything;
#[path = "../it/support/explorer.rs"]
pub(crate) mod explorer;
#[path = "../it/support/json_style.rs"]
pub(crate) mod json_style;
#[path = "../support/locks.rs"]
pub(crate) mod locks;
#[path = "../it/support/naive.rs"]
pub(crate) mod naive;
#[path = "../it/support/pictures.rs"]
pub(crate) mod pictures;
#[path = "../it/support/plans.rs"]
pub(crate) mod plans;
#[path = "../it/support/renamed.rs"]
pub(crate) mod renamed;
#[path = "../it/support/repairs.rs"]
pub(crate) mod repairs;
#[path = "../it/support/resolved.rs"]
pub(crate) mod resolved;
#[path = "../it/support/source.rs"]
pub(crate) mod source;
#[path = "../it/support/story.rs"]
pub(crate) mod story;
