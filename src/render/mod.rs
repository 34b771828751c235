//! Reports, written: one file a format. A format knows nothing of the others.

pub mod human;
pub mod json;
