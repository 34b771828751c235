//! Calls of functions of the source: what their arguments are bound to, and when two are the same.
//!
//! Hosts, packages and overlays are made by a few functions that are called over and over. A call
//! is known by the function and by what it is given, so that equal ones are made once, and one
//! that is made within itself ends.

use super::facts::InstanceId;
use super::heap::{Heap, ScopeNode, State};
use super::machine::{Bag, Machine, Map};
use super::modules::ClassId;
use super::value::{Base, Code, FileId, Names, Path, Scope, Segment, Thunk, Value, Why};
use super::world::{FlakeId, Slot};
use crate::TreePath;
use crate::syntax::{Expr, ExprId, Name, Param};

/// How far into sets what they hold is compared.
const DEEPEST: u32 = 3;
/// Values that are compared for one call; further ones are the same only if they are one.
const MOST_COMPARED: u32 = 96;
/// Attributes of a set that are compared; larger sets are the same only if they are one.
const MOST_ATTRS: usize = 48;

/// How many calls may lead to one, by how often the function was called: recursion that is lazy
/// does not nest.
fn longest_lineage(made: u32) -> u32 {
    match made {
        0..200 => u32::MAX,
        200..1_000 => 24,
        1_000..4_000 => 16,
        _ => 10,
    }
}

/// How often a function may be called within itself, by how often it was called.
fn deepest_recursion(made: u32) -> u32 {
    match made {
        0..100 => 64,
        100..1_000 => 4,
        1_000..4_000 => 2,
        _ => 1,
    }
}

/// The calls that were made.
#[derive(Default)]
pub(super) struct Calls {
    /// By what they were given; `None` while one is being made.
    made: Map<Call, Option<Value>>,
    /// How often functions are being called, and were called.
    active: Map<Code, (u32, u32)>,
    /// Values that were compared for the call that is being made.
    compared: u32,
    /// Values in memory that calls are known by, kept so that nothing else takes their place.
    identified: Bag<*const u8>,
    kept: Vec<Value>,
}

/// A call of a function of the source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Call {
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
    Declared(super::value::Declared),
    Argument(ClassId, Name),
    /// One in memory, which is kept.
    One(*const u8),
}

impl Machine<'_> {
    /// Calls a function of the source with its one argument.
    pub(super) fn call_function(&mut self, code: Code, scope: Scope, arg: Thunk) -> Value {
        let Some(file) = self.loaded.file(code.file).cloned() else { return Value::outside() };
        let Expr::Lambda(param, body) = file.expr(code.expr) else { return Value::outside() };
        // The same call gives the same: hosts and packages are made by a few functions.
        self.calls.compared = 0;
        let call = Call { code, scope, given: self.identity(arg, 0) };
        match self.calls.made.get(&call) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Value::outside(),
            None => self.calls.made.insert(call.clone(), None),
        };
        // Recursion whose end depends on what is not known takes both ways at each level.
        let given_by = match self.heap.state(arg) {
            Some(State::Code(_, scope)) => self.heap.generation(*scope),
            _ => 0,
        };
        let generation = self.heap.generation(scope).max(given_by) + 1;
        let (active, made) = self.calls.active.entry(code).or_default();
        let ends = *active > deepest_recursion(*made) || generation > longest_lineage(*made);
        *made += 1;
        if ends {
            self.calls.made.insert(call, Some(Value::outside()));
            return Value::outside();
        }
        *active += 1;
        let inner = self.bind_param(param, code.file, scope, arg, generation);
        let value = self.expression(Code { file: code.file, expr: *body }, inner);
        self.calls.made.insert(call, Some(value.clone()));
        if let Some((active, _)) = self.calls.active.get_mut(&code) {
            *active = active.saturating_sub(1);
        }
        value
    }

    fn bind_param(
        &mut self,
        param: &Param,
        file: FileId,
        outer: Scope,
        arg: Thunk,
        generation: u32,
    ) -> Scope {
        match param {
            Param::Ident(name) => {
                let names = vec![(name.clone(), arg)];
                let inner = self.heap.scope(ScopeNode::Bound { names, outer });
                self.heap.set_generation(inner, generation);
                inner
            }
            Param::Pattern { formals, bound, .. } => {
                let inner = self.heap.scope(ScopeNode::Bound { names: Vec::new(), outer });
                self.heap.set_generation(inner, generation);
                let value = self.force_known(arg);
                let mut names = Vec::with_capacity(formals.len() + 1);
                for (name, default) in formals {
                    let thunk = self.formal(arg, &value, name, *default, file, inner);
                    names.push((name.clone(), thunk));
                }
                if let Some(bound) = bound {
                    names.push((bound.clone(), arg));
                }
                self.heap.bind(inner, names);
                inner
            }
        }
    }

    /// What a name in a pattern is bound to.
    fn formal(
        &mut self,
        arg: Thunk,
        value: &Value,
        name: &Name,
        default: Option<ExprId>,
        file: FileId,
        scope: Scope,
    ) -> Thunk {
        let (has, surely) = match value {
            Value::Set(set) => match set.get(name) {
                Some(attr) if !attr.conditional => return attr.thunk,
                Some(_) => (true, false),
                None => (set.rest.is_some_and(|rest| !self.heap.is_unknown(rest)), false),
            },
            Value::Unknown(_) => (false, false),
            other => (self.may_have(other, name), true),
        };
        let given = self.thunk(State::Member(arg, name.clone()));
        let Some(default) = default.filter(|_| !(has && surely)) else { return given };
        let default = self.code_thunk(file, default, scope);
        if has {
            return self.thunk(State::Either(given, default));
        }
        let open =
            matches!(value, Value::Set(set) if set.open) || matches!(value, Value::Unknown(_));
        if open { self.thunk(State::Perhaps(default)) } else { default }
    }

    fn identity(&mut self, thunk: Thunk, depth: u32) -> Identity {
        self.calls.compared += 1;
        if self.calls.compared > MOST_COMPARED {
            return Identity::Thunk(thunk);
        }
        match self.heap.state(thunk) {
            Some(State::Done(value)) => {
                let value = value.clone();
                self.identity_of(&value, depth)
            }
            Some(State::Code(code, scope)) => {
                let (code, scope) = (*code, *scope);
                match self.bound_name(code, scope) {
                    Some(bound) if depth < DEEPEST => self.identity(bound, depth + 1),
                    _ => Identity::Code(code, scope),
                }
            }
            Some(State::Argument(class, name)) => Identity::Argument(*class, name.clone()),
            _ => Identity::Thunk(thunk),
        }
    }

    /// What an expression that is only a name is bound to.
    fn bound_name(&self, code: Code, scope: Scope) -> Option<Thunk> {
        let Expr::Ident(name) = self.loaded.file(code.file)?.expr(code.expr) else { return None };
        self.heap.bound(name, scope)
    }

    fn identity_of(&mut self, value: &Value, depth: u32) -> Identity {
        use std::rc::Rc;
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
                Identity::Conditional(Box::new(self.identity_of(inner, depth)))
            }
            Value::Config(class, path) => Identity::Config(*class, path.clone()),
            Value::System(class) => Identity::System(*class),
            Value::Declared(declared) => Identity::Declared(*declared),
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
        if self.calls.identified.insert(at) {
            self.calls.kept.push(value.clone());
        }
        Identity::One(at)
    }

    /// The names that a function of the source takes, with whether each has a default; `None` where
    /// it takes anything under one name.
    pub(super) fn formals(&self, code: Code) -> Option<Vec<(Name, bool)>> {
        let Expr::Lambda(param, _) = self.loaded.file(code.file)?.expr(code.expr) else {
            return None;
        };
        match param {
            Param::Pattern { formals, .. } => Some(
                formals.iter().map(|(name, default)| (name.clone(), default.is_some())).collect(),
            ),
            Param::Ident(_) => None,
        }
    }

    /// The scope of what stands in no function.
    pub(super) fn top(&self) -> Scope {
        Heap::TOP
    }
}
