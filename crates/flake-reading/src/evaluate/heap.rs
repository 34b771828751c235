//! The evaluator's memory: scopes and thunks are in two vectors and refer to each other by number,
//! so that functions may refer to themselves without reference cycles.

use super::facts::{FileId, InstanceId, Place};
use super::lineage::{Lineage, Lineages};
use super::value::{ClassId, Code, Names, Path, Scope, Thunk, Value};
use super::world::FlakeInput;
use crate::syntax::Name;

/// Names in scope.
pub(super) enum ScopeNode {
    /// Outermost.
    Top,
    /// Bound names.
    Bound { names: Vec<(Name, Thunk)>, outer: Scope },
    /// `with`
    With { namespace: Thunk, outer: Scope },
}

/// The state of a thunk.
#[derive(Clone)]
pub(super) enum State {
    Code(Code, Scope),
    /// The attribute of a value.
    Member(Thunk, Name),
    /// A call that has not been made, and its place.
    Call(Box<(Value, Vec<Thunk>, Option<Place>)>),
    /// An argument of modules, by its name.
    Argument(ClassId, Name),
    /// The value that modules set at a path of `config`.
    Configured(ClassId, Names),
    /// A function applied to its own result.
    Fixed(Box<Value>),
    /// The same, with a `callPackage` of its own: `makeScope newScope function`.
    Scoped(Thunk, Thunk),
    /// Overlays applied to a set and to their own result.
    Extended(Box<(Value, Value)>),
    /// What overlays add to an instance.
    Added(InstanceId, Thunk),
    /// The first, or else the second.
    Either(Thunk, Thunk),
    /// One of these.
    AnyOf(Vec<Thunk>),
    /// A default that may have been replaced.
    Perhaps(Thunk),
    /// What an input whose code is read offers at a path, and the place that names it.
    Offered(Box<(Thunk, FlakeInput, Path, Option<Place>)>),
    Done(Value),
    Busy,
}

/// All scopes and thunks.
pub(super) struct Heap {
    scopes: Vec<ScopeNode>,
    /// The calls that led to each scope.
    led_to: Vec<Lineage>,
    pub(super) lineages: Lineages,
    thunks: Thunks,
}

/// All thunks, in blocks of one size: one vector of hundreds of thousands would be copied each time
/// it grows, and take up to three times as much memory meanwhile.
#[derive(Default)]
struct Thunks {
    blocks: Vec<Vec<State>>,
    /// The files whose code they are.
    files: Vec<Option<FileId>>,
    len: usize,
}

impl Thunks {
    /// The thunks of a block.
    const BLOCK: usize = 1 << 10;

    fn push(&mut self, state: State) {
        self.files.push(self.file_of(&state));
        match self.blocks.get_mut(self.len / Self::BLOCK) {
            Some(block) => block.push(state),
            None => {
                // The first block grows: most flakes need no more.
                let room = if self.blocks.is_empty() { 0 } else { Self::BLOCK };
                let mut block = Vec::with_capacity(room);
                block.push(state);
                self.blocks.push(block);
            }
        }
        self.len += 1;
    }

    fn file(&self, thunk: Thunk) -> Option<FileId> {
        *self.files.get(thunk.0 as usize)?
    }

    /// The file whose code something is, also if that is only one part of it.
    fn file_of(&self, state: &State) -> Option<FileId> {
        match state {
            State::Code(code, _) => Some(code.file),
            State::Member(of, _) | State::Perhaps(of) | State::Either(of, _) => self.file(*of),
            State::AnyOf(all) => self.file(*all.first()?),
            State::Offered(offer) => self.file(offer.0),
            State::Call(call) => match (&call.0, call.2) {
                (_, Some(place)) => Some(place.file),
                (Value::Function(code, _), None) => Some(code.file),
                _ => None,
            },
            _ => None,
        }
    }

    fn get(&self, thunk: Thunk) -> Option<&State> {
        let at = thunk.0 as usize;
        self.blocks.get(at / Self::BLOCK)?.get(at % Self::BLOCK)
    }

    fn get_mut(&mut self, thunk: Thunk) -> Option<&mut State> {
        let at = thunk.0 as usize;
        self.blocks.get_mut(at / Self::BLOCK)?.get_mut(at % Self::BLOCK)
    }
}

/// The result of looking up a name.
pub(super) enum Meaning {
    /// It is bound to this.
    Bound(Thunk),
    /// It is not bound, but may come from the `with`s around it, the innermost first.
    Free(Vec<Thunk>),
}

impl Heap {
    /// The outermost scope.
    pub(super) const TOP: Scope = Scope(0);

    pub(super) fn new() -> Self {
        Self {
            scopes: vec![ScopeNode::Top],
            led_to: vec![Lineage::default()],
            lineages: Lineages::default(),
            thunks: Thunks::default(),
        }
    }

    pub(super) fn thunk(&mut self, state: State) -> Thunk {
        let id = Thunk(u32::try_from(self.thunks.len).unwrap_or(u32::MAX));
        self.thunks.push(state);
        id
    }

    /// The file whose code a thunk is, or was before it was computed.
    pub(super) fn file(&self, thunk: Thunk) -> Option<FileId> {
        self.thunks.file(thunk)
    }

    /// How many thunks were made.
    pub(super) fn made(&self) -> usize {
        self.thunks.len
    }

    pub(super) fn state(&self, thunk: Thunk) -> Option<&State> {
        self.thunks.get(thunk)
    }

    /// Whether the value of a thunk turned out to be unknown.
    pub(super) fn is_unknown(&self, thunk: Thunk) -> bool {
        matches!(self.state(thunk), Some(State::Done(Value::Unknown(_))))
    }

    /// Whether a thunk is being computed right now.
    pub(super) fn is_busy(&self, thunk: Thunk) -> bool {
        matches!(self.state(thunk), Some(State::Busy))
    }

    /// The value of a computed thunk; else what has to be computed, and the thunk counts as busy
    /// from now on.
    pub(super) fn begin(&mut self, thunk: Thunk) -> Result<State, Value> {
        match self.thunks.get_mut(thunk) {
            None | Some(State::Busy) => Err(Value::outside()),
            Some(State::Done(value)) => Err(value.clone()),
            Some(state) => Ok(std::mem::replace(state, State::Busy)),
        }
    }

    pub(super) fn end(&mut self, thunk: Thunk, value: Value) {
        if let Some(state) = self.thunks.get_mut(thunk) {
            *state = State::Done(value);
        }
    }

    pub(super) fn scope(&mut self, node: ScopeNode) -> Scope {
        let id = Scope(u32::try_from(self.scopes.len()).unwrap_or(u32::MAX));
        let lineage = match &node {
            ScopeNode::Top => Lineage::default(),
            ScopeNode::Bound { outer, .. } | ScopeNode::With { outer, .. } => self.lineage(*outer),
        };
        self.led_to.push(lineage);
        self.scopes.push(node);
        id
    }

    /// The call that led to a scope.
    pub(super) fn lineage(&self, scope: Scope) -> Lineage {
        self.led_to.get(scope.0 as usize).copied().unwrap_or_default()
    }

    /// Sets which call led to a scope.
    pub(super) fn set_lineage(&mut self, scope: Scope, lineage: Lineage) {
        if let Some(known) = self.led_to.get_mut(scope.0 as usize) {
            *known = lineage;
        }
    }

    fn node(&self, scope: Scope) -> &ScopeNode {
        self.scopes.get(scope.0 as usize).unwrap_or(&ScopeNode::Top)
    }

    /// Binds names in an empty scope, so that they can refer to it.
    pub(super) fn bind(&mut self, scope: Scope, mut names: Vec<(Name, Thunk)>) {
        names.sort_by(|a, b| a.0.cmp(&b.0));
        if let Some(ScopeNode::Bound { names: bound, .. }) = self.scopes.get_mut(scope.0 as usize) {
            *bound = names;
        }
    }

    /// What a name means in a scope.
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

    /// The thunk that a name is bound to.
    pub(super) fn bound(&self, name: &Name, scope: Scope) -> Option<Thunk> {
        match self.meaning(name, scope) {
            Meaning::Bound(thunk) => Some(thunk),
            Meaning::Free(_) => None,
        }
    }
}
