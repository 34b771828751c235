//! Bindings: the attributes of sets, and what `let` binds.

use super::expression::one_of;
use super::facts::Place;
use super::machine::{Machine, ScopeNode, State};
use super::value::{Code, FileId, Scope, SetAttr, Thunk, Value};
use crate::source::syntax::{AttrValue, ExprId, SetExpr};

impl Machine<'_> {
    /// The bindings of a set or `let`, and the scope in which they see each other.
    pub(super) fn bindings(&mut self, set: &SetExpr, file: FileId, outer: Scope) -> (Value, Scope) {
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
                AttrValue::Inherited => self.inherited(&attr.name, outer),
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
            let place = Place { file: file.0, span: attr.span };
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
}
