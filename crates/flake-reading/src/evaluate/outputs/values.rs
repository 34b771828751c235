//! What an output takes in: everything in the values that it is made of.
//!
//! A list has what is still to be examined, so nothing nests. A value that appears in several
//! places is examined once for each builder around it.

use std::rc::Rc;

use super::contexts::{Handed, PartOf, Within};
use super::handed::{holds_packages, is_of_packages, is_of_tools};
use super::list::FoundOutput;
use super::pending::Pending;
use super::shared::is_shared;
use super::takings::StandsAs;
use super::walk::{Next, OutputWalk, Turn};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{FileId, Output, Place, Use};
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::heap::State;
use crate::evaluate::meter::Undivided;
use crate::evaluate::modules::{ClassId, ModuleKind, Overruled, is_among};
use crate::evaluate::select::extended_library;
use crate::evaluate::value::{Function, Set, Thunk, Value, Why};
use crate::evaluate::world::FlakeId;
use crate::syntax::{Expr, Part};

impl Evaluator<'_> {
    pub(super) fn walk_output(&mut self, flake: FlakeId, found: FoundOutput) -> Output {
        let within = Within {
            builder: None,
            conditional: found.conditional,
            caller: match found.handed_by {
                Some(class) => Caller::Modules(class),
                None => Caller::Nobody,
            },
            handed: found.handed_by.map(Handed::ByOption),
            by_others: found.handed_by.is_some(),
            in_override: false,
            inputs_only: false,
            for_macs: found
                .path
                .iter()
                .any(|name| &**name == "darwinConfigurations" || name.ends_with("-darwin")),
            part_of: PartOf::default(),
        };
        let may_be_hosts = !found.path.first().is_some_and(|name| is_of_packages(name));
        let mut walk = OutputWalk::new(flake, may_be_hosts);
        walk.are_systems = found.are_systems();
        walk.may_be_images = !found.path.first().is_some_and(|name| is_of_tools(name));
        // The value of a system's option is built with the system's packages.
        let within = match found.handed_by.and_then(|class| self.packages_of(class)) {
            Some(packages) => {
                let place = found.place;
                let builder = walk.builder(packages, &within, false, place);
                self.use_instance(&mut walk, packages);
                Within { builder, ..within }
            }
            None => within,
        };
        for module in &found.unread {
            self.not_read(&mut walk, "a module", module);
        }
        walk.push(Pending::Packages(found.what, found.place), within);
        self.walk(&mut walk);
        walk.into_output(found)
    }

    fn walk(&mut self, walk: &mut OutputWalk) {
        // However much the flake's own code is, what it takes of others is looked at.
        let mut for_own = Some(self.budget.meter.leave_part(16, true));
        loop {
            let flake = walk.flake;
            let is_of_others = |evaluator: &Self, what: &Pending| {
                let file = evaluator.file_of(what);
                file.is_some_and(|file| evaluator.recorder.flake_of(file) != flake)
            };
            let next = walk.next(|what| is_of_others(self, what));
            let Some(Next { what, within, is_own }) = next else {
                self.rejoin(&mut for_own);
                match walk.next_folders() {
                    Some((folders, within)) => self.look_at_folders(walk, folders, &within),
                    None => return,
                }
                continue;
            };
            if !is_own {
                self.rejoin(&mut for_own);
            }
            let before = self.budget.go_to(self.file_of(&what));
            let goes_on = self.budget.step();
            self.budget.go_to(before);
            if !goes_on {
                let is_end = for_own.is_none();
                self.rejoin(&mut for_own);
                let given_up = match is_end {
                    true => walk.give_up(),
                    false => walk.give_up_own(|what| is_of_others(self, what)),
                };
                for within in given_up {
                    self.take_in_part(walk, &within);
                }
                if is_end {
                    return;
                }
                continue;
            }
            // What is too expensive leaves something to what is beside it; code of others leaves half.
            let undivided = self.budget.meter.leave_part(if is_own { 16 } else { 2 }, is_own);
            self.look_at_within_limit(walk, what, within, is_own);
            self.budget.meter.rejoin(undivided);
        }
    }

    /// Restores the limits, unless that was done before.
    fn rejoin(&mut self, undivided: &mut Option<Undivided>) {
        if let Some(undivided) = undivided.take() {
            self.budget.meter.rejoin(undivided);
        }
    }

    fn look_at_within_limit(
        &mut self,
        walk: &mut OutputWalk,
        what: Pending,
        within: Within,
        is_own: bool,
    ) {
        if is_own {
            return self.look_at_pending(walk, what, within);
        }
        self.look_at_pending(walk, what, within.clone());
        if !self.budget.meter.goes_on() && within.part_of.0.is_some() {
            self.take_in_part(walk, &within);
        }
    }

    fn look_at_pending(&mut self, walk: &mut OutputWalk, what: Pending, within: Within) {
        match what {
            Pending::Thunk(thunk) => {
                let value = self.force(thunk);
                self.look_at(walk, value, within);
            }
            Pending::Value(value) => self.look_at(walk, value, within),
            Pending::Packages(thunk, place) => {
                self.look_at_packages(walk, thunk, place, within);
            }
            Pending::Class(class) => self.walk_class(walk, class, within),
            Pending::Option(class, option) => self.look_at_option(walk, class, &option, within),
        }
    }

    /// Whether something is a text or a number that is written out: the configuration of a kernel
    /// has thousands.
    pub(super) fn is_written_out(&self, thunk: Thunk) -> bool {
        match self.heap.state(thunk) {
            Some(State::Code(code, _)) => {
                match self.loaded.look_at(*code).map(|file| file.expr(code.expr)) {
                    Some(Expr::Text(parts)) => parts.iter().all(|p| matches!(p, Part::Text(_))),
                    expr => matches!(expr, Some(Expr::Number(_))),
                }
            }
            Some(State::Done(value)) => matches!(value, Value::Text(_) | Value::Number(_)),
            _ => false,
        }
    }

    /// The file whose code something is.
    fn file_of(&self, what: &Pending) -> Option<FileId> {
        match what {
            Pending::Thunk(thunk) | Pending::Packages(thunk, _) => self.heap.file(*thunk),
            Pending::Value(_) | Pending::Class(_) | Pending::Option(..) => None,
        }
    }

    fn look_at_packages(
        &mut self,
        walk: &mut OutputWalk,
        thunk: Thunk,
        place: Option<Place>,
        within: Within,
    ) {
        let place = match self.heap.state(thunk) {
            Some(State::Code(code, _)) => self.place(*code),
            _ => place,
        };
        let value = self.force(thunk);
        match &value {
            Value::Unknown(Why::Outside) => self.not_understood(walk, place),
            // Where packages are listed it is one, whatever its flake calls it.
            Value::Unread(slot, path, at) => {
                self.take_unread(walk, *slot, path, *at, &within, StandsAs::Package);
            }
            Value::List(list) => {
                if walk.is_new(Rc::as_ptr(list).cast(), &within, &value) {
                    for item in list.items.iter().rev() {
                        walk.push(Pending::Packages(*item, place), within.clone());
                    }
                }
            }
            Value::Config(..) | Value::Definition(_) | Value::Conditional(_) => {
                for (value, conditional) in self.applying(value) {
                    if !matches!(value, Value::Config(..)) {
                        let conditional = conditional || within.conditional;
                        let within = Within { conditional, ..within.clone() };
                        let value = self.done(value);
                        walk.push(Pending::Packages(value, place), within);
                    }
                }
            }
            _ => {
                if let Value::Set(set) = &value
                    && set.rest.is_some_and(|rest| self.heap.is_unknown(rest))
                {
                    self.not_understood(walk, place);
                }
                self.look_at(walk, value, within);
            }
        }
    }

    /// Whether options for code that is not read are switched off: `{ enable = false; package = …; }`.
    fn is_off(&mut self, set: &Set) -> bool {
        let Some(enable) = set.get("enable").filter(|attr| !attr.conditional) else { return false };
        let enable = self.force_known(enable.thunk);
        matches!(self.resolve(enable), Value::Bool(false))
    }

    fn look_at(&mut self, walk: &mut OutputWalk, value: Value, within: Within) {
        match value {
            Value::Set(ref set) => {
                if !walk.is_new(Rc::as_ptr(set).cast(), &within, &value) {
                    return;
                }
                let set = set.clone();
                let for_macs = self.is_for_macs(&set, &within);
                let within = Within { for_macs, ..within };
                if within.handed.is_some()
                    && self.is_module(&set)
                    && self.look_at_module(walk, Value::Set(set.clone()), &within)
                {
                    return;
                }
                if within.handed.is_some() && self.is_off(&set) {
                    return;
                }
                self.budget.weigh(set.attrs.len());
                let beside = self.within_options(walk, &set, &within);
                let overruled = match within.caller {
                    Caller::Modules(class) => self.overruled(class),
                    _ => Overruled::default(),
                };
                // The modules in lists belong to one system.
                let lists = match within.handed {
                    Some(_) => self.looked_at_lists(walk, &set, beside.as_ref(), &within),
                    None => Vec::new(),
                };
                for attr in set.attrs.iter().rev() {
                    if lists.contains(&attr.name) {
                        continue;
                    }
                    if matches!(
                        &*attr.name,
                        "meta" | "passthru" | "optional-dependencies" | "_type"
                    ) || self.is_written_out(attr.thunk)
                        || is_among(&overruled, attr)
                        || self.is_of_skipped_phase(&set, &attr.name)
                    {
                        continue;
                    }
                    let conditional = within.conditional || attr.conditional;
                    let own = beside.as_ref().filter(|_| !is_shared(&attr.name));
                    let within = own.unwrap_or(&within);
                    let inputs_only = within.inputs_only || &*attr.name == "inputsFrom";
                    let inner = Within { conditional, inputs_only, ..within.clone() };
                    if within.handed.is_some() && self.is_source(attr, within) {
                        continue;
                    }
                    let what = match holds_packages(&attr.name) {
                        true => Pending::Packages(attr.thunk, attr.place),
                        false => Pending::Thunk(attr.thunk),
                    };
                    walk.push(what, inner);
                }
                if let Some(rest) = set.rest {
                    walk.push(Pending::Thunk(rest), within);
                }
            }
            Value::List(ref list) => {
                if walk.is_new(Rc::as_ptr(list).cast(), &within, &value) {
                    for item in list.items.iter().rev() {
                        walk.push(Pending::Thunk(*item), within.clone());
                    }
                }
            }
            Value::Function(code, scope) => {
                match walk.turn(code, scope, &within) {
                    Turn::Call => {}
                    Turn::Done => return,
                    Turn::TooMany => return walk.add_reason(self.too_often(code)),
                }
                // Unread code calls a function that it gets: a package function around it passes
                // packages to `ps: …`, but not to `{ pkgs, ... }: …`.
                let is_handed = within.handed.is_some();
                let by_names = is_handed && self.formals(code).is_some();
                let takes_packages = is_handed && self.takes_packages(code);
                let caller = match (&within.caller, within.handed.and_then(Handed::packages)) {
                    (_, Some(packages)) if takes_packages => packages,
                    (Caller::Packages(..), _) if by_names && !takes_packages => Caller::Nobody,
                    (caller, _) => caller.clone(),
                };
                let is_module = is_handed
                    && !takes_packages
                    && !self.gives_list(code)
                    && (walk.may_be_hosts || by_names);
                if is_module
                    && !matches!(caller, Caller::Packages(..))
                    && self.look_at_module(walk, value.clone(), &within)
                {
                    return;
                }
                let made = self.guess_arguments(&value, &caller);
                let what = match caller {
                    // `withPackages (ps: [ … ])`
                    Caller::Packages(..) => Pending::Packages(self.done(made), self.place(code)),
                    _ => Pending::Value(made),
                };
                walk.push(what, within);
            }
            Value::Package(instance, path, place) => {
                self.take_package(walk, instance, &path, place, &within, None);
            }
            Value::Derivation(ref made) => {
                if walk.is_new(Rc::as_ptr(made).cast(), &within, &value) {
                    let made = made.clone();
                    let within = within.of(made.offer.as_ref());
                    self.look_at_derivation(walk, &made, &within);
                }
            }
            // The closure of another host, in an installer or a script: nothing of the two is built
            // together. A host's containers and homes are its own.
            Value::System(class)
                if self.kind_of_class(class) == Some(ModuleKind::Nixos)
                    && walk.is_in_system(&within) => {}
            Value::System(class) => self.look_at_system(walk, class, within),
            // Nobody hands on modules in the library, whatever was added to it.
            Value::Update(_) if extended_library(&value).is_some() => {}
            Value::Woven(ref woven) => {
                if walk.is_new(Rc::as_ptr(woven).cast(), &within, &value) {
                    let woven = woven.clone();
                    let within = within.of(woven.offer.as_ref());
                    self.look_at_woven(walk, &woven, within);
                }
            }
            Value::Unread(slot, path, place) => {
                self.take_unread(walk, slot, &path, place, &within, StandsAs::Anything);
            }
            // A path in a host's configuration is no folder of modules.
            Value::Path(..) | Value::AnyPath(_)
                if within.handed.is_some() && walk.may_be_hosts && !walk.is_in_system(&within) =>
            {
                self.look_at_files(walk, value, &within);
            }
            Value::Config(..) | Value::Definition(_) => {
                for (value, conditional) in self.applying(value) {
                    if !matches!(value, Value::Config(..)) {
                        let conditional = conditional || within.conditional;
                        let within = Within { conditional, ..within.clone() };
                        walk.push(Pending::Value(value), within);
                    }
                }
            }
            Value::Conditional(inner) => {
                let within = Within { conditional: true, ..within };
                walk.push(Pending::Value((*inner).clone()), within);
            }
            Value::Either(all) => {
                for one in all.iter().rev() {
                    walk.push(Pending::Value(one.clone()), within.clone());
                }
            }
            Value::Further(ref all) => {
                self.not_read(walk, "", &value);
                let within = Within { conditional: true, ..within };
                for one in all.iter().rev() {
                    walk.push(Pending::Value(one.clone()), within.clone());
                }
            }
            Value::Mapped(_) => {
                let any = self.any_member(&value, None);
                walk.push(Pending::Value(any), within);
            }
            Value::Update(both) => {
                walk.push(Pending::Value(both.1.clone()), within.clone());
                walk.push(Pending::Value(both.0.clone()), within);
            }
            // What would be made with other arguments is not made.
            Value::Native(native)
                if matches!(native.function, Function::ExtendSet | Function::OverrideArguments) => {
            }
            // `withPackages (attrVals names)`
            Value::Native(ref native)
                if matches!(native.function, Function::Library(..))
                    && matches!(within.caller, Caller::Packages(..)) =>
            {
                let Caller::Packages(instance, path) = &within.caller else { return };
                let packages = self.done(Value::Package(*instance, path.clone(), None));
                let made = self.apply(&value, packages, None);
                let made = self.done(made);
                walk.push(Pending::Packages(made, None), within);
            }
            Value::Native(native) => {
                for arg in native.args.iter().rev() {
                    walk.push(Pending::Thunk(*arg), within.clone());
                }
            }
            // Inputs that are passed on are not taken by that.
            Value::Flake(slot, place) => {
                if within.handed.is_some() {
                    self.recorder.used(slot, Use::HandedOn, place);
                    let of = slot.flake;
                    if self.world.is_nixpkgs(slot) && of != walk.flake {
                        self.recorder.partial(of);
                    }
                }
            }
            Value::Imported(..)
            | Value::Settings(..)
            | Value::Before(..)
            | Value::Inputs(_)
            | Value::SystemInputs(..)
            | Value::Itself(_)
            | Value::SystemItself(..)
            | Value::Source(..)
            | Value::Declared(_)
            | Value::Options(..)
            | Value::Library(..)
            | Value::Path(..)
            | Value::AnyPath(_)
            | Value::Unknown(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::Text(_) => {}
        }
    }

    /// The kind of a module system, for the names of what is unknown.
    pub(super) fn kind_of_class(&self, class: ClassId) -> Option<ModuleKind> {
        self.class(class).map(|class| class.kind)
    }
}
