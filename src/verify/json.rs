//! The result of `verify` as JSON, schema version 1 (docs/verify.md).
//!
//! The structs here are the interface: fields may be added within the version, none is removed,
//! renamed or retyped.

use std::io::{self, Write};

use serde::Serialize;

use super::outcome::{AttributeVerdict, VerifyOutcome};
use super::subject::{ComparedInstance, Subjects};
use crate::render::json::{Head, write_document};

#[derive(Serialize)]
struct V1Document<'v> {
    #[serde(flatten)]
    head: Head<'v>,
    attributes: Vec<V1Attribute<'v>>,
    not_compared: Vec<V1Instance<'v>>,
}

#[derive(Serialize)]
struct V1Attribute<'v> {
    attr: &'v str,
    system: &'v str,
    derivations: Vec<V1Derivation<'v>>,
    failed: Vec<V1Failed<'v>>,
}

#[derive(Serialize)]
struct V1Derivation<'v> {
    drv: &'v str,
    instances: Vec<V1Instance<'v>>,
}

#[derive(Serialize)]
struct V1Failed<'v> {
    reason: &'v str,
    instance: V1Instance<'v>,
}

#[derive(Serialize)]
struct V1Instance<'v> {
    id: &'v str,
    node: &'v str,
    path: &'v [String],
    used_by_root: bool,
    consumers: &'v [Vec<String>],
    consumers_total: usize,
}

/// Writes one document.
///
/// # Errors
/// Those of the sink.
pub fn write(
    lock_file: &str,
    subjects: &Subjects,
    outcome: &VerifyOutcome,
    out: &mut impl Write,
) -> io::Result<()> {
    let attribute = |verdict| V1Attribute::new(&subjects.compared, &outcome.system, verdict);
    let document = V1Document {
        head: Head::new(lock_file),
        attributes: outcome.verdicts.iter().map(attribute).collect(),
        not_compared: subjects.idle.iter().map(V1Instance::new).collect(),
    };
    write_document(&document, out)
}

impl<'v> V1Attribute<'v> {
    fn new(
        subjects: &'v [ComparedInstance],
        system: &'v str,
        verdict: &'v AttributeVerdict,
    ) -> Self {
        let instance = |at: &usize| subjects.get(*at).map(V1Instance::new);
        let derivations = verdict.derivations.iter().map(|derivation| V1Derivation {
            drv: &derivation.path,
            instances: derivation.instances.iter().filter_map(instance).collect(),
        });
        let failed = verdict
            .failed
            .iter()
            .filter_map(|(at, reason)| Some(V1Failed { reason, instance: instance(at)? }));
        Self {
            attr: &verdict.attribute,
            system,
            derivations: derivations.collect(),
            failed: failed.collect(),
        }
    }
}

impl<'v> V1Instance<'v> {
    fn new(subject: &'v ComparedInstance) -> Self {
        Self {
            id: &subject.id,
            node: &subject.node,
            path: &subject.path,
            used_by_root: subject.held_by_root,
            consumers: &subject.consumers,
            consumers_total: subject.consumers_total,
        }
    }
}
