//! Expressions, one kind after the other.

use super::machine::{Machine, ScopeNode};
use super::value::{Base, Code, Scope, Thunk, Value, Why};
use crate::source::syntax::{Expr, ExprId, Operator, Part};

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
            Expr::Number(_) => Value::Number,
            Expr::Ident(name) => self.name(name, scope, code),
            Expr::Text(parts) => self.text(parts, code.file, scope, self.place(code)),
            Expr::Path(parts) => self.path(parts, code.file, scope),
            Expr::OtherPath(path) => {
                // Absolute ones keep their text: they may be put behind a source.
                let path = if path.starts_with('/') { path.clone() } else { "".into() };
                Value::Source(Base::Other, path, self.place(code))
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
            Expr::HasAttr(set, _) => {
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
            Expr::Not(inner) => match self.certain(at(*inner), scope) {
                Value::Bool(value) => Value::Bool(!value),
                _ => Value::condition(),
            },
            Expr::Negate(_) => Value::Number,
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
            Operator::Less
            | Operator::LessOrEqual
            | Operator::More
            | Operator::MoreOrEqual
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide => {
                self.force(left);
                self.force(right);
                Value::condition()
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
