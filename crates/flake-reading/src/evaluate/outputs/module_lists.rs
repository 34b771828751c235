//! Lists of modules that are passed to code which is not read: those of one list, and of the lists of one
//! set, are of one system.

use std::rc::Rc;

use super::contexts::Within;
use super::shared::is_shared;
use super::walk::OutputWalk;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::recorder::is_modules;
use crate::evaluate::value::{Segment, Set, Value};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// Whether a list that was passed to unread code is one of modules alone: then they are of one
    /// system.
    pub(super) fn is_list_of_modules(&mut self, value: &Value) -> bool {
        let Value::List(list) = value else { return false };
        let mut items = list.items.iter();
        !list.items.is_empty()
            && items.all(|item| match self.force_known(*item) {
                Value::Set(set) => self.is_module(&set),
                Value::Function(code, _) => {
                    self.formals(code).is_some()
                        && !self.takes_packages(code)
                        && !self.gives_list(code)
                }
                Value::Path(flake, path) => self
                    .stands_for(flake, &path)
                    .is_some_and(|file| file.as_str().ends_with(".nix")),
                Value::Unread(_, path, _) => {
                    path.first().and_then(Segment::name).is_some_and(is_modules)
                }
                _ => false,
            })
    }

    /// Of the attributes of a set that is passed to unread code those that are lists of modules,
    /// which are of one system, and that list.
    fn lists_of_modules(&mut self, set: &Set) -> (Vec<Name>, Option<Value>) {
        let (mut names, mut lists) = (Vec::new(), Vec::new());
        for attr in &set.attrs {
            let is_usual = matches!(&*attr.name, "modules" | "imports");
            // A Mac is another system than what is beside it.
            let is_other = attr.name.starts_with("darwin") || is_shared(&attr.name);
            if !is_usual && (!attr.name.ends_with("odules") || is_other) {
                continue;
            }
            let value = self.force(attr.thunk);
            let are_modules = match is_usual {
                // Unless it is a folder of modules.
                true => !matches!(value, Value::Path(..) | Value::AnyPath(_)),
                false => matches!(value.unconditional().0, Value::List(_)),
            };
            if are_modules {
                names.push(attr.name.clone());
                lists.push(attr.thunk);
            }
        }
        let list = match lists.as_slice() {
            [] => None,
            [one] => Some(self.force(*one)),
            _ => Some(Value::list(lists, false)),
        };
        (names, list)
    }

    /// Examines the lists of modules among the attributes of a set; returns the names of those.
    pub(super) fn looked_at_lists(
        &mut self,
        walk: &mut OutputWalk,
        set: &Rc<Set>,
        beside: Option<&Within>,
        within: &Within,
    ) -> Vec<Name> {
        let (names, list) = self.lists_of_modules(set);
        let Some(list) = list else { return Vec::new() };
        let listed = set.attrs.iter().filter(|attr| names.contains(&attr.name));
        let conditional = within.conditional || listed.clone().all(|attr| attr.conditional);
        let inner = Within { conditional, ..beside.unwrap_or(within).clone() };
        match self.look_at_modules(walk, list, Some(set), &inner) {
            true => names,
            false => Vec::new(),
        }
    }
}
