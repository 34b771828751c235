//! Tests: whether something holds, if that is certain.

use super::order::less;
use super::{Args, MOST};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Taken;
use crate::evaluate::patterns::Match;
use crate::evaluate::recorder::kind_of_output;
use crate::evaluate::value::{Path, Segment, Value, attr};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// `optionals condition value` and similar.
    pub(super) fn on_condition(&mut self, name: &str, args: &mut Args) -> Value {
        let condition = args.next(self);
        let thunk = args.thunk(self);
        let nothing = || match name {
            "optional" | "optionals" => Value::list(Vec::new(), false),
            "optionalString" => Value::text(""),
            "optionalDrvAttr" => Value::Null,
            _ => Value::no_attrs(),
        };
        match condition.unconditional().0 {
            Value::Bool(false) => nothing(),
            condition => {
                let value = if name == "optional" {
                    Value::list(vec![thunk], false)
                } else {
                    self.force(thunk)
                };
                if matches!(condition, Value::Bool(true)) { value } else { value.conditional() }
            }
        }
    }

    pub(super) fn test_function(&mut self, name: &str, args: &mut Args) -> Value {
        let a = args.next(self);
        let place = args.place;
        match name {
            "any" | "all" => {
                let list = args.next(self);
                return self.any_or_all(name == "any", &a, &list, place);
            }
            "elem" => {
                let list = args.next(self);
                return self.elem(&a, &list);
            }
            "hasAttr" => {
                let set = args.next(self);
                let Value::Text(name) = &a else { return Value::condition() };
                return self.has(&set, name).map_or_else(Value::condition, Value::Bool);
            }
            "hasAttrByPath" => {
                let mut set = args.next(self);
                let mut items = Vec::new();
                self.items_into(&a, &mut items);
                for item in items {
                    let Value::Text(name) = self.force_known(item) else {
                        return Value::condition();
                    };
                    match self.has(&set, &name) {
                        Some(true) => {
                            let inner = self.member(&set, &name, None);
                            set = self.resolve(inner);
                        }
                        Some(false) => return Value::Bool(false),
                        None => return Value::condition(),
                    }
                }
                return Value::Bool(true);
            }
            _ => {}
        }
        if name == "typeOf" {
            return type_of(&a).map_or_else(Value::condition, Value::text);
        }
        if name.starts_with("is") {
            return is_of_kind(name, &a).map_or_else(Value::condition, Value::Bool);
        }
        let b = args.next(self);
        match (name, &a, &b) {
            ("hasPrefix", Value::Text(part), Value::Text(text)) => {
                Value::Bool(text.starts_with(&**part))
            }
            // `lib.path.hasPrefix`, and both as texts.
            ("hasPrefix", Value::Path(of, folder), Value::Path(flake, path)) => {
                let below = path.as_str().strip_prefix(folder.as_str());
                let is_below =
                    |rest: &str| folder.is_root() || rest.is_empty() || rest.starts_with('/');
                Value::Bool(of == flake && below.is_some_and(is_below))
            }
            ("hasSuffix", Value::Text(part), Value::Path(_, path)) => {
                Value::Bool(path.as_str().ends_with(&**part))
            }
            ("hasSuffix", Value::Text(part), Value::Text(text)) => {
                Value::Bool(text.ends_with(&**part))
            }
            ("hasInfix", Value::Text(part), Value::Text(text)) => {
                Value::Bool(text.contains(&**part))
            }
            ("hasInfix", Value::Text(part), Value::Path(_, path)) => {
                Value::Bool(is_in_store_path(part, path.as_str()))
            }
            ("match", Value::Text(pattern), Value::Text(text)) => self.matched(pattern, text),
            ("and", Value::Bool(a), Value::Bool(b)) => Value::Bool(*a && *b),
            ("or", Value::Bool(a), Value::Bool(b)) => Value::Bool(*a || *b),
            ("xor", Value::Bool(a), Value::Bool(b)) => Value::Bool(a != b),
            ("implies", Value::Bool(a), Value::Bool(b)) => Value::Bool(!a || *b),
            ("lessThan", a, b) => less(a, b).map_or_else(Value::condition, Value::Bool),
            _ => Value::condition(),
        }
    }

    fn any_or_all(
        &mut self,
        any: bool,
        predicate: &Value,
        list: &Value,
        place: Option<crate::evaluate::facts::Place>,
    ) -> Value {
        let mut items = Vec::new();
        let mut unsure = self.items_into(list, &mut items) || items.len() > MOST;
        for item in items.into_iter().take(MOST) {
            match self.asked(predicate, item, place) {
                Value::Bool(holds) if holds == any => return Value::Bool(any),
                Value::Bool(_) => {}
                _ => unsure = true,
            }
        }
        if unsure { Value::condition() } else { Value::Bool(!any) }
    }

    pub(in crate::evaluate) fn elem(&mut self, value: &Value, list: &Value) -> Value {
        match list {
            Value::Either(all) => {
                // One of them it is.
                let each = all.iter().map(|one| self.elem(value, one.unconditional().0));
                let each: Vec<Value> = each.collect();
                return match each.first() {
                    Some(Value::Bool(is))
                        if each
                            .iter()
                            .all(|one| matches!(one, Value::Bool(other) if other == is)) =>
                    {
                        Value::Bool(*is)
                    }
                    _ => Value::condition(),
                };
            }
            // It may be another list.
            Value::Conditional(_) => return Value::condition(),
            _ => {}
        }
        let mut items = Vec::new();
        let mut unsure = self.items_into(list, &mut items) || items.len() > MOST;
        for item in items.into_iter().take(MOST) {
            let item = self.force_known(item);
            // What is not equal is not it, whether it is there or not.
            let (item, is_perhaps) = item.unconditional();
            match self.equal(value.unconditional().0, item) {
                Some(true) if !is_perhaps => return Value::Bool(true),
                Some(false) => {}
                Some(true) | None => unsure = true,
            }
        }
        if unsure { Value::condition() } else { Value::Bool(false) }
    }

    /// `match pattern text`: null, or the text of each group.
    fn matched(&mut self, pattern: &Name, text: &Name) -> Value {
        // Compiling a pattern takes longer than most steps.
        if self.budget.weigh(32 * (pattern.len() + text.len())) {
            return Value::condition();
        }
        let groups: Vec<Value> = match self.patterns.matched(pattern, text) {
            Match::Unknown => return Value::condition(),
            Match::No => return Value::Null,
            Match::Yes(groups) => {
                groups.into_iter().map(|group| group.map_or(Value::Null, Value::text)).collect()
            }
            Match::Somehow(groups) => (0..groups).map(|_| Value::condition()).collect(),
        };
        let groups = groups.into_iter().map(|group| self.done(group)).collect();
        Value::list(groups, false)
    }

    /// `partition predicate list`: items of unknown result are on both sides.
    pub(super) fn partition(&mut self, args: &mut Args) -> Value {
        let (predicate, list) = (args.next(self), args.next(self));
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let (mut right, mut wrong) = (Vec::new(), Vec::new());
        for item in items {
            match self.asked(&predicate, item, args.place) {
                Value::Bool(true) => right.push(item),
                Value::Bool(false) => wrong.push(item),
                _ => {
                    let item = self.perhaps(item, true);
                    right.push(item);
                    wrong.push(item);
                }
            }
        }
        let (right, wrong) =
            (self.done(Value::list(right, open)), self.done(Value::list(wrong, open)));
        Value::set(vec![attr("right", right), attr("wrong", wrong)], None, false)
    }

    /// `groupBy function list`
    pub(super) fn group_by(&mut self, args: &mut Args) -> Value {
        let (function, list) = (args.next(self), args.next(self));
        let mut items = Vec::new();
        let open = self.items_into(&list, &mut items);
        let mut groups: Vec<(Name, Vec<crate::evaluate::value::Thunk>)> = Vec::new();
        let mut rest = Vec::new();
        for item in items {
            match self.asked(&function, item, args.place) {
                Value::Text(name) => match groups.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, group)) => group.push(item),
                    None => groups.push((name, vec![item])),
                },
                _ => rest.push(item),
            }
        }
        let attrs = groups.into_iter().map(|(name, group)| {
            let thunk = self.done(Value::list(group, open));
            attr(name, thunk)
        });
        let attrs = attrs.collect();
        let rest = (!rest.is_empty()).then(|| self.done(Value::list(rest, true)));
        Value::set(attrs, rest, open)
    }
}

/// Whether a text is in the path of a file as Nix has it: `/nix/store/HASH-source/PATH`. Nobody means
/// the hash.
fn is_in_store_path(part: &str, path: &str) -> bool {
    "/nix/store/".contains(part) || format!("-source/{path}").contains(part)
}

/// `isAttrs value` and similar, if the kind of the value is certain.
fn is_of_kind(test: &str, value: &Value) -> Option<bool> {
    if test == "isDerivation" {
        match value {
            Value::Package(_, path, _) => return (!path.is_empty()).then_some(true),
            Value::Derivation(_) => return Some(true),
            Value::Set(set) => return (set.get("type").is_none() && !set.open).then_some(false),
            _ => {}
        }
    }
    if let Value::Unread(_, path, _) = value {
        return is_of_kind_unread(test, path);
    }
    let kind = type_of(value)?;
    Some(match test {
        "isStringLike" => return matches!(kind, "string" | "path").then_some(true),
        "isAttrs" => kind == "set",
        "isList" => kind == "list",
        "isFunction" => kind == "lambda",
        "isPath" => kind == "path",
        "isString" => kind == "string",
        "isBool" => kind == "bool",
        "isNull" => kind == "null",
        "isInt" => kind == "int",
        _ => false,
    })
}

/// Whether an output that is not read certainly is not null: a package, a module, an overlay.
pub(in crate::evaluate) fn is_something(path: &Path) -> bool {
    is_of_kind_unread("isNull", path) == Some(false)
}

/// The same for an output that is not read: a module is a function, a set or a path, and a package is a
/// set.
fn is_of_kind_unread(test: &str, path: &Path) -> Option<bool> {
    let of = kind_of_output(path.first().and_then(Segment::name)?);
    // What is in a package may be a text: `packages.SYSTEM.NAME.version`.
    let longest = if of.is_built() { 3 } else { 2 };
    let is_known =
        path.len() <= longest && (of.is_built() || matches!(of, Taken::Modules | Taken::Overlays));
    let is_other = matches!(test, "isString" | "isList" | "isBool" | "isNull" | "isInt");
    (is_known && is_other).then_some(false)
}

/// `typeOf value`, if it is certain. A set that can be called is a set for Nix and a function for
/// nixpkgs.
fn type_of(value: &Value) -> Option<&'static str> {
    Some(match value {
        Value::Set(set) if set.get("__functor").is_none() => "set",
        Value::Inputs(_) | Value::Itself(_) | Value::Flake(..) => "set",
        Value::List(_) => "list",
        Value::Function(..) => "lambda",
        Value::Path(..) => "path",
        Value::Text(_) => "string",
        Value::Bool(_) => "bool",
        Value::Null => "null",
        Value::Number(_) => "int",
        _ => return None,
    })
}
