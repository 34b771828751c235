//! What a lock says of the flakes whose code is evaluated.

use std::collections::VecDeque;
use std::sync::OnceLock;

use crate::Files;

/// A flake of a [`World`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlakeId(u32);

impl FlakeId {
    /// The root: the first flake.
    pub const ROOT: Self = Self(0);

    /// Whether it is the root.
    pub fn is_root(self) -> bool {
        self == Self::ROOT
    }

    /// The one at an index.
    pub fn new(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0 as usize
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
#[derive(Debug, Default)]
pub struct World {
    flakes: Vec<Flake>,
    /// For each flake the input through which the root reaches it with the fewest steps.
    held_by: OnceLock<Vec<Option<FlakeInput>>>,
}

/// A flake, or whatever else an input may be.
#[derive(Debug)]
pub struct Flake {
    /// Its files, if they are on disk and may be read.
    pub files: Option<Files>,
    /// Its inputs, in the order of the lock.
    pub inputs: Vec<Input>,
    /// Its kind.
    pub kind: FlakeKind,
    /// `owner/repo` of its source in lower case, if it has one.
    pub repository: Option<String>,
    /// Whether its modules, overlays and functions are known to build with the packages that they
    /// are given.
    pub is_known: bool,
}

/// An input of a flake.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Input {
    /// Its name.
    pub name: String,
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

impl World {
    /// A world of these flakes; their ids are the indices.
    pub fn new(flakes: Vec<Flake>) -> Self {
        Self { flakes, held_by: OnceLock::new() }
    }

    /// A flake; `None` for an id of another world.
    pub fn flake(&self, id: FlakeId) -> Option<&Flake> {
        self.flakes.get(id.index())
    }

    /// A flake, for changing its kind.
    pub fn flake_mut(&mut self, id: FlakeId) -> Option<&mut Flake> {
        self.flakes.get_mut(id.index())
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
    pub fn input(&self, slot: FlakeInput) -> Option<&Input> {
        self.flake(slot.flake)?.inputs.get(slot.input.index())
    }

    /// The flake where an input ends.
    pub fn target(&self, slot: FlakeInput) -> Option<FlakeId> {
        self.input(slot)?.target
    }

    /// The names of the inputs by which the root has a flake; `None` if it does not.
    pub fn route(&self, flake: FlakeId) -> Option<Vec<&str>> {
        let held_by = self.held_by.get_or_init(|| self.find_holders());
        let mut names = Vec::new();
        let mut at = flake;
        while at.index() != 0 {
            let slot = (*held_by.get(at.index())?)?;
            names.push(self.input(slot)?.name.as_str());
            at = slot.flake;
        }
        names.reverse();
        Some(names)
    }

    fn find_holders(&self) -> Vec<Option<FlakeInput>> {
        let mut held_by: Vec<Option<FlakeInput>> = vec![None; self.flakes.len()];
        let mut open = VecDeque::from([FlakeId::new(0)]);
        while let Some(flake) = open.pop_front() {
            let inputs = self.flake(flake).map_or(&[][..], |of| of.inputs.as_slice());
            for (at, input) in inputs.iter().enumerate() {
                let Some(target) = input.target.filter(|target| target.index() != 0) else {
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
        let inputs = &self.flake(flake)?.inputs;
        let at = inputs.iter().position(|input| input.name == name)?;
        Some(FlakeInput { flake, input: InputIndex::new(at) })
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
