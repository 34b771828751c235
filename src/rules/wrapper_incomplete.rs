//! A follower of a wrapper uses an output that the wrapper does not have.

use std::collections::BTreeSet;

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::{Analysis, Lacks, Role, Slot, input_index};
use crate::source::evaluate::facts::Importable;

pub(super) static RULE: Rule = Rule {
    id: "wrapper-incomplete",
    level: Level::Deny,
    light: Level::Deny,
    summary: "a dependency uses an output that the wrapper it follows does not export",
    page: include_str!("../../docs/rules/wrapper-incomplete.md"),
    judges: Judges::Source,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let sources = analysis.sources();
    for &holder in graph.reachable().iter().skip(1) {
        if analysis.role(holder) != Role::Flake {
            continue;
        }
        for slot in graph.inputs_of(holder) {
            if !matches!(analysis.slot(slot), Slot::Configured { .. }) {
                continue;
            }
            let Some(end) = graph.end(slot) else { continue };
            let mut lacks = BTreeSet::new();
            let (mut imports, mut files) = (false, false);
            if let Some(done) = sources.flake_facts(holder) {
                match Lacks::behind_wrapper(sources, done, input_index(graph, slot), end) {
                    Some(found) => {
                        imports |= found.imports;
                        files |= found.files().is_some();
                        lacks.extend(found.outputs);
                    }
                    None => continue,
                }
            }
            // `import-bypass` reports imports, unless the wrapper can be imported.
            let serves = sources.importable(end) == Some(Importable::ToString);
            if lacks.is_empty() || (imports && !serves) {
                continue;
            }
            let consumer = words::node(graph, holder);
            let wrapper = words::node(graph, end);
            let all: Vec<_> = lacks.iter().map(|name| format!("`{name}`")).collect();
            let all = all.join(", ");
            let message = format!("{consumer} uses {all} of {wrapper}, which does not export it");
            findings.push(
                Finding::new(&RULE, Subject::Input(slot), message)
                    .node(Some(end))
                    .label("follows the wrapper")
                    .why("what uses that fails to evaluate")
                    .fix(Fix::manual(if files {
                        format!(
                            "no wrapper has the files of nixpkgs: let {consumer} follow plain nixpkgs"
                        )
                    } else {
                        format!(
                            "let {wrapper} re-export it (`inherit (nixpkgs) lib nixosModules \
                             htmlDocs;`, and all systems), or let {consumer} follow plain nixpkgs"
                        )
                    })),
            );
        }
    }
}
