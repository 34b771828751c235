//! An archive that is locked by a URL whose contents may change.

use super::{Judges, Rule, words};
use crate::change::Fix;
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{Link, is_locked};
use crate::instance::Analysis;
use crate::lock::{Lock, NodeId, SourceKind};

pub(super) static RULE: Rule = Rule {
    id: "mutable-url",
    level: Level::Allow,
    light: Level::Allow,
    summary: "an archive is locked by a URL whose contents may change",
    page: include_str!("../../docs/rules/mutable-url.md"),
    judges: Judges::References,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    for &node in graph.reachable().iter().skip(1) {
        let Some(url) = mutable(lock, node) else { continue };
        let name = words::node(graph, node);
        let message = format!("{name} is locked by `{url}`, whose contents may change");
        findings.push(
            Finding::new(&RULE, Subject::Node(node), message)
                .node(Some(node))
                .together("inputs are locked by URLs whose contents may change")
                .why(
                    "its contents are checked by hash: once they differ, nobody can fetch what was \
                     locked, and Nix fails",
                )
                .fix(Fix::manual(
                    "name a release or a revision in the URL, or take the repository instead of an \
                     archive: `github:…`, `git+https:…`",
                )),
        );
    }
}

/// The URL of an archive, if it names no fixed version. Unlocked ones have a rule of their own.
fn mutable<'a>(lock: &Lock<'a>, node: NodeId) -> Option<&'a str> {
    let locked = lock.locked(node).filter(|locked| is_locked(*locked))?;
    // A server with immutable links returns them with the revision.
    let is_archive = matches!(locked.kind(), SourceKind::Tarball | SourceKind::File)
        && locked.text("rev").is_none();
    let url = locked.text("url").filter(|url| is_archive && url.starts_with("http"))?;
    (!Link::new(url).version.is_pinned() && !url.split('/').any(is_release)).then_some(url)
}

/// Whether a part of a URL is a release number, `v3.21.9`, as projects with their own servers have.
fn is_release(part: &str) -> bool {
    let number = part.strip_prefix('v').unwrap_or(part);
    let mut numbers = number.split('.');
    numbers.clone().count() > 1
        && numbers.all(|one| !one.is_empty() && one.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_release;

    #[test]
    fn numbers_of_releases() {
        for (part, is) in [
            ("v3.21.9", true),
            ("1.2", true),
            ("main.tar.gz", false),
            ("v4", false),
            ("1.", false),
            ("", false),
            ("example.org", false),
        ] {
            assert_eq!(is_release(part), is, "{part}");
        }
    }
}
