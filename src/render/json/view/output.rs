//! An output, in JSON.

use serde::Serialize;

use crate::audit::{Report, ReportedOutput, ReportedUse};
use crate::graph::InputPath;

/// Something that people build or run of a flake.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Output"))]
pub(in super::super) struct V1Output<'r> {
    /// Its attribute path.
    path: &'r [String],
    /// Further systems for which there is the same.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    systems: &'r [String],
    /// The instances that it is built from, as far as they are listed.
    main: Vec<String>,
    /// How much of it was read.
    #[cfg_attr(test, schemars(extend("examples" = ["whole", "part", "none"])))]
    read: &'static str,
    /// What was not, in words.
    why: Option<String>,
    /// What it takes in, by where it is from: the first 100.
    uses: Vec<V1Use<'r>>,
    /// How many there are.
    uses_total: usize,
}

/// What an output takes of one instance, or of something that was not read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Use"))]
struct V1Use<'r> {
    /// The instance, as far as it is known and listed.
    instance: Option<String>,
    /// The inputs through which it came; none for the flake's own.
    route: Vec<&'r [&'r str]>,
    /// Packages that a setting changes, and what was taken without being read: the first 100.
    packages: Vec<&'r str>,
    /// How many there are.
    packages_total: usize,
    /// The settings that it lacks and that change one of its packages; none for what was not read,
    /// nor where a wrapper's settings are not known by name.
    changed_by: &'r [String],
}

impl<'r> V1Output<'r> {
    pub(in super::super) fn new(output: &'r ReportedOutput<'_>) -> Self {
        Self {
            path: &output.path,
            systems: &output.systems,
            main: output.main.iter().map(|number| format!("i{number}")).collect(),
            read: output.read.as_str(),
            why: why(output),
            uses: output.uses.iter().take(Report::LONGEST).map(V1Use::new).collect(),
            uses_total: output.uses.len(),
        }
    }
}

/// Why not all of an output was read.
fn why(output: &ReportedOutput<'_>) -> Option<String> {
    let reasons = output.not_read.iter().cloned();
    let unread = output.uses.iter().filter(|used| used.made.is_none());
    let unread = unread.filter_map(|used| {
        Some(format!("the source of `{}`", used.route.first()?.names().join("/")))
    });
    let reasons: Vec<String> = reasons.chain(unread).take(Report::LONGEST).collect();
    (!reasons.is_empty()).then(|| reasons.join(", "))
}

impl<'r> V1Use<'r> {
    fn new(used: &'r ReportedUse<'_>) -> Self {
        let packages = used.packages.iter().take(Report::LONGEST);
        Self {
            instance: used.instance.map(|number| format!("i{number}")),
            route: used.route.iter().map(InputPath::names).collect(),
            packages: packages.map(|package| package.name.as_str()).collect(),
            packages_total: used.packages.len(),
            changed_by: &used.changed_by,
        }
    }
}
