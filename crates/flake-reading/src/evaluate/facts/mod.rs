//! The results of an evaluation: plain data, with places, that outlives it.

mod exports;
mod ids;
mod inputs;
mod instances;
mod outputs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use exports::{Exports, Importable, Overlay, WholeNixpkgs};
pub use ids::{BuilderId, FileId, InstanceId, OutputId, Place};
pub use inputs::{FlakeFacts, Taken, Use};
pub use instances::{MadeBy, MadeInstance, Setting, SettingState};
pub use outputs::{Builder, Output, PackageKind, Read, Taking, What};

use super::world::FlakeId;
use crate::{Span, TreePath};

/// A file that was reached.
#[derive(Debug, Clone)]
pub struct LiveFile {
    /// Its flake.
    pub flake: FlakeId,
    /// Its path in the source.
    pub path: TreePath,
    /// Its text.
    pub text: Arc<str>,
}

/// A file that could not be read, and why.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Its flake.
    pub flake: FlakeId,
    /// Its path in the source.
    pub path: TreePath,
    /// One line; it has to be escaped when it is printed.
    pub reason: String,
    /// The place in it, for syntax errors.
    pub span: Option<Span>,
}

/// What a flake's outputs do, and those of other flakes as far as they are taken.
#[derive(Debug, Default, Clone)]
pub struct Reading {
    /// Files that were reached, in that order.
    pub files: Vec<LiveFile>,
    /// Files that were needed and could not be read.
    pub unread: Vec<Unread>,
    /// Instances of nixpkgs that are made or used.
    pub instances: Vec<MadeInstance>,
    /// What the code of each flake does with its inputs, as far as any of it was evaluated.
    pub flakes: BTreeMap<FlakeId, FlakeFacts>,
    /// What people build or run of it, by path.
    pub outputs: Vec<Output>,
    /// Names of outputs that partitions make with the inputs of another lock of the world.
    pub partitions: BTreeSet<String>,
    /// Folders of flakes whose inputs partitions take, and whose locks the world lacks.
    pub other_locks: BTreeSet<TreePath>,
    /// What it exports.
    pub exports: Exports,
    /// Whether it has no output that anybody could build, or only passes its inputs on.
    pub builds_nothing: bool,
    /// Whether it has overlays, modules, library functions or templates for others.
    pub defines_for_others: bool,
    /// Whether some of it was not looked at because that is too expensive.
    pub cut_short: bool,
    /// Flakes, other than the root, that were not fully looked at because that is too expensive.
    pub too_much: BTreeSet<FlakeId>,
    /// How many steps it took.
    pub steps: u64,
}

impl Reading {
    /// An instance, or the one that it turns out to be.
    pub fn instance(&self, id: InstanceId) -> Option<&MadeInstance> {
        let made = self.instances.get(id.index())?;
        match made.same_as {
            Some(other) if other != id => self.instances.get(other.index()),
            _ => Some(made),
        }
    }

    /// Passes every place in it to a function that may change it.
    pub(in crate::evaluate) fn each_place(&mut self, to: &mut impl FnMut(&mut Place)) {
        for facts in self.flakes.values_mut() {
            facts.taken.values_mut().for_each(&mut *to);
            facts.uses.values_mut().for_each(&mut *to);
            facts.outputs_used.values_mut().for_each(&mut *to);
        }
        for made in &mut self.instances {
            made.made_at.iter_mut().for_each(&mut *to);
            let settings = made.settings.iter_mut().chain(&mut made.beside);
            settings.for_each(|setting| to(&mut setting.place));
        }
        for output in &mut self.outputs {
            output.place.iter_mut().for_each(&mut *to);
            output.builders.iter_mut().filter_map(|b| b.place.as_mut()).for_each(&mut *to);
            output.uses.iter_mut().filter_map(|taking| taking.place.as_mut()).for_each(&mut *to);
        }
    }

    /// A file that was reached.
    pub fn file(&self, id: FileId) -> Option<&LiveFile> {
        self.files.get(id.index())
    }

    /// All instances, with their ids.
    pub fn instances_with_ids(&self) -> impl Iterator<Item = (InstanceId, &MadeInstance)> {
        self.instances.iter().enumerate().map(|(index, made)| (InstanceId::new(index), made))
    }

    /// All outputs, with their ids.
    pub fn outputs_with_ids(&self) -> impl Iterator<Item = (OutputId, &Output)> {
        self.outputs.iter().enumerate().map(|(index, output)| (OutputId::new(index), output))
    }

    /// An output.
    pub fn output(&self, id: OutputId) -> Option<&Output> {
        self.outputs.get(id.index())
    }

    /// What the code of a flake does, if any of it was evaluated.
    pub fn flake(&self, id: FlakeId) -> Option<&FlakeFacts> {
        self.flakes.get(&id).filter(|facts| facts.is_read)
    }
}
