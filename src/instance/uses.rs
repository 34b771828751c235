//! What is taken from inputs, and done with slots, as drawings and `why` tell it.

use std::collections::{BTreeMap, BTreeSet};

use super::analysis::Analysis;
use super::lock_sources::input_index;
use crate::lock::{InputId, NodeId};
use crate::source::evaluate::facts::{Taken, Use};

impl Analysis<'_, '_, '_> {
    /// What the root takes from one of its inputs; `None` where its source was not read, and for
    /// inputs of others.
    pub fn taken(&self, input: InputId) -> Option<Vec<Taken>> {
        let graph = self.graph();
        if graph.edge(input).holder != graph.lock().root() {
            return None;
        }
        let done = self.sources().done_by(graph.lock().root())?;
        let at = input_index(graph, input);
        let taken = done.taken.range((at, Taken::Packages)..=(at, Taken::Unknown));
        Some(taken.map(|((_, taken), _)| *taken).collect())
    }

    /// Whether an input ends at a nixpkgs, raw or configured.
    pub fn holds_nixpkgs(&self, input: InputId) -> bool {
        let end = self.graph().end(input);
        end.is_some_and(|end| super::role::is_nixpkgs(self.role(end)))
    }

    /// What its holder does with an input that ends at nixpkgs; `None` where the holder's source
    /// was not read.
    pub fn uses(&self, input: InputId) -> Option<Vec<Use>> {
        if !self.holds_nixpkgs(input) {
            return None;
        }
        let graph = self.graph();
        let holder = graph.edge(input).holder;
        let at = input_index(graph, input);
        let done = self.sources().done_by(holder)?;
        let used = done.uses.range((at, Use::LegacyPackages)..=(at, Use::HandedOn));
        let mut uses: Vec<Use> = used.map(|((_, what), _)| *what).collect();
        uses.sort_unstable();
        Some(uses)
    }

    /// Settings that the root's code sets for instances of its own, by the nixpkgs that they are
    /// made from: names of those that are on or may be.
    pub fn settings_of_root(&self) -> BTreeMap<NodeId, BTreeSet<String>> {
        let mut settings: BTreeMap<NodeId, BTreeSet<String>> = BTreeMap::new();
        for made in self.sources().evaluated_root().iter().flat_map(|code| &code.instances) {
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
