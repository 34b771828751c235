//! Expressions, one kind after the other.

use super::machine::{Machine, ScopeNode, State};
use super::value::{Code, FileId, Scope, SetAttr, Thunk, Value, Why};
use super::visit::Giver;
use crate::source::syntax::{AttrValue, Expr, ExprId, Name, Operator, Part, SetExpr};

/// Items of a list that was joined.
pub(super) const LONGEST_LIST: usize = 150_000;

impl Machine<'_> {
    /// The value of an expression.
    pub(super) fn expression(&mut self, code: Code, scope: Scope) -> Value {
        self.deeper(|machine| machine.evaluate(code, scope))
    }

    fn evaluate(&mut self, code: Code, scope: Scope) -> Value {
        let Some(file) = self.file(code.file).cloned() else { return Value::outside() };
        let at = |expr: ExprId| Code { file: code.file, expr };
        match file.expr(code.expr) {
            Expr::Unknown => Value::outside(),
            Expr::Number => Value::Number,
            Expr::Ident(name) => self.name(name, scope, code),
            Expr::Text(parts) => self.text(parts, code.file, scope, self.place(code)),
            Expr::Path(parts) => self.path(parts, code.file, scope),
            Expr::OtherPath(path) => {
                // Absolute ones keep their text: they may be put behind a source.
                let path = if path.starts_with('/') { path.clone() } else { "".into() };
                Value::Source(super::value::Base::Other, path, self.place(code))
            }
            Expr::List(items) => {
                let items = items.iter().map(|item| self.code_thunk(code.file, *item, scope));
                Value::list(items.collect(), false)
            }
            Expr::Set(set) => self.bindings(set, code.file, scope).0,
            Expr::Let(bindings, body) => {
                let (_, inner) = self.bindings(bindings, code.file, scope);
                self.expression(at(*body), inner)
            }
            Expr::Lambda(..) => Value::Function(code, scope),
            Expr::Apply(function, argument) => {
                let function = self.expression(at(*function), scope);
                let argument = self.code_thunk(code.file, *argument, scope);
                let place = self.place(code);
                self.apply_lazily(&function, argument, place)
            }
            Expr::Select(set, path, default) => {
                let value = self.expression(at(*set), scope);
                self.selected(value, path, *default, code, scope)
            }
            Expr::HasAttr(set) => {
                self.expression(at(*set), scope);
                Value::condition()
            }
            Expr::With(namespace, body) => {
                let namespace = self.code_thunk(code.file, *namespace, scope);
                let inner = self.scope(ScopeNode::With { namespace, outer: scope });
                self.expression(at(*body), inner)
            }
            Expr::If(condition, then, otherwise) => match self.certain(at(*condition), scope) {
                Value::Bool(true) => self.expression(at(*then), scope),
                Value::Bool(false) => self.expression(at(*otherwise), scope),
                _ => {
                    let then = self.expression(at(*then), scope);
                    let otherwise = self.expression(at(*otherwise), scope);
                    one_of(then, otherwise)
                }
            },
            Expr::Assert(_, body) => self.expression(at(*body), scope),
            Expr::Binary(operator, left, right) => {
                let left = self.code_thunk(code.file, *left, scope);
                let right = self.code_thunk(code.file, *right, scope);
                self.binary(*operator, left, right, code)
            }
            Expr::Opaque(parts) => {
                let values: Vec<_> =
                    parts.iter().map(|part| self.certain(at(*part), scope)).collect();
                match values.as_slice() {
                    [Value::Bool(value)] => Value::Bool(!value),
                    [Value::Number] => Value::Number,
                    _ => Value::condition(),
                }
            }
        }
    }

    /// The value of an expression, and what options make of it.
    fn certain(&mut self, code: Code, scope: Scope) -> Value {
        let value = self.expression(code, scope);
        self.resolve(value)
    }

    fn binary(&mut self, operator: Operator, left: Thunk, right: Thunk, code: Code) -> Value {
        let place = self.place(code);
        match operator {
            Operator::Update => {
                let (left, right) = (self.force(left), self.force(right));
                self.update(left, right)
            }
            Operator::Concat => {
                let (left, right) = (self.force(left), self.force(right));
                self.concat(&left, &right)
            }
            Operator::Add => {
                let (left, right) = (self.force_config(left), self.force_config(right));
                self.add(left, right, place)
            }
            Operator::Equal | Operator::NotEqual => {
                let (left, right) = (self.force_config(left), self.force_config(right));
                match equal(&left, &right) {
                    Some(same) => Value::Bool(same == (operator == Operator::Equal)),
                    None => Value::condition(),
                }
            }
            Operator::And | Operator::Or | Operator::Implies => {
                // What decides whatever the other is: `false && …`, `true || …`, `false -> …`.
                let decides = operator == Operator::Or;
                let gives = operator != Operator::And;
                let (left, right) = (self.force_config(left), self.force_config(right));
                let left_is = match left {
                    Value::Bool(value) => Some(value),
                    _ => None,
                };
                match (left_is, right) {
                    (Some(left), _) if left == decides => Value::Bool(gives),
                    (Some(_), Value::Bool(right)) => Value::Bool(right),
                    (None, Value::Bool(right))
                        if right == gives && operator != Operator::Implies =>
                    {
                        Value::Bool(right)
                    }
                    _ => Value::condition(),
                }
            }
            Operator::PipeRight => {
                let function = self.force(right);
                self.apply_lazily(&function, left, place)
            }
            Operator::PipeLeft => {
                let function = self.force(left);
                self.apply_lazily(&function, right, place)
            }
        }
    }

    /// `left // right`
    pub(super) fn update(&mut self, left: Value, right: Value) -> Value {
        let (left, right) = (self.resolve(left), self.resolve(right));
        match (&left, &right) {
            (Value::Set(a), Value::Set(b)) => {
                if self.weigh_sets(a, b) {
                    return right;
                }
                Value::Set(a.update(b).into())
            }
            (Value::Conditional(inner), Value::Set(_)) if matches!(**inner, Value::Set(_)) => {
                let left = self.as_conditional_set(inner);
                self.update(left, right)
            }
            (Value::Set(_), Value::Conditional(inner)) if matches!(**inner, Value::Set(_)) => {
                let right = self.as_conditional_set(inner);
                self.update(left, right)
            }
            (Value::Set(a), Value::Unknown(_)) | (Value::Unknown(_), Value::Set(a)) => {
                Value::Set(super::value::Set { open: true, ..(**a).clone() }.into())
            }
            (Value::Unknown(_), Value::Unknown(_)) => left,
            (Value::Either(a), Value::Either(b)) => {
                let (a, b) = (a.clone(), b.clone());
                let (a, b) = (self.joined(&a), self.joined(&b));
                match (&a, &b) {
                    (Value::Either(_), _) | (_, Value::Either(_)) => Value::Update((a, b).into()),
                    _ => self.update(a, b),
                }
            }
            (Value::Either(all), _) if all.len() > 4 => {
                let all = all.clone();
                match self.joined(&all) {
                    all @ Value::Either(_) => Value::Update((all, right).into()),
                    all => self.update(all, right),
                }
            }
            (Value::Either(all), _) if all.len() <= 4 => {
                let all: Vec<_> = all.iter().cloned().collect();
                let all = all.into_iter().map(|one| self.update(one, right.clone())).collect();
                Value::either(all)
            }
            (_, Value::Either(all)) if all.len() <= 4 => {
                let all: Vec<_> = all.iter().cloned().collect();
                let all = all.into_iter().map(|one| self.update(left.clone(), one)).collect();
                Value::either(all)
            }
            // What an overlay adds to packages does not make them others.
            (Value::Package(..), Value::Set(_) | Value::Unknown(_)) => {
                self.visit(right, Giver::Nobody);
                left
            }
            _ => Value::Update((left, right).into()),
        }
    }

    /// Several alternatives as one set, each attribute on a condition; as they are where some are
    /// no sets. Alternatives of alternatives would double with every step of a loop.
    fn joined(&mut self, all: &std::rc::Rc<[Value]>) -> Value {
        let mut joined: Option<super::value::Set> = None;
        for one in all.iter() {
            let Value::Set(set) = one.unconditional().0 else {
                return Value::Either(all.clone());
            };
            joined = Some(match joined {
                None => (**set).clone(),
                Some(before) => self.join(&before, set),
            });
        }
        joined.map_or_else(Value::outside, |set| Value::Set(set.into()))
    }

    /// What is one of two sets.
    fn join(&mut self, a: &super::value::Set, b: &super::value::Set) -> super::value::Set {
        if self.weigh_sets(a, b) {
            return super::value::Set { open: true, ..super::value::Set::default() };
        }
        let mut joined = a.update(b);
        for attr in &mut joined.attrs {
            match (a.get(&attr.name), b.get(&attr.name)) {
                (Some(x), Some(y)) => {
                    attr.conditional |= x.conditional;
                    if x.thunk != y.thunk {
                        attr.thunk = self.thunk(State::Either(x.thunk, y.thunk));
                    }
                }
                _ => attr.conditional = true,
            }
        }
        if let (Some(x), Some(y)) = (a.rest, b.rest)
            && x != y
        {
            joined.rest = Some(self.thunk(State::Either(x, y)));
        }
        joined
    }

    /// A set whose attributes are there only if something holds.
    pub(super) fn as_conditional_set(&mut self, value: &Value) -> Value {
        match value {
            Value::Set(set) => {
                let mut set = (**set).clone();
                set.attrs.iter_mut().for_each(|attr| attr.conditional = true);
                Value::Set(set.into())
            }
            other => other.clone(),
        }
    }

    pub(super) fn concat(&mut self, left: &Value, right: &Value) -> Value {
        let mut items = Vec::new();
        let mut open = false;
        for side in [left, right] {
            open |= self.items_into(side, &mut items);
        }
        open |= self.shorten(&mut items);
        Value::list(items, open)
    }

    /// Bounds how long a list gets by joining it with itself; true where some of it is left out.
    pub(super) fn shorten(&mut self, items: &mut Vec<Thunk>) -> bool {
        let long = items.len() > LONGEST_LIST;
        if long {
            items.truncate(LONGEST_LIST);
            self.facts.cut_short = true;
        }
        self.weigh(items.len()) || long
    }

    /// The items of a list, as far as it is one; true where there may be more.
    pub(super) fn items_into(&mut self, value: &Value, items: &mut Vec<Thunk>) -> bool {
        match value {
            Value::List(list) => {
                if self.weigh(list.items.len()) {
                    return true;
                }
                items.extend(&list.items);
                list.open
            }
            Value::Conditional(inner) => self.items_into(inner, items),
            Value::Config(..) => match self.resolve(value.clone()) {
                Value::Config(..) => true,
                value => self.items_into(&value, items),
            },
            Value::Either(all) => {
                let mut open = false;
                for one in all.iter() {
                    open |= self.items_into(one, items);
                }
                open
            }
            Value::Null => false,
            Value::Set(_) | Value::Package(..) | Value::Input(..) => {
                let item = self.done(value.clone());
                items.push(item);
                true
            }
            _ => true,
        }
    }

    /// The value of a name.
    fn name(&mut self, name: &Name, scope: Scope, code: Code) -> Value {
        let mut at = scope;
        let mut namespaces = Vec::new();
        loop {
            match self.scope_node(at) {
                ScopeNode::Top => break,
                ScopeNode::Bound { names, outer } => {
                    let found = names.binary_search_by(|(bound, _)| bound.cmp(name)).ok();
                    let found = found.and_then(|at| names.get(at)).map(|(_, thunk)| *thunk);
                    let outer = *outer;
                    if let Some(thunk) = found {
                        let value = self.force(thunk);
                        return self.placed(value, code);
                    }
                    at = outer;
                }
                ScopeNode::With { namespace, outer } => {
                    namespaces.push(*namespace);
                    at = *outer;
                }
            }
        }
        if let Some(value) = self.global(name) {
            return value;
        }
        let place = self.place(code);
        let namespaces: Vec<_> = namespaces.into_iter().map(|thunk| self.force(thunk)).collect();
        // `with inputs;` around `with pkgs;`: which packages there are is not known here, so a name
        // of an input is taken for that.
        let is_input = self.input_names.contains_key(&**name);
        if is_input && namespaces.iter().any(|value| matches!(value, Value::Inputs)) {
            return self.input_named(name, Some(place));
        }
        for namespace in namespaces {
            if self.may_have(&namespace, name) {
                return self.member(&namespace, name, Some(place));
            }
        }
        match self.builtin(name) {
            Some(value) => value,
            None => Value::outside(),
        }
    }

    /// A value that remembers where it was named last.
    fn placed(&self, value: Value, code: Code) -> Value {
        match value {
            Value::Input(input, path, _) => Value::Input(input, path, self.place(code)),
            Value::Package(instance, path, _) if path.is_empty() => {
                Value::Package(instance, path, self.place(code))
            }
            value => value,
        }
    }

    /// The bindings of a set or `let`, and the scope in which they see each other.
    fn bindings(&mut self, set: &SetExpr, file: FileId, outer: Scope) -> (Value, Scope) {
        let scope = if set.recursive {
            self.scope(ScopeNode::Bound { names: Vec::new(), outer })
        } else {
            outer
        };
        let mut attrs = Vec::with_capacity(set.attrs.len());
        let mut names = Vec::with_capacity(if set.recursive { set.attrs.len() } else { 0 });
        // `inherit (from) a b c` evaluates `from` once.
        let mut sources: Vec<(ExprId, Thunk)> = Vec::new();
        for attr in &set.attrs {
            let thunk = match attr.value {
                AttrValue::Expr(expr) => self.code_thunk(file, expr, scope),
                AttrValue::Inherited => self.inherited(&attr.name, outer, file),
                AttrValue::InheritedFrom(from) => {
                    let known = sources.iter().find(|(expr, _)| *expr == from).map(|(_, t)| *t);
                    let source = known.unwrap_or_else(|| {
                        let thunk = self.code_thunk(file, from, scope);
                        sources.push((from, thunk));
                        thunk
                    });
                    self.thunk(State::Member(source, attr.name.clone()))
                }
            };
            let place = super::facts::Place { file: file.0, span: attr.span };
            if set.recursive {
                names.push((attr.name.clone(), thunk));
            }
            let name = attr.name.clone();
            attrs.push(SetAttr { name, thunk, place: Some(place), conditional: false });
        }
        if set.recursive {
            self.bind(scope, names);
        }
        let mut rest = None;
        let mut open = false;
        for (key, value) in &set.dynamic {
            let thunk = self.code_thunk(file, *value, scope);
            match self.expression(Code { file, expr: *key }, scope) {
                Value::Text(name) => {
                    let place = Some(self.place(Code { file, expr: *key }));
                    attrs.push(SetAttr { name, thunk, place, conditional: false });
                }
                Value::Null => {}
                _ => {
                    open = true;
                    rest = Some(match rest {
                        None => thunk,
                        Some(other) => {
                            let (a, b) = (self.force(other), self.force(thunk));
                            let both = one_of(a, b);
                            self.done(both)
                        }
                    });
                }
            }
        }
        (Value::set(attrs, rest, open), scope)
    }

    /// `inherit name;`: the name in the scope outside.
    fn inherited(&mut self, name: &Name, outer: Scope, file: FileId) -> Thunk {
        let mut at = outer;
        let mut namespaces = Vec::new();
        loop {
            match self.scope_node(at) {
                ScopeNode::Top => break,
                ScopeNode::Bound { names, outer } => {
                    let found = names.binary_search_by(|(bound, _)| bound.cmp(name)).ok();
                    if let Some((_, thunk)) = found.and_then(|at| names.get(at)) {
                        return *thunk;
                    }
                    at = *outer;
                }
                ScopeNode::With { namespace, outer } => {
                    namespaces.push(*namespace);
                    at = *outer;
                }
            }
        }
        let _ = file;
        match (self.global(name), namespaces.first()) {
            (Some(value), _) => self.done(value),
            (None, Some(namespace)) => self.thunk(State::Member(*namespace, name.clone())),
            (None, None) => self.done(Value::outside()),
        }
    }

    /// `value.path or default`
    fn selected(
        &mut self,
        mut value: Value,
        path: &[Part],
        default: Option<ExprId>,
        code: Code,
        scope: Scope,
    ) -> Value {
        let place = self.place(code);
        // `flake.packages or { }` of each of all inputs: nothing is taken of any before it is used.
        if let (Some(default), Value::Input(_, at, _)) = (default, &value)
            && at.first().is_some_and(|first| &**first == super::select::EVERY)
        {
            return self.expression(Code { file: code.file, expr: default }, scope);
        }
        for part in path {
            let name = match part {
                Part::Text(name) => Some(name.clone()),
                Part::Interpolated(expr) => {
                    match self.expression(Code { file: code.file, expr: *expr }, scope) {
                        Value::Text(name) => Some(name),
                        _ => None,
                    }
                }
            };
            value = match name {
                Some(name) => self.member(&value, &name, Some(place)),
                None => self.any_member(&value, place),
            };
        }
        if default.is_some() {
            value = self.resolve(value);
        }
        match (default, &value) {
            (Some(default), Value::Unknown(why)) => {
                let why = *why;
                let default = self.expression(Code { file: code.file, expr: default }, scope);
                match (why, default) {
                    // What an option or the system may say is a condition.
                    (Why::Condition, Value::Bool(_) | Value::Null | Value::Unknown(_)) => {
                        Value::condition()
                    }
                    (_, default) => default,
                }
            }
            _ => value,
        }
    }
}

/// Whether two values are equal, where that is certain.
pub(super) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, Value::Bool(_) | Value::Text(_) | Value::Set(_) | Value::List(_))
        | (Value::Bool(_) | Value::Text(_) | Value::Set(_) | Value::List(_), Value::Null) => {
            Some(false)
        }
        (Value::List(a), Value::List(b)) if a.items.is_empty() && b.items.is_empty() => {
            (!a.open && !b.open).then_some(true)
        }
        _ => None,
    }
}

/// What is one of two things, nobody knows which.
pub(super) fn one_of(a: Value, b: Value) -> Value {
    match (&a, &b) {
        (Value::Bool(x), Value::Bool(y)) if x == y => a,
        (Value::Bool(_), Value::Bool(_)) => Value::condition(),
        // What is unknown says nothing, but that the other is not certain.
        (Value::Unknown(_), _) => b.conditional(),
        (_, Value::Unknown(_)) => a.conditional(),
        (Value::Null, _) => b.conditional(),
        (_, Value::Null) => a.conditional(),
        _ => Value::either(vec![a.conditional(), b.conditional()]),
    }
}
