//! What is taken from inputs, and done with slots, for drawings and `why`.

use std::collections::{BTreeMap, BTreeSet};

use super::analysis::Analysis;
use super::lock_sources::input_index;
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{Taken, Use};

impl Analysis<'_, '_, '_> {
    /// What the root takes from one of its inputs; `None` if its source was not read, and for
    /// inputs of others.
    pub fn taken_by_root(&self, input: InputId) -> Option<Vec<Taken>> {
        let graph = self.graph();
        if graph.edge(input).holder != graph.lock().root() {
            return None;
        }
        let done = self.sources().flake_facts(graph.lock().root())?;
        let at = input_index(graph, input);
        let taken = done.taken.range((at, Taken::Packages)..=(at, Taken::Unknown));
        Some(taken.map(|((_, taken), _)| *taken).collect())
    }

    /// Whether an input ends at a nixpkgs, plain or configured.
    pub fn holds_nixpkgs(&self, input: InputId) -> bool {
        let end = self.graph().end(input);
        end.is_some_and(|end| super::role::is_nixpkgs(self.role(end)))
    }

    /// What the holder of an input does with it, if it ends at nixpkgs; `None` if the holder's
    /// source was not read.
    pub fn uses(&self, input: InputId) -> Option<Vec<Use>> {
        if !self.holds_nixpkgs(input) {
            return None;
        }
        let graph = self.graph();
        let holder = graph.edge(input).holder;
        let at = input_index(graph, input);
        let done = self.sources().flake_facts(holder)?;
        let used = done.uses.range((at, Use::LegacyPackages)..=(at, Use::HandedOn));
        let mut uses: Vec<Use> = used.map(|((_, what), _)| *what).collect();
        uses.sort_unstable();
        Some(uses)
    }

    /// Settings of instances that the root's code makes, by the nixpkgs that they are made from:
    /// names of those that are on or may be.
    pub fn settings_of_root(&self) -> BTreeMap<NodeId, BTreeSet<String>> {
        let mut settings: BTreeMap<NodeId, BTreeSet<String>> = BTreeMap::new();
        for made in self.sources().evaluated_root().iter().flat_map(|reading| &reading.instances) {
            if let Some(base) =
                self.base_of(made).filter(|_| made.used && !made.settings.is_empty())
            {
                let on = super::settings::shown(made).into_iter().filter(|(_, on)| *on);
                settings.entry(base).or_default().extend(on.map(|(name, _)| name));
            }
        }
        settings
    }
}
