//! Nix's results for worlds.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use flake_audit::text::NixString;
use serde::Deserialize;

use super::root;
use super::shape::{Kind, Shape};
use super::yard::Yard;
use crate::program::Nix;

/// A derivation, and its parts.
#[derive(Debug, Clone, Deserialize, PartialEq, Eq)]
pub(super) struct Node {
    name: String,
    /// Its setting, if it is a package that settings change.
    gpu: Option<String>,
    /// The settings of the nixpkgs that made it.
    by: String,
    /// Whether the root makes it.
    own: bool,
    /// For what the root makes: settings of packages in the nixpkgs that made it.
    #[serde(default)]
    main: BTreeMap<String, String>,
    holds: Vec<Node>,
}

/// Nix's result for an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Truth {
    /// Whether it contains a package whose setting differs from that of a builder of the root that
    /// takes it in.
    pub(super) wrong: bool,
    /// Whether it may count as wrong or right. Either its builder has no settings, and only a
    /// package differs that somebody has switched on deliberately, or that is inside a package of
    /// nixpkgs. Or only a dependency with settings of its own differs from what it takes in.
    pub(super) arguable: bool,
    /// Whether it contains a package with two settings.
    pub(super) two: bool,
}

/// A package that settings change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Changed<'n> {
    name: &'n str,
    gpu: &'n str,
    /// Whether it is not named with the setting of its nixpkgs: it is switched on, or inside
    /// another one.
    is_aside: bool,
}

impl Node {
    fn collect<'n>(&'n self, inside: bool, into: &mut BTreeSet<Changed<'n>>) {
        if let Some(gpu) = &self.gpu {
            let is_aside = inside || *gpu != self.by;
            into.insert(Changed { name: &self.name, gpu, is_aside });
        }
        for held in &self.holds {
            held.collect(inside || self.gpu.is_some(), into);
        }
    }

    /// All packages in it that settings change.
    fn changed(&self) -> BTreeSet<Changed<'_>> {
        let mut all = BTreeSet::new();
        self.collect(false, &mut all);
        all
    }

    /// Whether a builder of the root in it disagrees with what it takes in. If `strictly`, what is
    /// switched on, or inside another package, is compared with the settings of a builder only.
    fn is_at_odds(&self, strictly: bool) -> bool {
        let disagrees = self.own && {
            let all = self.changed();
            let counts = |it: &Changed<'_>| !strictly || !it.is_aside;
            all.iter().any(|it| {
                let expected = &*self.main[it.name];
                if expected.is_empty() {
                    counts(it) && all.iter().any(|other| counts(other) && other.differs(it))
                } else {
                    it.gpu != expected
                }
            })
        };
        disagrees || self.holds.iter().any(|it| it.is_at_odds(strictly))
    }

    /// Whether a builder of a dependency, with settings, disagrees with what it takes in.
    fn is_odd_below(&self) -> bool {
        let builds = !self.own && self.gpu.is_none() && !self.by.is_empty();
        builds && self.changed().iter().any(|it| it.gpu != self.by)
            || self.holds.iter().any(Node::is_odd_below)
    }
}

impl Changed<'_> {
    /// Whether it is the same package with another setting.
    fn differs(&self, other: &Self) -> bool {
        self.name == other.name && self.gpu != other.gpu
    }
}

/// The expected results for the outputs of a shape.
pub(super) fn truths(shape: &Shape, nodes: &[Node]) -> Vec<Truth> {
    let outputs = || shape.outputs.iter().zip(nodes);
    // An output that is only a dependency's has no builder of the root: it has to agree with the
    // declared wrapper, else with the one configuration that all others are built from.
    let others: BTreeSet<&str> =
        outputs().filter(|it| it.0.kind != Kind::Handed).map(|it| &*it.1.by).collect();
    let declared = shape.wrapper.filter(|it| it.declared).map(|it| it.settings.told());
    let common = match others.len() {
        1 => others.first().copied(),
        _ => None,
    };
    let expected = declared.or(common).unwrap_or_default();
    outputs()
        .map(|(output, node)| {
            let all = node.changed();
            let wrong = match output.kind {
                Kind::Handed => !expected.is_empty() && all.iter().any(|it| it.gpu != expected),
                _ => node.is_at_odds(true),
            };
            let is_odd = output.kind != Kind::Handed && node.is_at_odds(false);
            let arguable = !wrong && (is_odd || node.is_odd_below());
            let two = all.iter().any(|it| all.iter().any(|other| other.differs(it)));
            Truth { wrong, arguable, two }
        })
        .collect()
}

/// Who evaluates the flakes of a world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// A replacement for Nix's own evaluation of locks, in the folder of the worlds: thousands cost
    /// little.
    Judge,
    /// Nix, from its store.
    Nix,
}

/// The values of all outputs of these worlds; an error if one does not evaluate.
pub(super) fn ask(
    nix: &Nix,
    yard: &Yard,
    shapes: &[Shape],
    caller: Caller,
) -> Result<Vec<Vec<Node>>, String> {
    let mut all = String::new();
    for (at, shape) in shapes.iter().enumerate() {
        let folder = NixString(yard.root(at).to_str().unwrap()).to_string();
        let mut sources = String::new();
        for (node, source) in &yard.worlds[at].sources {
            write!(sources, "\"{node}\" = \"{}\"; ", source.folder).unwrap();
        }
        let mut outputs = String::new();
        for output in &shape.outputs {
            let mut path = root::path(output);
            match output.kind {
                Kind::Host => path.extend(["config", "system", "build", "toplevel"]),
                Kind::Home => path.push("activationPackage"),
                Kind::App => path.push("program"),
                _ => {}
            }
            let path: Vec<String> = path.iter().map(|name| format!("\"{name}\"")).collect();
            write!(outputs, "[ {} ] ", path.join(" ")).unwrap();
        }
        writeln!(all, "{{ root = {folder}; sources = {{ {sources}}}; outputs = [ {outputs}]; }}")
            .unwrap();
    }
    let store = NixString(yard.store().to_str().unwrap()).to_string();
    let as_flakes = caller == Caller::Nix;
    let text = format!(
        "({}) {{ store = {store}; asFlakes = {as_flakes}; worlds = [\n{all}]; }}",
        include_str!("judge.nix")
    );
    let file = yard.path().join("asked.nix");
    std::fs::write(&file, text).unwrap();
    let output =
        nix.run(yard.path(), &["eval", "--impure", "--json", "-f", file.to_str().unwrap()]);
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}
