//! The state of an evaluation, and forcing thunks.

use std::rc::Rc;

use super::budget::Budget;
use super::collections::FastMap;
use super::facts::{InstanceId, Place};
use super::heap::{Heap, State};
use super::loaded::Loaded;
use super::memo::CallMemo;
use super::modules::{Class, ClassId};
use super::observed::Observed;
use super::packages::Making;
use super::patterns::Patterns;
use super::recorder::Recorder;
use super::sight::Sight;
use super::value::{Code, FileId, Path, Scope, Thunk, Value};
use super::world::{FlakeId, FlakeInput, World};
use crate::syntax::{ExprId, Name};

pub(super) struct Evaluator<'w> {
    pub(super) world: Rc<Observed<'w>>,
    pub(super) heap: Heap,
    pub(super) calls: CallMemo,
    pub(super) loaded: Loaded,
    pub(super) patterns: Patterns,
    /// How many packages' arguments are being looked through for an attribute, within each other.
    pub(super) looked_through: u32,
    /// The outputs of each flake, once they were needed.
    pub(super) outputs: FastMap<FlakeId, Thunk>,
    /// What each input offers under a name, once that was needed.
    pub(super) offers: FastMap<(FlakeInput, Name), Value>,
    /// Package sets with other contents, by the set, its path and the arguments of its override.
    pub(super) overridden_sets: FastMap<(InstanceId, Path, Vec<Thunk>), Option<Value>>,
    #[expect(clippy::vec_box, reason = "a vector of so large ones is copied when it grows")]
    pub(super) classes: Vec<Box<Class>>,
    /// Flakes that are evaluations of flake-parts' modules.
    pub(super) parts: FastMap<FlakeId, ClassId>,
    /// How instances are made, by their ids.
    pub(super) makings: Vec<Making>,
    pub(super) legacy: FastMap<(FlakeInput, Option<Name>), InstanceId>,
    pub(super) recorder: Recorder<'w>,
    pub(super) budget: Budget,
    pub(super) sight: Sight,
}

impl<'w> Evaluator<'w> {
    pub(super) fn new(world: &'w World<'w>, limit: u64) -> Self {
        let world = Rc::new(Observed::new(world));
        Self {
            world: world.clone(),
            heap: Heap::new(),
            calls: CallMemo::default(),
            loaded: Loaded::default(),
            patterns: Patterns::default(),
            looked_through: 0,
            outputs: FastMap::default(),
            offers: FastMap::default(),
            overridden_sets: FastMap::default(),
            classes: Vec::new(),
            parts: FastMap::default(),
            makings: Vec::new(),
            legacy: FastMap::default(),
            recorder: Recorder::new(world),
            budget: Budget::new(limit),
            sight: Sight::default(),
        }
    }

    /// Runs something one level deeper; unknown if that is too deep.
    pub(super) fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.budget.enter(self.heap.made()) {
            return Value::outside();
        }
        let value = run(self);
        self.budget.leave();
        value
    }

    pub(super) fn thunk(&mut self, state: State) -> Thunk {
        self.heap.thunk(state)
    }

    pub(super) fn done(&mut self, value: Value) -> Thunk {
        self.heap.thunk(State::Done(value))
    }

    pub(super) fn call_thunk(&mut self, function: &Value, args: Vec<Thunk>) -> Thunk {
        self.call_thunk_at(function, args, None)
    }

    /// A thunk for a call that counts as written at a place, which decides whose call it is.
    pub(super) fn call_thunk_at(
        &mut self,
        function: &Value,
        args: Vec<Thunk>,
        place: Option<Place>,
    ) -> Thunk {
        self.heap.thunk(State::Call(Box::new((function.clone(), args, place))))
    }

    pub(super) fn code_thunk(&mut self, file: FileId, expr: ExprId, scope: Scope) -> Thunk {
        self.heap.thunk(State::Code(Code { file, expr }, scope))
    }

    /// The value of a thunk, computed once. Unknown if it is needed while it is being computed.
    pub(super) fn force(&mut self, thunk: Thunk) -> Value {
        let state = match self.heap.begin(thunk) {
            Ok(state) => state,
            Err(value) => return value,
        };
        let value = self.deeper(|evaluator| evaluator.compute(state, thunk));
        self.heap.end(thunk, value.clone());
        value
    }

    /// The same, with options replaced by their values.
    pub(super) fn force_known(&mut self, thunk: Thunk) -> Value {
        let value = self.force(thunk);
        self.resolve(value)
    }

    fn compute(&mut self, state: State, own: Thunk) -> Value {
        match state {
            State::Code(code, scope) => self.expression(code, scope),
            State::Member(set, name) => {
                let set = self.force(set);
                self.member(&set, &name, None)
            }
            State::Call(call) => {
                let (function, args, place) = *call;
                args.into_iter().fold(function, |f, arg| self.apply(&f, arg, place))
            }
            State::Argument(class, name) => self.argument(class, &name),
            State::Fixed(function) => self.apply(&function, own, None),
            State::Scoped(new_scope, function) => self.scope_of(new_scope, function, own),
            State::Extended(both) => self.extend_by(both.0, &both.1, own),
            State::Added(instance, overlays) => self.added_set(instance, overlays),
            State::Configured(class, path) => self.compute_configured(class, &path),
            State::Either(a, b) => {
                let (a, b) = (self.force(a), self.force(b));
                Value::one_of(a, b)
            }
            State::AnyOf(thunks) => {
                let values = thunks.into_iter().map(|thunk| self.force(thunk));
                let values: Vec<Value> = values.filter(|value| !value.is_unknown()).collect();
                let values = values.into_iter().map(Value::conditional).collect();
                Value::either(values)
            }
            State::Perhaps(default) => match self.force(default) {
                Value::Bool(_) => Value::condition(),
                text @ Value::Text(_) => text.conditional(),
                value => value,
            },
            State::Offered(offer) => {
                let (thunk, slot, path, place) = *offer;
                self.offered_by(thunk, slot, path, place)
            }
            State::Done(value) => value,
            State::Busy => Value::outside(),
        }
    }

    /// The place of an expression.
    pub(super) fn place(&self, code: Code) -> Option<Place> {
        let span = self.loaded.file(code.file)?.span(code.expr);
        Some(Place::new(code.file, span))
    }
}
