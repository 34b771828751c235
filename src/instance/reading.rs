//! Sources are read on demand, before anything is judged: first the exports of flakes that could be
//! wrappers; then the root's outputs, and of other flakes whatever those take.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::declared::Declared;
use super::lock_sources::{LockSources, ReadRoot};
use super::opened::Opened;
use super::partition::{self, Joined};
use super::settings;
use crate::graph::Graph;
use crate::lock::NodeId;
use crate::source::evaluate::facts::{MadeInstance, PackageKind, Reading, What};
use crate::source::evaluate::world::{FlakeId, World};
use crate::source::evaluate::{Earlier, overlays, read, read_partitions};
use crate::source::{Reader, SourceBudget, on_deep_stacks};

/// What the root's outputs take, and why they could not be evaluated.
fn evaluate(world: &World<'_>, memory: Option<&Earlier>) -> (Arc<Reading>, Option<String>) {
    let done = on_deep_stacks(&[world], |world| match memory {
        Some(memory) => memory.read(world, FlakeId::ROOT),
        None => read(world, FlakeId::ROOT).map(Arc::new),
    });
    match done.into_iter().next() {
        Some(Ok(reading)) => (reading, None),
        Some(Err((problem, _))) => (Arc::default(), Some(problem)),
        None => (Arc::default(), None),
    }
}

impl LockSources {
    /// Reads everything that is needed: first the exports of possible wrappers, then the root, and
    /// what it takes of the others.
    pub fn read(graph: &Graph<'_, '_>, declared: &Declared, reader: &Reader) -> Self {
        let mut budget = SourceBudget::default();
        let Opened { mut sources, root, world } =
            match Opened::new(graph, declared, reader, &mut budget) {
                Ok(opened) => opened,
                Err(sources) => return *sources,
            };
        let memory = reader.memory().map(|memory| &memory.evaluations);
        let (reading, problem) = evaluate(&world, memory);
        let mut read_joined = |joined: Joined<'_>, is_for_partition: bool| {
            let read = on_deep_stacks(&[&joined.world], |world| match is_for_partition {
                true => read_partitions(world),
                false => read(world, FlakeId::ROOT),
            });
            let mut read = read.into_iter().next()?.ok()?;
            if is_for_partition {
                if read.partitions.is_empty() {
                    return None;
                }
                // Others than these were not looked at.
                read.builds_nothing = false;
            }
            let (source, reading) = (root.clone(), Arc::new(joined.of_this_lock(read)));
            sources.binding = joined.binding;
            let read = ReadRoot { source, reading, problem: None, evaluated: joined.files };
            sources.keep(read, graph);
            sources.read_overlays(&joined.world, None, &mut budget);
            Some(())
        };
        let is_joined = if reading.builds_nothing {
            // It may be there only for its inputs, which a partition of the flake above it takes.
            let read = |joined: Joined<'_>| read_joined(joined, true);
            partition::with_flake_above(graph, &world, reader, read).flatten().is_some()
        } else {
            let folders = reading.other_locks.iter();
            let read = |joined: Joined<'_>| read_joined(joined, false);
            let read =
                partition::with_partitions(graph, &world, &root.files, reader, folders, read);
            read.flatten().is_some()
        };
        if !is_joined {
            let evaluated = root.files.clone();
            sources.keep(ReadRoot { source: root, reading, problem, evaluated }, graph);
            sources.read_overlays(&world, memory, &mut budget);
        }
        sources
    }

    /// Keeps what was read of the root.
    fn keep(&mut self, root: ReadRoot, graph: &Graph<'_, '_>) {
        let too_much = root.reading.too_much.iter();
        self.cut_short.extend(too_much.filter_map(|at| self.binding.node(*at)));
        self.cut_short.remove(&graph.lock().root());
        self.root = Some(root);
    }

    /// The overlays of flakes of which the root takes a package that a GPU setting changes into what
    /// it builds with settings: what an overlay builds has these, too.
    fn read_overlays(
        &mut self,
        world: &World<'_>,
        memory: Option<&Earlier>,
        budget: &mut SourceBudget,
    ) {
        let Some(reading) = self.outputs() else { return };
        let is_configured = |made: &MadeInstance| made.used && settings::changes_builds(made);
        if !reading.instances.iter().any(is_configured) {
            return;
        }
        let uses = reading.outputs.iter().flat_map(|output| &output.uses);
        let flakes = uses.filter_map(|taking| match &taking.what {
            What::Package { instance, kind: PackageKind::Changed(_), .. } => {
                Some(reading.instance(*instance)?.base?.flake)
            }
            What::Package { .. } | What::Opaque { .. } => None,
        });
        let flakes: BTreeSet<FlakeId> = flakes.filter(|flake| !flake.is_root()).collect();
        let nodes = flakes.into_iter().filter_map(|flake| Some((self.binding.node(flake)?, flake)));
        let asked = nodes.filter(|(node, _)| {
            let flake = self.flakes.at(*node).as_ref();
            flake.and_then(|flake| flake.mentions("overlay", budget)).unwrap_or(false)
        });
        let asked: Vec<(NodeId, FlakeId)> = asked.collect();
        let done = budget.spend(&asked, |(_, flake), limit| match memory {
            Some(memory) => memory.overlays(world, *flake, limit),
            None => overlays(world, *flake, limit),
        });
        for ((node, _), done) in asked.into_iter().zip(done) {
            if let Some(flake) = self.flakes.at_mut(node) {
                flake.overlays = done.unwrap_or_default();
            }
        }
    }
}
