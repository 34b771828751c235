//! The root holds a wrapper, and builds from plain nixpkgs all the same.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::{Effect, Facts, Role, covers};
use crate::source::evaluate::facts::{MadeBy, Taken};

pub(super) static RULE: Rule = Rule {
    id: "root-unconfigured",
    level: Level::Warn,
    light: Level::Warn,
    summary: "the flake holds a configured nixpkgs, and builds packages from the plain one",
    page: include_str!("../../docs/rules/root-unconfigured.md"),
    judges: Judges::Source,
    check,
};

fn check<'a>(facts: &Facts<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let Some(code) = facts.code().evaluated_root() else { return };
    let graph = facts.graph();
    let root = graph.lock().root();
    let Some(expectation) = facts.expectations().iter().find(|e| e.flake == root) else { return };
    let mut told = Vec::new();
    for made in code.instances.iter().filter(|made| made.own && made.used) {
        let by = match made.made_by {
            MadeBy::Legacy => "legacyPackages",
            MadeBy::Import => "import",
            MadeBy::Nixos if made.made_at.is_some() => "nixosSystem",
            _ => continue,
        };
        // Something made of another instance is judged by that one.
        let input = made.base.and_then(|at| facts.root_input(at));
        let Some(input) = input.filter(|_| made.from.is_none()) else { continue };
        let Some(end) = graph.end(input).filter(|end| facts.role(*end) == Role::Nixpkgs) else {
            continue;
        };
        // Permissions build nothing twice; and a wrapper of another nixpkgs is another matter.
        let wrapper = expectation
            .firm()
            .map(|held| facts.wrapper(held.wrapper))
            .find(|wrapper| wrapper.effect != Effect::PermissionsOnly && wrapper.base == Some(end));
        let Some(wrapper) = wrapper else { continue };
        if covers(made, wrapper.config.as_ref()) {
            continue;
        }
        let taken = made.base.and_then(|at| code.taken.get(&(at, Taken::Packages)));
        let place = made.made_at.or(taken.copied());
        if told.contains(&(input, by)) {
            continue;
        }
        told.push((input, by));
        let name = words::node(graph, wrapper.node);
        let plain = words::input(graph, input);
        let what = match made.made_by {
            MadeBy::Nixos => {
                format!("a system is built from {plain} without the settings of {name}")
            }
            _ => format!(
                "packages are built from {plain}, while this flake uses the configured {name}"
            ),
        };
        findings.push(
            Finding::new(RULE.id, Subject::Flake(None), what)
                .node(Some(end))
                .placed(place)
                .note("packages of the two are not the same: what is in both exists twice")
                .fix(Fix::manual(match made.made_by {
                    MadeBy::Nixos => {
                        format!("set `nixpkgs.pkgs = …legacyPackages.SYSTEM` of {name}, or the same `nixpkgs.config`")
                    }
                    _ => format!("take them from `legacyPackages` of {name}"),
                })),
        );
    }
}
