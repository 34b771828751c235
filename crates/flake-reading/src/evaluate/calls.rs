//! Calls of functions in the source: what their arguments are bound to, and when two calls are the
//! same.
//!
//! Hosts, packages and overlays are made by a few functions that are called over and over. A call
//! is identified by the function and its arguments, so that equal calls are made once, and a call
//! within itself ends.

use super::evaluator::Evaluator;
use super::heap::{Heap, ScopeNode, State};
use super::lineage::Lineage;
use super::memo::{Call, Memory};
use super::value::{Code, FileId, How, Scope, Thunk, Value, is_longest};
use crate::syntax::{Expr, ExprId, Name, Operator, Param};

/// How many calls of a function may lead to another one, by how often it was called: lazy recursion
/// does not nest.
fn longest_lineage(made: u32) -> Option<usize> {
    match made {
        0..200 => None,
        200..1_000 => Some(24),
        1_000..4_000 => Some(16),
        _ => Some(10),
    }
}

/// How deep a function may be called within itself, by how often it was called.
fn deepest_recursion(made: u32) -> u32 {
    match made {
        0..100 => 64,
        100..1_000 => 4,
        1_000..4_000 => 2,
        _ => 1,
    }
}

/// How many calls of a function with an argument of which nothing is known may lead to another one.
const MOST_OF_UNKNOWN: usize = 2;
/// How often a function is called until the arguments with which it calls itself are looked at: an
/// argument that was never needed is not known to be unknown.
const MANY: u32 = 20;
/// The most parameters of a function (`a: b: …`) whose arguments are all looked at for each call.
const MOST_PARAMETERS: usize = 8;

/// Whether nothing is known of a value, or only that it is somewhere in a package.
fn says_nothing(value: &Value) -> bool {
    match value.unconditional().0 {
        Value::Package(_, path, _) | Value::Unread(_, path, _) => is_longest(path),
        value => matches!(value, Value::Unknown(_)),
    }
}

/// Whether a value is a fact from which nothing is built: a name, or how far a text is indented.
fn is_said(value: &Value) -> bool {
    match value.unconditional().0 {
        Value::Woven(woven) => woven.how == How::Text,
        value => value.is_plain(),
    }
}

impl Evaluator<'_> {
    /// Calls a function in the source with its one argument.
    pub(super) fn call_function(&mut self, code: Code, scope: Scope, arg: Thunk) -> Value {
        let Some(file) = self.loaded.look_at(code).cloned() else { return Value::outside() };
        let Expr::Lambda(param, body) = file.expr(code.expr) else { return Value::outside() };
        // A library is identified by what it is, not by who asks for it first; unless this call is
        // what extends it: `lib.extend (final: prev: import ./lib { lib = final; })`.
        if matches!(param, Param::Pattern { .. })
            && let Value::Set(set) = self.force(arg)
            && let Some(library) = set.get("lib")
            && !self.is_being_made(library.thunk)
        {
            self.force(library.thunk);
        }
        // The same call gives the same result: hosts and packages are made by a few functions.
        let memory = Memory { heap: &self.heap, loaded: &self.loaded };
        let call = self.calls.call(memory, code, scope, arg);
        match self.calls.made.get(&call) {
            Some(Some(known)) => return known.clone(),
            Some(None) => return Value::outside(),
            None => self.calls.made.insert(call, None),
        };
        // If the end of a recursion depends on unknown values, both ways are taken at each level.
        let given_by = match self.heap.state(arg) {
            Some(State::Code(_, scope)) => self.heap.lineage(*scope),
            _ => Lineage::default(),
        };
        let lineage = self.heap.lineages.call(code, arg, self.heap.lineage(scope), given_by);
        // `a: b: …` is one function of two arguments.
        let is_last = !matches!(file.expr(*body), Expr::Lambda(..));
        if is_last && self.leads_nowhere(&call, lineage) {
            self.calls.made.insert(call, Some(Value::condition()));
            return Value::condition();
        }
        let count = self.calls.of.entry(code).or_default();
        let is_endless = longest_lineage(count.made).is_some_and(|longest| {
            // Looking back costs time, too.
            self.budget.step();
            self.heap.lineages.of_same(lineage) >= longest
        });
        count.is_endless |= is_endless;
        let ends = is_endless || count.active > deepest_recursion(count.made);
        count.made += 1;
        if ends {
            self.calls.made.insert(call, Some(Value::outside()));
            return Value::outside();
        }
        count.active += 1;
        let inner = self.bind_param(param, code.file, scope, arg, lineage);
        let value = self.expression(Code { file: code.file, expr: *body }, inner);
        self.calls.made.insert(call, Some(value.clone()));
        if let Some(count) = self.calls.of.get_mut(&code) {
            count.active = count.active.saturating_sub(1);
        }
        value
    }

    /// Whether the value of a name, by whatever other names, is being computed.
    fn is_being_made(&self, thunk: Thunk) -> bool {
        /// The most names for one value.
        const LONGEST: usize = 8;
        let memory = Memory { heap: &self.heap, loaded: &self.loaded };
        let mut at = Some(thunk);
        for _ in 0..LONGEST {
            match at.and_then(|at| self.heap.state(at)) {
                Some(State::Busy) => return true,
                Some(State::Code(code, scope)) => at = memory.bound_name(*code, *scope),
                _ => return false,
            }
        }
        false
    }

    /// Whether a call is a recursion into something of which nothing is known: it gives nothing more.
    fn leads_nowhere(&mut self, call: &Call, lineage: Lineage) -> bool {
        let is_often = || self.calls.times(call) >= MANY && self.heap.lineages.of_same(lineage) > 1;
        if !call.is_of_unknown() && !is_often() {
            return false;
        }
        let Some((mut code, arg, mut outer)) = self.heap.lineages.function(lineage) else {
            return false;
        };
        if !says_nothing(&self.force(arg)) {
            return false;
        }
        let mut parameters = 1;
        while let Some((of, arg, before)) = self.heap.lineages.function(outer) {
            let is_one = self.loaded.look_at(of).is_some_and(
                |file| matches!(file.expr(of.expr), Expr::Lambda(_, body) if *body == code.expr),
            );
            if of.file != code.file || !is_one {
                break;
            }
            parameters += 1;
            if parameters > MOST_PARAMETERS || !is_said(&self.force(arg)) {
                return false;
            }
            (code, outer) = (of, before);
        }
        self.heap.lineages.set_of_unknown(lineage);
        self.heap.lineages.of_same_unknown(lineage) >= MOST_OF_UNKNOWN
    }

    fn bind_param(
        &mut self,
        param: &Param,
        file: FileId,
        outer: Scope,
        arg: Thunk,
        lineage: Lineage,
    ) -> Scope {
        match param {
            Param::Ident(name) => {
                let names = vec![(name.clone(), arg)];
                let inner = self.heap.scope(ScopeNode::Bound { names, outer });
                self.heap.set_lineage(inner, lineage);
                inner
            }
            Param::Pattern { formals, bound, .. } => {
                let inner = self.heap.scope(ScopeNode::Bound { names: Vec::new(), outer });
                self.heap.set_lineage(inner, lineage);
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

    /// The value of a name in a pattern.
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

    /// The name of the parameter of a function in the source that takes a single argument.
    pub(super) fn parameter(&self, code: Code) -> Option<Name> {
        match self.loaded.look_at(code)?.expr(code.expr) {
            Expr::Lambda(Param::Ident(name), _) => Some(name.clone()),
            _ => None,
        }
    }

    /// Whether a function of a single argument returns a list, as its source shows: no module does.
    pub(super) fn gives_list(&self, code: Code) -> bool {
        let Some(file) = self.loaded.look_at(code) else { return false };
        let Expr::Lambda(Param::Ident(_), body) = file.expr(code.expr) else { return false };
        let mut at = *body;
        loop {
            match file.expr(at) {
                Expr::With(_, body) | Expr::Let(_, body) | Expr::Assert(_, body) => at = *body,
                Expr::List(_) | Expr::Binary(Operator::Concat, ..) => return true,
                _ => return false,
            }
        }
    }

    /// The argument names of a function in the source, with whether each has a default; `None` if
    /// it takes a single argument without a pattern.
    pub(super) fn formals(&self, code: Code) -> Option<Vec<(Name, bool)>> {
        let Expr::Lambda(param, _) = self.loaded.look_at(code)?.expr(code.expr) else {
            return None;
        };
        match param {
            Param::Pattern { formals, .. } => Some(
                formals.iter().map(|(name, default)| (name.clone(), default.is_some())).collect(),
            ),
            Param::Ident(_) => None,
        }
    }

    /// Whether a function has a name for its argument as a whole.
    pub(super) fn binds_whole(&self, code: Code) -> bool {
        let file = self.loaded.look_at(code);
        match file.map(|file| file.expr(code.expr)) {
            Some(Expr::Lambda(Param::Pattern { bound, .. }, _)) => bound.is_some(),
            _ => true,
        }
    }

    /// The scope outside of all functions.
    pub(super) fn top(&self) -> Scope {
        Heap::TOP
    }
}
