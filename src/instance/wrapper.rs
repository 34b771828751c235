//! Wrapper flakes: configured instances of nixpkgs, and how they are recognized.

use super::code::{Code, FlakeCode};
use super::known_wrappers::{KNOWN_WRAPPERS, KnownWrapper};
use super::role::Role;
use super::settings::{self, Settings};
use super::slot::is_lib_name;
use super::wrapper_name;
use crate::flake_ref::{Repository, repository_name, telling_reference};
use crate::graph::Graph;
use crate::lock::{InputId, NodeId, NodeTag, Table};
use crate::source::evaluate::facts::{Exports, MadeInstance};
use crate::source::nixpkgs_config::{self, KeyKind};

/// Which of a lock's wrappers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WrapperId(u32);

impl WrapperId {
    pub(super) fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A node that is taken for a configured nixpkgs.
#[derive(Debug)]
pub struct Wrapper {
    /// The node.
    pub node: NodeId,
    /// What shows that it is one.
    pub evidence: Evidence,
    /// What its settings do.
    pub effect: Effect,
    /// Its settings, where they are known.
    pub config: Option<Settings>,
    /// Whether its source shows only that it could be one: it exports other things too.
    pub candidate: bool,
    /// The input from which it takes nixpkgs.
    pub base_input: Option<InputId>,
    /// The raw nixpkgs it is built on.
    pub base: Option<NodeId>,
}

/// What shows that a node is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Where it comes from, strongest first.
    pub kind: EvidenceKind,
    /// In words.
    pub detail: String,
}

/// Kinds of evidence, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceKind {
    /// `configured` in `flake-audit.toml`.
    ConfigFile,
    /// `--configured`.
    Flag,
    /// Its source: `legacyPackages` is a whole nixpkgs with arguments.
    Source,
    /// The list of known wrappers.
    KnownWrapper,
    /// Name and shape: a guess.
    Name,
}

impl EvidenceKind {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceKind::ConfigFile => "config-file",
            EvidenceKind::Flag => "flag",
            EvidenceKind::Source => "source",
            EvidenceKind::KnownWrapper => "known-wrapper",
            EvidenceKind::Name => "name",
        }
    }

    /// Whether the user said so.
    pub fn is_declared(self) -> bool {
        matches!(self, EvidenceKind::ConfigFile | EvidenceKind::Flag)
    }
}

/// What a wrapper's settings do to packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Packages are built differently: GPU support and the like.
    Build,
    /// Packages are permitted; both derivations are the same, nothing is built twice.
    PermissionsOnly,
    /// Not known.
    Unknown,
}

/// Flakes that a wrapper may use besides nixpkgs without ceasing to look like one.
const HELPERS: [(&str, &str); 8] = [
    ("numtide", "flake-utils"),
    ("gytis-ivaskevicius", "flake-utils-plus"),
    ("nix-systems", "default"),
    ("nix-systems", "default-linux"),
    ("nix-systems", "x86_64-linux"),
    ("hercules-ci", "flake-parts"),
    ("edolstra", "flake-compat"),
    ("nixos", "flake-compat"),
];

pub(super) fn at(wrappers: &[Wrapper], id: WrapperId) -> &Wrapper {
    #[expect(clippy::indexing_slicing, reason = "ids are made for existing entries only")]
    &wrappers[id.index()]
}

/// A wrapper that the user declared. Its settings are told by the list, else by its name.
pub(super) fn declared(
    graph: &Graph<'_, '_>,
    code: &Code,
    node: NodeId,
    evidence: Evidence,
) -> Wrapper {
    if let Some(made) = whole(code, node).instance() {
        return make(node, evidence, settings::effect(made), Some(settings::shown(made)));
    }
    match known(graph, node) {
        Some((_, config)) => {
            let config = owned(config);
            make(node, evidence, effect_of(&config), Some(config))
        }
        None => make(node, evidence, effect_by_name(graph, node), None),
    }
}

/// The wrapper that a flake is, as its source tells; where that was not read, as lists and names
/// do.
pub(super) fn recognize(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    code: &Code,
    followed: &Table<NodeTag, bool>,
    node: NodeId,
) -> Option<Wrapper> {
    match whole(code, node) {
        Whole::Unknown => {}
        // Source that shows no whole nixpkgs with arguments vetoes what names say.
        Whole::No => return None,
        Whole::Yes(made, exports) => {
            if made.settings.is_empty() && made.overlays == Some(0) {
                return None;
            }
            let only = exports.known && exports.names.iter().all(|name| is_beside_the_point(name));
            let detail = "its source: `legacyPackages` is nixpkgs, imported with arguments";
            let evidence = Evidence { kind: EvidenceKind::Source, detail: detail.into() };
            let settings = Some(settings::shown(made));
            let mut made = make(node, evidence, settings::effect(made), settings);
            made.candidate = !only && !*followed.at(node);
            return Some(made);
        }
    }
    let names = names(graph, node);
    if !names.iter().flatten().any(|name| wrapper_name::mentions_pkgs(name)) {
        return None;
    }
    if let Some((known, config)) = known(graph, node) {
        let detail = format!("{}/{} is a known wrapper, {}", known.owner, known.name, known.seen);
        let evidence = Evidence { kind: EvidenceKind::KnownWrapper, detail };
        let config = owned(config);
        return Some(make(node, evidence, effect_of(&config), Some(config)));
    }
    let (name, effect) = names.into_iter().flatten().find_map(|name| {
        let effect = wrapper_name::effect(name)?;
        Some((name, effect))
    })?;
    let detail = format!(
        "a guess: it is called `{name}`, and its inputs are one nixpkgs and helper flakes only"
    );
    has_shape(graph, roles, node)
        .then(|| make(node, Evidence { kind: EvidenceKind::Name, detail }, effect, None))
}

/// Whether lists or its name and shape say that a flake is a wrapper, so that its source is asked.
pub(super) fn looks_like_one(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    node: NodeId,
) -> bool {
    let names = names(graph, node);
    known(graph, node).is_some()
        || (names.into_iter().flatten().any(|name| wrapper_name::effect(name).is_some())
            && has_shape(graph, roles, node))
}

/// Whether a flake's source shows that its `legacyPackages` is a whole nixpkgs.
enum Whole<'c> {
    Unknown,
    No,
    Yes(&'c MadeInstance, &'c Exports),
}

impl<'c> Whole<'c> {
    fn instance(&self) -> Option<&'c MadeInstance> {
        match self {
            Whole::Yes(made, _) => Some(made),
            Whole::Unknown | Whole::No => None,
        }
    }
}

fn whole(code: &Code, node: NodeId) -> Whole<'_> {
    let Some(facts) = code.flake(node).and_then(FlakeCode::exported) else {
        return Whole::Unknown;
    };
    let made = facts.exports.whole.as_ref().and_then(|whole| facts.instance(whole.instance));
    match made {
        Some(made) => Whole::Yes(made, &facts.exports),
        None if facts.exports.known && !facts.cut_short && facts.unread.is_empty() => Whole::No,
        None => Whole::Unknown,
    }
}

/// Outputs that a wrapper may have besides `legacyPackages`: re-exports and development.
pub(super) fn is_beside_the_point(name: &str) -> bool {
    matches!(
        name,
        "legacyPackages"
            | "lib"
            | "nixosModules"
            | "htmlDocs"
            | "checks"
            | "devShells"
            | "devShell"
            | "templates"
            | "formatter"
            | "hydraJobs"
            | "__toString"
    )
}

/// The nodes at which the root's `nixpkgs`, or a slot called so of some flake, ends.
pub(super) fn primarily_followed(graph: &Graph<'_, '_>) -> Table<NodeTag, bool> {
    let lock = graph.lock();
    let mut followed = Table::like(lock.nodes(), false);
    for &holder in graph.reachable() {
        if let Some(end) = lock.input_named(holder, "nixpkgs").and_then(|input| graph.end(input)) {
            *followed.at_mut(end) = true;
        }
    }
    followed
}

fn owned(config: &[(&str, bool)]) -> Settings {
    config.iter().map(|(name, on)| ((*name).to_owned(), *on)).collect()
}

fn make(node: NodeId, evidence: Evidence, effect: Effect, config: Option<Settings>) -> Wrapper {
    Wrapper { node, evidence, effect, config, candidate: false, base_input: None, base: None }
}

fn known(
    graph: &Graph<'_, '_>,
    node: NodeId,
) -> Option<(&'static KnownWrapper, &'static [(&'static str, bool)])> {
    let lock = graph.lock();
    let repository = Repository::of(telling_reference(lock, node)?)?;
    let known =
        KNOWN_WRAPPERS.iter().find(|known| repository.is("github", known.owner, known.name))?;
    let last_modified = lock.last_modified(node);
    Some((known, known.config(last_modified)))
}

fn effect_of(config: &Settings) -> Effect {
    let builds = |name: &str| nixpkgs_config::kind(name) == Some(KeyKind::Build);
    if config.iter().any(|(name, on)| *on && builds(name)) {
        Effect::Build
    } else {
        Effect::PermissionsOnly
    }
}

/// The names that may say that a node is a wrapper: of its input, and of its repository.
fn names<'a>(graph: &Graph<'_, 'a>, node: NodeId) -> [Option<&'a str>; 2] {
    let lock = graph.lock();
    let input = graph.place(node).and_then(|place| place.owner).map(|owner| lock.input(owner).name);
    let reference = telling_reference(lock, node);
    let repository = reference.and_then(|reference| {
        let url = || reference.text("url").or(reference.text("path")).map(repository_name);
        reference.text("repo").or_else(url)
    });
    [input, repository]
}

fn effect_by_name(graph: &Graph<'_, '_>, node: NodeId) -> Effect {
    let effect = names(graph, node).into_iter().flatten().find_map(wrapper_name::effect);
    effect.unwrap_or(Effect::Unknown)
}

/// Whether a flake's inputs are one nixpkgs and otherwise helper flakes only.
fn has_shape(graph: &Graph<'_, '_>, roles: &Table<NodeTag, Role>, node: NodeId) -> bool {
    let mut nixpkgs = 0;
    for input in graph.inputs_of(node) {
        if is_base(graph, roles, node, input) {
            nixpkgs += 1;
        } else if !is_helper(graph, roles, node, input) {
            return false;
        }
    }
    nixpkgs == 1
}

/// Whether an input of a would-be wrapper is where its nixpkgs comes from: it ends at nixpkgs, or
/// is called so and was led back to the wrapper or above it (`wrapper-loop`).
fn is_base(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    node: NodeId,
    input: InputId,
) -> bool {
    let name = graph.lock().input(input).name;
    let Some(end) = graph.end(input) else { return false };
    match roles.at(end) {
        Role::Nixpkgs | Role::Configured(_) => !is_lib_name(name),
        _ => name == "nixpkgs" && (graph.is_within(node, end) || *roles.at(end) == Role::Null),
    }
}

fn is_helper(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    node: NodeId,
    input: InputId,
) -> bool {
    let lock = graph.lock();
    let Some(end) = graph.end(input) else { return false };
    matches!(roles.at(end), Role::NixpkgsLib | Role::Null)
        || graph.is_within(node, end)
        || is_lib_name(lock.input(input).name)
        || [lock.original(end), lock.locked(end)].into_iter().flatten().any(|reference| {
            let id = reference.text("id").filter(|_| reference.kind() == "indirect");
            let repository = Repository::of(reference);
            HELPERS.iter().any(|(owner, name)| {
                id == Some(name) || repository.is_some_and(|found| found.is("github", owner, name))
            })
        })
}

/// Finds what each wrapper is built on, through wrappers of wrappers.
pub(super) fn find_bases(
    graph: &Graph<'_, '_>,
    roles: &Table<NodeTag, Role>,
    wrappers: &mut [Wrapper],
) {
    for wrapper in wrappers.iter_mut() {
        let bases = graph
            .inputs_of(wrapper.node)
            .filter(|input| is_base(graph, roles, wrapper.node, *input));
        let mut bases: Vec<_> = bases.collect();
        if bases.len() > 1 {
            bases.retain(|input| graph.lock().input(*input).name == "nixpkgs");
        }
        wrapper.base_input = bases.first().copied();
    }
    let ends: Vec<_> = wrappers
        .iter()
        .map(|wrapper| wrapper.base_input.and_then(|input| graph.end(input)))
        .collect();
    // A wrapper of a wrapper has the inner one's base. Each is looked up once; a loop has none.
    let mut bases: Vec<Option<NodeId>> = vec![None; ends.len()];
    let mut seen = vec![false; ends.len()];
    let mut walk = Vec::new();
    for start in 0..ends.len() {
        walk.clear();
        let mut at = start;
        let base = loop {
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => break bases.get(at).copied().flatten(),
            }
            walk.push(at);
            match ends.get(at).copied().flatten() {
                Some(end) => match roles.at(end) {
                    Role::Nixpkgs => break Some(end),
                    Role::Configured(inner) => at = inner.index(),
                    _ => break None,
                },
                None => break None,
            }
        };
        for &at in &walk {
            if let Some(slot) = bases.get_mut(at) {
                *slot = base;
            }
        }
    }
    for (wrapper, base) in wrappers.iter_mut().zip(bases) {
        wrapper.base = base;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_wrappers_are_not_passed_over() {
        assert!(KNOWN_WRAPPERS.iter().all(|known| wrapper_name::mentions_pkgs(known.name)));
    }
}
