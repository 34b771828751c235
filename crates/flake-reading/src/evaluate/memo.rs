//! When two calls are the same: by the function, and by what it is given.

use std::rc::Rc;

use super::collections::{Bag, Map};
use super::facts::InstanceId;
use super::heap::{Heap, State};
use super::loaded::Loaded;
use super::value::{Base, ClassId, Code, Declared, Names, Path, Scope, Segment, Thunk, Value, Why};
use super::world::{FlakeId, Slot};
use crate::TreePath;
use crate::syntax::{Expr, Name, Part};

/// How far into sets what they hold is compared.
const DEEPEST: u32 = 3;
/// Values that are compared for one call; further ones are the same only if they are one.
const MOST_COMPARED: u32 = 96;
/// Attributes of a set that are compared; larger sets are the same only if they are one.
const MOST_ATTRS: usize = 48;

/// The calls that were made.
#[derive(Default)]
pub(super) struct Calls {
    /// By what they were given; `None` while one is being made.
    pub(super) made: Map<Call, Option<Value>>,
    /// How often functions are being called, and were called.
    pub(super) active: Map<Code, (u32, u32)>,
    /// Values that were compared for the call that is being made.
    compared: u32,
    /// Values in memory that calls are known by, kept so that nothing else takes their place.
    identified: Bag<*const u8>,
    kept: Vec<Value>,
}

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
    Number(Option<i64>),
    Text(Name),
    Path(FlakeId, TreePath),
    Inputs(FlakeId),
    SystemInputs(FlakeId, Segment),
    Itself(FlakeId),
    SystemItself(FlakeId, Segment),
    Flake(Slot),
    Unread(Slot, Path),
    Package(InstanceId, Path),
    Before(InstanceId),
    Library(Option<Slot>, Names),
    Source(Base, Name),
    Imported(Base, Name),
    Function(Code, Scope),
    Set(Vec<(Name, bool, Identity)>, Option<Box<Identity>>, bool),
    Conditional(Box<Identity>),
    Config(ClassId, Names),
    System(ClassId),
    Declared(Declared),
    Argument(ClassId, Name),
    /// One in memory, which is kept.
    One(*const u8),
}

/// What is known of thunks without computing them.
#[derive(Clone, Copy)]
pub(super) struct Memory<'m> {
    pub(super) heap: &'m Heap,
    pub(super) loaded: &'m Loaded,
}

impl Memory<'_> {
    /// What an expression is that stands for the same wherever it is: a text, a number.
    fn constant(&self, code: Code) -> Option<Identity> {
        match self.loaded.look_at(code)?.expr(code.expr) {
            Expr::Text(parts) => match parts.as_slice() {
                [] => Some(Identity::Text("".into())),
                [Part::Text(text)] => Some(Identity::Text(text.clone())),
                _ => None,
            },
            Expr::Number(number) => Some(Identity::Number(Some(*number))),
            _ => None,
        }
    }

    /// What an expression that is only a name is bound to.
    fn bound_name(&self, code: Code, scope: Scope) -> Option<Thunk> {
        let Expr::Ident(name) = self.loaded.look_at(code)?.expr(code.expr) else { return None };
        self.heap.bound(name, scope)
    }
}

impl Calls {
    /// The call of a function with its argument.
    pub(super) fn call(&mut self, of: Memory<'_>, code: Code, scope: Scope, arg: Thunk) -> Call {
        self.compared = 0;
        Call { code, scope, given: self.identity(of, arg, 0) }
    }

    fn identity(&mut self, of: Memory<'_>, thunk: Thunk, depth: u32) -> Identity {
        self.compared += 1;
        if self.compared > MOST_COMPARED {
            return Identity::Thunk(thunk);
        }
        match of.heap.state(thunk) {
            Some(State::Done(value)) => {
                let value = value.clone();
                self.identity_of(of, &value, depth)
            }
            Some(State::Code(code, scope)) => {
                let (code, scope) = (*code, *scope);
                if let Some(constant) = of.constant(code) {
                    return constant;
                }
                match of.bound_name(code, scope) {
                    Some(bound) if depth < DEEPEST => self.identity(of, bound, depth + 1),
                    _ => Identity::Code(code, scope),
                }
            }
            Some(State::Argument(class, name)) => Identity::Argument(*class, name.clone()),
            _ => Identity::Thunk(thunk),
        }
    }

    fn identity_of(&mut self, of: Memory<'_>, value: &Value, depth: u32) -> Identity {
        match value {
            Value::Unknown(why) => Identity::Unknown(*why),
            Value::Bool(value) => Identity::Bool(*value),
            Value::Null => Identity::Null,
            Value::Number(value) => Identity::Number(*value),
            Value::Text(text) => Identity::Text(text.clone()),
            Value::Path(flake, path) => Identity::Path(*flake, path.clone()),
            Value::Inputs(flake) => Identity::Inputs(*flake),
            Value::SystemInputs(flake, system) => Identity::SystemInputs(*flake, system.clone()),
            Value::Itself(flake) => Identity::Itself(*flake),
            Value::SystemItself(flake, system) => Identity::SystemItself(*flake, system.clone()),
            Value::Flake(slot, _) => Identity::Flake(*slot),
            Value::Unread(slot, path, _) => Identity::Unread(*slot, path.clone()),
            Value::Package(instance, path, _) => Identity::Package(*instance, path.clone()),
            Value::Before(instance, _) => Identity::Before(*instance),
            Value::Library(slot, path) => Identity::Library(*slot, path.clone()),
            Value::Source(base, path, _) => Identity::Source(*base, path.clone()),
            Value::Imported(base, path) => Identity::Imported(*base, path.clone()),
            Value::Function(code, scope) => Identity::Function(*code, *scope),
            Value::Conditional(inner) => {
                Identity::Conditional(Box::new(self.identity_of(of, inner, depth)))
            }
            Value::Config(class, path) => Identity::Config(*class, path.clone()),
            Value::System(class) => Identity::System(*class),
            Value::Declared(declared) => Identity::Declared(*declared),
            Value::Set(set) if set.attrs.len() <= MOST_ATTRS && depth < DEEPEST => {
                let set = set.clone();
                let attrs = set.attrs.iter().map(|attr| {
                    let inner = self.identity(of, attr.thunk, depth + 1);
                    (attr.name.clone(), attr.conditional, inner)
                });
                let attrs = attrs.collect();
                let rest = set.rest.map(|rest| Box::new(self.identity(of, rest, depth + 1)));
                Identity::Set(attrs, rest, set.open)
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

    fn one(&mut self, value: &Value, at: *const u8) -> Identity {
        if self.identified.insert(at) {
            self.kept.push(value.clone());
        }
        Identity::One(at)
    }
}
