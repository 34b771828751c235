//! Attributes of values.

use std::rc::Rc;

use super::beside_outputs::{is_about_source, is_of_every_flake};
use super::evaluator::Evaluator;
use super::facts::Place;
use super::heap::State;
use super::value::{
    Base, Derivation, Function, How, Segment, Thunk, Value, above, is_longest, named,
};
use super::world::FlakeInput;
use crate::syntax::Name;

/// How many packages within each other are looked through for an attribute.
const MOST_LOOKED_THROUGH: u32 = 1;

impl Evaluator<'_> {
    /// The attribute of a value. `place` is the place that names it, if that is in a file.
    pub(super) fn member(&mut self, value: &Value, name: &Name, place: Option<Place>) -> Value {
        self.deeper(|evaluator| {
            let found = evaluator.find_member(value, name, place);
            // Whoever collects a library of its own for modules has these from nixpkgs.
            match &found {
                Value::Unknown(_) | Value::Unread(..) | Value::Woven(_)
                    if super::library::is_for_modules(name) =>
                {
                    Value::Library(None, [name.clone()].into())
                }
                // `config.pkgs.lib.mkIf`: options that hold a package set.
                Value::Config(_, path)
                    if matches!(&**path, [.., lib, _] if &**lib == "lib")
                        && super::library::is_for_modules(name)
                        && evaluator.resolve(found.clone()).is_unknown() =>
                {
                    Value::Library(None, [name.clone()].into())
                }
                _ => found,
            }
        })
    }

    fn find_member(&mut self, value: &Value, name: &Name, place: Option<Place>) -> Value {
        match value {
            Value::Set(set) => match set.get(name) {
                Some(attr) => {
                    let conditional = attr.conditional;
                    let value = self.force(attr.thunk);
                    if conditional { value.conditional() } else { value }
                }
                None => match set.rest.map(|rest| self.force(rest)) {
                    // Its unknown last name is known here.
                    Some(Value::Unread(slot, path, at)) if path.last() == Some(&Segment::Any) => {
                        Value::Unread(slot, named(&above(&path), name), place.or(at))
                    }
                    Some(value) => value,
                    None => Value::outside(),
                },
            },
            Value::Unknown(why) => Value::Unknown(*why),
            Value::Config(class, path) => self.in_config(*class, path, name),
            Value::Options(class, path) => self.in_options(*class, path, name),
            Value::Definition(_) => match self.resolve(value.clone()) {
                Value::Definition(_) => Value::outside(),
                value => self.member(&value, name, place),
            },
            Value::Inputs(flake) => self.input_named(*flake, name, place),
            Value::SystemInputs(flake, system) => {
                self.in_system_inputs(*flake, system, name, place)
            }
            Value::Itself(flake) => self.in_itself(*flake, name, place),
            Value::SystemItself(flake, system) => {
                let output = self.in_itself(*flake, name, place);
                let own = match system {
                    Segment::Named(system) => self.member(&output, system, place),
                    Segment::Any => self.any_member(&output, place),
                };
                // Modules that are not read make it, of tools that no setting changes.
                if own.is_unknown() && &**name == "formatter" { Value::condition() } else { own }
            }
            Value::Flake(slot, at) => self.in_input(*slot, name, place.or(*at)),
            Value::Unread(slot, path, at) => {
                let step = Segment::Named(name.clone());
                self.in_unread(*slot, path, step, place.or(*at))
            }
            Value::Package(instance, path, at) => {
                self.in_packages(*instance, path, name, place.or(*at))
            }
            Value::Settings(instance) => self.setting_named(*instance, name),
            Value::Before(instance, at) => match &**name {
                "lib" | "path" | "pkgs" | "config" | "overlays" | "system" => {
                    self.in_packages(*instance, &[].into(), name, place.or(*at))
                }
                _ => match self.made(*instance).and_then(|made| made.same_as) {
                    // It has the overlays that it was made with.
                    Some(given) => self.in_packages(given, &[].into(), name, place.or(*at)),
                    None => {
                        let path = named(&[].into(), name);
                        Value::Package(*instance, path, place.or(*at))
                    }
                },
            },
            Value::Derivation(_) => self.in_derivation(value, name, place),
            Value::System(class) => self.in_system(*class, name),
            // The systems for which flakes are made, and all.
            Value::Library(_, path)
                if matches!(&**name, "flakeExposed")
                    && path.last().is_some_and(|set| &**set == "systems") =>
            {
                self.default_systems()
            }
            Value::Library(slot, path) => {
                let path = path.iter().cloned().chain([name.clone()]).collect();
                Value::Library(*slot, path)
            }
            Value::Source(base, path, at) => match &**name {
                "outPath" => {
                    let place = place.or(*at);
                    if let Base::Input(slot) = base {
                        self.recorder.output(*slot, "outPath", place);
                    }
                    Value::Source(*base, path.clone(), place)
                }
                _ if *base == Base::Foreign => {
                    let of = vec![self.done(value.clone())];
                    Value::woven(How::Handed, of, place.or(*at))
                }
                _ => Value::outside(),
            },
            Value::Conditional(inner) => self.member(inner, name, place).conditional(),
            Value::Either(all) => {
                let mut known = Vec::new();
                for one in all.iter() {
                    match self.member(one, name, place) {
                        Value::Unknown(_) => {}
                        value => known.push(value),
                    }
                }
                Value::either(known)
            }
            Value::Update(both) => {
                let (left, right) = &**both;
                match self.has(right, name) {
                    Some(true) => return self.member(right, name, place),
                    Some(false) | None if &**name == "nixosSystem" => {
                        if let Some(slot) = extended_library(left) {
                            let library = self.done(value.clone());
                            return Value::native(Function::SystemOf(slot), vec![library]);
                        }
                    }
                    Some(false) => return self.member(left, name, place),
                    None => {}
                }
                // A well-known flake's library was merged in for its own functions.
                if matches!(right, Value::Unread(slot, ..) if self.is_framework(*slot))
                    && self.has(left, name) == Some(true)
                {
                    return self.member(left, name, place);
                }
                match (self.may_have(left, name), self.may_have(right, name)) {
                    (true, false) => return self.member(left, name, place),
                    (false, true) => return self.member(right, name, place),
                    (true, true) | (false, false) => {}
                }
                match (self.member(left, name, place), self.member(right, name, place)) {
                    (Value::Unknown(_), value) | (value, Value::Unknown(_)) => value,
                    // The library's own functions are known better than those that replace them.
                    (library @ (Value::Library(..) | Value::Native(_)), _) => library,
                    (a, b) => Value::one_of(a, b),
                }
            }
            Value::Mapped(both) => {
                let (function, set) = &**both;
                let inner = self.member(set, name, place);
                let (name, inner) = (self.done(Value::Text(name.clone())), self.done(inner));
                self.apply_both(function, name, inner, place)
            }
            // An attribute of something that is made of other things is made of them too.
            Value::Woven(woven) => match &woven.offer {
                Some(offer) => Value::Woven(Rc::new(woven.offered_as(offer.below(name)))),
                None => value.clone(),
            },
            Value::Further(all) => {
                let each = all.iter().map(|one| self.member(one, name, place));
                Value::further_of(all, each.filter(|value| !value.is_unknown()))
            }
            Value::Path(flake, path) if &**name == "outPath" => Value::Path(*flake, path.clone()),
            _ => Value::outside(),
        }
    }

    /// An attribute whose name is not known.
    pub(super) fn any_member(&mut self, value: &Value, place: Option<Place>) -> Value {
        self.deeper(|evaluator| match value {
            Value::Set(set) => {
                let thunks: Vec<_> = set.attrs.iter().map(|attr| attr.thunk).collect();
                evaluator.any_of(thunks.into_iter().chain(set.rest).collect())
            }
            Value::Mapped(both) => {
                let (function, set) = &**both;
                let inner = evaluator.any_member(set, place);
                let (name, inner) = (evaluator.done(Value::condition()), evaluator.done(inner));
                evaluator.apply_both(function, name, inner, place)
            }
            Value::Config(..) | Value::Definition(_) => match evaluator.resolve(value.clone()) {
                Value::Config(..) | Value::Definition(_) | Value::Unknown(_) => Value::condition(),
                value => evaluator.any_member(&value, place),
            },
            Value::Unread(slot, path, _) => evaluator.in_unread(*slot, path, Segment::Any, place),
            Value::Package(instance, path, _) => {
                Value::Package(*instance, super::value::longer(path, Segment::Any), place)
            }
            Value::Conditional(inner) => {
                let inner = (**inner).clone();
                evaluator.any_member(&inner, place).conditional()
            }
            Value::Either(all) => {
                let all: Vec<_> = all.iter().map(|one| evaluator.any_member(one, place)).collect();
                Value::either(all.into_iter().filter(|value| !value.is_unknown()).collect())
            }
            Value::Update(both) => {
                let (a, b) =
                    (evaluator.any_member(&both.0, place), evaluator.any_member(&both.1, place));
                Value::one_of(a, b)
            }
            Value::Unknown(why) => Value::Unknown(*why),
            Value::Further(all) => {
                let each = all.iter().map(|one| evaluator.any_member(one, place));
                Value::further_of(all, each.filter(|value| !value.is_unknown()))
            }
            Value::Inputs(flake) => evaluator.any_input(*flake, place),
            Value::SystemInputs(flake, system) => {
                let any = evaluator.any_input(*flake, place);
                evaluator.of_system(&any, system)
            }
            Value::Itself(flake) => match evaluator.outputs_of(*flake) {
                Value::Itself(_) | Value::Woven(_) => Value::outside(),
                outputs => evaluator.any_member(&outputs, place),
            },
            Value::Flake(slot, _) => evaluator.any_output(*slot, place),
            Value::Before(instance, _) => Value::Package(*instance, [Segment::Any].into(), place),
            // Any attribute of it is made of the same things.
            Value::Woven(_) | Value::Derivation(_) | Value::System(_) => value.clone(),
            _ => Value::outside(),
        })
    }

    /// An unknown one of these.
    pub(super) fn any_of(&mut self, mut thunks: Vec<Thunk>) -> Value {
        /// The most values that are looked at.
        const MOST: usize = 64;
        let are_more = thunks.len() > MOST;
        thunks.truncate(MOST);
        if let ([thunk], false) = (thunks.as_slice(), are_more) {
            return self.force(*thunk);
        }
        let one = self.thunk(State::AnyOf(thunks));
        let value = self.force(one);
        if are_more { Value::either(vec![value, Value::more()]) } else { value }
    }

    /// Whether a value has an attribute, if that is certain.
    pub(super) fn has(&mut self, value: &Value, name: &str) -> Option<bool> {
        match value {
            Value::Set(set) => match set.get(name) {
                Some(attr) if attr.conditional => None,
                Some(_) => Some(true),
                None if set.open || set.rest.is_some() => None,
                None => Some(false),
            },
            Value::Inputs(flake) | Value::SystemInputs(flake, _) => {
                Some(name == "self" || self.world.input_named(*flake, name).is_some())
            }
            Value::Itself(_) | Value::Flake(..) if is_of_every_flake(name) => Some(true),
            Value::Itself(flake) => match self.outputs_of(*flake) {
                Value::Itself(_) => None,
                // Whether there is a revision depends on where the flake is from.
                outputs => match self.has(&outputs, name) {
                    Some(false) if is_about_source(name) => None,
                    has => has,
                },
            },
            Value::Flake(slot, _) => {
                let target = self.readable(*slot)?;
                self.has(&Value::Itself(target), name)
            }
            Value::Config(class, path) => self.config_has(*class, path, name),
            Value::Options(class, path) => self.options_have(*class, path, name),
            Value::Settings(instance) => {
                let setting = self.setting_named(*instance, name);
                matches!(setting, Value::Bool(_)).then_some(true)
            }
            Value::System(class) => self.system_has(*class, name),
            // A package set is no package.
            Value::Package(_, path, _)
                if path.is_empty() && matches!(name, "outPath" | "drvPath" | "outputs") =>
            {
                Some(false)
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Function(..)
            | Value::Path(..) => Some(false),
            Value::Update(both) => match (self.has(&both.0, name), self.has(&both.1, name)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a value may have an attribute, for `with`.
    pub(super) fn may_have(&mut self, value: &Value, name: &str) -> bool {
        match value {
            Value::Library(_, path) => {
                super::library::is_known_in(path, name)
                    || (path.is_empty() && super::library::is_set(name))
            }
            Value::Package(..) | Value::Unread(..) | Value::Unknown(_) | Value::Before(..) => true,
            Value::Flake(..) | Value::Derivation(_) | Value::System(_) => true,
            Value::SystemItself(..) => true,
            Value::Conditional(inner) => self.may_have(inner, name),
            Value::Either(all) => all.iter().any(|one| self.may_have(one, name)),
            Value::Update(both) => self.may_have(&both.0, name) || self.may_have(&both.1, name),
            Value::Woven(_) | Value::Further(_) | Value::Mapped(_) => true,
            other => self.has(other, name) != Some(false),
        }
    }

    /// Whether this is the name of a function that overrides a package.
    pub(super) fn override_function(name: &str) -> bool {
        matches!(
            name,
            "override"
                | "overrideAttrs"
                | "overrideDerivation"
                | "overridePythonAttrs"
                | "overrideAttrs'"
        )
    }

    /// An attribute of the result of a function of a package set.
    fn in_derivation(&mut self, value: &Value, name: &Name, place: Option<Place>) -> Value {
        let Value::Derivation(made) = value else { return Value::outside() };
        let place = place.or(made.place);
        if Self::override_function(name) {
            let thunk = self.done(value.clone());
            let called = made.called.as_ref();
            return match called.filter(|_| &**name == "override") {
                Some(_) => Value::native(Function::CallAgain, vec![thunk]),
                None => Value::native(Function::OverrideMade(name.clone()), vec![thunk]),
            };
        }
        if let "name" | "pname" | "version" | "system" | "meta" | "drvPath" | "type" = &**name {
            return Value::condition();
        }
        if made.is_override
            && let Some(found) = self.in_overridden_set(made, name, place)
        {
            return found;
        }
        // A package may be given what others are made of, and each of these other ones: each would be
        // looked through for each name.
        if self.looked_through >= MOST_LOOKED_THROUGH {
            return value.clone();
        }
        self.looked_through += 1;
        let found = self.in_arguments(made, name, place);
        self.looked_through -= 1;
        if let Some(found) = found {
            return found;
        }
        // Something overridden has the attributes that it had before:
        // `python3.override { … }.withPackages`.
        if made.is_override && !is_longest(&made.path) {
            let (maker, path) = (made.maker, named(&made.path, name));
            return self.overridden(maker, path, made.given.clone(), place);
        }
        value.clone()
    }

    /// An attribute of the arguments of a package, or of its `passthru`.
    fn in_arguments(
        &mut self,
        made: &Derivation,
        name: &Name,
        place: Option<Place>,
    ) -> Option<Value> {
        for given in made.given.clone() {
            let given = self.force_known(given);
            let (given, _) = given.unconditional();
            for inside in [Some(Name::from("passthru")), None] {
                let set = match inside {
                    Some(inside) if self.has(given, &inside) == Some(true) => {
                        self.member(given, &inside, None)
                    }
                    Some(_) => continue,
                    None => given.clone(),
                };
                if self.has(&set, name) == Some(true) {
                    return Some(self.member(&set, name, place));
                }
            }
        }
        None
    }
}

/// The nixpkgs of a library that others were merged into.
pub(super) fn extended_library(value: &Value) -> Option<Option<FlakeInput>> {
    let mut value = value;
    loop {
        match value {
            Value::Library(slot, path) if path.is_empty() => return Some(*slot),
            Value::Update(both) => value = &both.0,
            _ => return None,
        }
    }
}
