//! The difference as JSON, schema version 1. A test generates `docs/diff.schema.json` from these
//! structs.
//!
//! The structs here are the interface: fields and enum values may be added within the version, none
//! is removed, renamed or retyped.

use std::io::{self, Write};

use serde::Serialize;

use super::report::{
    Difference, FindingStanding, FoundChange, InputsChange, InstanceName, Moved, NewInput, Nixpkgs,
    Receivers, Reconfigured, SourceVersion,
};
use crate::audit::Report;
use crate::render::json::{Head, write_document};

/// What `flake-audit diff --format json` prints.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "flake-audit diff"))]
struct V1Diff<'d> {
    #[serde(flatten)]
    head: Head<'d>,
    /// The state before, as it was named.
    old: &'d str,
    /// The state now, as it was named.
    new: &'d str,
    /// Each nixpkgs that is not as it was.
    nixpkgs: V1Instances<'d>,
    /// Inputs that get another nixpkgs: the first 100 changes.
    inputs_rebound: Vec<V1Receivers<'d>>,
    /// How many changes there are.
    inputs_rebound_total: usize,
    /// Outputs that are built from another nixpkgs, or take packages of another: the first 100 changes.
    outputs_rebound: Vec<V1Receivers<'d>>,
    /// How many changes there are.
    outputs_rebound_total: usize,
    /// Findings that stand otherwise: the first 100.
    findings: Vec<V1Found<'d>>,
    /// How many there are.
    findings_total: usize,
    /// Inputs that came and went, by the flake that has them: the first 100 flakes.
    inputs: Vec<V1Inputs<'d>>,
    /// How many flakes there are.
    inputs_total: usize,
    /// How many sources were read, where that may be why findings differ.
    sources: Option<V1Sources>,
}

/// Instances of nixpkgs: the first 100 of each kind.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Instances"))]
struct V1Instances<'d> {
    /// Those that are there only now.
    came: Vec<V1Nixpkgs<'d>>,
    /// How many there are.
    came_total: usize,
    /// Those that were there only before.
    went: Vec<V1Nixpkgs<'d>>,
    /// How many there are.
    went_total: usize,
    /// Those whose source is another one or of another revision; what moved alike is one of them.
    moved: Vec<V1Moved<'d>>,
    /// How many there are.
    moved_total: usize,
    /// Those with other settings.
    reconfigured: Vec<V1Reconfigured<'d>>,
    /// How many there are.
    reconfigured_total: usize,
}

/// An instance of nixpkgs.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Nixpkgs"))]
struct V1Nixpkgs<'d> {
    /// Its input path.
    input_path: &'d [String],
    /// What the flake sets where it makes it.
    settings: &'d [String],
    /// What it is, in words.
    made: &'d str,
    /// Its source.
    source: Option<V1Version<'d>>,
    /// What it is built on, where that is another source.
    base: Option<V1Version<'d>>,
    /// How many inputs of dependencies get it.
    consumers_total: usize,
}

/// A version of a source.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Version"))]
struct V1Version<'d> {
    /// Its locked reference.
    #[serde(rename = "ref")]
    reference: &'d str,
    /// The day of its last change, `2025-06-02`.
    date: Option<String>,
}

/// Instances that moved alike.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Moved"))]
struct V1Moved<'d> {
    /// What they are called now.
    instances: Vec<V1Named<'d>>,
    /// Before.
    from: V1Version<'d>,
    /// Now.
    to: V1Version<'d>,
    /// Days between the two, less than 0 where it went back.
    days: Option<i64>,
    /// How many inputs of dependencies get them.
    consumers_total: usize,
}

/// What an instance is called.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Named"))]
struct V1Named<'d> {
    /// Its input path.
    input_path: &'d [String],
    /// What the flake sets where it makes it.
    settings: &'d [String],
}

/// An instance with other settings.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Reconfigured"))]
struct V1Reconfigured<'d> {
    /// What it is called now.
    instance: V1Named<'d>,
    /// What is set now and was not, as `name = true`.
    set: &'d [String],
    /// What was set before.
    unset: &'d [String],
}

/// Inputs or outputs that changed alike.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Receivers"))]
struct V1Receivers<'d> {
    /// Their input paths or attribute paths: the first 100.
    paths: Vec<&'d [String]>,
    /// How many there are.
    paths_total: usize,
    /// What they had and have no longer.
    from: Vec<V1Nixpkgs<'d>>,
    /// What they have and had not.
    to: Vec<V1Nixpkgs<'d>>,
}

/// A finding that stands otherwise.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Finding"))]
struct V1Found<'d> {
    /// The rule.
    rule: &'d str,
    /// How it stood: a level, `exempted`, or `absent`.
    #[cfg_attr(test, schemars(extend("examples" = ["absent", "allow", "warn", "deny", "exempted"])))]
    before: &'static str,
    /// How it stands.
    #[cfg_attr(test, schemars(extend("examples" = ["absent", "allow", "warn", "deny", "exempted"])))]
    after: &'static str,
    /// How sure it is to matter, for rules that tell that.
    #[cfg_attr(test, schemars(extend("examples" = ["firm", "light"])))]
    strength: Option<&'static str>,
    /// What it is about; empty for the whole flake.
    input_path: &'d [String],
    /// What is, or was, the case.
    message: &'d str,
    /// As in the report of `check`.
    fingerprint: &'d str,
    /// Of a list, what is new in it or gone from it; empty where that is all of it.
    parts: &'d [String],
}

/// Inputs of one flake.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Inputs"))]
struct V1Inputs<'d> {
    /// The flake that has them: the input path of a dependency, empty for the flake itself.
    holder: &'d [String],
    /// Inputs that are there only now: the first 100.
    came: Vec<V1Input<'d>>,
    /// How many there are.
    came_total: usize,
    /// Inputs that were there only before: the first 100.
    went: Vec<V1Input<'d>>,
    /// How many there are.
    went_total: usize,
    /// Inputs that lead to another repository: the first 100.
    replaced: Vec<V1Replaced<'d>>,
    /// How many there are.
    replaced_total: usize,
}

/// An input.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Input"))]
struct V1Input<'d> {
    /// Its name.
    name: &'d str,
    /// Its locked reference; null where it follows another input.
    #[serde(rename = "ref")]
    reference: Option<&'d str>,
    /// Where it leads, in words.
    leads_to: &'d str,
    /// How many inputs it brings or takes along.
    below: usize,
}

/// An input that leads to another repository.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Replaced"))]
struct V1Replaced<'d> {
    /// Before.
    from: V1Input<'d>,
    /// Now.
    to: V1Input<'d>,
}

/// How many sources of dependencies were read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Sources"))]
struct V1Sources {
    /// Before.
    before: V1Read,
    /// Now.
    after: V1Read,
}

/// How many sources of one state were read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Read"))]
struct V1Read {
    /// Those that were.
    read: usize,
    /// All.
    total: usize,
}

/// Writes the document for this lock, between states with these names.
///
/// # Errors
/// Those of the sink.
pub fn write(
    lock_file: &str,
    (old, new): (&str, &str),
    difference: &Difference,
    out: &mut impl Write,
) -> io::Result<()> {
    let Difference { came, went, moved, reconfigured, dependencies, outputs, .. } = difference;
    let (findings, inputs) = (&difference.findings, &difference.inputs);
    let document = V1Diff {
        head: Head::new(lock_file),
        old,
        new,
        nixpkgs: V1Instances {
            came: first(came, V1Nixpkgs::new),
            came_total: came.len(),
            went: first(went, V1Nixpkgs::new),
            went_total: went.len(),
            moved: first(moved, V1Moved::new),
            moved_total: moved.len(),
            reconfigured: first(reconfigured, V1Reconfigured::new),
            reconfigured_total: reconfigured.len(),
        },
        inputs_rebound: first(dependencies, V1Receivers::new),
        inputs_rebound_total: dependencies.len(),
        outputs_rebound: first(outputs, V1Receivers::new),
        outputs_rebound_total: outputs.len(),
        findings: first(findings, V1Found::new),
        findings_total: findings.len(),
        inputs: first(inputs, V1Inputs::new),
        inputs_total: inputs.len(),
        sources: difference.sources.map(|sources| {
            let read = |(read, total)| V1Read { read, total };
            V1Sources { before: read(sources.before), after: read(sources.after) }
        }),
    };
    write_document(&document, out)
}

/// The first entries of a list, as many as are written.
fn first<'d, T, U>(all: &'d [T], as_json: impl Fn(&'d T) -> U) -> Vec<U> {
    all.iter().take(Report::LONGEST).map(as_json).collect()
}

impl<'d> V1Nixpkgs<'d> {
    fn new(of: &'d Nixpkgs) -> Self {
        Self {
            input_path: &of.name.path,
            settings: &of.name.with,
            made: &of.made,
            source: of.source.as_ref().map(V1Version::new),
            base: of.base.as_ref().map(V1Version::new),
            consumers_total: of.users,
        }
    }
}

impl<'d> V1Version<'d> {
    fn new(version: &'d SourceVersion) -> Self {
        let date = version.date.map(|date| date.to_string());
        Self { reference: &version.reference, date }
    }
}

impl<'d> V1Named<'d> {
    fn new(name: &'d InstanceName) -> Self {
        Self { input_path: &name.path, settings: &name.with }
    }
}

impl<'d> V1Moved<'d> {
    fn new(moved: &'d Moved) -> Self {
        Self {
            instances: first(&moved.instances, V1Named::new),
            from: V1Version::new(&moved.from),
            to: V1Version::new(&moved.to),
            days: moved.days,
            consumers_total: moved.users,
        }
    }
}

impl<'d> V1Reconfigured<'d> {
    fn new(changed: &'d Reconfigured) -> Self {
        let Reconfigured { name, set, unset } = changed;
        Self { instance: V1Named::new(name), set, unset }
    }
}

impl<'d> V1Receivers<'d> {
    fn new(receivers: &'d Receivers) -> Self {
        Self {
            paths: first(&receivers.paths, Vec::as_slice),
            paths_total: receivers.paths.len(),
            from: first(&receivers.before, V1Nixpkgs::new),
            to: first(&receivers.after, V1Nixpkgs::new),
        }
    }
}

impl<'d> V1Found<'d> {
    fn new(found: &'d FoundChange) -> Self {
        let FoundChange { rule, before, after, strength, path, message, fingerprint, parts } =
            found;
        let standing = |standing: &FindingStanding| standing.as_str();
        Self {
            rule,
            before: standing(before),
            after: standing(after),
            strength: strength.map(|strength| strength.as_str()),
            input_path: path,
            message,
            fingerprint,
            parts,
        }
    }
}

impl<'d> V1Inputs<'d> {
    fn new(change: &'d InputsChange) -> Self {
        let InputsChange { holder, came, went, replaced } = change;
        Self {
            holder,
            came: first(came, V1Input::new),
            came_total: came.len(),
            went: first(went, V1Input::new),
            went_total: went.len(),
            replaced: first(replaced, |(from, to)| V1Replaced {
                from: V1Input::new(from),
                to: V1Input::new(to),
            }),
            replaced_total: replaced.len(),
        }
    }
}

impl<'d> V1Input<'d> {
    fn new(input: &'d NewInput) -> Self {
        let NewInput { name, leads_to, reference, below } = input;
        Self { name, reference: reference.as_deref(), leads_to, below: *below }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::json::schema::is_written;

    #[test]
    fn the_schema_is_that_of_the_structs() {
        is_written::<V1Diff<'_>>("diff.schema.json");
    }
}
