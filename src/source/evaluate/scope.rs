//! Names, and what they mean where they stand.

use super::machine::{Machine, ScopeNode, State};
use super::value::{Code, Scope, Thunk, Value};
use crate::source::syntax::Name;

/// What is known of a name by where it stands.
enum Meaning {
    /// It is bound.
    Bound(Thunk),
    /// It is not: it may be in what the `with`s around it open, the innermost first.
    Free(Vec<Thunk>),
}

impl Machine<'_> {
    fn meaning(&self, name: &Name, scope: Scope) -> Meaning {
        let mut at = scope;
        let mut namespaces = Vec::new();
        loop {
            match self.scope_node(at) {
                ScopeNode::Top => return Meaning::Free(namespaces),
                ScopeNode::Bound { names, outer } => {
                    let found = names.binary_search_by(|(bound, _)| bound.cmp(name)).ok();
                    if let Some((_, thunk)) = found.and_then(|at| names.get(at)) {
                        return Meaning::Bound(*thunk);
                    }
                    at = *outer;
                }
                ScopeNode::With { namespace, outer } => {
                    namespaces.push(*namespace);
                    at = *outer;
                }
            }
        }
    }

    /// The value of a name.
    pub(super) fn name(&mut self, name: &Name, scope: Scope, code: Code) -> Value {
        let namespaces = match self.meaning(name, scope) {
            Meaning::Bound(thunk) => {
                let value = self.force(thunk);
                return self.placed(value, code);
            }
            Meaning::Free(namespaces) => namespaces,
        };
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

    /// `inherit name;`: the name in the scope outside.
    pub(super) fn inherited(&mut self, name: &Name, outer: Scope) -> Thunk {
        let namespaces = match self.meaning(name, outer) {
            Meaning::Bound(thunk) => return thunk,
            Meaning::Free(namespaces) => namespaces,
        };
        match (self.global(name), namespaces.first()) {
            (Some(value), _) => self.done(value),
            (None, Some(namespace)) => self.thunk(State::Member(*namespace, name.clone())),
            (None, None) => self.done(Value::outside()),
        }
    }
}
