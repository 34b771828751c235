//! The report on duplicates as JSON, schema version 1. A test generates `docs/twice.schema.json`
//! from these structs.
//!
//! The structs here are the interface: fields may be added within the version, none is removed,
//! renamed or retyped.

use std::io::{self, Write};

use serde::Serialize;

use super::report::{Begins, Dropped, OutputReport, TwicePackage, TwiceReport, Variant, WithFix};
use crate::render::json::{Head, write_document};

/// What `flake-audit twice --json` prints.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "flake-audit twice"))]
struct V1Document<'r> {
    #[serde(flatten)]
    head: Head<'r>,
    /// One for each output, in the order in which they were asked for.
    outputs: Vec<V1Output<'r>>,
    /// Kinds of outputs that cannot be listed.
    unlisted: Vec<V1Unlisted<'r>>,
}

/// A kind of output that cannot be listed.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Unlisted"))]
struct V1Unlisted<'r> {
    /// Its name in the flake.
    kind: &'r str,
    /// Nix's reason.
    reason: &'r str,
}

/// An output of the flake.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Output"))]
struct V1Output<'r> {
    /// Its attribute path.
    output: &'r str,
    /// How many derivations it needs, it included.
    derivations: usize,
    /// Why it is not known what is twice.
    failed: Option<&'r str>,
    /// Why what is twice is known by the attributes of packages only, so that there may be more.
    by_attributes: Option<&'r str>,
    /// What is twice: what collides first, then by name.
    twice: Vec<V1Twice<'r>>,
    /// How much that is.
    twice_total: usize,
    /// Modules that environments of Python lack.
    dropped: Vec<V1Dropped<'r>>,
    /// What it would be after `fix`, where that was asked for.
    with_fix: Option<V1WithFix<'r>>,
}

/// A package in more than one variant.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Twice"))]
struct V1Twice<'r> {
    /// Its name, without a version.
    name: &'r str,
    /// Whether two variants end up beside each other in an environment.
    collides: bool,
    /// In which.
    environment: Option<&'r str>,
    /// The build in which two variants end up beside each other.
    meets: Option<&'r str>,
    /// Where the difference begins.
    begins: Vec<V1Begins<'r>>,
    /// Its variants.
    variants: Vec<V1Variant<'r>>,
}

/// Where a difference begins.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Begins"))]
struct V1Begins<'r> {
    /// The package that differs by itself.
    name: &'r str,
    /// In which attribute.
    attribute: &'r str,
    /// The two values of that, shortened.
    values: &'r [String; 2],
}

/// A variant of a package.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Variant"))]
struct V1Variant<'r> {
    /// Its `.drv`.
    drv: &'r str,
    /// The first input that brings it; empty where the flake does itself.
    input_path: Vec<&'r str>,
    /// The root's inputs that bring it.
    brought_by: &'r [String],
    /// The `id` of its nixpkgs in the report of `check --format json`, where that is certain.
    instance: Option<&'r str>,
    /// The names of what leads to it, from the output on.
    chain: &'r [String],
}

/// Modules that an environment of Python lacks, since they are built for another Python.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Dropped"))]
struct V1Dropped<'r> {
    /// The environment.
    environment: &'r str,
    /// The names of the modules.
    names: &'r [String],
}

/// What an output would be after `fix`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "WithFix"))]
struct V1WithFix<'r> {
    /// How many derivations it would need.
    derivations: Option<usize>,
    /// How much would be twice.
    twice_total: Option<usize>,
    /// Names that would not be twice any more.
    gone: &'r [String],
    /// Names that would still be.
    left: &'r [String],
    /// Names that would be, and are not now.
    new: &'r [String],
    /// How the output comes to what would be twice: the first of them.
    through: Vec<V1Through<'r>>,
    /// Why that is not known.
    failed: Option<&'r str>,
}

/// How an output comes to a package that a repair leaves twice.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Through"))]
struct V1Through<'r> {
    /// The package.
    name: &'r str,
    /// The names of what leads to a variant that is not this flake's, from the output on.
    chain: &'r [String],
}

/// Writes one document.
///
/// # Errors
/// Those of the sink.
pub fn write(lock_file: &str, report: &TwiceReport, out: &mut impl Write) -> io::Result<()> {
    let document = V1Document {
        head: Head::new(lock_file),
        outputs: report.outputs.iter().map(V1Output::new).collect(),
        unlisted: report
            .unlisted
            .iter()
            .map(|unlisted| V1Unlisted { kind: &unlisted.kind, reason: &unlisted.reason })
            .collect(),
    };
    write_document(&document, out)
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
            dropped: report.dropped.iter().map(V1Dropped::new).collect(),
            with_fix: report.with_fix.as_ref().map(V1WithFix::new),
        }
    }
}

impl<'r> V1Twice<'r> {
    fn new(twice: &'r TwicePackage) -> Self {
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

impl<'r> V1Dropped<'r> {
    fn new(dropped: &'r Dropped) -> Self {
        Self { environment: &dropped.environment, names: &dropped.names }
    }
}

impl<'r> V1WithFix<'r> {
    fn new(with_fix: &'r WithFix) -> Self {
        match with_fix {
            WithFix::Known { derivations, twice_total, gone, left, new, through } => Self {
                derivations: Some(*derivations),
                twice_total: Some(*twice_total),
                gone,
                left,
                new,
                through: through.iter().map(|(name, chain)| V1Through { name, chain }).collect(),
                failed: None,
            },
            WithFix::Failed(reason) => Self {
                derivations: None,
                twice_total: None,
                gone: &[],
                left: &[],
                new: &[],
                through: Vec::new(),
                failed: Some(reason),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json::schema::is_written;

    #[test]
    fn the_schema_is_that_of_the_structs() {
        is_written::<V1Document<'_>>("twice.schema.json");
    }
}
