//! An instance is made from the source of a configured nixpkgs: its settings are lost.

use std::collections::BTreeSet;

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::{Facts, Role, Slot, Wrapper, covers, position};
use crate::lock::InputId;
use crate::source::evaluate::CodeFacts;
use crate::source::evaluate::facts::{Importable, MadeBy, Place, Use};

pub(super) static RULE: Rule = Rule {
    id: "import-bypass",
    level: Level::Warn,
    light: Level::Warn,
    summary: "a configured nixpkgs is imported from its source, which loses its settings",
    page: include_str!("../../docs/rules/import-bypass.md"),
    judges: Judges::Source,
    check,
};

fn check<'a>(facts: &Facts<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = facts.graph();
    let root = graph.lock().root();
    if let Some(code) = facts.code().evaluated_root() {
        for input in graph.inputs_of(root) {
            let Some(wrapper) = configured(facts, input) else { continue };
            if let Some((how, place)) =
                bypass(code, position(graph, input), wrapper, facts.code().importable(wrapper.node))
            {
                let name = words::input(graph, input);
                let message = format!("this flake {how} {name}: the settings in it do not apply");
                findings.push(tell(facts, input, message).placed(place));
            }
        }
    }
    let mut told = BTreeSet::new();
    for &holder in graph.reachable().iter().skip(1) {
        if facts.role(holder) != Role::Flake {
            continue;
        }
        let Some(demands) = facts.code().demands() else { continue };
        for run in demands.runs(facts.code(), holder) {
            for slot in graph.inputs_of(holder) {
                if !matches!(facts.slot(slot), Slot::Configured { .. }) {
                    continue;
                }
                let Some(wrapper) = configured(facts, slot) else { continue };
                let Some((how, place)) = bypass(
                    run,
                    position(graph, slot),
                    wrapper,
                    facts.code().importable(wrapper.node),
                ) else {
                    continue;
                };
                let consumer = words::node(graph, holder);
                let name = words::node(graph, wrapper.node);
                let message = format!("{consumer} {how} {name}: the settings in it do not apply");
                let at = place.and_then(|place| {
                    run.files.get(place.file as usize).map(|file| {
                        let before = file.text.get(..place.span.start).unwrap_or_default();
                        format!(
                            "{consumer} says so in {}:{}",
                            file.path,
                            before.matches('\n').count() + 1
                        )
                    })
                });
                if told.insert(slot) {
                    let mut finding = tell(facts, slot, message);
                    finding.notes.extend(at);
                    findings.push(finding);
                }
            }
        }
    }
}

fn configured<'f>(facts: &'f Facts<'_, '_, '_>, input: InputId) -> Option<&'f Wrapper> {
    let end = facts.graph().end(input)?;
    facts.wrapper_of(end).map(|id| facts.wrapper(id)).filter(|wrapper| !wrapper.candidate)
}

/// How code gets an instance from the source of this input that lacks the wrapper's settings.
fn bypass(
    code: &CodeFacts,
    input: u32,
    wrapper: &Wrapper,
    importable: Option<Importable>,
) -> Option<(&'static str, Option<Place>)> {
    // A wrapper may be made to be imported: then its settings apply.
    let serves = importable == Some(Importable::ToString);
    let mut made = code.instances.iter().filter(|made| made.base == Some(input) && made.used);
    let made = made.find_map(|made| match made.made_by {
        // What is imported is the wrapper's folder, not nixpkgs: settings that are repeated there
        // are arguments of its `default.nix`, if it has one.
        MadeBy::Import if made.from.is_none() => (!serves).then_some(("imports", made.made_at)),
        _ if covers(made, wrapper.config.as_ref()) => None,
        MadeBy::Import => Some(("imports the source of", made.made_at)),
        MadeBy::Nixos if made.made_at.is_some() => {
            Some(("builds a system from the source of", made.made_at))
        }
        _ => None,
    });
    let home = code.home_manager.filter(|home| !home.global).and_then(|home| {
        let own = code
            .instances
            .iter()
            .any(|made| made.base == Some(input) && made.made_by == MadeBy::Legacy && made.used);
        own.then_some(("has home-manager import the source of", Some(home.place)))
    });
    let imported = code.uses.get(&(input, Use::Import)).filter(|_| {
        !serves
            && !code
                .instances
                .iter()
                .any(|made| made.base == Some(input) && made.made_by == MadeBy::Import)
    });
    made.or(home).or(imported.map(|place| ("imports", Some(*place))))
}

fn tell<'a>(facts: &Facts<'_, '_, 'a>, input: InputId, message: String) -> Finding<'a> {
    let end = facts.graph().end(input);
    let what = match end.and_then(|end| facts.code().importable(end)) {
        Some(Importable::Fails) => "it has no `default.nix`, so importing it fails",
        Some(Importable::DefaultNix { own_lock: true }) => {
            "its `default.nix` takes nixpkgs from its own lock, whatever it is made to follow"
        }
        _ => "importing that fails without a `default.nix`, or gives plain nixpkgs",
    };
    Finding::new(RULE.id, Subject::Input(input), message)
        .node(end)
        .note(format!(
            "a wrapper's settings are in its `legacyPackages`, not in its source: {what}"
        ))
        .fix(Fix::manual(
            "take packages from `legacyPackages.SYSTEM`; for NixOS set `nixpkgs.pkgs` to that, for \
             home-manager `useGlobalPkgs = true`",
        ))
}
