//! The parts that all JSON documents share.

use std::io::{self, Write};

use serde::Serialize;

use crate::text::write_json;

/// The version of all formats: fields and enum values may be added within it.
pub const SCHEMA_VERSION: u32 = 1;

/// The version of the program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a document on one lock begins with.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Head<'r> {
    /// The version of this format.
    #[cfg_attr(test, schemars(extend("const" = SCHEMA_VERSION)))]
    schema_version: u32,
    /// The version of the program.
    version: &'static str,
    /// The lock, as it was named.
    lock_file: &'r str,
}

impl<'r> Head<'r> {
    /// The head of a document on this lock.
    pub fn new(lock_file: &'r str) -> Self {
        Self { schema_version: SCHEMA_VERSION, version: VERSION, lock_file }
    }
}

/// Writes a document on a line of its own.
///
/// # Errors
/// Those of the sink.
pub fn write_document(document: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    write_json(document, out)?;
    out.write_all(b"\n")
}
