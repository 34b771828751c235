//! The evaluator's memory: scopes and thunks live in two vectors and refer to each other by number,
//! so that functions may see themselves without cycles of references.

use super::facts::{InstanceId, Place};
use super::value::{ClassId, Code, Names, Path, Scope, Thunk, Value};
use super::world::FlakeInput;
use crate::syntax::Name;

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
    /// A call that has not been made, and where it is written.
    Call(Box<(Value, Vec<Thunk>, Option<Place>)>),
    /// An argument of modules, by its name.
    Argument(ClassId, Name),
    /// What modules set at a path of `config`.
    Configured(ClassId, Names),
    /// What a function makes of its own result.
    Fixed(Box<Value>),
    /// The same, with a set of packages below it: `makeScope`.
    Scoped(Box<(Value, Value)>),
    /// What overlays make of a set, and of their own result.
    Extended(Box<(Value, Value)>),
    /// What overlays add to an instance.
    Added(InstanceId, Thunk),
    /// The first, or else the second.
    Either(Thunk, Thunk),
    /// One of these.
    AnyOf(Vec<Thunk>),
    /// A default that somebody may have replaced.
    Perhaps(Thunk),
    /// What an input whose code is read offers at a path, and where it is named.
    Offered(Box<(Thunk, FlakeInput, Path, Option<Place>)>),
    Done(Value),
    Busy,
}

/// What an expression, or a function, stands in.
#[derive(Default)]
pub(super) struct Heap {
    scopes: Vec<ScopeNode>,
    generations: Vec<u32>,
    thunks: Vec<State>,
}

/// What is found where a name is looked up.
pub(super) enum Meaning {
    /// It is bound.
    Bound(Thunk),
    /// It is not: it may be in what the `with`s around it open, the innermost first.
    Free(Vec<Thunk>),
}

impl Heap {
    /// The outermost scope.
    pub(super) const TOP: Scope = Scope(0);

    pub(super) fn new() -> Self {
        Self { scopes: vec![ScopeNode::Top], generations: vec![0], thunks: Vec::new() }
    }

    pub(super) fn thunk(&mut self, state: State) -> Thunk {
        let id = Thunk(u32::try_from(self.thunks.len()).unwrap_or(u32::MAX));
        self.thunks.push(state);
        id
    }

    /// How many thunks were made.
    pub(super) fn made(&self) -> usize {
        self.thunks.len()
    }

    pub(super) fn state(&self, thunk: Thunk) -> Option<&State> {
        self.thunks.get(thunk.0 as usize)
    }

    /// Whether a thunk came to something that is not known.
    pub(super) fn is_unknown(&self, thunk: Thunk) -> bool {
        matches!(self.state(thunk), Some(State::Done(Value::Unknown(_))))
    }

    /// Whether a thunk is being computed just now.
    pub(super) fn is_busy(&self, thunk: Thunk) -> bool {
        matches!(self.state(thunk), Some(State::Busy))
    }

    /// The value of a thunk that was computed; else what it stands for, which is busy from now on.
    pub(super) fn begin(&mut self, thunk: Thunk) -> Result<State, Value> {
        match self.thunks.get_mut(thunk.0 as usize) {
            None | Some(State::Busy) => Err(Value::outside()),
            Some(State::Done(value)) => Err(value.clone()),
            Some(state) => Ok(std::mem::replace(state, State::Busy)),
        }
    }

    pub(super) fn end(&mut self, thunk: Thunk, value: Value) {
        if let Some(state) = self.thunks.get_mut(thunk.0 as usize) {
            *state = State::Done(value);
        }
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

    fn node(&self, scope: Scope) -> &ScopeNode {
        self.scopes.get(scope.0 as usize).unwrap_or(&ScopeNode::Top)
    }

    /// Binds names in a scope that was made empty, so that they can refer to it.
    pub(super) fn bind(&mut self, scope: Scope, mut names: Vec<(Name, Thunk)>) {
        names.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(ScopeNode::Bound { names: bound, .. }) = self.scopes.get_mut(scope.0 as usize) {
            *bound = names;
        }
    }

    /// What is known of a name by where it stands.
    pub(super) fn meaning(&self, name: &Name, scope: Scope) -> Meaning {
        let mut at = scope;
        let mut namespaces = Vec::new();
        loop {
            match self.node(at) {
                ScopeNode::Top => return Meaning::Free(namespaces),
                ScopeNode::Bound { names, outer } => {
                    let found = names.binary_search_by(|(bound, _)| bound.cmp(name)).ok();
                    if let Some((_, thunk)) = found.and_then(|at| names.get(at)) {
                        return Meaning::Bound(*thunk);
                    }
                    at = *outer;
                }
                ScopeNode::With { namespace, outer } => {
                    namespaces.push(*namespace);
                    at = *outer;
                }
            }
        }
    }

    /// What a name is bound to.
    pub(super) fn bound(&self, name: &Name, scope: Scope) -> Option<Thunk> {
        match self.meaning(name, scope) {
            Meaning::Bound(thunk) => Some(thunk),
            Meaning::Free(_) => None,
        }
    }
}
