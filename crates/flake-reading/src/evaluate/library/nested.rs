//! Sets within sets.
//!
//! Source: nixpkgs `lib/attrsets.nix`.

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::heap::State;
use crate::evaluate::value::{SetAttr, Thunk, Value, attr};
use crate::syntax::Name;

/// How deep sets are looked into: folders are rarely deeper, and sets that contain themselves have
/// no end.
const DEEPEST: usize = 8;
/// The most sets and values in them that are looked at for one call.
const MOST: usize = 2_000;

impl Evaluator<'_> {
    /// `mapAttrsRecursive function set`, `mapAttrsRecursiveCond condition function set`
    pub(super) fn map_nested(&mut self, name: &str, args: &mut Args) -> Value {
        let goes_into = (name == "mapAttrsRecursiveCond").then(|| args.next(self));
        let (function, set) = (args.next(self), args.next(self));
        let mut walk = NestedWalk { function, goes_into, left: MOST, path: Vec::new() };
        self.nested_mapped(&mut walk, &set, args)
    }

    fn nested_mapped(&mut self, walk: &mut NestedWalk, set: &Value, args: &Args) -> Value {
        let pairs = self.pairs_of(set, args);
        let mut attrs = Vec::with_capacity(pairs.known.len());
        for pair in pairs.known {
            let name = self.done(Value::Text(pair.name.clone()));
            walk.path.push(name);
            let thunk = self.one_mapped(walk, pair.thunk, args);
            walk.path.pop();
            attrs.push(SetAttr { thunk, ..pair });
        }
        let rest = pairs.rest.map(|rest| {
            let name = self.done(Value::condition());
            walk.path.push(name);
            let thunk = self.one_mapped(walk, rest, args);
            walk.path.pop();
            thunk
        });
        Value::set(attrs, rest, pairs.open)
    }

    fn one_mapped(&mut self, walk: &mut NestedWalk, thunk: Thunk, args: &Args) -> Thunk {
        let value = self.force_known(thunk);
        if matches!(value.unconditional().0, Value::Set(_)) && walk.goes_on(self) {
            let goes_into = match walk.goes_into.clone() {
                Some(condition) => self.apply(&condition, thunk, args.place),
                None => Value::Bool(true),
            };
            if !matches!(goes_into, Value::Bool(false)) {
                let inner = self.nested_mapped(walk, &value, args);
                return self.done(inner);
            }
        }
        let path = self.done(Value::list(walk.path.clone(), false));
        self.call_thunk(&walk.function, vec![path, thunk])
    }

    /// `updateManyAttrsByPath updates set`: values at paths are replaced by what functions make of
    /// them. Updates that are not known leave any value.
    pub(super) fn updated_by_paths(&mut self, args: &mut Args) -> Value {
        let updates = args.next(self);
        let mut set = args.thunk(self);
        let mut items = Vec::new();
        let mut is_known = !self.items_into(&updates, &mut items);
        for item in items.into_iter().take(MOST) {
            let (path, update) =
                (self.member_thunk(item, "path"), self.member_thunk(item, "update"));
            let (path, update) = (self.force_known(path), self.force_known(update));
            let mut names = Vec::new();
            is_known &= !self.items_into(&path, &mut names);
            let names = names.into_iter().map(|name| match self.force_known(name) {
                Value::Text(name) => Some(name),
                _ => None,
            });
            match names.collect::<Option<Vec<Name>>>() {
                Some(names) if names.len() <= DEEPEST => {
                    set = self.updated_at(set, &names, &update, args);
                }
                _ => is_known = false,
            }
        }
        let updated = self.force(set);
        if is_known { updated } else { Value::one_of(updated, Value::outside()) }
    }

    /// A value whose part at a path is replaced by what a function makes of it.
    fn updated_at(&mut self, of: Thunk, path: &[Name], update: &Value, args: &Args) -> Thunk {
        let [first, below @ ..] = path else {
            return self.call_thunk_at(update, vec![of], args.place);
        };
        let value = self.force_known(of);
        let inner = match self.has(&value, first) {
            Some(false) => self.done(Value::outside()),
            _ => self.thunk(State::Member(of, first.clone())),
        };
        let inner = self.updated_at(inner, below, update, args);
        let set = if matches!(value, Value::Unknown(_)) { Value::no_attrs() } else { value };
        let updated = self.update(set, Value::set(vec![attr(first.clone(), inner)], None, false));
        self.done(updated)
    }

    /// `collect predicate set`: matching values at any depth.
    pub(super) fn collect_nested(&mut self, args: &mut Args) -> Value {
        let (function, set) = (args.next(self), args.next(self));
        let set = self.done(set);
        let mut walk = NestedWalk { function, goes_into: None, left: MOST, path: Vec::new() };
        let mut found = Collected::default();
        self.collect_from(&mut walk, set, false, &mut found, args);
        Value::list_of_some(found.items, found.open, found.unsure)
    }

    fn collect_from(
        &mut self,
        walk: &mut NestedWalk,
        thunk: Thunk,
        conditional: bool,
        found: &mut Collected,
        args: &Args,
    ) {
        let fits = self.apply(&walk.function.clone(), thunk, args.place);
        let value = self.force_known(thunk);
        let (plain, on_condition) = value.unconditional();
        let conditional = conditional || on_condition;
        let is_set = matches!(plain, Value::Set(_));
        if !matches!(fits, Value::Bool(false)) {
            let is_sure = matches!(fits, Value::Bool(true));
            found.unsure |= !is_sure || conditional;
            let item = self.perhaps(thunk, conditional);
            found.items.push(item);
            if is_sure || !is_set {
                return;
            }
        }
        if !is_set {
            // It may be a set with such values.
            found.open |= !plain.is_plain() || plain.is_unknown();
            return;
        }
        if !walk.goes_on(self) {
            found.open = true;
            found.items.push(thunk);
            return;
        }
        let pairs = self.pairs_of(&value, args);
        found.open |= pairs.open || pairs.rest.is_some();
        walk.path.push(thunk);
        for pair in pairs.known {
            self.collect_from(walk, pair.thunk, conditional || pair.conditional, found, args);
        }
        if let Some(rest) = pairs.rest {
            self.collect_from(walk, rest, true, found, args);
        }
        walk.path.pop();
    }
}

/// A walk through sets within sets.
struct NestedWalk {
    function: Value,
    /// What says of a set whether it is gone into.
    goes_into: Option<Value>,
    left: usize,
    /// The names, or sets, that lead to where it is.
    path: Vec<Thunk>,
}

impl NestedWalk {
    /// Counts one more set; false if there were too many, or within each other.
    fn goes_on(&mut self, evaluator: &mut Evaluator<'_>) -> bool {
        self.left = self.left.saturating_sub(1);
        self.left > 0 && self.path.len() < DEEPEST && evaluator.budget.step()
    }
}

/// What was collected.
#[derive(Default)]
struct Collected {
    items: Vec<Thunk>,
    open: bool,
    unsure: bool,
}
