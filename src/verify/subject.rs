//! What is compared: the flake's instances of nixpkgs that something is built from, and how Nix
//! gets each.

use thiserror::Error;

use super::setting;
use crate::flake_ref::FlakeRef;
use crate::graph::{End, InputPath};
use crate::instance::{Analysis, Instance, InstanceOrigin, Role, Slot};
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{MadeBy as Made, MadeInstance, Reading};

/// The instances of a flake.
#[derive(Debug)]
pub struct Subjects {
    /// Those from which packages are built, as far as is known.
    pub compared: Vec<ComparedInstance>,
    /// Those from which, as far as is known, nothing is built: the holder has a configured instance
    /// too, and this one pins the version; or nothing that is taken uses it.
    pub idle: Vec<ComparedInstance>,
}

/// One instance of nixpkgs.
#[derive(Debug, Clone)]
pub struct ComparedInstance {
    /// Its number among the flake's instances, as in reports: `i1`.
    pub id: String,
    /// The key of its node; for one that the root makes, of its base.
    pub node: String,
    /// Owner path of that node.
    pub path: Vec<String>,
    /// Locked reference of that node.
    pub reference: String,
    /// Whether the flake itself uses it.
    pub held_by_root: bool,
    /// Inputs of others that end at it; the first of them.
    pub consumers: Vec<Vec<String>>,
    /// How many there are.
    pub consumers_total: usize,
    /// How Nix gets it.
    pub recipe: Recipe,
}

/// How Nix gets an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipe {
    /// The node's output of that name.
    LegacyPackages,
    /// By importing the node's source.
    Import {
        /// The text inside `config = { … }`.
        config: String,
    },
    /// It cannot, and why.
    None(String),
}

/// A lock on which Nix would not terminate.
#[derive(Debug, Error)]
pub enum Endless {
    /// Nodes own each other.
    #[error("{0} leads back to a node that owns it, on which Nix eats all memory")]
    Nodes(String),
    /// Follows lead in a circle.
    #[error("{0} follows itself, which some versions of Nix do not survive")]
    Follows(String),
}

impl ComparedInstance {
    /// How many inputs of others are named.
    pub const LONGEST: usize = 100;
}

/// The instances of a flake, in the order of reports.
///
/// # Errors
/// Nix would not terminate on the lock.
pub fn subjects(analysis: &Analysis<'_, '_, '_>) -> Result<Subjects, Endless> {
    let graph = analysis.graph();
    let shown = |input| graph.input_path(input).names().join("/");
    if let Some(cycle) = graph.node_cycles().first() {
        return Err(Endless::Nodes(shown(cycle.closes)));
    }
    let mut inputs = graph.reachable().iter().flat_map(|node| graph.inputs_of(*node));
    if let Some(input) = inputs.find(|at| matches!(graph.edge(*at).end, End::Cycle { .. })) {
        return Err(Endless::Follows(shown(input)));
    }
    let instances = analysis.instances();
    let makes_own =
        instances.iter().any(|instance| matches!(instance.made_by, InstanceOrigin::Root(_)));
    let search = Search { analysis, makes_own };
    let mut found = Subjects { compared: Vec::new(), idle: Vec::new() };
    for (number, instance) in (1..).zip(instances) {
        let id = format!("i{number}");
        let is_used = |input: &InputId| search.is_used(&instance, *input);
        let held_by_root: Vec<_> = instance.held_by_root.iter().copied().filter(is_used).collect();
        let slots: Vec<_> = instance.consumers.iter().copied().filter(is_used).collect();
        let made_by_root = matches!(instance.made_by, InstanceOrigin::Root(_));
        if made_by_root || !held_by_root.is_empty() || !slots.is_empty() {
            let is_held = made_by_root || !held_by_root.is_empty();
            found.compared.push(search.subject(id, &instance, is_held, &slots));
        } else {
            let is_held = !instance.held_by_root.is_empty();
            found.idle.push(search.subject(id, &instance, is_held, &instance.consumers));
        }
    }
    Ok(found)
}

struct Search<'s, 'g, 'l, 'a> {
    analysis: &'s Analysis<'g, 'l, 'a>,
    /// Whether the root's code makes instances.
    makes_own: bool,
}

impl Search<'_, '_, '_, '_> {
    fn subject(
        &self,
        id: String,
        instance: &Instance,
        held_by_root: bool,
        consumers: &[InputId],
    ) -> ComparedInstance {
        let graph = self.analysis.graph();
        let lock = graph.lock();
        let owned = |path: &InputPath<'_>| path.names().iter().map(|&name| name.into()).collect();
        let path = graph.owner_path(instance.node);
        let named = consumers.iter().take(ComparedInstance::LONGEST);
        ComparedInstance {
            id,
            node: lock.node(instance.node).key.into(),
            reference: locked(lock.locked(instance.node).map(FlakeRef::new)),
            held_by_root,
            consumers: named.map(|input| owned(&graph.input_path(*input))).collect(),
            consumers_total: consumers.len(),
            recipe: match path.whole() {
                Some(_) => self.recipe(instance),
                None => Recipe::None("its input path is too long".into()),
            },
            path: owned(&path),
        }
    }

    fn recipe(&self, instance: &Instance) -> Recipe {
        let reading = self.analysis.sources().evaluated_root();
        match instance.made_by {
            InstanceOrigin::Raw if !self.analysis.graph().lock().node(instance.node).flake => {
                Recipe::Import { config: String::new() }
            }
            InstanceOrigin::Raw | InstanceOrigin::Wrapper(_) => Recipe::LegacyPackages,
            InstanceOrigin::Root(id) => {
                let made =
                    reading.and_then(|reading| Some((reading.instances.get(id.index())?, reading)));
                match made.map(|(made, reading)| imported(made, reading)) {
                    Some(Ok(config)) => Recipe::Import { config },
                    Some(Err(reason)) => Recipe::None(reason),
                    None => Recipe::None("the flake's code was not read".into()),
                }
            }
        }
    }

    /// Whether packages are built from an instance through this input: not if what is taken of its
    /// holder does not use it; and if the holder has a configured instance too, a plain one counts
    /// as a pin of the version, unless its code shows otherwise.
    fn is_used(&self, instance: &Instance, input: InputId) -> bool {
        let (analysis, graph) = (self.analysis, self.analysis.graph());
        if instance.made_by != InstanceOrigin::Raw {
            return true;
        }
        let holder = graph.edge(input).holder;
        let is_root = analysis.role(holder) == Role::Root;
        let is_reached = analysis.verdicts().is_none_or(|of| of.reached.contains(&input));
        if !is_root && !is_reached {
            return false;
        }
        if !self.holds_configured(holder) {
            return true;
        }
        let may_pin = match is_root {
            true if analysis.sources().evaluated_root().is_some() => true,
            true => {
                let mut wrappers = analysis.wrappers();
                analysis.own_nixpkgs(holder) == Some(input)
                    || wrappers.any(|(_, wrapper)| wrapper.base == Some(instance.node))
            }
            false => analysis.slot(input).is_primary(),
        };
        !may_pin || self.builds_plainly(input)
    }

    fn holds_configured(&self, holder: NodeId) -> bool {
        if self.analysis.role(holder) == Role::Root {
            let mut expectations = self.analysis.expectations().iter();
            return self.makes_own || expectations.any(|e| e.flake == holder && e.is_firm());
        }
        let graph = self.analysis.graph();
        graph.inputs_of(holder).any(|at| matches!(self.analysis.slot(at), Slot::Configured { .. }))
    }

    /// Whether code builds from an input's nixpkgs without settings.
    fn builds_plainly(&self, input: InputId) -> bool {
        let sources = self.analysis.sources();
        let slot = sources.slot(self.analysis.graph(), input);
        let is_plain = |made: &MadeInstance| {
            made.base == slot
                && slot.is_some()
                && made.used
                && made.settings.is_empty()
                && made.overlays == Some(0)
                && made.made_by != Made::Callers
        };
        sources.evaluated_root().is_some_and(|reading| reading.instances.iter().any(is_plain))
    }
}

/// The settings of an instance that code makes.
fn imported(made: &MadeInstance, reading: &Reading) -> Result<String, String> {
    match (made.made_by, made.overlays) {
        (Made::Variant, _) => Err("it is a variant of another instance".into()),
        (_, Some(0)) => setting::config(made, reading),
        (_, Some(_)) => Err("it has overlays".into()),
        (_, None) => Err("its overlays could not be read".into()),
    }
}

/// A node's locked reference; empty if it has none.
pub(super) fn locked(reference: Option<FlakeRef<'_, '_>>) -> String {
    reference.map(|reference| reference.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
