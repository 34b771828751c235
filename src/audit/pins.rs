//! Pins in flake.nix for inputs that fixes would override: only a person may change those.

use crate::change::{Applicability, Fix, Override};
use crate::finding::Finding;
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::source::declare::{Declarations, DeclaredInput, Reference};

/// Fixes that would replace a url in flake.nix become manual. For inputs that flake.nix no longer
/// declares, nothing is proposed, because an override would declare them again.
pub(super) fn leave_to_person(analysis: &Analysis<'_, '_, '_>, findings: &mut [Finding<'_>]) {
    let Some(declarations) = analysis.declarations() else { return };
    for fix in findings.iter_mut().filter_map(|finding| finding.fix.as_mut()) {
        let undeclared =
            fix.remedy.overrides().iter().find_map(|change| undeclared(declarations, change));
        if let Some(name) = undeclared {
            *fix = Fix::manual(format!(
                "flake.nix does not declare `{name}`: it goes when Nix writes flake.lock again"
            ));
        } else if fix.applicability > Applicability::Manual {
            let graph = analysis.graph();
            let mut pins =
                fix.remedy.overrides().iter().filter_map(|it| pin(graph, declarations, it));
            if let Some(pin) = pins.next() {
                *fix = Fix::manual(pin);
            }
        }
    }
}

/// The root's input that an override belongs or leads to, if flake.nix does not declare it.
fn undeclared<'c>(declarations: &Declarations, change: &'c Override<'_>) -> Option<&'c str> {
    let names = [change.path.first(), change.follows.first()];
    names.into_iter().flatten().copied().find(|name| declarations.input(name).is_none())
}

/// The url that an override would replace, or that is in effect for its input now.
fn pin(
    graph: &Graph<'_, '_>,
    declarations: &Declarations,
    change: &Override<'_>,
) -> Option<String> {
    let end = graph.end(change.input).and_then(|end| graph.place(end)?.owner);
    let end = end.map(|owner| graph.input_path(owner));
    let end = end.as_ref().and_then(|path| path.whole()).filter(|path| path.len() > 1);
    let of_end = end.and_then(|path| Some((path.to_vec(), url(declarations.input_at(path)?)?)));
    let (path, url) = first_url_below(declarations, &change.path).or(of_end)?;
    Some(format!(
        "flake.nix pins `{}` to {url}, which is a deliberate pin: remove it first, if you no longer want it",
        path.join("/")
    ))
}

/// The first url for an input or for what is below it, which would lose its effect once the input
/// follows another one.
fn first_url_below<'d>(
    declarations: &'d Declarations,
    path: &[&'d str],
) -> Option<(Vec<&'d str>, String)> {
    let mut open = vec![(path.to_vec(), declarations.input_at(path)?)];
    while let Some((path, input)) = open.pop() {
        if let Some(url) = url(input) {
            return Some((path, url));
        }
        for (name, inner) in input.inputs.iter().rev() {
            open.push((path.iter().copied().chain([name.as_str()]).collect(), inner));
        }
    }
    None
}

fn url(input: &DeclaredInput) -> Option<String> {
    match (&input.reference, &input.follows) {
        (Some(Reference::Url { text, .. }), None) => Some(format!("`{text}`")),
        (Some(Reference::Attributes(_)), None) => Some("a reference of its own".to_owned()),
        _ => None,
    }
}
