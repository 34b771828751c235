//! When two calls are the same call.
//!
//! Hosts, packages and overlays are made by a few functions that are called over and over. A call
//! is known by the function and by what it is given, so that equal ones are made once, and one
//! that is made within itself ends.

use super::machine::{Machine, ScopeNode, State};
use super::modules::ClassKey;
use super::value::{Base, Code, InputIndex, InstanceId, Names, Scope, Thunk, Value, Why};
use crate::source::TreePath;
use crate::source::syntax::{Expr, Name};

/// How far into sets what they hold is compared.
const DEEPEST: u32 = 3;
/// Values that are compared for one call; further ones are the same only if they are one.
const MOST_COMPARED: u32 = 96;
/// Attributes of a set that are compared; larger sets are the same only if they are one.
const MOST_ATTRS: usize = 48;

/// A call of a function of the source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    code: Code,
    scope: Scope,
    given: Identity,
}

/// What a value, or one not yet computed, is compared by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    Thunk(Thunk),
    Code(Code, Scope),
    Unknown(Why),
    Bool(bool),
    Null,
    Number,
    Text(Name),
    Path(TreePath),
    Inputs,
    SystemInputs,
    Itself,
    SystemItself,
    Input(InputIndex, Names),
    Package(InstanceId, Names),
    Library(Option<InputIndex>, Names),
    Source(Base, Name),
    Imported(Base, Name),
    Function(Code, Scope),
    Set(Vec<(Name, bool, Identity)>, Option<Box<Identity>>, bool),
    Conditional(Box<Identity>),
    Config(ClassKey, Names),
    Argument(ClassKey, Name),
    /// One in memory, which is kept.
    One(*const u8),
}

impl Machine<'_> {
    pub(super) fn call_identity(&mut self, code: Code, scope: Scope, arg: Thunk) -> Call {
        self.compared = 0;
        Call { code, scope, given: self.identity(arg, 0) }
    }

    fn identity(&mut self, thunk: Thunk, depth: u32) -> Identity {
        self.compared += 1;
        if self.compared > MOST_COMPARED {
            return Identity::Thunk(thunk);
        }
        match self.state_of(thunk) {
            Some(State::Done(value)) => {
                let value = value.clone();
                self.identity_of(&value, depth)
            }
            Some(State::Code(code, scope)) => {
                let (code, scope) = (*code, *scope);
                match self.bound(code, scope) {
                    Some(bound) if depth < DEEPEST => self.identity(bound, depth + 1),
                    _ => Identity::Code(code, scope),
                }
            }
            Some(State::Argument(key, name)) => Identity::Argument(*key, name.clone()),
            _ => Identity::Thunk(thunk),
        }
    }

    /// What an expression that is only a name is bound to.
    fn bound(&self, code: Code, scope: Scope) -> Option<Thunk> {
        let Expr::Ident(name) = self.file(code.file)?.expr(code.expr) else { return None };
        let mut at = scope;
        loop {
            match self.scope_node(at) {
                ScopeNode::Top => return None,
                ScopeNode::Bound { names, outer } => {
                    let found = names.binary_search_by(|(bound, _)| bound.cmp(name)).ok();
                    if let Some((_, thunk)) = found.and_then(|at| names.get(at)) {
                        return Some(*thunk);
                    }
                    at = *outer;
                }
                ScopeNode::With { outer, .. } => at = *outer,
            }
        }
    }

    fn identity_of(&mut self, value: &Value, depth: u32) -> Identity {
        match value {
            Value::Unknown(why) => Identity::Unknown(*why),
            Value::Bool(value) => Identity::Bool(*value),
            Value::Null => Identity::Null,
            Value::Number => Identity::Number,
            Value::Text(text) => Identity::Text(text.clone()),
            Value::Path(path) => Identity::Path(path.clone()),
            Value::Inputs => Identity::Inputs,
            Value::SystemInputs => Identity::SystemInputs,
            Value::Itself => Identity::Itself,
            Value::SystemItself => Identity::SystemItself,
            Value::Input(input, path, _) => Identity::Input(*input, path.clone()),
            Value::Package(instance, path, _) => Identity::Package(*instance, path.clone()),
            Value::Library(input, path) => Identity::Library(*input, path.clone()),
            Value::Source(base, path, _) => Identity::Source(*base, path.clone()),
            Value::Function(code, scope) => Identity::Function(*code, *scope),
            Value::Conditional(inner) => {
                Identity::Conditional(Box::new(self.identity_of(inner, depth)))
            }
            Value::Config(key, path) => Identity::Config(*key, path.clone()),
            Value::Set(set) if set.attrs.len() <= MOST_ATTRS && depth < DEEPEST => {
                let set = set.clone();
                let attrs = set.attrs.iter().map(|attr| {
                    let of = self.identity(attr.thunk, depth + 1);
                    (attr.name.clone(), attr.conditional, of)
                });
                let attrs = attrs.collect();
                let rest = set.rest.map(|rest| Box::new(self.identity(rest, depth + 1)));
                Identity::Set(attrs, rest, set.open)
            }
            Value::Set(set) => self.one(value, std::rc::Rc::as_ptr(set).cast()),
            Value::List(list) => self.one(value, std::rc::Rc::as_ptr(list).cast()),
            Value::AnyPath(any) => self.one(value, std::rc::Rc::as_ptr(any).cast()),
            Value::Partial(partial) => self.one(value, std::rc::Rc::as_ptr(partial).cast()),
            Value::Either(all) => self.one(value, std::rc::Rc::as_ptr(all).cast()),
            Value::Update(both) => self.one(value, std::rc::Rc::as_ptr(both).cast()),
            Value::Imported(base, path, _) => Identity::Imported(*base, path.clone()),
        }
    }

    /// Kept, so that nothing else takes its place in memory.
    fn one(&mut self, value: &Value, at: *const u8) -> Identity {
        if self.identified.insert(at) {
            self.kept.push(value.clone());
        }
        Identity::One(at)
    }
}
