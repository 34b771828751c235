//! What flakes whose code is read offer. Parts that were not understood are treated as if the code
//! were not there, whatever way they are taken (`inherit`, `with`, functions of sets).

use std::rc::Rc;

use super::evaluator::Evaluator;
use super::facts::{Place, Taken};
use super::flakes::is_system;
use super::heap::State;
use super::recorder::kind_of_output;
use super::value::{
    Derivation, Offer, Path, Segment, Set, SetAttr, Thunk, Value, is_longest, longer, named,
};
use super::world::FlakeInput;
use crate::syntax::Name;

impl Evaluator<'_> {
    /// What an input offers under a name: the same value each time.
    pub(super) fn offered_once(
        &mut self,
        slot: FlakeInput,
        name: &Name,
        found: Value,
        path: Path,
        place: Option<Place>,
    ) -> Value {
        let key = (slot, name.clone());
        if let Some(known) = self.offers.get(&key) {
            return known.clone();
        }
        let offered = self.offered(found, slot, path, place);
        self.offers.insert(key, offered.clone());
        offered
    }

    /// The value of a thunk at a path of what an input offers.
    pub(super) fn offered_by(
        &mut self,
        thunk: Thunk,
        slot: FlakeInput,
        path: Path,
        place: Option<Place>,
    ) -> Value {
        // It is needed while it is being computed, and so unknown: that is not the fault of the
        // flake's code.
        if self.heap.is_busy(thunk) {
            return Value::outside();
        }
        // One that is too expensive is taken unread, and leaves half to what is beside it.
        let undivided = self.budget.meter.divide(1);
        self.budget.meter.leave(1);
        let value = self.force(thunk);
        self.budget.meter.rejoin(undivided);
        self.offered(value, slot, path, place)
    }

    fn offered(
        &mut self,
        value: Value,
        slot: FlakeInput,
        path: Path,
        place: Option<Place>,
    ) -> Value {
        match value {
            Value::Unknown(super::value::Why::Outside) => Value::Unread(slot, path, place),
            Value::Set(ref set) if holds_offers(&path) => {
                if self.budget.weigh_sets(set, &Set::default()) {
                    return value;
                }
                self.offered_set(&set.clone(), slot, &path, place)
            }
            Value::Derivation(made) if is_built(&path) => {
                let offer = Some(Rc::new(Offer { slot, path }));
                Value::Derivation(Rc::new(Derivation { offer, ..(*made).clone() }))
            }
            Value::Woven(woven) if is_built(&path) => {
                Value::Woven(Rc::new(woven.offered_as(Offer { slot, path })))
            }
            Value::Conditional(inner) => {
                self.offered((*inner).clone(), slot, path, place).conditional()
            }
            Value::Either(all) => {
                let all =
                    all.iter().map(|one| self.offered(one.clone(), slot, path.clone(), place));
                Value::either(all.collect())
            }
            value => value,
        }
    }

    /// A set whose attributes are offers.
    fn offered_set(
        &mut self,
        set: &Rc<Set>,
        slot: FlakeInput,
        path: &Path,
        place: Option<Place>,
    ) -> Value {
        let mut offer = |thunk, path| {
            let state = State::Offered(Box::new((thunk, slot, path, place)));
            self.heap.thunk(state)
        };
        let attrs: Vec<SetAttr> = set
            .attrs
            .iter()
            .map(|attr| {
                let thunk = offer(attr.thunk, named(path, &attr.name));
                SetAttr { thunk, ..attr.clone() }
            })
            .collect();
        let rest = match set.rest {
            Some(rest) => Some(offer(rest, longer(path, Segment::Any))),
            // Other names are not understood.
            None if set.open => {
                Some(self.done(Value::Unread(slot, longer(path, Segment::Any), place)))
            }
            None => None,
        };
        Value::Set(Rc::new(Set { attrs, rest, open: set.open }))
    }
}

/// Whether something at this path is built, not code that others build with.
fn is_built(path: &Path) -> bool {
    let kind = path.first().and_then(Segment::name);
    kind.is_some_and(|kind| kind_of_output(kind).is_built() && kind != "formatter")
}

/// Whether the attributes of a set at this path are offers too. Modules and similar things are
/// offers; their contents are not.
fn holds_offers(path: &Path) -> bool {
    let names = |at: usize| path.get(at).and_then(Segment::name);
    let Some(kind) = names(0) else { return false };
    let depth = match kind_of_output(kind) {
        kind if kind.is_built() => return !is_longest(path),
        Taken::Lib => 3,
        Taken::Modules if kind.ends_with('s') => 2,
        Taken::Overlays if kind.ends_with('s') => 2,
        Taken::Unknown if names(1).is_some_and(is_system) => 3,
        Taken::Unknown => 2,
        _ => 0,
    };
    path.len() < depth
}
