//! The schemas for other programs: `docs/report.schema.json` and the like.
//!
//! Enum values may be added within a version, so the schema lists the current ones as examples; the
//! tests over the fixtures treat them as complete.

use std::{env, fs};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;

use super::super::{Remark, Summary};
use super::view::V1Report;
use super::why::V1Why;

/// What `check --format json` prints; a line of `ndjson` is one of its `reports`.
#[derive(JsonSchema)]
#[schemars(rename = "flake-audit report")]
#[allow(dead_code, reason = "the document is written piece by piece")]
struct Document<'r> {
    /// The version of this format.
    #[schemars(extend("const" = super::document::SCHEMA_VERSION))]
    schema_version: u32,
    /// The version of the program.
    version: String,
    /// One for each lock, in the order of the command line and then by name.
    reports: Vec<V1Report<'r>>,
    /// Counts over all locks.
    summary: Summary,
    /// Warnings about the run itself.
    warnings: Vec<Remark>,
}

/// Asserts that a file in `docs/` is the schema of what is written.
pub(crate) fn is_written<T: JsonSchema>(name: &str) {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let text = serde_json::to_string_pretty(&generator.into_root_schema_for::<T>()).unwrap() + "\n";
    let file = format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"));
    if env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&file, &text).unwrap();
    }
    let written = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(written, text, "INSTA_UPDATE=always writes it anew");
}

#[test]
fn the_schemas_are_those_of_the_structs() {
    is_written::<Document<'_>>("report.schema.json");
    is_written::<V1Why<'_>>("why.schema.json");
}
