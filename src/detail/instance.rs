//! An instance of nixpkgs: how it is made, its settings, and its node.

use super::{DetailContext, DetailLine, node};
use crate::audit::ReportedInstance;
use crate::instance::Instance;
use crate::render::words;

/// The details of an instance; `reported` is the same one in the report.
pub fn of_instance(
    context: &DetailContext<'_, '_, '_, '_>,
    instance: &Instance,
    reported: &ReportedInstance<'_>,
) -> Vec<DetailLine> {
    let mut lines = vec![DetailLine::new("is", words::origin(reported).to_string())];
    if let Some(overlays) = reported.overlays {
        lines.push(DetailLine::new("overlays", overlays.to_string()));
    }
    if reported.readable != "all" {
        let some = if reported.readable == "none" { "none" } else { "some" };
        lines.push(DetailLine::new("", format!("{some} of its settings could be read")));
    }
    lines.extend(node::of_node(context, instance.node));
    lines
}
