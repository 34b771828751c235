//! Sets within sets.
//!
//! Source: nixpkgs `lib/attrsets.nix`.

use super::Args;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::value::{SetAttr, Thunk, Value};

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
