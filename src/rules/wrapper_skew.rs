//! A wrapper that the root holds is built on another nixpkgs than the root's.

use super::{Judges, Rule, words};
use crate::change::{Fix, Override};
use crate::finding::{Finding, Level, Subject};
use crate::flake_ref::{Identity, Repository, Version, identifying_ref, same_source};
use crate::instance::{Analysis, HeldWrapper, Role, Wrapper};
use crate::lock::{InputId, Lock, NodeId, Target};
use crate::source::declare::Reference;

pub(super) static RULE: Rule = Rule {
    id: "wrapper-skew",
    level: Level::Warn,
    light: Level::Warn,
    summary: "a wrapper is built on another nixpkgs than the flake's own",
    page: include_str!("../../docs/rules/wrapper-skew.md"),
    judges: Judges::Use,
    hidden_by_wrapper: false,
    check,
};

fn check<'a>(analysis: &Analysis<'_, '_, 'a>, findings: &mut Vec<Finding<'a>>) {
    let graph = analysis.graph();
    let lock = graph.lock();
    let root = lock.root();
    let own = analysis.own_nixpkgs(root).and_then(|input| graph.end(input));
    let Some(own) = own.filter(|own| analysis.role(*own) == Role::Nixpkgs) else { return };
    let expectation = analysis.expectations().iter().find(|expectation| expectation.flake == root);
    let held = expectation.into_iter().flat_map(|expectation| &expectation.held);
    // A wrapper that is pinned for a single dependency does not concern the root, unless the root
    // builds from it.
    let is_meant = |held: &&HeldWrapper| {
        held.firm.is_some() || (held.aside && analysis.builds_root(held.wrapper) == Some(true))
    };
    for held in held.filter(is_meant) {
        let wrapper = analysis.wrapper(held.wrapper);
        let (Some(input), Some(base)) = (wrapper.base_input, wrapper.base) else { continue };
        let same = lock.locked(own).zip(lock.locked(base)).is_some_and(|(a, b)| same_source(a, b));
        if base == own || same || follows_already(analysis, input, own) {
            continue;
        }
        let (name, plain) = (words::node(graph, wrapper.node), words::node(graph, own));
        let message = format!("{name} is built on another nixpkgs than {plain}");
        findings.push(
            Finding::new(&RULE, Subject::Input(input), message)
                .node(Some(base))
                .label("leads to another nixpkgs")
                .why(format!(
                    "updating {plain} does not update what {name} is built on, so versions differ"
                ))
                .note(format!(
                    "{name} is built on {}, {plain} is {}",
                    words::source(graph, base),
                    words::source(graph, own)
                ))
                .fix(fix(analysis, wrapper, input, base, own)),
        );
    }
}

fn fix<'a>(
    analysis: &Analysis<'_, '_, 'a>,
    wrapper: &Wrapper,
    input: InputId,
    base: NodeId,
    own: NodeId,
) -> Fix<'a> {
    let graph = analysis.graph();
    // If there is a reason against it, propose no line, because pasting it would move a pin.
    if graph.end(input) != Some(base) {
        return Fix::manual(
            "the wrapper is built on another wrapper: decide which of them to change",
        );
    }
    match pin(analysis, wrapper, input, base, own) {
        Some(pin) => Fix::manual(format!("{pin}: decide which of them is right")),
        None if !same_repository(graph.lock(), own, base) => {
            Fix::manual("they are different sources of nixpkgs: decide which of them is right")
        }
        None => Fix::unverified(
            Override::all(graph, &[input], own),
            "the version of nixpkgs changes for everything that is built from the wrapper",
        )
        .repinning(),
    }
}

/// Whether flake.nix makes the wrapper follow the root's nixpkgs and only the lock does not, which
/// `stale-lock` reports.
fn follows_already(analysis: &Analysis<'_, '_, '_>, input: InputId, own: NodeId) -> bool {
    let graph = analysis.graph();
    let path = graph.input_path(input);
    let declared =
        analysis.declarations().zip(path.whole()).and_then(|(all, path)| all.input_at(path));
    let follows = declared.and_then(|declared| declared.follows.as_ref());
    let found = follows.and_then(|to| graph.find_input(to.path.iter().map(String::as_str)));
    found.and_then(|found| graph.end(found)) == Some(own)
}

/// Evidence that the two differ on purpose, if there is any.
fn pin(
    analysis: &Analysis<'_, '_, '_>,
    wrapper: &Wrapper,
    input: InputId,
    base: NodeId,
    own: NodeId,
) -> Option<String> {
    let graph = analysis.graph();
    let slot = words::input(graph, input);
    if let Some(said) = root_declaration(analysis, input, &slot) {
        return Some(format!("flake.nix {said}, which is a deliberate pin"));
    }
    let version = |node| graph.lock().original(node).map_or(Version::Unnamed, Version::of);
    let (wanted, given, of_wrapper) = (version(own), version(base), version(wrapper.node));
    let (plain, name) = (words::node(graph, own), words::node(graph, wrapper.node));
    let pins = [(&plain, &wanted), (&slot, &given), (&name, &of_wrapper)];
    if let Some((who, version)) = pins.iter().find(|(_, version)| version.is_pinned()) {
        return Some(format!("{who} names {version}, which is a deliberate pin"));
    }
    // A wrapper's repository often has one branch for each release of nixpkgs.
    let differing = [(&slot, &given), (&name, &of_wrapper)].into_iter().find(|(who, version)| {
        let is_silent = *who == &name && **version == Version::Unnamed;
        !is_silent && **version != wanted
    });
    differing.map(|(who, version)| {
        format!("{plain} names {wanted} and {who} {version}, which is a deliberate pin")
    })
}

/// What the root itself declares for a wrapper's nixpkgs.
fn root_declaration(analysis: &Analysis<'_, '_, '_>, input: InputId, slot: &str) -> Option<String> {
    let graph = analysis.graph();
    let path = graph.input_path(input);
    let names = path.whole()?;
    if let Some(declared) = analysis.declarations().and_then(|all| all.input_at(names)) {
        match (&declared.follows, &declared.reference) {
            (Some(follows), _) => {
                return Some(format!("lets {slot} follow {}", words::followed(&follows.path)));
            }
            (None, Some(Reference::Url { text, .. })) => {
                return Some(format!("gives {slot} the url `{text}`"));
            }
            (None, Some(Reference::Attributes(_))) => {
                return Some(format!("gives {slot} a reference of its own"));
            }
            (None, None) => {}
        }
    }
    // A follows that a flake itself declares is stored with its own path in front.
    match graph.target(input) {
        Target::Follows(to) if to.first() != names.first() => {
            Some(format!("lets {slot} follow {}", words::followed(to)))
        }
        Target::Follows(_) | Target::Direct(_) => None,
    }
}

/// Whether two nodes come from one repository, however it is spelled.
fn same_repository(lock: &Lock<'_>, a: NodeId, b: NodeId) -> bool {
    let repository = |node| identifying_ref(lock, node).and_then(Repository::of);
    let same = |a: Repository<'_>, b: Repository<'_>| a.is(b.forge, b.owner, b.name);
    Identity::of(lock, a) == Identity::of(lock, b)
        || repository(a).zip(repository(b)).is_some_and(|(a, b)| same(a, b))
}
