//! An instance is made from the source of a configured nixpkgs, so that its settings are lost.

use std::collections::BTreeSet;

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::{Analysis, Role, Slot, Wrapper, covers};
use crate::lock::InputId;
use crate::source::evaluate::facts::{Importable, MadeBy, Place, Reading, Use};
use crate::source::evaluate::world as evaluate;

pub(super) static RULE: Rule = Rule {
    id: "import-bypass",
    level: Level::Warn,
    light: Level::Warn,
    summary: "a configured nixpkgs is imported from its source, which loses its settings",
    page: include_str!("../../docs/rules/import-bypass.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let root = graph.lock().root();
    let sources = analysis.sources();
    let Some(reading) = sources.evaluated_root() else { return };
    let mut reported = BTreeSet::new();
    for &holder in graph.reachable() {
        let is_root = holder == root;
        if !is_root && analysis.role(holder) != Role::Flake {
            continue;
        }
        for input in graph.inputs_of(holder) {
            if !is_root && !matches!(analysis.slot(input), Slot::Configured { .. }) {
                continue;
            }
            let Some(wrapper) = configured(analysis, input) else { continue };
            let importable = sources.importable(wrapper.node);
            let Some(slot) = sources.slot(graph, input) else { continue };
            let found = bypass(reading, slot, wrapper, importable);
            let Some(Bypass { how, place, of_packages }) = found else { continue };
            if !reported.insert(input) {
                continue;
            }
            if is_root {
                let name = words::input(graph, input);
                let message = format!("this flake {how} {name}: the settings in it do not apply");
                findings.push(finding(analysis, input, of_packages, message).placed(place));
                continue;
            }
            let consumer = words::node(graph, holder);
            let name = words::node(graph, wrapper.node);
            let message = format!("{consumer} {how} {name}: the settings in it do not apply");
            let mut finding = finding(analysis, input, of_packages, message);
            finding.notes.extend(place.and_then(|place| {
                let file = reading.file(place.file)?;
                let line = file.text.get(..place.span().start)?.matches('\n').count() + 1;
                Some(format!("written in {}:{line} of {consumer}", file.path))
            }));
            findings.push(finding);
        }
    }
}

fn configured<'f>(analysis: &'f Analysis<'_, '_, '_>, input: InputId) -> Option<&'f Wrapper> {
    let end = analysis.graph().end(input)?;
    analysis.wrapper_of(end).map(|id| analysis.wrapper(id)).filter(|wrapper| !wrapper.candidate)
}

/// An instance that lacks the settings of the wrapper whose source it is made from.
struct Bypass {
    how: &'static str,
    place: Option<Place>,
    /// Whether the source is `pkgs.path` of the wrapper's packages, which is nixpkgs itself.
    of_packages: bool,
}

/// How code gets an instance from the source of this input without the wrapper's settings.
fn bypass(
    reading: &Reading,
    slot: evaluate::FlakeInput,
    wrapper: &Wrapper,
    importable: Option<Importable>,
) -> Option<Bypass> {
    // If a wrapper is made to be imported, its settings apply.
    let serves = importable == Some(Importable::ToString);
    let made = || reading.instances.iter().filter(|made| made.base == Some(slot));
    let used = made().filter(|made| made.used && made.same_as.is_none());
    let found = used.into_iter().find_map(|made| {
        let how = match made.made_by {
            // This imports the wrapper's folder, not nixpkgs: repeated settings become arguments of
            // its `default.nix`, if it has one.
            MadeBy::Import if made.from.is_none() => (!serves).then_some("imports"),
            _ if covers(made, wrapper.config.as_ref()) => None,
            // colmena takes over the settings of the packages that it is given; `config = pkgs.config;`
            // hands them on.
            _ if made.from.is_some() && made.keeps_settings => None,
            MadeBy::Import => Some("imports the source of"),
            MadeBy::Nixos => Some("builds a system from the source of"),
            MadeBy::HomeManager => Some("has home-manager import the source of"),
            _ => None,
        }?;
        Some(Bypass { how, place: made.made_at, of_packages: made.from.is_some() })
    });
    let done = reading.flake(slot.flake);
    let imported = done.and_then(|done| done.uses.get(&(slot.input, Use::Import)));
    let imported = imported
        .filter(|_| !serves && !made().any(|made| made.made_by == MadeBy::Import && made.used));
    let imports =
        |place: &Place| Bypass { how: "imports", place: Some(*place), of_packages: false };
    found.or(imported.map(imports))
}

fn finding<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    input: InputId,
    of_packages: bool,
    message: String,
) -> Finding<'a> {
    let end = analysis.graph().end(input);
    let what = match end.and_then(|end| analysis.sources().importable(end)) {
        _ if of_packages => "`pkgs.path` is nixpkgs itself, and importing it gives plain nixpkgs",
        Some(Importable::Fails) => "it has no `default.nix`, so importing it fails",
        Some(Importable::DefaultNix { own_lock: true }) => {
            "its `default.nix` takes nixpkgs from its own lock, whatever it follows"
        }
        _ => "importing that source fails, or gives plain nixpkgs",
    };
    Finding::new(&RULE, Subject::Input(input), message)
        .node(end)
        .label("imported from its source")
        .why(format!("a wrapper's settings are in its `legacyPackages`, not in its source: {what}"))
        .fix(Fix::manual(
            "take packages from `legacyPackages.SYSTEM`; for NixOS set `nixpkgs.pkgs` to that, for \
             home-manager `useGlobalPkgs = true`",
        ))
}
