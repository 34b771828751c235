//! What a lock says of the flakes, for an evaluation, which records its questions.

use std::cell::Cell;

use super::collections::number;
use super::world::{Flake, FlakeId, FlakeInput, FlakeKind, Input, InputIndex, World};

/// A world, and the questions to it.
#[derive(Debug)]
pub(super) struct Observed<'w> {
    world: &'w World,
    /// By flake: questions about it and about its inputs. They are asked all the time.
    asked: Vec<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    flake: Cell<bool>,
    names: Cell<bool>,
    route: Cell<bool>,
    inputs: Vec<Cell<bool>>,
}

/// A question to a world.
#[derive(Debug, Clone, Copy)]
pub(super) enum Question {
    /// What a flake is, and where its files are.
    Flake(FlakeId),
    /// The names of its inputs.
    Names(FlakeId),
    /// One of its inputs.
    Input(FlakeInput),
    /// The names by which the root has it.
    Route(FlakeId),
}

impl Question {
    /// The answer of a world, as a hash.
    pub(super) fn answer(self, world: &World) -> u64 {
        match self {
            Question::Flake(id) => number(world.flake(id).map(|flake| {
                let Flake { files, kind, repository, is_known, inputs: _ } = flake;
                let place = files.as_ref().map(|files| (files.tree().root(), files.flake()));
                (place, kind, repository, is_known)
            })),
            Question::Names(id) => number(world.flake(id).map(|flake| {
                let names = flake.inputs.iter().map(|input| input.name.as_str());
                names.collect::<Vec<_>>()
            })),
            Question::Input(slot) => number(world.input(slot)),
            Question::Route(id) => number(world.route(id)),
        }
    }
}

impl<'w> Observed<'w> {
    pub(super) fn new(world: &'w World) -> Self {
        let flakes = (0..world.len()).map(|at| {
            let inputs = world.flake(FlakeId::new(at)).map_or(0, |flake| flake.inputs.len());
            Asked { inputs: vec![Cell::new(false); inputs], ..Asked::default() }
        });
        Self { world, asked: flakes.collect() }
    }

    fn ask(&self, question: Question) -> &'w World {
        let of = |id: FlakeId| self.asked.get(id.index());
        let asked = match question {
            Question::Flake(id) => of(id).map(|asked| &asked.flake),
            Question::Names(id) => of(id).map(|asked| &asked.names),
            Question::Route(id) => of(id).map(|asked| &asked.route),
            Question::Input(FlakeInput { flake, input }) => {
                // A missing input depends on which there are.
                of(flake).map(|asked| asked.inputs.get(input.index()).unwrap_or(&asked.names))
            }
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
                (&asked.names, Question::Names(flake)),
                (&asked.route, Question::Route(flake)),
            ];
            for (_, question) in questions.into_iter().filter(|(asked, _)| asked.get()) {
                add(question);
            }
            for (at, _) in asked.inputs.iter().enumerate().filter(|(_, asked)| asked.get()) {
                add(Question::Input(FlakeInput { flake, input: InputIndex::new(at) }));
            }
        }
        said
    }

    /// How many flakes there are.
    pub(super) fn len(&self) -> usize {
        self.world.len()
    }

    /// A flake, but not for its inputs.
    pub(super) fn flake(&self, id: FlakeId) -> Option<&'w Flake> {
        self.ask(Question::Flake(id)).flake(id)
    }

    /// What a flake is.
    pub(super) fn kind(&self, id: FlakeId) -> FlakeKind {
        self.ask(Question::Flake(id)).kind(id)
    }

    /// The names of a flake's inputs, in their order.
    pub(super) fn input_names(&self, id: FlakeId) -> impl Iterator<Item = &'w str> {
        let flake = self.ask(Question::Names(id)).flake(id);
        flake.into_iter().flat_map(|flake| &flake.inputs).map(|input| input.name.as_str())
    }

    /// The input of a flake with this name.
    pub(super) fn input_named(&self, flake: FlakeId, name: &str) -> Option<FlakeInput> {
        self.ask(Question::Names(flake)).input_named(flake, name)
    }

    /// The facts about an input.
    pub(super) fn input(&self, slot: FlakeInput) -> Option<&'w Input> {
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

    /// The names of the inputs by which the root has a flake; `None` if it does not.
    pub(super) fn route(&self, flake: FlakeId) -> Option<Vec<&'w str>> {
        self.ask(Question::Route(flake)).route(flake)
    }
}
