//! What a lock says of the flakes, for an evaluation, which records its questions.

use std::cell::Cell;

use super::collections::number;
use super::world::{Flake, FlakeId, FlakeInput, FlakeKind, Input, InputIndex, Reference, World};
use crate::TreePath;

/// A world, and the questions to it.
#[derive(Debug)]
pub(super) struct Observed<'w> {
    world: &'w World<'w>,
    /// By flake, and by the place of an input. These are asked all the time.
    asked: Vec<Asked>,
    inputs: Vec<Cell<bool>>,
}

#[derive(Debug, Clone, Default)]
struct Asked {
    flake: Cell<bool>,
    reference: Cell<bool>,
    names: Cell<bool>,
    route: Cell<bool>,
}

/// A question to a world.
#[derive(Debug, Clone, Copy)]
pub(super) enum Question {
    /// What a flake is, and where its files are.
    Flake(FlakeId),
    /// What its reference says.
    Reference(FlakeId),
    /// The names of its inputs.
    Names(FlakeId),
    /// One of its inputs.
    Input(FlakeInput),
    /// The names by which the root has it.
    Route(FlakeId),
}

impl Question {
    /// The answer of a world, as a hash.
    pub(super) fn answer(self, world: &World<'_>) -> u64 {
        match self {
            Question::Flake(id) => number(world.flake(id).map(|flake| {
                let files = flake.files.as_ref();
                (files.map(|files| (files.tree().root(), files.flake())), flake.kind)
            })),
            Question::Reference(id) => number(world.reference(id)),
            Question::Names(id) => {
                number(world.inputs(id).iter().map(|input| input.name).collect::<Vec<_>>())
            }
            Question::Input(slot) => number(world.input(slot)),
            Question::Route(id) => number(world.route(id)),
        }
    }
}

impl<'w> Observed<'w> {
    pub(super) fn new(world: &'w World<'w>) -> Self {
        let asked = vec![Asked::default(); world.len()];
        Self { world, asked, inputs: vec![Cell::new(false); world.all_inputs()] }
    }

    fn ask(&self, question: Question) -> &'w World<'w> {
        let of = |id: FlakeId| self.asked.get(id.index());
        let asked = match question {
            Question::Flake(id) => of(id).map(|asked| &asked.flake),
            Question::Reference(id) => of(id).map(|asked| &asked.reference),
            Question::Names(id) => of(id).map(|asked| &asked.names),
            Question::Route(id) => of(id).map(|asked| &asked.route),
            Question::Input(slot) => match self.world.place(slot) {
                Some(at) => self.inputs.get(at),
                // A missing input depends on which there are.
                None => of(slot.flake).map(|asked| &asked.names),
            },
        };
        if let Some(asked) = asked {
            asked.set(true);
        }
        self.world
    }

    /// The questions and answers.
    pub(super) fn said(&self) -> Vec<(Question, u64)> {
        let mut said = Vec::new();
        let mut add = |question: Question| said.push((question, question.answer(self.world)));
        for (at, asked) in self.asked.iter().enumerate() {
            let flake = FlakeId::new(at);
            let questions = [
                (&asked.flake, Question::Flake(flake)),
                (&asked.reference, Question::Reference(flake)),
                (&asked.names, Question::Names(flake)),
                (&asked.route, Question::Route(flake)),
            ];
            for (_, question) in questions.into_iter().filter(|(asked, _)| asked.get()) {
                add(question);
            }
            for (at, _) in self.world.inputs(flake).iter().enumerate() {
                let slot = FlakeInput { flake, input: InputIndex::new(at) };
                let asked = self.world.place(slot).and_then(|at| self.inputs.get(at));
                if asked.is_some_and(Cell::get) {
                    add(Question::Input(slot));
                }
            }
        }
        said
    }

    /// How many flakes there are.
    pub(super) fn len(&self) -> usize {
        self.world.len()
    }

    /// A flake.
    pub(super) fn flake(&self, id: FlakeId) -> Option<&'w Flake> {
        self.ask(Question::Flake(id)).flake(id)
    }

    /// What the reference of a flake says.
    pub(super) fn reference(&self, id: FlakeId) -> Option<&'w Reference> {
        self.ask(Question::Reference(id)).reference(id)
    }

    /// What a flake is.
    pub(super) fn kind(&self, id: FlakeId) -> FlakeKind {
        self.ask(Question::Flake(id)).kind(id)
    }

    /// The inputs that the code of a flake has, by name, in their order.
    pub(super) fn slots(&self, id: FlakeId) -> impl Iterator<Item = (&'w str, FlakeInput)> {
        self.ask(Question::Names(id)).slots(id)
    }

    /// The input of a flake with this name.
    pub(super) fn input_named(&self, flake: FlakeId, name: &str) -> Option<FlakeInput> {
        self.ask(Question::Names(flake)).input_named(flake, name)
    }

    /// The facts about an input.
    pub(super) fn input(&self, slot: FlakeInput) -> Option<&'w Input<'w>> {
        self.ask(Question::Input(slot)).input(slot)
    }

    /// The flake where an input ends.
    pub(super) fn target(&self, slot: FlakeInput) -> Option<FlakeId> {
        self.input(slot)?.target
    }

    /// Whether an input ends at a nixpkgs, raw or configured, and may provide packages.
    pub(super) fn is_nixpkgs(&self, slot: FlakeInput) -> bool {
        if let Some(target) = self.target(slot) {
            self.ask(Question::Flake(target));
        }
        self.world.is_nixpkgs(slot)
    }

    /// The folders of the flakes that partitions take inputs from.
    pub(super) fn partition_folders(&self) -> Vec<TreePath> {
        self.world.partition_folders().cloned().collect()
    }

    /// The flake that stands for the root in a partition. That is not recorded: worlds with
    /// partitions are not evaluated from memory.
    pub(super) fn partition(&self, folder: &TreePath) -> Option<FlakeId> {
        self.world.partition(folder)
    }

    /// The names of the inputs by which the root has a flake; `None` if it does not.
    pub(super) fn route(&self, flake: FlakeId) -> Option<Vec<&'w str>> {
        self.ask(Question::Route(flake)).route(flake)
    }
}
