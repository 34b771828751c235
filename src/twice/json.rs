//! What is twice as JSON, schema version 1 (docs/twice.md).
//!
//! The structs here are the interface: fields may be added within the version, none is removed,
//! renamed or retyped.

use std::io::{self, Write};

use serde::Serialize;

use super::report::{Begins, OutputReport, Report, Twice, Variant, WithFix};
use crate::text::write_json;

#[derive(Serialize)]
struct V1Document<'r> {
    schema_version: u32,
    version: &'static str,
    lock_file: &'r str,
    outputs: Vec<V1Output<'r>>,
    unlisted: Vec<V1Unlisted<'r>>,
}

#[derive(Serialize)]
struct V1Unlisted<'r> {
    kind: &'r str,
    reason: &'r str,
}

#[derive(Serialize)]
struct V1Output<'r> {
    output: &'r str,
    derivations: usize,
    failed: Option<&'r str>,
    by_attributes: Option<&'r str>,
    twice: Vec<V1Twice<'r>>,
    twice_total: usize,
    with_fix: Option<V1WithFix<'r>>,
}

#[derive(Serialize)]
struct V1Twice<'r> {
    name: &'r str,
    collides: bool,
    environment: Option<&'r str>,
    meets: Option<&'r str>,
    begins: Vec<V1Begins<'r>>,
    variants: Vec<V1Variant<'r>>,
}

#[derive(Serialize)]
struct V1Begins<'r> {
    name: &'r str,
    attribute: &'r str,
    values: &'r [String; 2],
}

#[derive(Serialize)]
struct V1Variant<'r> {
    drv: &'r str,
    input_path: Vec<&'r str>,
    brought_by: &'r [String],
    instance: Option<&'r str>,
    chain: &'r [String],
}

#[derive(Serialize)]
struct V1WithFix<'r> {
    derivations: Option<usize>,
    twice_total: Option<usize>,
    gone: &'r [String],
    left: &'r [String],
    new: &'r [String],
    failed: Option<&'r str>,
}

/// Writes one document.
///
/// # Errors
/// Those of the sink.
pub fn write(lock_file: &str, report: &Report, out: &mut impl Write) -> io::Result<()> {
    let document = V1Document {
        schema_version: 1,
        version: env!("CARGO_PKG_VERSION"),
        lock_file,
        outputs: report.outputs.iter().map(V1Output::new).collect(),
        unlisted: report
            .unlisted
            .iter()
            .map(|unlisted| V1Unlisted { kind: &unlisted.kind, reason: &unlisted.reason })
            .collect(),
    };
    write_json(&document, out)?;
    writeln!(out)
}

impl<'r> V1Output<'r> {
    fn new(report: &'r OutputReport) -> Self {
        Self {
            output: &report.output,
            derivations: report.derivations,
            failed: report.failed.as_deref(),
            by_attributes: report.by_attributes.as_deref(),
            twice: report.twice.iter().map(V1Twice::new).collect(),
            twice_total: report.twice.len(),
            with_fix: report.with_fix.as_ref().map(V1WithFix::new),
        }
    }
}

impl<'r> V1Twice<'r> {
    fn new(twice: &'r Twice) -> Self {
        Self {
            name: &twice.name,
            collides: twice.collides.is_some(),
            environment: twice.collides.as_deref(),
            meets: twice.meets.as_deref(),
            begins: twice.begins.iter().map(V1Begins::new).collect(),
            variants: twice.variants.iter().map(V1Variant::new).collect(),
        }
    }
}

impl<'r> V1Begins<'r> {
    fn new(begins: &'r Begins) -> Self {
        Self {
            name: &begins.name,
            attribute: &begins.difference.attribute,
            values: &begins.difference.values,
        }
    }
}

impl<'r> V1Variant<'r> {
    fn new(variant: &'r Variant) -> Self {
        Self {
            drv: &variant.drv,
            input_path: variant.brought_by.iter().take(1).map(String::as_str).collect(),
            brought_by: &variant.brought_by,
            instance: variant.instance.as_deref(),
            chain: &variant.chain,
        }
    }
}

impl<'r> V1WithFix<'r> {
    fn new(with_fix: &'r WithFix) -> Self {
        match with_fix {
            WithFix::Known { derivations, twice_total, gone, left, new } => Self {
                derivations: Some(*derivations),
                twice_total: Some(*twice_total),
                gone,
                left,
                new,
                failed: None,
            },
            WithFix::Failed(reason) => Self {
                derivations: None,
                twice_total: None,
                gone: &[],
                left: &[],
                new: &[],
                failed: Some(reason),
            },
        }
    }
}
