//! The root holds what looks like a wrapper, without any sign that dependencies should follow it.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::instance::{Analysis, Role};
use crate::lock::{InputId, NodeId};

pub(super) static RULE: Rule = Rule {
    id: "undeclared-wrapper",
    level: Level::Warn,
    light: Level::Warn,
    summary: "something looks like a wrapper, and nothing shows that it is meant for the dependencies",
    page: include_str!("../../docs/rules/undeclared-wrapper.md"),
    judges: Judges::Use,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    ask_about_wrappers(analysis, findings);
    ask_about_nixpkgs(analysis, findings);
}

/// Asks whether something that looks like a wrapper is meant for the dependencies.
fn ask_about_wrappers<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let root = graph.lock().root();
    // If another wrapper is meant for the dependencies, this one was not chosen.
    let Some(expectation) =
        analysis.expectations().iter().find(|e| e.flake == root && !e.is_firm())
    else {
        return;
    };
    let mut slots = analysis.raw_slots_below_root();
    // A dependency of which no output takes anything need not agree with one.
    if let Some(verdicts) = analysis.verdicts() {
        slots.retain(|slot| verdicts.reached.contains(slot));
    }
    if slots.is_empty() {
        return;
    }
    for held in &expectation.held {
        // If nothing in this flake is built from it, dependencies need not agree with it.
        if analysis.builds_root(held.wrapper) == Some(false) {
            continue;
        }
        let wrapper = analysis.wrapper(held.wrapper);
        // A flake that offers more than nixpkgs may be held for the rest. So ask only if something
        // else is taken into what is built from it.
        let verdicts = analysis.verdicts().filter(|_| wrapper.candidate);
        let is_beside = |slot: &InputId| {
            verdicts.is_none_or(|verdicts| verdicts.is_taken_beside(*slot, held.wrapper))
        };
        let slots: Vec<InputId> = slots.iter().copied().filter(is_beside).collect();
        if slots.is_empty() {
            continue;
        }
        let name = words::input(graph, held.input);
        let plain = match slots.len() {
            1 => "1 dependency gets plain nixpkgs".to_owned(),
            more => format!("dependencies get plain nixpkgs by {more} inputs"),
        };
        let message = format!("{name} looks like a configured nixpkgs, while {plain}");
        findings.push(
            Finding::new(&RULE, Subject::Input(held.input), message)
                .node(Some(wrapper.node))
                .affects(slots)
                .label("looks like a configured nixpkgs")
                .why("nothing shows that it is meant for the dependencies, so they are not judged")
                .note(format!("evidence: {}", wrapper.evidence.detail))
                .fix(Fix::manual(format!(
                    "if dependencies should get it, write `configured = [{}]` at the top of \
                     flake-audit.toml; if not, `{} = \"allow\"` below `[rules]`",
                    declaration(graph.lock().input(held.input).name),
                    RULE.id
                ))),
        );
    }
}

/// Asks whether an input that is called nixpkgs, but does not look like it by its source, is
/// nixpkgs.
fn ask_about_nixpkgs<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    let Some(input) = lock.input_named(lock.root(), "nixpkgs") else { return };
    let Some(node) = graph.end(input).filter(|_| !analysis.is_disabled(input)) else { return };
    let or_configured = match analysis.role(node) {
        Role::Flake if !exports_no_nixpkgs(analysis, node) => {
            "; if it has settings that dependencies should get, `configured = [\"nixpkgs\"]`"
        }
        Role::Source => "",
        _ => return,
    };
    let source = words::source(graph, node);
    let message = format!("`nixpkgs` is {source}, and nothing shows whether that is a nixpkgs");
    findings.push(
        Finding::new(&RULE, Subject::Input(input), message)
            .node(Some(node))
            .why("until it is declared, inputs that follow it are not judged")
            .fix(Fix::manual(format!(
                "if it is plain nixpkgs, write `nixpkgs = [\"nixpkgs\"]` at the top of \
                 flake-audit.toml{or_configured}"
            ))),
    );
}

/// Whether a flake's source was read and has no whole nixpkgs.
fn exports_no_nixpkgs(analysis: &Analysis<'_, '_, '_>, node: NodeId) -> bool {
    let exports = analysis.sources().flake(node).and_then(|flake| flake.exports());
    exports.is_some_and(|exports| exports.known && exports.whole.is_none())
}

/// An input of the root in the syntax of `flake-audit.toml`.
fn declaration(name: &str) -> String {
    let quoted = toml::Value::from(name).to_string();
    if name.contains('/') { format!("[{quoted}]") } else { quoted }
}
