//! Evaluates expressions, kind by kind.
//!
//! Source: Nix manual, "Nix Language".

use super::evaluator::Evaluator;
use super::facts::Place;
use super::heap::{Meaning, ScopeNode, State};
use super::value::{Base, Code, FileId, Function, Scope, SetAttr, Thunk, Value, Why};
use crate::syntax::{AttrValue, Expr, ExprId, Name, Part, SetExpr};

impl Evaluator<'_> {
    /// The value of an expression.
    pub(super) fn expression(&mut self, code: Code, scope: Scope) -> Value {
        let before = self.budget.go_to(Some(code.file));
        let value = self.deeper(|evaluator| evaluator.evaluate(code, scope));
        self.budget.go_to(before);
        value
    }

    /// The value of an expression, with options replaced by their values.
    pub(super) fn known(&mut self, code: Code, scope: Scope) -> Value {
        let value = self.expression(code, scope);
        self.resolve(value)
    }

    fn evaluate(&mut self, code: Code, scope: Scope) -> Value {
        let Some(file) = self.loaded.look_at(code).cloned() else { return Value::outside() };
        let at = |expr: ExprId| Code { file: code.file, expr };
        match file.expr(code.expr) {
            Expr::Unknown => Value::outside(),
            Expr::Number(number) => Value::Number(Some(*number)),
            Expr::Ident(name) => self.name(name, scope, code),
            Expr::Text(parts) => self.text(parts, code.file, scope, self.place(code)),
            Expr::Path(parts) => self.path(parts, code.file, scope),
            Expr::OtherPath(path) => {
                // Absolute paths keep their text: they may be appended to a source.
                let path = if path.starts_with('/') { path.clone() } else { "".into() };
                Value::Source(Base::Other, path, self.place(code))
            }
            Expr::List(items) => {
                let items = items.iter().map(|item| self.code_thunk(code.file, *item, scope));
                Value::list(items.collect(), false)
            }
            Expr::Set(set) => self.set_expression(set, code.file, scope),
            Expr::Let(bindings, body) => {
                let inner = self.let_bindings(bindings, code.file, scope);
                self.expression(at(*body), inner)
            }
            Expr::Lambda(..) => Value::Function(code, scope),
            Expr::Apply(function, argument) => {
                let function = self.expression(at(*function), scope);
                let argument = self.code_thunk(code.file, *argument, scope);
                let place = self.place(code);
                self.apply(&function, argument, place)
            }
            Expr::Select(set, path, default) => {
                let value = self.expression(at(*set), scope);
                self.selected(value, path, *default, code, scope)
            }
            Expr::HasAttr(set, path) => {
                let value = self.known(at(*set), scope);
                self.has_path(value, path, code, scope)
            }
            Expr::With(namespace, body) => {
                let namespace = self.code_thunk(code.file, *namespace, scope);
                let inner = self.heap.scope(ScopeNode::With { namespace, outer: scope });
                self.expression(at(*body), inner)
            }
            Expr::If(condition, then, otherwise) => match self.known(at(*condition), scope) {
                Value::Bool(true) => self.expression(at(*then), scope),
                Value::Bool(false) => self.expression(at(*otherwise), scope),
                _ => {
                    let then = self.expression(at(*then), scope);
                    let otherwise = self.expression(at(*otherwise), scope);
                    self.one_of(then, otherwise)
                }
            },
            Expr::Assert(_, body) => self.expression(at(*body), scope),
            Expr::Binary(operator, left, right) => {
                let left = self.code_thunk(code.file, *left, scope);
                let right = self.code_thunk(code.file, *right, scope);
                self.binary(*operator, left, right, self.place(code))
            }
            Expr::Not(inner) => match self.known(at(*inner), scope) {
                Value::Bool(value) => Value::Bool(!value),
                _ => Value::condition(),
            },
            Expr::Negate(inner) => match self.known(at(*inner), scope) {
                Value::Number(Some(number)) => Value::Number(number.checked_neg()),
                _ => Value::Number(None),
            },
        }
    }

    /// The name in a part of an attribute path; `None` if it is not known.
    fn part(&mut self, part: &Part, file: FileId, scope: Scope) -> Option<Name> {
        match part {
            Part::Text(name) => Some(name.clone()),
            Part::Interpolated(expr) => {
                match self.known(Code { file, expr: *expr }, scope).unconditional().0 {
                    Value::Text(name) => Some(name.clone()),
                    _ => None,
                }
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
        let mut missing = false;
        let mut is_of_flake = false;
        for part in path {
            let name = self.part(part, code.file, scope);
            is_of_flake |= matches!(value, Value::Flake(slot, _) if self.readable(slot).is_some());
            // A flake that was read does not have this, for this system: nobody gets it.
            if is_of_flake
                && default.is_none()
                && name.as_ref().is_some_and(|name| self.has(&value, name) == Some(false))
            {
                return Value::Unknown(Why::Never);
            }
            if default.is_some() {
                // The path of an option leads on if nothing is known of what is there.
                let known = self.resolve(value.clone());
                if !known.is_unknown() {
                    value = known;
                }
                let has = name.as_ref().and_then(|name| self.has(&value, name));
                if has == Some(false) {
                    missing = true;
                    break;
                }
            }
            value = match name {
                Some(name) => self.member(&value, &name, place),
                None => self.any_member(&value, place),
            };
        }
        // Parts of a flake that were not understood get their name here, whoever needs them first.
        if is_of_flake
            && !missing
            && let Value::Unread(slot, path, _) = value
        {
            let unread = Value::Unread(slot, path, place);
            return if default.is_some() { unread.conditional() } else { unread };
        }
        let Some(default) = default else { return value };
        let default = Code { file: code.file, expr: default };
        if missing {
            return self.expression(default, scope);
        }
        match self.resolve(value) {
            Value::Unknown(why) => match (why, self.expression(default, scope)) {
                // A value that depends on an option or the system is conditional.
                (Why::Condition, Value::Bool(_) | Value::Null | Value::Unknown(_)) => {
                    Value::condition()
                }
                (_, default) => default,
            },
            value => value,
        }
    }

    /// `value ? path`
    fn has_path(&mut self, mut value: Value, path: &[Part], code: Code, scope: Scope) -> Value {
        for (at, part) in path.iter().enumerate() {
            let Some(name) = self.part(part, code.file, scope) else { return Value::condition() };
            match self.has(&value, &name) {
                Some(false) => return Value::Bool(false),
                Some(true) if at + 1 == path.len() => return Value::Bool(true),
                Some(true) => {
                    let inner = self.member(&value, &name, None);
                    value = self.resolve(inner);
                }
                None => return Value::condition(),
            }
        }
        Value::condition()
    }

    /// The value of a name.
    fn name(&mut self, name: &Name, scope: Scope, code: Code) -> Value {
        let namespaces = match self.heap.meaning(name, scope) {
            Meaning::Bound(thunk) => {
                let value = self.force(thunk);
                return self.placed(value, code);
            }
            Meaning::Free(namespaces) => namespaces,
        };
        if let Some(value) = global(name) {
            return value;
        }
        let place = self.place(code);
        let thunks = namespaces;
        let namespaces: Vec<_> = thunks.iter().map(|thunk| self.force_known(*thunk)).collect();
        // `with inputs;` around `with pkgs;`: the names of packages are not known here, so a name
        // of an input is taken for the input.
        for namespace in &namespaces {
            if let Value::Inputs(flake) = namespace
                && self.world.input_named(*flake, name).is_some()
            {
                return self.input_named(*flake, name, place);
            }
        }
        for (namespace, thunk) in namespaces.into_iter().zip(thunks) {
            // Options have defaults, which are not among what modules set.
            let options = self.force(thunk);
            if matches!(options, Value::Config(..)) && self.has(&options, name) == Some(true) {
                return self.member(&options, name, place);
            }
            if self.may_have(&namespace, name) {
                return self.member(&namespace, name, place);
            }
        }
        builtin(name).unwrap_or_else(Value::outside)
    }

    /// The value with the place that named it last.
    fn placed(&self, value: Value, code: Code) -> Value {
        match value {
            Value::Flake(slot, _) => Value::Flake(slot, self.place(code)),
            Value::Package(instance, path, _) if path.is_empty() => {
                Value::Package(instance, path, self.place(code))
            }
            value => value,
        }
    }

    /// `inherit name;`: the name in the outer scope.
    fn inherited(&mut self, name: &Name, outer: Scope) -> Thunk {
        let namespaces = match self.heap.meaning(name, outer) {
            Meaning::Bound(thunk) => return thunk,
            Meaning::Free(namespaces) => namespaces,
        };
        match (global(name), namespaces.first()) {
            (Some(value), _) => self.done(value),
            (None, Some(namespace)) => self.thunk(State::Member(*namespace, name.clone())),
            (None, None) => self.done(Value::outside()),
        }
    }

    /// The scope of a `let`, in which its bindings see each other.
    fn let_bindings(&mut self, set: &SetExpr, file: FileId, outer: Scope) -> Scope {
        let scope = self.heap.scope(ScopeNode::Bound { names: Vec::new(), outer });
        let thunks = self.bound_thunks(set, file, outer, scope);
        let names = set.attrs.iter().map(|attr| attr.name.clone()).zip(thunks).collect();
        self.heap.bind(scope, names);
        scope
    }

    /// What the names of a set or `let` are bound to.
    fn bound_thunks(
        &mut self,
        set: &SetExpr,
        file: FileId,
        outer: Scope,
        inner: Scope,
    ) -> Vec<Thunk> {
        // Each call of a function makes its sets anew, whatever their size.
        self.budget.weigh(16 * set.attrs.len());
        // `inherit (from) a b c` evaluates `from` once.
        let mut sources: Vec<(ExprId, Thunk)> = Vec::new();
        let mut thunks = Vec::with_capacity(set.attrs.len());
        for attr in &set.attrs {
            thunks.push(match attr.value {
                AttrValue::Expr(expr) => self.code_thunk(file, expr, inner),
                AttrValue::Inherited => self.inherited(&attr.name, outer),
                AttrValue::InheritedFrom(from) => {
                    let known = sources.iter().find(|(expr, _)| *expr == from).map(|(_, t)| *t);
                    let source = known.unwrap_or_else(|| {
                        let thunk = self.code_thunk(file, from, inner);
                        sources.push((from, thunk));
                        thunk
                    });
                    self.thunk(State::Member(source, attr.name.clone()))
                }
            });
        }
        thunks
    }

    /// The value of a set that is written out.
    fn set_expression(&mut self, set: &SetExpr, file: FileId, outer: Scope) -> Value {
        let scope = match set.recursive {
            true => self.heap.scope(ScopeNode::Bound { names: Vec::new(), outer }),
            false => outer,
        };
        let thunks = self.bound_thunks(set, file, outer, scope);
        if set.recursive {
            let names = set.attrs.iter().map(|attr| attr.name.clone());
            let names = names.zip(thunks.iter().copied()).collect();
            self.heap.bind(scope, names);
        }
        let attrs = set.attrs.iter().zip(thunks).map(|(attr, thunk)| {
            let place = Some(Place::new(file, attr.span));
            SetAttr { name: attr.name.clone(), thunk, place, conditional: false }
        });
        let mut attrs: Vec<SetAttr> = attrs.collect();
        let mut rest = None;
        let mut open = false;
        for (key, value) in &set.dynamic {
            let thunk = self.code_thunk(file, *value, scope);
            let key = Code { file, expr: *key };
            match self.known(key, scope).unconditional().0 {
                Value::Text(name) => {
                    let (name, place) = (name.clone(), (self.place(key)));
                    attrs.push(SetAttr { name, thunk, place, conditional: false });
                }
                Value::Null => {}
                _ => {
                    open = true;
                    rest = Some(match rest {
                        None => thunk,
                        Some(other) => self.thunk(State::Either(other, thunk)),
                    });
                }
            }
        }
        Value::set(attrs, rest, open)
    }
}

/// Names that are defined without a binding.
fn global(name: &str) -> Option<Value> {
    Some(match name {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        "builtins" => Value::Library(None, [].into()),
        "import" | "map" | "toString" | "removeAttrs" | "throw" | "abort" | "baseNameOf"
        | "dirOf" | "isNull" | "derivation" | "fetchTarball" | "fetchGit" | "fetchTree"
        | "fetchMercurial" | "fromTOML" | "placeholder" | "scopedImport" | "break" => {
            Value::native(Function::Library(None, name.into()), Vec::new())
        }
        _ => return None,
    })
}

fn builtin(name: &str) -> Option<Value> {
    let plain = name.strip_prefix("__")?;
    super::library::is_known(plain).then(|| Value::Library(None, [Name::from(plain)].into()))
}
