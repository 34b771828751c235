//! Something that the oldest Nix which the flake must work with cannot read.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Discriminator, Finding, Level, Subject};
use crate::flake_ref::NixVersion;
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::needs::{Need, NeedPlace, Reason, needs};

pub(super) static RULE: Rule = Rule {
    id: "newer-nix",
    level: Level::Deny,
    light: Level::Deny,
    summary: "something that not every Nix from `requires-nix` on can read",
    page: include_str!("../../docs/rules/newer-nix.md"),
    judges: Judges::Use,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let Some(oldest) = analysis.requires_nix() else { return };
    let needs = needs(analysis).into_iter().filter(|need| !need.nix.is_met_from(oldest));
    findings.extend(needs.map(|need| finding(analysis.graph(), &need, oldest)));
}

fn finding<'a>(graph: &Graph<'_, 'a>, need: &Need, oldest: NixVersion) -> Finding<'a> {
    let Need { nix, reason, place } = need;
    let what = reason.words();
    let (subject, name) = match place {
        NeedPlace::Node(node, _) => (Subject::Node(*node), words::node(graph, *node)),
        NeedPlace::Input(input) => (Subject::Input(*input), words::input(graph, *input)),
        NeedPlace::Flake(path, _) if path.is_empty() => {
            (Subject::Flake(None), "this flake".to_owned())
        }
        NeedPlace::Flake(path, _) => {
            let input = graph.find_input(path.iter().map(String::as_str));
            let subject = input.map_or(Subject::Flake(None), Subject::Input);
            (subject, words::followed(path))
        }
    };
    let message = format!("{name} needs {nix}: {what}");
    let finding = Finding::new(&RULE, subject, message)
        .label(format!("needs {nix}"))
        .why(format!("{}; `requires-nix` is {oldest}", reason.otherwise()))
        .together(format!("inputs need {nix}: {what}"))
        .discriminator(Discriminator::Override(format!("{} {what}", name.trim_matches('`'))))
        .fix(Fix::manual(remedy(*reason)));
    match place {
        NeedPlace::Node(node, site) => finding.node(Some(*node)).in_lock(*site),
        NeedPlace::Input(input) => finding.node(graph.end(*input)),
        NeedPlace::Flake(_, span) => finding.at(Some(*span)),
    }
}

/// What to do instead.
fn remedy(reason: Reason) -> &'static str {
    match reason {
        Reason::Relative | Reason::PathLiteral => {
            "put the flake into a repository of its own, or raise `requires-nix`"
        }
        Reason::ThroughFollows => {
            "let it follow the input where that path ends, or raise `requires-nix`"
        }
        Reason::Attribute(_) => {
            "refer to the source in another way and lock it again, or raise `requires-nix`"
        }
        Reason::File => "take the file from an archive or a repository, or raise `requires-nix`",
        Reason::DeepOverride => {
            "let the input in between follow one of this flake, of which you override the inputs, or \
             raise `requires-nix`"
        }
        Reason::Own(_) => "leave it to those who refer to this flake, or raise `requires-nix`",
        Reason::BuildTime => "remove it: without it the input is fetched when it is evaluated",
    }
}
