//! Looking through what flows into code that is not read.
//!
//! Whatever a value holds counts as used. Functions are called with what such code would give
//! them (`by_name`). It goes by a list of what is still to be looked through, so it does not nest.

use std::rc::Rc;

use super::facts::{Place, Taken, Use};
use super::machine::Machine;
use super::modules::ModuleKind;
use super::value::{Base, Function, InputIndex, InstanceId, Names, Thunk, Value};
use crate::source::TreePath;

/// Who calls the functions that are looked through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Giver {
    /// Data: nobody in particular.
    Nobody,
    /// Code of an input that is not read.
    Outside,
    /// A set of packages, for overlays: every argument is that set.
    Packages(InstanceId),
    /// Something in a set of packages, such as `python3.withPackages`.
    Below(InstanceId, Names),
    /// Packages of whoever uses the code.
    Callers,
    /// A module system, for values of options: `pkgs` and the like are those of the modules.
    Module(ModuleKind, Option<InstanceId>),
}

/// Something to be looked through.
pub(super) struct Visit {
    what: What,
    giver: Giver,
    own: bool,
}

enum What {
    Value(Value),
    Thunk(Thunk),
}

/// Calls of one function that are looked through with different scopes.
const MOST_CALLS: u32 = 24;

impl Machine<'_> {
    /// Puts a value on the list.
    pub(super) fn visit(&mut self, value: Value, giver: Giver) {
        if is_plain(&value) {
            return;
        }
        let own = self.own;
        self.pending.push(Visit { what: What::Value(value), giver, own });
    }

    pub(super) fn visit_thunk(&mut self, thunk: Thunk, giver: Giver) {
        let own = self.own;
        self.pending.push(Visit { what: What::Thunk(thunk), giver, own });
    }

    /// Looks through everything on the list, and what that brings.
    pub(super) fn look_through(&mut self) {
        loop {
            self.look_through_pending();
            if !self.look_at_deferred() {
                return;
            }
        }
    }

    fn look_through_pending(&mut self) {
        while let Some(Visit { what, giver, own }) = self.pending.pop() {
            if !self.step() {
                self.pending.clear();
                return;
            }
            let before = std::mem::replace(&mut self.own, own);
            let value = match what {
                What::Value(value) => value,
                What::Thunk(thunk) => self.force(thunk),
            };
            self.look_at(value, giver);
            self.own = before;
        }
    }

    fn look_at(&mut self, value: Value, giver: Giver) {
        match value {
            Value::Set(ref set) => {
                let key = Rc::as_ptr(set).cast::<u8>();
                if self.seen_sets.insert(key) {
                    let set = set.clone();
                    // Kept, so that no other set takes its place in memory.
                    self.kept.push(value);
                    for attr in set.attrs.iter().rev() {
                        self.visit_thunk(attr.thunk, giver.clone());
                    }
                    if let Some(rest) = set.rest {
                        self.visit_thunk(rest, giver);
                    }
                }
            }
            Value::List(ref list) => {
                let key = Rc::as_ptr(list).cast::<u8>();
                if self.seen_sets.insert(key) {
                    let list = list.clone();
                    self.kept.push(value);
                    for item in list.items.iter().rev() {
                        self.visit_thunk(*item, giver.clone());
                    }
                }
            }
            Value::Function(code, scope) => {
                if self.seen_calls.insert((code, scope, giver.clone()), ()).is_some() {
                    return;
                }
                let calls = self.calls_of.entry(code).or_default();
                *calls += 1;
                if *calls > MOST_CALLS {
                    return;
                }
                let place = self.place(code);
                let result = self.call_by_name(&value, giver.clone(), place);
                self.visit(result, giver);
            }
            Value::Input(input, path, place) => {
                if path.is_empty() && giver == Giver::Outside {
                    self.record_use(input, Use::HandedOn, place);
                    if !self.is_nixpkgs(input) {
                        self.record_taken(input, Taken::Unknown, place);
                    }
                } else {
                    self.record_input(input, &path, place);
                }
            }
            Value::Package(instance, path, place) => self.record_package(instance, &path, place),
            Value::Source(base, path, place) => self.record_source(base, &path, place),
            // An archive that somebody fetches is not taken for nixpkgs before it is called.
            Value::Imported(Base::Other, ..) => {}
            Value::Imported(base, path, place) => {
                // Somebody else calls it, with arguments that are not known.
                self.instantiate(base, &path, Value::outside(), place);
            }
            Value::Path(path) => {
                if path.as_str().ends_with(".nix") {
                    self.live(&path, giver);
                }
            }
            Value::AnyPath(any) => {
                for path in self.candidates(&any) {
                    if path.as_str().ends_with(".nix") {
                        self.live(&path, giver.clone());
                    }
                }
            }
            Value::Either(all) => {
                for one in all.iter() {
                    self.visit(one.clone(), giver.clone());
                }
            }
            // What hosts set is looked at where they set it; what makes hosts is looked at here.
            Value::Config((kind, _), _) => {
                if !kind.is_shared() {
                    let value = self.resolve(value);
                    if !matches!(value, Value::Config(..)) {
                        self.visit(value, giver);
                    }
                }
            }
            Value::Conditional(inner) => self.visit((*inner).clone(), giver),
            Value::Update(both) => {
                self.visit(both.0.clone(), giver.clone());
                self.visit(both.1.clone(), giver);
            }
            Value::Partial(partial) => {
                if let Function::Framework(input, path) = &partial.function {
                    self.record_input(*input, path, partial.place);
                }
                for arg in &partial.args {
                    self.visit(arg.clone(), giver.clone());
                }
            }
            Value::Unknown(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number
            | Value::Text(_)
            | Value::Inputs
            | Value::SystemInputs
            | Value::Itself
            | Value::SystemItself
            | Value::Library(..) => {}
        }
    }

    /// A file that is named, and so loaded by whoever is given its path.
    pub(super) fn live(&mut self, path: &TreePath, giver: Giver) {
        if self.live_by_name.insert(path.clone()) {
            let value = self.imported(path);
            self.visit(value, giver);
        }
    }

    /// Everything that a folder holds is loaded.
    pub(super) fn load_folder(&mut self, folder: &TreePath, giver: Giver) {
        for path in self.files_in(folder).iter() {
            if path.name() != Some("flake.nix") {
                self.live(path, giver.clone());
            }
        }
    }

    /// What `input` gives to code that is not read.
    pub(super) fn hand_to(&mut self, input: InputIndex, path: &Names, arg: Value, place: Place) {
        self.record_input(input, path, place);
        self.visit(arg, Giver::Outside);
    }
}

/// Whether there is nothing to look through.
fn is_plain(value: &Value) -> bool {
    matches!(
        value,
        Value::Unknown(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number
            | Value::Text(_)
            | Value::Library(..)
    )
}
