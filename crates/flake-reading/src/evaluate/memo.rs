//! When two calls are the same: by the function and its arguments.

use std::rc::Rc;

use super::collections::{FastMap, FastSet};
use super::heap::{Heap, State};
use super::loaded::Loaded;
use super::value::{Code, Scope, Thunk, Value};
use super::value_key::{KeyMaker, Kind, ValueKey};
use crate::syntax::{Expr, Part};

/// How deep sets are compared.
const DEEPEST: u32 = 3;
/// The most values compared for one call; further ones are the same only if they are identical in
/// memory.
const MOST_COMPARED: u32 = 96;
/// The most attributes of a set that are compared; larger sets are the same only if they are
/// identical in memory.
const MOST_ATTRS: usize = 48;

/// The calls that were made.
///
/// An argument is compared by a hash of all that is known of it ([`ValueKey`]): as trees, the keys were
/// a tenth of the time of a large flake.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Call {
    code: Code,
    scope: Scope,
    given: ValueKey,
    is_of_unknown: bool,
}

impl Call {
    /// Whether nothing is known of the argument.
    pub(super) fn is_of_unknown(&self) -> bool {
        self.is_of_unknown
    }
}

/// What is known of thunks without computing them.
#[derive(Clone, Copy)]
pub(super) struct Memory<'m> {
    pub(super) heap: &'m Heap,
    pub(super) loaded: &'m Loaded,
}

impl Memory<'_> {
    /// Adds an expression that has the same value everywhere, a text or a number, and says if it is one.
    fn add_constant(&self, code: Code, into: &mut KeyMaker) -> bool {
        match self.loaded.look_at(code).map(|file| file.expr(code.expr)) {
            Some(Expr::Text(parts)) => match parts.as_slice() {
                [] => into.add(Kind::Text, ""),
                [Part::Text(text)] => into.add(Kind::Text, &**text),
                _ => return false,
            },
            Some(Expr::Number(number)) => into.add(Kind::Number, Some(*number)),
            _ => return false,
        }
        true
    }

    /// Whether nothing is known of a thunk, or only its condition.
    fn is_unknown(&self, mut thunk: Thunk) -> bool {
        for _ in 0..=DEEPEST {
            match self.heap.state(thunk) {
                Some(State::Done(Value::Conditional(inner))) => {
                    return matches!(**inner, Value::Unknown(_));
                }
                Some(State::Done(value)) => return matches!(value, Value::Unknown(_)),
                Some(State::Code(code, scope)) => match self.bound_name(*code, *scope) {
                    Some(bound) => thunk = bound,
                    None => return false,
                },
                _ => return false,
            }
        }
        false
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
        let mut given = KeyMaker::default();
        self.add_thunk(of, arg, 0, &mut given);
        Call { code, scope, given: given.done(), is_of_unknown: of.is_unknown(arg) }
    }

    fn add_thunk(&mut self, of: Memory<'_>, thunk: Thunk, depth: u32, into: &mut KeyMaker) {
        self.compared += 1;
        if self.compared > MOST_COMPARED {
            return into.add(Kind::Thunk, thunk);
        }
        match of.heap.state(thunk) {
            Some(State::Done(value)) => self.add_value(of, value, depth, into),
            Some(State::Code(code, scope)) => {
                if of.add_constant(*code, into) {
                    return;
                }
                match of.bound_name(*code, *scope) {
                    Some(bound) if depth < DEEPEST => self.add_thunk(of, bound, depth + 1, into),
                    _ => into.add(Kind::Code, (code, scope)),
                }
            }
            Some(State::Argument(class, name)) => into.add(Kind::Argument, (class, name)),
            _ => into.add(Kind::Thunk, thunk),
        }
    }

    fn add_value(&mut self, of: Memory<'_>, value: &Value, depth: u32, into: &mut KeyMaker) {
        match value {
            Value::Unknown(why) => into.add(Kind::Unknown, why),
            Value::Bool(value) => into.add(Kind::Bool, value),
            Value::Null => into.add(Kind::Null, ()),
            Value::Number(value) => into.add(Kind::Number, value),
            Value::Text(text) => into.add(Kind::Text, text),
            Value::Path(flake, path) => into.add(Kind::Path, (flake, path)),
            Value::Inputs(flake) => into.add(Kind::Inputs, flake),
            Value::SystemInputs(flake, system) => into.add(Kind::SystemInputs, (flake, system)),
            Value::Itself(flake) => into.add(Kind::Itself, flake),
            Value::SystemItself(flake, system) => into.add(Kind::SystemItself, (flake, system)),
            Value::Flake(slot, _) => into.add(Kind::Flake, slot),
            Value::Unread(slot, path, _) => into.add(Kind::Unread, (slot, path)),
            Value::Package(instance, path, _) => into.add(Kind::Package, (instance, path)),
            Value::Before(instance, _) => into.add(Kind::Before, instance),
            Value::Settings(instance) => into.add(Kind::Settings, instance),
            Value::Library(slot, path) => into.add(Kind::Library, (slot, path)),
            Value::Source(base, path, _) => into.add(Kind::Source, (base, path)),
            Value::Imported(base, path) => into.add(Kind::Imported, (base, path)),
            Value::Function(code, scope) => into.add(Kind::Function, (code, scope)),
            Value::Conditional(inner) => {
                into.add(Kind::Conditional, ());
                self.add_value(of, inner, depth, into);
            }
            Value::Config(class, path) => into.add(Kind::Config, (class, path)),
            Value::Options(class, path) => into.add(Kind::Options, (class, path)),
            Value::System(class) => into.add(Kind::System, class),
            Value::Declared(declared) => into.add(Kind::Declared, declared),
            Value::Set(set) if set.attrs.len() <= MOST_ATTRS && depth < DEEPEST => {
                into.add(Kind::Set, (set.attrs.len(), set.rest.is_some(), set.open));
                for attr in set.attrs.iter() {
                    into.add(Kind::Attr, (&attr.name, attr.conditional));
                    self.add_thunk(of, attr.thunk, depth + 1, into);
                }
                if let Some(rest) = set.rest {
                    self.add_thunk(of, rest, depth + 1, into);
                }
            }
            Value::Set(set) => self.add_one(value, Rc::as_ptr(set).cast(), into),
            Value::List(list) => self.add_one(value, Rc::as_ptr(list).cast(), into),
            Value::AnyPath(any) => self.add_one(value, Rc::as_ptr(any).cast(), into),
            Value::Native(native) => self.add_one(value, Rc::as_ptr(native).cast(), into),
            Value::Woven(woven) => self.add_one(value, Rc::as_ptr(woven).cast(), into),
            Value::Derivation(made) => self.add_one(value, Rc::as_ptr(made).cast(), into),
            Value::Definition(of) => self.add_one(value, Rc::as_ptr(of).cast(), into),
            Value::Either(all) | Value::Further(all) => {
                self.add_one(value, Rc::as_ptr(all).cast(), into);
            }
            Value::Mapped(both) => self.add_one(value, Rc::as_ptr(both).cast(), into),
            Value::Update(both) => self.add_one(value, Rc::as_ptr(both).cast(), into),
        }
    }

    /// Adds a value by its address, and keeps it, so that nothing else gets that address.
    fn add_one(&mut self, value: &Value, at: *const u8, into: &mut KeyMaker) {
        if self.identified.insert(at) {
            self.kept.push(value.clone());
        }
        into.add(Kind::One, at);
    }
}
