//! Overrides on the way down.
//!
//! Nix collects all overrides of a flake under their full paths before it looks at an input
//! (`addOverrides` in `src/libflake/flake.cc`). What a `flake.nix` declares is such a collection
//! already, as a tree: here each node carries the branches that are about it.

use std::rc::Rc;

use super::sources::Place;
use crate::source::declare::DeclaredInput;

/// A flake whose `flake.nix` is read.
#[derive(Debug)]
pub(super) struct Declarer<'d> {
    /// Its input path: what its follows begin with.
    pub(super) path: Vec<String>,
    /// The folder of its `flake.nix`: what its relative paths start from.
    pub(super) place: Option<Place<'d>>,
}

/// What a flake says of one input.
#[derive(Debug, Clone)]
pub(super) struct Said<'d> {
    pub(super) input: &'d DeclaredInput,
    pub(super) by: Rc<Declarer<'d>>,
}

/// What flakes above say of one node and its inputs, the outermost first.
#[derive(Debug, Clone, Default)]
pub(super) struct Branches<'d>(Vec<Said<'d>>);

impl<'d> Branches<'d> {
    /// What is said of an input of the node, and of all that is below it.
    pub(super) fn below(&self, name: &str) -> Self {
        let below = self.0.iter().filter_map(|said| {
            let input = said.input.inputs.get(name)?;
            Some(Said { input, by: said.by.clone() })
        });
        Self(below.collect())
    }

    /// The override that wins: the outermost that says what the input is.
    pub(super) fn winner(&self) -> Option<&Said<'d>> {
        self.0.iter().find(|said| said.input.overrides())
    }

    /// With what the flake itself says, which counts least.
    pub(super) fn with(mut self, said: Option<Said<'d>>) -> Self {
        self.0.extend(said);
        self
    }
}
