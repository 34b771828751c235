//! When two calls are the same: by the function and its arguments.

use std::rc::Rc;

use super::collections::{FastMap, FastSet};
use super::facts::InstanceId;
use super::heap::{Heap, State};
use super::loaded::Loaded;
use super::value::{Base, ClassId, Code, Declared, Names, Path, Scope, Segment, Thunk, Value, Why};
use super::world::{FlakeId, FlakeInput};
use crate::TreePath;
use crate::syntax::{Expr, Name, Part};

/// How deep sets are compared.
const DEEPEST: u32 = 3;
/// The most values compared for one call; further ones are the same only if they are identical in
/// memory.
const MOST_COMPARED: u32 = 96;
/// The most attributes of a set that are compared; larger sets are the same only if they are
/// identical in memory.
const MOST_ATTRS: usize = 48;

/// The calls that were made.
#[derive(Default)]
pub(super) struct CallMemo {
    /// The results, by call; `None` while it is being made.
    pub(super) made: FastMap<Call, Option<Value>>,
    /// The calls of each function.
    pub(super) of: FastMap<Code, CallCount>,
    /// How many values were compared for the current call.
    compared: u32,
    /// Addresses by which calls are identified; their values are kept, so that nothing else gets
    /// the address.
    identified: FastSet<*const u8>,
    kept: Vec<Value>,
}

/// How often a function is called.
#[derive(Default)]
pub(super) struct CallCount {
    /// How many of its calls are being made right now.
    pub(super) active: u32,
    /// How many were made for the current output.
    pub(super) made: u32,
    /// Whether it was found to call itself without end.
    pub(super) is_endless: bool,
}

/// A call of a function in the source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Call {
    code: Code,
    scope: Scope,
    given: MemoKey,
}

impl Call {
    /// Whether nothing is known of the argument.
    pub(super) fn is_of_unknown(&self) -> bool {
        match &self.given {
            MemoKey::Conditional(inner) => matches!(**inner, MemoKey::Unknown(_)),
            given => matches!(given, MemoKey::Unknown(_)),
        }
    }
}

/// A key by which a value, or a thunk, is compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum MemoKey {
    Thunk(Thunk),
    Code(Code, Scope),
    Unknown(Why),
    Bool(bool),
    Null,
    Number(Option<i64>),
    Text(Name),
    Path(FlakeId, TreePath),
    Inputs(FlakeId),
    SystemInputs(FlakeId, Segment),
    Itself(FlakeId),
    SystemItself(FlakeId, Segment),
    Flake(FlakeInput),
    Unread(FlakeInput, Path),
    Package(InstanceId, Path),
    Before(InstanceId),
    Settings(InstanceId),
    Library(Option<FlakeInput>, Names),
    Source(Base, Name),
    Imported(Base, Name),
    Function(Code, Scope),
    Set(Vec<(Name, bool, MemoKey)>, Option<Box<MemoKey>>, bool),
    Conditional(Box<MemoKey>),
    Config(ClassId, Names),
    System(ClassId),
    Declared(Declared),
    Argument(ClassId, Name),
    /// A value at an address, which is kept.
    One(*const u8),
}

/// What is known of thunks without computing them.
#[derive(Clone, Copy)]
pub(super) struct Memory<'m> {
    pub(super) heap: &'m Heap,
    pub(super) loaded: &'m Loaded,
}

impl Memory<'_> {
    /// The key of an expression that has the same value everywhere: a text, a number.
    fn constant(&self, code: Code) -> Option<MemoKey> {
        match self.loaded.look_at(code)?.expr(code.expr) {
            Expr::Text(parts) => match parts.as_slice() {
                [] => Some(MemoKey::Text("".into())),
                [Part::Text(text)] => Some(MemoKey::Text(text.clone())),
                _ => None,
            },
            Expr::Number(number) => Some(MemoKey::Number(Some(*number))),
            _ => None,
        }
    }

    /// The thunk that an expression which is only a name is bound to.
    pub(super) fn bound_name(&self, code: Code, scope: Scope) -> Option<Thunk> {
        let Expr::Ident(name) = self.loaded.look_at(code)?.expr(code.expr) else { return None };
        self.heap.bound(name, scope)
    }
}

impl CallMemo {
    /// Counts calls from the beginning: what many hosts call is no recursion without end.
    pub(super) fn next_output(&mut self) {
        for count in self.of.values_mut().filter(|count| !count.is_endless) {
            count.made = 0;
        }
    }

    /// How often the function of a call was called.
    pub(super) fn times(&self, call: &Call) -> u32 {
        self.of.get(&call.code).map_or(0, |count| count.made)
    }

    /// The key of a call.
    pub(super) fn call(&mut self, of: Memory<'_>, code: Code, scope: Scope, arg: Thunk) -> Call {
        self.compared = 0;
        Call { code, scope, given: self.memo_key(of, arg, 0) }
    }

    fn memo_key(&mut self, of: Memory<'_>, thunk: Thunk, depth: u32) -> MemoKey {
        self.compared += 1;
        if self.compared > MOST_COMPARED {
            return MemoKey::Thunk(thunk);
        }
        match of.heap.state(thunk) {
            Some(State::Done(value)) => {
                let value = value.clone();
                self.memo_key_of(of, &value, depth)
            }
            Some(State::Code(code, scope)) => {
                let (code, scope) = (*code, *scope);
                if let Some(constant) = of.constant(code) {
                    return constant;
                }
                match of.bound_name(code, scope) {
                    Some(bound) if depth < DEEPEST => self.memo_key(of, bound, depth + 1),
                    _ => MemoKey::Code(code, scope),
                }
            }
            Some(State::Argument(class, name)) => MemoKey::Argument(*class, name.clone()),
            _ => MemoKey::Thunk(thunk),
        }
    }

    fn memo_key_of(&mut self, of: Memory<'_>, value: &Value, depth: u32) -> MemoKey {
        match value {
            Value::Unknown(why) => MemoKey::Unknown(*why),
            Value::Bool(value) => MemoKey::Bool(*value),
            Value::Null => MemoKey::Null,
            Value::Number(value) => MemoKey::Number(*value),
            Value::Text(text) => MemoKey::Text(text.clone()),
            Value::Path(flake, path) => MemoKey::Path(*flake, path.clone()),
            Value::Inputs(flake) => MemoKey::Inputs(*flake),
            Value::SystemInputs(flake, system) => MemoKey::SystemInputs(*flake, system.clone()),
            Value::Itself(flake) => MemoKey::Itself(*flake),
            Value::SystemItself(flake, system) => MemoKey::SystemItself(*flake, system.clone()),
            Value::Flake(slot, _) => MemoKey::Flake(*slot),
            Value::Unread(slot, path, _) => MemoKey::Unread(*slot, path.clone()),
            Value::Package(instance, path, _) => MemoKey::Package(*instance, path.clone()),
            Value::Before(instance, _) => MemoKey::Before(*instance),
            Value::Settings(instance) => MemoKey::Settings(*instance),
            Value::Library(slot, path) => MemoKey::Library(*slot, path.clone()),
            Value::Source(base, path, _) => MemoKey::Source(*base, path.clone()),
            Value::Imported(base, path) => MemoKey::Imported(*base, path.clone()),
            Value::Function(code, scope) => MemoKey::Function(*code, *scope),
            Value::Conditional(inner) => {
                MemoKey::Conditional(Box::new(self.memo_key_of(of, inner, depth)))
            }
            Value::Config(class, path) => MemoKey::Config(*class, path.clone()),
            Value::System(class) => MemoKey::System(*class),
            Value::Declared(declared) => MemoKey::Declared(*declared),
            Value::Set(set) if set.attrs.len() <= MOST_ATTRS && depth < DEEPEST => {
                let set = set.clone();
                let attrs = set.attrs.iter().map(|attr| {
                    let inner = self.memo_key(of, attr.thunk, depth + 1);
                    (attr.name.clone(), attr.conditional, inner)
                });
                let attrs = attrs.collect();
                let rest = set.rest.map(|rest| Box::new(self.memo_key(of, rest, depth + 1)));
                MemoKey::Set(attrs, rest, set.open)
            }
            Value::Set(set) => self.one(value, Rc::as_ptr(set).cast()),
            Value::List(list) => self.one(value, Rc::as_ptr(list).cast()),
            Value::AnyPath(any) => self.one(value, Rc::as_ptr(any).cast()),
            Value::Native(native) => self.one(value, Rc::as_ptr(native).cast()),
            Value::Woven(woven) => self.one(value, Rc::as_ptr(woven).cast()),
            Value::Derivation(made) => self.one(value, Rc::as_ptr(made).cast()),
            Value::Definition(definition) => self.one(value, Rc::as_ptr(definition).cast()),
            Value::Either(all) | Value::Further(all) => self.one(value, Rc::as_ptr(all).cast()),
            Value::Mapped(both) => self.one(value, Rc::as_ptr(both).cast()),
            Value::Update(both) => self.one(value, Rc::as_ptr(both).cast()),
        }
    }

    fn one(&mut self, value: &Value, at: *const u8) -> MemoKey {
        if self.identified.insert(at) {
            self.kept.push(value.clone());
        }
        MemoKey::One(at)
    }
}
