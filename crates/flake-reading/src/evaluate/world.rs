//! What a lock says of the flakes whose code is evaluated.

use std::collections::VecDeque;
use std::fmt::{self, Debug};
use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::{Files, TreePath};

/// A flake of a [`World`]. One more than its index is kept, so that one that may be missing takes no more
/// room than one that is there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlakeId(NonZeroU32);

impl Debug for FlakeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FlakeId").field(&self.index()).finish()
    }
}

impl FlakeId {
    /// The root: the first flake.
    pub const ROOT: Self = Self(NonZeroU32::MIN);

    /// Whether it is the root.
    pub fn is_root(self) -> bool {
        self == Self::ROOT
    }

    /// The one at an index.
    pub fn new(index: usize) -> Self {
        Self(NonZeroU32::MIN.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// An input of a flake, by its index in the order of the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InputIndex(u32);

impl InputIndex {
    /// The one at an index.
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An input of a flake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlakeInput {
    /// The flake that has it.
    pub flake: FlakeId,
    /// Its index among the inputs.
    pub input: InputIndex,
}

/// All flakes of a lock, bound to each other by it.
#[derive(Debug, Clone)]
pub struct World<'n> {
    flakes: Vec<Flake>,
    /// Those of all flakes, one flake after the other.
    inputs: Vec<Input<'n>>,
    references: Arc<dyn References + 'n>,
    /// What each reference says, once that is asked for.
    told: Vec<OnceLock<Box<Reference>>>,
    /// For each flake the input through which the root reaches it with the fewest steps.
    held_by: OnceLock<Vec<Option<FlakeInput>>>,
    /// What partitions of the root have in place of it.
    partitions: Vec<(TreePath, FlakeId)>,
}

/// A flake, or whatever else an input may be.
#[derive(Debug, Clone)]
pub struct Flake {
    /// Its files, if they are on disk and may be read.
    pub files: Option<Files>,
    /// Its kind.
    pub kind: FlakeKind,
    /// Where its inputs begin and end among those of all.
    inputs: Range<usize>,
}

/// What the references of flakes say. Of most of a lock nobody asks.
pub trait References: Debug + Send + Sync {
    /// What that of a flake says, or its files where they are on disk.
    fn reference(&self, flake: FlakeId, files: Option<&Files>) -> Reference;
}

/// What the reference of a flake says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Reference {
    /// `owner/repo` of its source in lower case, if it has one.
    pub repository: Option<String>,
    /// Whether its modules, overlays and functions are known to build with the packages that they
    /// are given.
    pub is_known: bool,
    /// When it was changed last, in seconds since 1970, as its lock says.
    pub modified: Option<u64>,
}

/// An input of a flake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Input<'n> {
    /// Its name.
    pub name: &'n str,
    /// The flake where it ends, after all follows.
    pub target: Option<FlakeId>,
    /// Whether it may provide packages, if it ends at a nixpkgs: it is no lib slot, and not
    /// disabled.
    pub provides: bool,
}

/// What a flake is to those that take it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlakeKind {
    /// Raw nixpkgs.
    Nixpkgs,
    /// A wrapper: its `legacyPackages` is a configured instance of nixpkgs.
    Configured,
    /// Any other flake.
    Flake,
    /// A source without outputs.
    Source,
}

impl References for Vec<Reference> {
    fn reference(&self, flake: FlakeId, _: Option<&Files>) -> Reference {
        self.get(flake.index()).cloned().unwrap_or_default()
    }
}

/// The references of two worlds, one after the other.
#[derive(Debug)]
struct OfBoth<'n> {
    before: usize,
    first: Arc<dyn References + 'n>,
    then: Arc<dyn References + 'n>,
}

impl References for OfBoth<'_> {
    fn reference(&self, flake: FlakeId, files: Option<&Files>) -> Reference {
        match flake.index().checked_sub(self.before) {
            Some(at) => self.then.reference(FlakeId::new(at), files),
            None => self.first.reference(flake, files),
        }
    }
}

impl<'n> World<'n> {
    /// Of no flake yet, but of so many flakes and inputs.
    pub fn new(references: impl References + 'n, flakes: usize, inputs: usize) -> Self {
        Self {
            flakes: Vec::with_capacity(flakes),
            inputs: Vec::with_capacity(inputs),
            references: Arc::new(references),
            told: Vec::with_capacity(flakes),
            held_by: OnceLock::new(),
            partitions: Vec::new(),
        }
    }

    /// The flakes of two locks as one world: partitions of the root (of flake-parts) take inputs from
    /// the flake in this folder of its source, which is the root of the other lock. The root comes first
    /// and the flakes of the other lock last. Their own root stands for the root in such partitions, so
    /// it has the same files, and the root's inputs beside its own ([`World::slots`]).
    #[must_use]
    pub fn joined(self, folder: TreePath, other: Self) -> Self {
        let before = self.len();
        let shifted = |input: &Input<'n>| Input {
            target: input.target.map(|flake| FlakeId::new(before + flake.index())),
            ..input.clone()
        };
        let files = self.flake(FlakeId::ROOT).and_then(|root| root.files.clone());
        let Self { mut flakes, mut inputs, references, mut told, mut partitions, .. } = self;
        partitions.push((folder, FlakeId::new(before)));
        for (at, flake) in other.flakes.iter().enumerate() {
            let id = FlakeId::new(at);
            let start = inputs.len();
            inputs.extend(other.inputs(id).iter().map(shifted));
            let files = if id.is_root() { files.clone() } else { flake.files.clone() };
            flakes.push(Flake { files, kind: flake.kind, inputs: start..inputs.len() });
            told.push(OnceLock::new());
        }
        Self {
            flakes,
            inputs,
            references: Arc::new(OfBoth { before, first: references, then: other.references }),
            told,
            held_by: OnceLock::new(),
            partitions,
        }
    }

    /// The folders of the flakes that partitions take inputs from.
    pub(super) fn partition_folders(&self) -> impl Iterator<Item = &TreePath> {
        self.partitions.iter().map(|(folder, _)| folder)
    }

    /// The flake that stands for the root in partitions with the inputs of this folder's flake.
    pub fn partition(&self, folder: &TreePath) -> Option<FlakeId> {
        self.partitions.iter().find(|(of, _)| of == folder).map(|(_, flake)| *flake)
    }

    /// Adds a flake with its inputs, in the order of the lock; ids are the indices.
    pub fn add(
        &mut self,
        files: Option<Files>,
        kind: FlakeKind,
        inputs: impl Iterator<Item = Input<'n>>,
    ) {
        let start = self.inputs.len();
        self.inputs.extend(inputs);
        self.flakes.push(Flake { files, kind, inputs: start..self.inputs.len() });
        self.told.push(OnceLock::new());
    }

    /// A flake; `None` for an id of another world.
    pub fn flake(&self, id: FlakeId) -> Option<&Flake> {
        self.flakes.get(id.index())
    }

    /// Tells what a flake is, and whether packages may come of its inputs.
    pub fn bind(&mut self, id: FlakeId, kind: FlakeKind, provides: impl Iterator<Item = bool>) {
        let Some(flake) = self.flakes.get_mut(id.index()) else { return };
        flake.kind = kind;
        let inputs = self.inputs.get_mut(flake.inputs.clone()).unwrap_or_default();
        for (input, provides) in inputs.iter_mut().zip(provides) {
            input.provides = provides;
        }
    }

    /// What the reference of a flake says.
    pub fn reference(&self, id: FlakeId) -> Option<&Reference> {
        let files = self.flake(id)?.files.as_ref();
        Some(
            self.told
                .get(id.index())?
                .get_or_init(|| Box::new(self.references.reference(id, files))),
        )
    }

    /// The inputs of a flake, in the order of the lock.
    pub fn inputs(&self, id: FlakeId) -> &[Input<'n>] {
        let inputs = self.flake(id).and_then(|flake| self.inputs.get(flake.inputs.clone()));
        inputs.unwrap_or_default()
    }

    /// The place of a flake's input among those of all.
    pub(super) fn place(&self, slot: FlakeInput) -> Option<usize> {
        let inputs = self.flake(slot.flake)?.inputs.clone();
        inputs.start.checked_add(slot.input.index()).filter(|at| *at < inputs.end)
    }

    /// How many inputs all of them have.
    pub(super) fn all_inputs(&self) -> usize {
        self.inputs.len()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.flakes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.flakes.is_empty()
    }

    /// The facts about an input.
    pub fn input(&self, slot: FlakeInput) -> Option<&Input<'n>> {
        self.inputs.get(self.place(slot)?)
    }

    /// The flake where an input ends.
    pub fn target(&self, slot: FlakeInput) -> Option<FlakeId> {
        self.input(slot)?.target
    }

    /// Whether a flake is the root, or stands for it in a partition.
    fn is_root(&self, flake: FlakeId) -> bool {
        flake.is_root() || self.partitions.iter().any(|(_, of)| *of == flake)
    }

    /// The names of the inputs by which the root has a flake; `None` if it does not.
    pub fn route(&self, flake: FlakeId) -> Option<Vec<&'n str>> {
        let held_by = self.held_by.get_or_init(|| self.find_holders());
        let mut names = Vec::new();
        let mut at = flake;
        while !self.is_root(at) {
            let slot = (*held_by.get(at.index())?)?;
            names.push(self.input(slot)?.name);
            at = slot.flake;
        }
        names.reverse();
        Some(names)
    }

    fn find_holders(&self) -> Vec<Option<FlakeInput>> {
        let mut held_by: Vec<Option<FlakeInput>> = vec![None; self.flakes.len()];
        let mut open = VecDeque::from([FlakeId::ROOT]);
        open.extend(self.partitions.iter().map(|(_, flake)| *flake));
        while let Some(flake) = open.pop_front() {
            for (at, input) in self.inputs(flake).iter().enumerate() {
                let Some(target) = input.target.filter(|target| !self.is_root(*target)) else {
                    continue;
                };
                if let Some(known @ None) = held_by.get_mut(target.index()) {
                    *known = Some(FlakeInput { flake, input: InputIndex::new(at) });
                    open.push_back(target);
                }
            }
        }
        held_by
    }

    /// The input of a flake with this name.
    pub fn input_named(&self, flake: FlakeId, name: &str) -> Option<FlakeInput> {
        let of = |flake: FlakeId| {
            let at = self.inputs(flake).iter().position(|input| input.name == name)?;
            Some(FlakeInput { flake, input: InputIndex::new(at) })
        };
        of(flake).or_else(|| of(FlakeId::ROOT).filter(|_| self.is_root(flake)))
    }

    /// The inputs that the code of a flake has, by name, in the order of the lock. In a partition these
    /// are the root's as well.
    pub fn slots(&self, flake: FlakeId) -> impl Iterator<Item = (&'n str, FlakeInput)> {
        let of = |flake: FlakeId| {
            let all = self.inputs(flake).iter().enumerate();
            all.map(move |(at, of)| (of.name, FlakeInput { flake, input: InputIndex::new(at) }))
        };
        let is_new = move |name: &str| self.inputs(flake).iter().all(|of| of.name != name);
        let stands_for_root = !flake.is_root() && self.is_root(flake);
        let more = stands_for_root.then(|| of(FlakeId::ROOT)).into_iter().flatten();
        of(flake).chain(more.filter(move |(name, _)| is_new(name)))
    }

    /// The kind of a flake.
    pub fn kind(&self, id: FlakeId) -> FlakeKind {
        self.flake(id).map_or(FlakeKind::Source, |flake| flake.kind)
    }

    /// Whether an input ends at a nixpkgs, raw or configured, and may provide packages.
    pub fn is_nixpkgs(&self, slot: FlakeInput) -> bool {
        let kind = self.target(slot).map(|target| self.kind(target));
        matches!(kind, Some(FlakeKind::Nixpkgs | FlakeKind::Configured))
            && self.input(slot).is_some_and(|input| input.provides)
    }
}
