//! Partitions of flake-parts take inputs from a flake in a folder of the source, which is there only for
//! them and has a lock of its own. Both locks are one flake: they are evaluated together, and each is
//! judged by what goes through its own inputs.
//!
//! Source: flake-parts `extras/partitions.nix`, `extraInputsFlake`.

use super::declared::Declared;
use super::lock_sources::NodeNumbers;
use super::opened::Opened;
use crate::flake_ref::{Repository, identifying_ref};
use crate::graph::{Graph, Overrides};
use crate::lock::{Lock, Unescaped};
use crate::source::evaluate::facts::{Reading, Taking, What};
use crate::source::evaluate::world::{FlakeId, World};
use crate::source::{Files, Reader, SourceBudget, TreePath};

/// How many other locks of a flake are read.
const MOST_LOCKS: usize = 8;

/// The flakes of both locks: those of the flake with the partitions come first.
pub(super) struct Joined<'w> {
    pub(super) world: World<'w>,
    /// The numbers of the nodes of the lock that is audited.
    pub(super) binding: NodeNumbers,
    /// The tree of the flake with the partitions, with the folder of the flake that is audited.
    pub(super) files: Files,
}

/// Calls `then` with the flakes of a lock that is there for a partition, and of the flake above that may
/// have it; `None` if there is none. `world` has the flakes of the audited lock.
pub(super) fn with_flake_above<T>(
    graph: &Graph<'_, '_>,
    world: &World<'_>,
    reader: &Reader,
    then: impl FnOnce(Joined<'_>) -> T,
) -> Option<T> {
    let (above, folder) = reader.above()?;
    let text = above.lock_text()?;
    let unescaped = Unescaped::new();
    let lock = Lock::parse(text.as_bytes(), &unescaped).ok()?;
    let overrides = Overrides::new();
    let outer = Graph::build(&lock, &overrides).ok()?;
    if !has_partitions(&outer) {
        return None;
    }
    let Opened { root, world: first, .. } = open(&outer, &above)?;
    Some(then(Joined {
        files: Files::of(root.files.source().clone(), folder.clone()),
        binding: NodeNumbers::after(first.len(), graph),
        world: first.joined(folder, world.clone()),
    }))
}

/// Calls `then` with the flakes of a lock and of those that its partitions take inputs from, in these
/// folders; `None` if these have no locks. `world` has the flakes of the audited lock.
pub(super) fn with_partitions<'a, T>(
    graph: &Graph<'_, '_>,
    world: &World<'_>,
    files: &Files,
    reader: &Reader,
    folders: impl Iterator<Item = &'a TreePath>,
    then: impl FnOnce(Joined<'_>) -> T,
) -> Option<T> {
    let found = folders.take(MOST_LOCKS).filter_map(|folder| {
        let reader = reader.below(folder)?;
        let text = reader.lock_text()?;
        Some((folder, reader, text))
    });
    let found: Vec<_> = found.collect();
    let unescaped: Vec<Unescaped> = found.iter().map(|_| Unescaped::new()).collect();
    let locks = found.iter().zip(&unescaped).filter_map(|((folder, reader, text), unescaped)| {
        Some((*folder, reader, Lock::parse(text.as_bytes(), unescaped).ok()?))
    });
    let locks: Vec<_> = locks.collect();
    let overrides = Overrides::new();
    let graphs = locks.iter().filter_map(|(folder, reader, lock)| {
        Some((*folder, *reader, Graph::build(lock, &overrides).ok()?))
    });
    let graphs: Vec<_> = graphs.collect();
    let opened = graphs
        .iter()
        .filter_map(|(folder, reader, graph)| Some((*folder, open(graph, reader)?.world)));
    let world = opened.fold(None, |joined: Option<World<'_>>, (folder, other)| {
        let before = joined.unwrap_or_else(|| world.clone());
        Some(before.joined(folder.clone(), other))
    })?;
    let binding = NodeNumbers::after(0, graph);
    Some(then(Joined { world, binding, files: files.clone() }))
}

fn open<'w>(graph: &'w Graph<'_, 'w>, reader: &Reader) -> Option<Opened<'w>> {
    Opened::new(graph, &Declared::default(), reader, &mut SourceBudget::default()).ok()
}

/// Partitions are flake-parts'.
fn has_partitions(graph: &Graph<'_, '_>) -> bool {
    let lock = graph.lock();
    let mut ends = graph.inputs_of(lock.root()).filter_map(|input| graph.end(input));
    ends.any(|end| {
        let of = identifying_ref(lock, end).and_then(Repository::of);
        of.is_some_and(|Repository { owner, name, .. }| {
            owner.eq_ignore_ascii_case("hercules-ci") && name.eq_ignore_ascii_case("flake-parts")
        })
    })
}

impl Joined<'_> {
    /// Of what was read, what is a matter of the audited lock.
    pub(super) fn of_this_lock(&self, mut reading: Reading) -> Reading {
        let Reading { outputs, instances, .. } = &mut reading;
        let is_of_lock = |flake: FlakeId| self.binding.node(flake).is_some();
        for output in outputs {
            output.uses.retain(|Taking { what, .. }| match what {
                What::Package { instance, .. } => {
                    let base = instances.get(instance.index()).and_then(|made| made.base);
                    base.is_none_or(|slot| is_of_lock(slot.flake))
                }
                What::Opaque { slot, .. } => is_of_lock(slot.flake),
            });
        }
        reading
    }
}
