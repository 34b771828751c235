//! The evaluator's memory and limits.
//!
//! Scopes and thunks live in two vectors and refer to each other by number, so that functions may
//! see themselves without cycles of references.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::InputInfo;
use super::facts::{CodeFacts, Place};
use super::Files;
use super::meter::Meter;
use super::modules::ModuleClass;
use super::value::{
    Code, FileId, InputIndex, InstanceId, Names, Scope, Set, Thunk, Value, no_names,
};
use crate::source::TreePath;
use crate::source::syntax::{ExprId, File, Name};
use crate::text::Span;

pub(super) type Bag<T> = HashSet<T, foldhash::fast::RandomState>;
pub(super) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// How deep evaluation may nest. Each level takes some kilobytes of stack: see `STACK`.
const DEEPEST: u32 = 1_500;

pub(super) struct Machine<'e> {
    pub(super) files: &'e Files,
    pub(super) inputs: &'e [InputInfo],
    pub(super) input_names: Map<&'e str, InputIndex>,
    /// The names of inputs as names.
    pub(super) names: Vec<Name>,
    pub(super) facts: CodeFacts,
    pub(super) loaded: Vec<Arc<File>>,
    pub(super) file_ids: Map<TreePath, Option<FileId>>,
    pub(super) file_values: Map<FileId, Thunk>,
    scopes: Vec<ScopeNode>,
    generations: Vec<u32>,
    thunks: Vec<State>,
    pub(super) legacy: Map<InputIndex, InstanceId>,
    pub(super) callers: Option<InstanceId>,
    pub(super) classes: Map<super::modules::ClassKey, ModuleClass>,
    /// Module systems within module systems: by the option that holds them.
    pub(super) submodules: Map<(super::modules::ClassKey, Names), u32>,
    /// The outputs, once they are known.
    pub(super) outputs: Option<Thunk>,
    /// Options of home-manager that are looked at once all hosts are known.
    pub(super) deferred: Vec<(super::modules::ClassKey, Value, Place, bool)>,
    /// What is still to be looked through.
    pub(super) pending: Vec<super::visit::Visit>,
    pub(super) seen_sets: Bag<*const u8>,
    pub(super) kept: Vec<Value>,
    /// Values that were compared for the call that is being made.
    pub(super) compared: u32,
    /// Values in memory that calls are known by.
    pub(super) identified: Bag<*const u8>,
    pub(super) seen_calls: Map<(Code, Scope, super::visit::Giver), ()>,
    pub(super) calls_of: Map<Code, u32>,
    /// How often functions are being called, and were called.
    pub(super) active: Map<Code, (u32, u32)>,
    /// Calls that were made, by what they were given; `None` while one is being made.
    pub(super) calls: Map<super::identity::Call, Option<Value>>,
    /// Whether the folders of nixos-unified were loaded.
    pub(super) wired: bool,
    pub(super) live_by_name: Bag<TreePath>,
    /// Whether what is looked at now is the flake's own, not defined for others.
    pub(super) own: bool,
    pub(super) meter: Meter,
    depth: u32,
    pub(super) no_names: Names,
}

/// Names in scope.
pub(super) enum ScopeNode {
    /// Outermost.
    Top,
    /// Names that are bound.
    Bound { names: Vec<(Name, Thunk)>, outer: Scope },
    /// `with`
    With { namespace: Thunk, outer: Scope },
}

/// What a thunk stands for.
#[derive(Clone)]
pub(super) enum State {
    Code(Code, Scope),
    /// The attribute of a value.
    Member(Thunk, Name),
    /// A call that has not been made.
    Call(Box<(Value, Vec<Value>)>),
    /// An argument of modules, by its name.
    Argument(super::modules::ClassKey, Name),
    /// What modules set at a path of `config`.
    Configured(super::modules::ClassKey, Names),
    /// What a function makes of its own result.
    Fixed(Box<Value>),
    /// What overlays make of a set, and of their own result.
    Extended(Box<(Value, Value)>),
    /// The first, or else the second.
    Either(Thunk, Thunk),
    /// A default that somebody may have replaced.
    Perhaps(Thunk),
    Done(Value),
    Busy,
}

impl<'e> Machine<'e> {
    pub(super) fn new(files: &'e Files, inputs: &'e [InputInfo], limit: u64) -> Self {
        let input_names = inputs.iter().zip(0..).map(|(i, at)| (i.name.as_str(), at)).collect();
        Self {
            files,
            inputs,
            input_names,
            names: inputs.iter().map(|input| Name::from(input.name.as_str())).collect(),
            facts: CodeFacts::default(),
            loaded: Vec::new(),
            file_ids: Map::default(),
            file_values: Map::default(),
            scopes: vec![ScopeNode::Top],
            generations: vec![0],
            thunks: Vec::new(),
            legacy: Map::default(),
            callers: None,
            classes: Map::default(),
            submodules: Map::default(),
            outputs: None,
            deferred: Vec::new(),
            pending: Vec::new(),
            seen_sets: Bag::default(),
            kept: Vec::new(),
            compared: 0,
            identified: Bag::default(),
            seen_calls: Map::default(),
            calls_of: Map::default(),
            active: Map::default(),
            calls: Map::default(),
            wired: false,
            live_by_name: Bag::default(),
            own: true,
            meter: Meter::new(limit),
            depth: 0,
            no_names: no_names(),
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
        self.facts.cut_short |= !goes_on;
        goes_on
    }

    /// Runs something one level deeper; unknown where that is too deep.
    pub(super) fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Value) -> Value {
        if self.depth >= DEEPEST || !self.step() {
            self.facts.cut_short = true;
            return Value::outside();
        }
        self.depth += 1;
        let value = run(self);
        self.depth -= 1;
        value
    }

    pub(super) fn thunk(&mut self, state: State) -> Thunk {
        let id = Thunk(u32::try_from(self.thunks.len()).unwrap_or(u32::MAX));
        self.thunks.push(state);
        id
    }

    pub(super) fn done(&mut self, value: Value) -> Thunk {
        self.thunk(State::Done(value))
    }

    pub(super) fn scope(&mut self, node: ScopeNode) -> Scope {
        let id = Scope(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        let generation = match &node {
            ScopeNode::Top => 0,
            ScopeNode::Bound { outer, .. } | ScopeNode::With { outer, .. } => {
                self.generation(*outer)
            }
        };
        self.generations.push(generation);
        self.scopes.push(node);
        id
    }

    /// How many calls led to what a scope belongs to: calls are made lazily, so recursion does not
    /// have to nest.
    pub(super) fn generation(&self, scope: Scope) -> u32 {
        self.generations.get(scope.0 as usize).copied().unwrap_or(0)
    }

    /// Makes a scope one of a call.
    pub(super) fn set_generation(&mut self, scope: Scope, generation: u32) {
        if let Some(known) = self.generations.get_mut(scope.0 as usize) {
            *known = generation;
        }
    }

    pub(super) fn scope_node(&self, scope: Scope) -> &ScopeNode {
        self.scopes.get(scope.0 as usize).unwrap_or(&ScopeNode::Top)
    }

    /// Binds names in a scope that was made empty, so that they can refer to it.
    pub(super) fn bind(&mut self, scope: Scope, mut names: Vec<(Name, Thunk)>) {
        names.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(ScopeNode::Bound { names: bound, .. }) = self.scopes.get_mut(scope.0 as usize) {
            *bound = names;
        }
    }

    /// The value of a thunk, computed once. Asking for it while it is computed gives unknown.
    pub(super) fn force(&mut self, thunk: Thunk) -> Value {
        let Some(slot) = self.thunks.get_mut(thunk.0 as usize) else { return Value::outside() };
        match slot {
            State::Done(value) => return value.clone(),
            State::Busy => return Value::outside(),
            _ => {}
        }
        let state = std::mem::replace(slot, State::Busy);
        let value = self.deeper(|machine| match state {
            State::Code(code, scope) => machine.expression(code, scope),
            State::Member(set, name) => {
                let set = machine.force(set);
                machine.member(&set, &name, None)
            }
            State::Call(call) => {
                let (function, args) = *call;
                let place = super::select::nowhere();
                args.into_iter().fold(function, |f, arg| machine.apply(&f, arg, place))
            }
            State::Argument(key, name) => machine.argument(key, &name),
            State::Fixed(function) => {
                machine.apply_lazily(&function, thunk, super::select::nowhere())
            }
            State::Extended(both) => machine.extend_by(both.0, &both.1, thunk),
            State::Configured(key, path) => machine.compute_configured(key, &path),
            State::Either(a, b) => {
                let (a, b) = (machine.force(a), machine.force(b));
                super::expression::one_of(a, b)
            }
            State::Perhaps(default) => match machine.force(default) {
                Value::Bool(_) => Value::outside(),
                text @ Value::Text(_) => text.conditional(),
                value => value,
            },
            State::Done(value) => value,
            State::Busy => Value::outside(),
        });
        if let Some(slot) = self.thunks.get_mut(thunk.0 as usize) {
            *slot = State::Done(value.clone());
        }
        value
    }

    pub(super) fn state_of(&self, thunk: Thunk) -> Option<&State> {
        self.thunks.get(thunk.0 as usize)
    }

    pub(super) fn code_thunk(&mut self, file: FileId, expr: ExprId, scope: Scope) -> Thunk {
        self.thunk(State::Code(Code { file, expr }, scope))
    }

    pub(super) fn place(&self, code: Code) -> Place {
        let span = self.file(code.file).map(|file| file.span(code.expr));
        Place { file: code.file.0, span: span.unwrap_or(Span { start: 0, end: 0 }) }
    }

    pub(super) fn file(&self, id: FileId) -> Option<&Arc<File>> {
        self.loaded.get(id.0 as usize)
    }

    pub(super) fn info(&self, input: InputIndex) -> Option<&InputInfo> {
        self.inputs.get(input as usize)
    }

    pub(super) fn is_nixpkgs(&self, input: InputIndex) -> bool {
        self.info(input).is_some_and(|info| info.is_nixpkgs)
    }
}
