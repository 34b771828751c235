//! Flakes: the contents of an input, by the flake that the lock binds it to.
//!
//! Source: Nix `src/libflake/call-flake.nix`.

use std::rc::Rc;

use super::beside_outputs::is_about_source;
use super::evaluator::Evaluator;
use super::facts::{Place, Taken};
use super::frameworks;
use super::heap::State;
use super::modules::ClassId;
use super::recorder::kind_of_output;
use super::value::{Base, How, Path, Segment, Thunk, Value, Why, Woven, longer, named};
use super::world::{FlakeId, FlakeInput, FlakeKind};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// An input of a flake by its name.
    pub(super) fn input_named(&self, flake: FlakeId, name: &str, place: Option<Place>) -> Value {
        if name == "self" {
            return Value::Itself(flake);
        }
        match self.world.input_named(flake, name) {
            Some(slot) => Value::Flake(slot, place),
            None => Value::outside(),
        }
    }

    pub(super) fn inputs_of(&self, flake: FlakeId) -> Vec<(Name, FlakeInput)> {
        self.world.slots(flake).map(|(name, slot)| (Name::from(name), slot)).collect()
    }

    /// `owner/repo` of the flake where an input ends.
    pub(super) fn repository(&self, slot: FlakeInput) -> Option<&str> {
        self.world.reference(self.world.target(slot)?)?.repository.as_deref()
    }

    /// Whether an input is a well-known framework.
    pub(super) fn is_framework(&self, slot: FlakeInput) -> bool {
        frameworks::is_known(self.repository(slot))
    }

    /// The flake where an input ends, if its code is evaluated. Well-known frameworks are not: what
    /// they do is built in.
    pub(super) fn readable(&self, slot: FlakeInput) -> Option<FlakeId> {
        self.on_disk(slot).filter(|_| !self.is_framework(slot))
    }

    /// The same, if something of an output is asked for: what home-manager builds is read as of
    /// others. To evaluate the packages of the other frameworks costs more than they tell.
    fn readable_for(&self, slot: FlakeInput, output: &str) -> Option<FlakeId> {
        let is_read = kind_of_output(output).is_built()
            && self.repository(slot) == Some("nix-community/home-manager");
        self.readable(slot).or_else(|| self.on_disk(slot).filter(|_| is_read))
    }

    fn on_disk(&self, slot: FlakeInput) -> Option<FlakeId> {
        let target = self.world.target(slot)?;
        let flake = self.world.flake(target)?;
        (flake.kind == FlakeKind::Flake && flake.files.is_some()).then_some(target)
    }

    /// Whether a flake's outputs are being computed right now, so that they refer to themselves.
    pub(super) fn is_being_asked(&self, flake: FlakeId) -> bool {
        let thunk = self.outputs.get(&flake);
        matches!(thunk.and_then(|thunk| self.heap.state(*thunk)), Some(State::Busy))
    }

    /// The outputs of a flake.
    pub(super) fn outputs_of(&mut self, flake: FlakeId) -> Value {
        if let Some(known) = self.outputs.get(&flake) {
            let known = *known;
            return self.force(known);
        }
        let thunk = self.outputs_thunk(flake);
        self.outputs.insert(flake, thunk);
        match self.force(thunk) {
            Value::Woven(woven) if woven.how == How::Handed => {
                let Some(guess) = self.outputs_in_file(flake, &woven) else {
                    return Value::Woven(woven);
                };
                // They may refer to themselves.
                let known = self.outputs.insert(flake, guess);
                match self.guessed(guess, &woven) {
                    Some(outputs) => {
                        let outputs = self.done(outputs);
                        self.outputs.insert(flake, outputs);
                        self.force(outputs)
                    }
                    None => {
                        self.outputs.extend(known.map(|known| (flake, known)));
                        Value::Woven(woven)
                    }
                }
            }
            outputs => outputs,
        }
    }

    /// The outputs that an unread function makes of a file and the flake's inputs: nearly certainly
    /// those that the file defines, like a `flake.nix`.
    fn outputs_in_file(&mut self, flake: FlakeId, woven: &Woven) -> Option<Thunk> {
        let (function, given) = woven.of.split_first()?;
        if !matches!(self.force(*function), Value::Flake(..) | Value::Unread(..)) {
            return None;
        }
        let mut file = None;
        let mut has_inputs = false;
        for thunk in given {
            match self.force_known(*thunk) {
                Value::Path(of, path) => {
                    let path = self.stands_for(of, &path)?;
                    file = path.as_str().ends_with(".nix").then_some(Value::Path(of, path));
                }
                Value::Inputs(of) => has_inputs |= of == flake,
                _ => {}
            }
        }
        let outputs = match self.import(&file.filter(|_| has_inputs)?, woven.place) {
            Value::Set(set) => self.force_known(set.get("outputs")?.thunk),
            outputs => outputs,
        };
        let Value::Function(code, _) = &outputs else { return None };
        // A function whose arguments are not inputs is a module, or something else.
        let is_input = |name: &str| name == "self" || self.world.input_named(flake, name).is_some();
        let formals = self.formals(*code).unwrap_or_default();
        if !formals.iter().all(|(name, has_default)| *has_default || is_input(name)) {
            return None;
        }
        let inputs = self.done(Value::Inputs(flake));
        Some(self.call_thunk(&outputs, vec![inputs]))
    }

    /// Such outputs, together with whatever else the function makes; `None` if they are no outputs.
    fn guessed(&mut self, outputs: Thunk, woven: &Woven) -> Option<Value> {
        let Value::Set(set) = self.force_known(outputs) else { return None };
        let is_output = |name: &str| {
            name.ends_with("Configurations") || matches!(name, "packages" | "devShells" | "lib")
        };
        if !set.attrs.iter().any(|attr| is_output(&attr.name)) {
            return None;
        }
        let function = woven.of.iter().take(1).copied().collect();
        let rest = self.done(Value::woven(How::Handed, function, woven.place));
        Some(Value::set(set.attrs.clone(), Some(rest), true))
    }

    fn outputs_thunk(&mut self, flake: FlakeId) -> Thunk {
        let Some(file) = self.files(flake).map(crate::Files::flake_file) else {
            return self.done(Value::outside());
        };
        let outputs = match self.imported(flake, &file) {
            Value::Set(set) => set.get("outputs").map(|attr| attr.thunk),
            _ => None,
        };
        match outputs {
            Some(outputs) => {
                let function = self.force(outputs);
                let inputs = self.done(Value::Inputs(flake));
                self.call_thunk(&function, vec![inputs])
            }
            None => self.done(Value::outside()),
        }
    }

    /// An attribute of a flake's outputs.
    pub(super) fn in_itself(&mut self, flake: FlakeId, name: &Name, place: Option<Place>) -> Value {
        match &**name {
            "inputs" => Value::Inputs(flake),
            "outputs" => Value::Itself(flake),
            "outPath" | "sourceInfo" => match self.files(flake) {
                Some(files) => Value::Path(flake, files.flake().clone()),
                None => Value::outside(),
            },
            "rev" | "shortRev" | "dirtyRev" | "dirtyShortRev" | "lastModified"
            | "lastModifiedDate" | "narHash" | "revCount" | "submodules" => Value::condition(),
            "_type" => Value::text("flake"),
            // flake-parts' `debug` option exports it.
            "allSystems" if self.parts_of(flake).is_some() => {
                let class = self.parts_of(flake);
                class.map_or_else(Value::outside, |class| self.all_systems(class))
            }
            // Hosts of flake-parts may be needed while its outputs are computed, and name other
            // hosts.
            _ if self.is_being_asked(flake)
                && let Some(class) = self.parts.get(&flake).copied() =>
            {
                self.in_parts(class, name)
            }
            _ => match self.outputs_of(flake) {
                // What unread code makes of the flake's outputs is reported where it is made, not
                // again wherever the flake refers to itself.
                Value::Itself(_) | Value::Woven(_) => Value::outside(),
                outputs => self.member(&outputs, name, place),
            },
        }
    }

    /// The flake-parts modules of a flake, if it is made of them.
    fn parts_of(&mut self, flake: FlakeId) -> Option<ClassId> {
        if !self.is_being_asked(flake) {
            self.outputs_of(flake);
        }
        self.parts.get(&flake).copied()
    }

    /// An attribute of an input.
    pub(super) fn in_input(
        &mut self,
        slot: FlakeInput,
        name: &Name,
        place: Option<Place>,
    ) -> Value {
        if matches!(&**name, "outputs") {
            return Value::Flake(slot, place);
        }
        if &**name == "outPath" {
            self.recorder.output(slot, "outPath", place);
        }
        if let "outPath" | "sourceInfo" = &**name {
            return self.source_of(slot, place);
        }
        if is_about_source(name) {
            return Value::condition();
        }
        // Every flake has them, and exports nothing for it.
        if &**name != "inputs" {
            self.recorder.input(slot, name, place);
        }
        if self.world.is_nixpkgs(slot) && &**name == "lib" {
            return Value::Library(Some(slot), [].into());
        }
        let known = frameworks::member(self.repository(slot), name);
        if let Some(value) = known {
            return value;
        }
        let path = Rc::from([Segment::Named(name.clone())]);
        if let Some(target) = self.readable_for(slot, name) {
            let found = self.in_itself(target, name, place);
            if self.is_being_asked(target) {
                return found;
            }
            match found {
                // Nobody gets what the flake does not have.
                Value::Unknown(_) if self.has(&Value::Itself(target), name) == Some(false) => {
                    return Value::Unknown(Why::Never);
                }
                Value::Unknown(_) => {}
                Value::Set(_) | Value::Derivation(_) | Value::Woven(_) => {
                    return self.offered_once(slot, name, found, path, place);
                }
                found => return found,
            }
        }
        // The lock says where the inputs of an input end.
        if let ("inputs", Some(target)) = (&**name, self.world.target(slot)) {
            return Value::Inputs(target);
        }
        Value::Unread(slot, path, place)
    }

    /// One step further into a flake that is not read.
    pub(super) fn in_unread(
        &mut self,
        slot: FlakeInput,
        path: &Path,
        step: Segment,
        place: Option<Place>,
    ) -> Value {
        let first = path.first().and_then(Segment::name);
        // `legacyPackages.SYSTEM` of nixpkgs is an instance.
        if first == Some("legacyPackages") && path.len() == 1 && self.is_packages(slot) {
            return self.legacy(slot, step.name(), place);
        }
        if let Some(value) = frameworks::below(self.repository(slot), path, &step) {
            return value;
        }
        // `packages.SYSTEM.NAME.name`: facts about a package take nothing from it.
        let is_said = |name: &str| matches!(name, "name" | "pname" | "version" | "meta");
        if path.len() >= 3
            && first.is_some_and(|first| kind_of_output(first).is_built())
            && step.name().is_some_and(is_said)
        {
            return Value::condition();
        }
        Value::Unread(slot, longer(path, step), place)
    }

    /// Whether an input ends at a nixpkgs.
    pub(super) fn is_packages(&self, slot: FlakeInput) -> bool {
        let target = self.world.target(slot);
        target.is_some_and(|target| {
            matches!(self.world.kind(target), FlakeKind::Nixpkgs | FlakeKind::Configured)
        })
    }

    /// `inputs'.x.packages.y` is `inputs.x.packages.SYSTEM.y`.
    pub(super) fn in_system_inputs(
        &mut self,
        flake: FlakeId,
        system: &Segment,
        name: &Name,
        place: Option<Place>,
    ) -> Value {
        if &**name == "self" {
            return Value::SystemItself(flake, system.clone());
        }
        let Some(slot) = self.world.input_named(flake, name) else { return Value::outside() };
        self.of_system(&Value::Flake(slot, place), system)
    }

    /// The outputs of an input for one system: a set that is made when it is needed.
    pub(super) fn of_system(&mut self, input: &Value, system: &Segment) -> Value {
        let outputs = ["packages", "legacyPackages", "apps", "devShells", "checks", "formatter"];
        let attrs = outputs.map(|output| {
            let whole = self.done(input.clone());
            let of = self.thunk(State::Member(whole, output.into()));
            let thunk = match system {
                Segment::Named(system) => self.thunk(State::Member(of, system.clone())),
                Segment::Any => of,
            };
            super::value::attr(output, thunk)
        });
        Value::set(attrs.into(), None, true)
    }

    /// An unknown one of the flake's inputs.
    pub(super) fn any_input(&mut self, flake: FlakeId, place: Option<Place>) -> Value {
        let inputs = self.inputs_of(flake).into_iter();
        let mut inputs: Vec<Value> =
            inputs.map(|(_, slot)| Value::Flake(slot, place).conditional()).collect();
        // Even if there are few, it is not certain that it is one of them.
        inputs.push(Value::more());
        Value::either(inputs)
    }

    /// An unknown one of the outputs of an input.
    pub(super) fn any_output(&mut self, slot: FlakeInput, place: Option<Place>) -> Value {
        let outputs = match self.readable(slot) {
            Some(target) if !self.is_being_asked(target) => self.outputs_of(target),
            _ => Value::outside(),
        };
        let Value::Set(set) = &outputs else {
            return Value::Unread(slot, [Segment::Any].into(), place);
        };
        let names: Vec<Name> = set.attrs.iter().map(|attr| attr.name.clone()).collect();
        let all = names.iter().map(|name| self.in_input(slot, name, place).conditional());
        Value::either(all.collect())
    }

    /// The source tree of an input.
    pub(super) fn source_of(&mut self, slot: FlakeInput, place: Option<Place>) -> Value {
        if self.is_packages(slot) {
            return Value::Source(Base::Input(slot), "".into(), place);
        }
        self.recorder.taken(slot, Taken::Source, place);
        match self
            .readable(slot)
            .and_then(|flake| Some((flake, self.files(flake)?.flake().clone())))
        {
            Some((flake, folder)) => Value::Path(flake, folder),
            None => Value::Unread(slot, [].into(), place),
        }
    }
}

/// A path of these names.
pub(super) fn path_of(names: &[&str]) -> Path {
    names.iter().fold(Path::from([]), |path, name| named(&path, &Name::from(*name)))
}

/// Whether an attribute has the name of a system: `x86_64-linux`.
pub(super) fn is_system(name: &str) -> bool {
    ["-linux", "-darwin", "-freebsd", "-windows"].iter().any(|end| name.ends_with(end))
}
