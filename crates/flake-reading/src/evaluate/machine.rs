//! What evaluation needs at hand, and the forcing of thunks.

use super::calls::Calls;
use super::facts::{InstanceId, Place, Reading, Unread};
use super::heap::{Heap, State};
use super::loaded::Loaded;
use super::meter::Meter;
use super::modules::{Class, ClassId};
use super::packages::Making;
use super::value::{Code, FileId, Scope, Set, Thunk, Value};
use super::world::{FlakeId, Slot, World};
use crate::Span;
use crate::syntax::{ExprId, Name};

pub(super) type Bag<T> = std::collections::HashSet<T, foldhash::fast::RandomState>;
pub(super) type Map<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;

/// How deep evaluation may nest. Each level takes some kilobytes of stack: see `STACK`.
const DEEPEST: u32 = 1_500;

/// A place for what stands nowhere; it is never written down.
pub(super) const NOWHERE: Place = Place { file: FileId(u32::MAX), span: Span { start: 0, end: 0 } };

pub(super) struct Machine<'w> {
    pub(super) world: &'w World,
    pub(super) heap: Heap,
    pub(super) calls: Calls,
    pub(super) loaded: Loaded,
    /// What each flake's outputs are, once they are asked for.
    pub(super) outputs: Map<FlakeId, Thunk>,
    /// What each input offers under a name, once that is asked for.
    pub(super) offers: Map<(Slot, Name), Value>,
    pub(super) classes: Vec<Class>,
    /// Flakes that are evaluations of flake-parts' modules.
    pub(super) parts: Map<FlakeId, ClassId>,
    /// How instances are made, by their ids.
    pub(super) makings: Vec<Making>,
    pub(super) legacy: Map<(Slot, Option<Name>), InstanceId>,
    pub(super) reading: Reading,
    pub(super) meter: Meter,
    /// Whether something of the output that is looked at was too much.
    pub(super) cut_short: bool,
    /// The file whose code is evaluated: whose it is when it is too much.
    pub(super) at: Option<FileId>,
    depth: u32,
}

impl<'w> Machine<'w> {
    pub(super) fn new(world: &'w World, limit: u64) -> Self {
        let mut reading = Reading::default();
        reading.flakes.resize(world.len(), super::facts::FlakeFacts::default());
        Self {
            world,
            heap: Heap::new(),
            calls: Calls::default(),
            loaded: Loaded::default(),
            outputs: Map::default(),
            offers: Map::default(),
            classes: Vec::new(),
            parts: Map::default(),
            makings: Vec::new(),
            legacy: Map::default(),
            reading,
            meter: Meter::new(limit),
            cut_short: false,
            at: None,
            depth: 0,
        }
    }

    /// Counts steps for what takes more than one: copying long lists, sets and texts. True where
    /// there were too many.
    pub(super) fn weigh(&mut self, size: usize) -> bool {
        let goes_on = self.meter.step(size as u64 / 32);
        !self.within(goes_on)
    }

    /// The same for attributes, each of which takes as much memory as sixteen items of a list: what
    /// is copied of sets and lists stays below some 200 MB.
    pub(super) fn weigh_sets(&mut self, left: &Set, right: &Set) -> bool {
        self.weigh(16 * (left.attrs.len() + right.attrs.len()))
    }

    /// Counts a step; false where there were too many.
    pub(super) fn step(&mut self) -> bool {
        let goes_on = self.meter.step(1);
        self.within(goes_on)
    }

    /// Counts looks at paths and at names in folders; false where there were too many.
    pub(super) fn look(&mut self, paths: usize) -> bool {
        let goes_on = self.meter.look(paths);
        self.within(goes_on)
    }

    /// Remembers where there was too much.
    pub(super) fn within(&mut self, goes_on: bool) -> bool {
        if !goes_on && !self.cut_short {
            self.cut_short = true;
            if let Some(flake) = self.at.map(|file| self.flake_of(file)) {
                self.too_much(flake);
            }
        }
        goes_on
    }

    /// Runs something one level deeper; unknown where that is too deep.
    pub(super) fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.depth >= DEEPEST || !self.step() {
            self.within(false);
            return Value::outside();
        }
        self.depth += 1;
        let value = run(self);
        self.depth -= 1;
        value
    }

    pub(super) fn thunk(&mut self, state: State) -> Thunk {
        self.heap.thunk(state)
    }

    pub(super) fn done(&mut self, value: Value) -> Thunk {
        self.heap.thunk(State::Done(value))
    }

    pub(super) fn call_thunk(&mut self, function: &Value, args: Vec<Thunk>) -> Thunk {
        self.call_thunk_at(function, args, NOWHERE)
    }

    /// The same for a call that counts as written at a place: whose it is, is known by that.
    pub(super) fn call_thunk_at(
        &mut self,
        function: &Value,
        args: Vec<Thunk>,
        place: Place,
    ) -> Thunk {
        self.heap.thunk(State::Call(Box::new((function.clone(), args, place))))
    }

    pub(super) fn code_thunk(&mut self, file: FileId, expr: ExprId, scope: Scope) -> Thunk {
        self.heap.thunk(State::Code(Code { file, expr }, scope))
    }

    /// The value of a thunk, computed once. Asking for it while it is computed gives unknown.
    pub(super) fn force(&mut self, thunk: Thunk) -> Value {
        let state = match self.heap.begin(thunk) {
            Ok(state) => state,
            Err(value) => return value,
        };
        let value = self.deeper(|machine| machine.compute(state, thunk));
        self.heap.end(thunk, value.clone());
        value
    }

    /// The same, and what options make of it.
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
            State::Fixed(function) => self.apply(&function, own, NOWHERE),
            State::Scoped(both) => {
                let made = self.apply(&both.1, own, NOWHERE);
                self.update(both.0, made)
            }
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

    /// Where an expression stands.
    pub(super) fn place(&self, code: Code) -> Place {
        let span = self.loaded.file(code.file).map(|file| file.span(code.expr));
        Place { file: code.file, span: span.unwrap_or(Span { start: 0, end: 0 }) }
    }

    /// Whose code stands at a place.
    pub(super) fn flake_at(&self, place: Place) -> Option<FlakeId> {
        self.reading.file(place.file).map(|file| file.flake)
    }

    /// Whose code a file is.
    pub(super) fn flake_of(&self, file: FileId) -> FlakeId {
        let known = self.reading.file(file).map(|file| file.flake);
        known.unwrap_or(FlakeId::new(0))
    }

    pub(super) fn note_unread(&mut self, unread: Unread) {
        let facts = self.reading.flakes.get_mut(unread.flake.index());
        if let Some(facts) = facts {
            facts.is_partial = true;
        }
        self.reading.unread.push(unread);
    }
}
