//! What an output takes in: everything that what it is made of holds.
//!
//! It goes by a list of what is still to be looked at, so it does not nest. A value that stands in
//! several places is looked at once for each builder that it stands in.

use std::rc::Rc;

use super::list::Found;
use super::package::{named, switch};
use crate::TreePath;
use crate::evaluate::by_name::Giver;
use crate::evaluate::facts::{
    Builder, BuilderId, InstanceId, MadeBy, Output, PackageKind, Place, Read, Taken, Taking, Use,
    What,
};
use crate::evaluate::flakes::taken;
use crate::evaluate::machine::{Bag, Machine, NOWHERE};
use crate::evaluate::modules::{ClassId, ModuleKind};
use crate::evaluate::value::{Derivation, How, Path, Segment, Thunk, Value, Woven, above, last};
use crate::evaluate::world::{FlakeId, FlakeKind, Slot};
use crate::gpu_packages::Gpu;

/// Things that one output takes in and that are told apart.
const MOST_TAKINGS: usize = 5_000;
/// Builders of one output.
const MOST_BUILDERS: usize = 500;
/// Reasons why it was not read wholly.
const MOST_REASONS: usize = 20;
/// How often one function is called with what its callers would give it.
const MOST_CALLS: u32 = 24;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Within {
    pub(super) builder: Option<BuilderId>,
    pub(super) conditional: bool,
    pub(super) giver: Giver,
    /// It was given to code that is not read, in a place of this class: whatever is there may be a
    /// module.
    pub(super) handed: Option<Handed>,
    /// What takes it in is made by code that is not read, of a nixpkgs that is not known.
    pub(super) by_others: bool,
}

/// What code that is not read was given something by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Handed {
    /// A call.
    ByCall,
    /// An option that a module of this class sets.
    ByOption(ClassId),
}

/// What is still to be looked at.
pub(super) enum What_ {
    Value(Value),
    Thunk(Thunk),
    Class(ClassId),
}

/// An output that is being looked at.
pub(super) struct Walk {
    flake: FlakeId,
    open: Vec<(What_, Within)>,
    seen: Bag<(*const u8, Within)>,
    seen_classes: Bag<(ClassId, Within)>,
    handed: Bag<(FlakeId, TreePath)>,
    called: Bag<(crate::evaluate::value::Code, crate::evaluate::value::Scope, Within)>,
    calls: crate::evaluate::machine::Map<crate::evaluate::value::Code, u32>,
    kept: Vec<Value>,
    not_read: Vec<String>,
    builders: Vec<Builder>,
    takings: Vec<Taking>,
    known: Bag<(Option<BuilderId>, WhatKey, bool)>,
    /// Whether anything was understood.
    saw: bool,
    /// Whether a function that is not read may make a host of what it is given: those that make
    /// packages, shells and checks do not.
    pub(super) may_be_hosts: bool,
}

#[derive(PartialEq, Eq, Hash)]
enum WhatKey {
    Package(InstanceId, String, PackageKind),
    Opaque(Slot, String),
}

impl Machine<'_> {
    pub(super) fn walk_output(&mut self, flake: FlakeId, found: Found) -> Output {
        let within = Within {
            builder: None,
            conditional: found.conditional,
            giver: match found.handed_by {
                Some(class) => Giver::Modules(class),
                None => Giver::Nobody,
            },
            handed: found.handed_by.map(Handed::ByOption),
            by_others: false,
        };
        let mut walk = Walk {
            flake,
            open: Vec::new(),
            seen: Bag::default(),
            seen_classes: Bag::default(),
            handed: Bag::default(),
            called: Bag::default(),
            calls: crate::evaluate::machine::Map::default(),
            kept: Vec::new(),
            not_read: Vec::new(),
            builders: Vec::new(),
            takings: Vec::new(),
            known: Bag::default(),
            saw: false,
            may_be_hosts: !found.path.first().is_some_and(|name| is_of_packages(name)),
        };
        // What a system's option is set to is built with the system's packages.
        let within = match found.handed_by.and_then(|class| self.packages_of(class)) {
            Some(packages) => {
                let place = found.place.unwrap_or(NOWHERE);
                let builder = walk.builder(packages, &within, false, place);
                self.use_instance(&mut walk, packages);
                Within { builder, ..within }
            }
            None => within,
        };
        walk.open.push((What_::Thunk(found.what), within));
        self.walk(&mut walk);
        let is_opaque = |taking: &Taking| matches!(taking.what, What::Opaque { .. });
        let is_whole = walk.not_read.is_empty() && !walk.takings.iter().any(is_opaque);
        let read = match (is_whole, walk.saw) {
            (true, _) => Read::Whole,
            (false, true) => Read::Part,
            (false, false) => Read::Nothing,
        };
        Output {
            path: found.path.iter().map(|name| name.to_string()).collect(),
            systems: Vec::new(),
            read,
            not_read: walk.not_read,
            builders: walk.builders,
            uses: walk.takings,
            place: found.place.filter(|place| *place != NOWHERE),
        }
    }

    fn walk(&mut self, walk: &mut Walk) {
        while let Some((what, within)) = walk.open.pop() {
            if !self.step() {
                walk.open.clear();
                return;
            }
            match what {
                What_::Thunk(thunk) => {
                    let value = self.force(thunk);
                    self.look_at(walk, value, within);
                }
                What_::Value(value) => self.look_at(walk, value, within),
                What_::Class(class) => self.walk_class(walk, class, within),
            }
        }
    }

    fn look_at(&mut self, walk: &mut Walk, value: Value, within: Within) {
        match value {
            Value::Set(ref set) => {
                if !walk.is_new(Rc::as_ptr(set).cast(), &within, &value) {
                    return;
                }
                let set = set.clone();
                if within.handed.is_some() && walk.may_be_hosts && self.is_module(&set) {
                    return self.look_at_module(walk, Value::Set(set), &within);
                }
                for attr in set.attrs.iter().rev() {
                    if matches!(&*attr.name, "meta" | "_type") {
                        continue;
                    }
                    let conditional = within.conditional || attr.conditional;
                    let inner = Within { conditional, ..within.clone() };
                    // A list of modules is one system's.
                    let is_list = matches!(&*attr.name, "modules" | "imports");
                    if within.handed.is_some() && is_source(&attr.name) {
                        let source = self.force_known(attr.thunk);
                        if matches!(source, Value::Path(..) | Value::AnyPath(_)) {
                            continue;
                        }
                    }
                    if within.handed.is_some() && walk.may_be_hosts && is_list {
                        let modules = self.force(attr.thunk);
                        self.look_at_module(walk, modules, &inner);
                        continue;
                    }
                    walk.open.push((What_::Thunk(attr.thunk), inner));
                }
                if let Some(rest) = set.rest {
                    walk.open.push((What_::Thunk(rest), within));
                }
            }
            Value::List(ref list) => {
                if walk.is_new(Rc::as_ptr(list).cast(), &within, &value) {
                    for item in list.items.iter().rev() {
                        walk.open.push((What_::Thunk(*item), within.clone()));
                    }
                }
            }
            Value::Function(code, scope) => {
                if !walk.called.insert((code, scope, within.clone())) {
                    return;
                }
                let calls = walk.calls.entry(code).or_default();
                *calls += 1;
                if *calls > MOST_CALLS {
                    return;
                }
                let may_be_module = within.handed.is_some() && walk.may_be_hosts;
                if may_be_module && !matches!(within.giver, Giver::Packages(..)) {
                    return self.look_at_module(walk, value, &within);
                }
                let made = self.call_by_name(&value, &within.giver);
                walk.open.push((What_::Value(made), within));
            }
            Value::Package(instance, path, place) => {
                self.take_package(walk, instance, &path, place, &within, None);
            }
            Value::Derivation(ref made) => {
                if walk.is_new(Rc::as_ptr(made).cast(), &within, &value) {
                    let made = made.clone();
                    self.look_at_derivation(walk, &made, &within);
                }
            }
            Value::System(class) => self.look_at_system(walk, class, within),
            Value::Woven(ref woven) => {
                if walk.is_new(Rc::as_ptr(woven).cast(), &within, &value) {
                    let woven = woven.clone();
                    self.look_at_woven(walk, &woven, within);
                }
            }
            Value::Unread(slot, path, place) => {
                self.take_unread(walk, slot, &path, place, &within, false);
            }
            Value::Path(..) | Value::AnyPath(_) if within.handed.is_some() && walk.may_be_hosts => {
                self.look_at_files(walk, value, &within);
            }
            Value::Config(..) | Value::Definition(_) => {
                for (value, _, conditional) in self.discharged(value, 0, within.conditional) {
                    if !matches!(value, Value::Config(..)) {
                        let within = Within { conditional, ..within.clone() };
                        walk.open.push((What_::Value(value), within));
                    }
                }
            }
            Value::Conditional(inner) => {
                let within = Within { conditional: true, ..within };
                walk.open.push((What_::Value((*inner).clone()), within));
            }
            Value::Either(all) => {
                for one in all.iter().rev() {
                    walk.open.push((What_::Value(one.clone()), within.clone()));
                }
            }
            Value::Update(both) => {
                walk.open.push((What_::Value(both.1.clone()), within.clone()));
                walk.open.push((What_::Value(both.0.clone()), within));
            }
            Value::Native(native) => {
                for arg in native.args.iter().rev() {
                    walk.open.push((What_::Thunk(*arg), within.clone()));
                }
            }
            // An input, or all of them handed on, is not taken by that.
            Value::Flake(slot, place) => {
                if within.handed.is_some() {
                    self.record_use(slot, Use::HandedOn, place);
                    let of = slot.flake;
                    if self.world.is_nixpkgs(slot) && of != walk.flake {
                        self.mark_partial(of);
                    }
                }
            }
            Value::Imported(..)
            | Value::Before(..)
            | Value::Inputs(_)
            | Value::SystemInputs(..)
            | Value::Itself(_)
            | Value::SystemItself(..)
            | Value::Source(..)
            | Value::Declared(_)
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

    /// An instance is used: what it is made with is looked at, and which of it is not read.
    pub(super) fn use_instance(&mut self, walk: &mut Walk, instance: InstanceId) -> InstanceId {
        let id = self.after_all(instance);
        let first = self.reading.instances.get(id.index()).is_some_and(|made| !made.used);
        for of in [instance, id] {
            if let Some(made) = self.reading.instances.get_mut(of.index()) {
                made.used = true;
            }
        }
        if first {
            self.settle(id);
        }
        let unread = self.makings.get(id.index()).map(|making| making.unread.clone());
        for overlay in unread.unwrap_or_default() {
            self.not_read(walk, "an overlay", &overlay);
        }
        if let Some(made) = self.made(id)
            && let (MadeBy::Legacy, Some(slot), Some(place)) =
                (made.made_by, made.base, made.made_at)
        {
            self.record_use(slot, Use::LegacyPackages, place);
        }
        walk.saw = true;
        id
    }

    /// The instance that another one is after all.
    pub(in crate::evaluate) fn after_all(&self, instance: InstanceId) -> InstanceId {
        let mut id = instance;
        for _ in 0..8 {
            match self.made(id).and_then(|made| made.same_as) {
                Some(other) if other != id => id = other,
                _ => break,
            }
        }
        id
    }

    fn take_package(
        &mut self,
        walk: &mut Walk,
        instance: InstanceId,
        path: &Path,
        place: Place,
        within: &Within,
        switched: Option<(bool, Gpu)>,
    ) {
        let is_callers = self.made(instance).is_none_or(|made| made.made_by == MadeBy::Callers);
        if path.is_empty() || is_callers {
            if path.is_empty() && !is_callers && within.handed.is_none() {
                // The whole set, taken as it is: nothing in particular.
                self.use_instance(walk, instance);
            }
            return;
        }
        let id = self.use_instance(walk, instance);
        let (name, kind) = named(path);
        let kind = match (kind, switched) {
            (PackageKind::Changed(_), Some((true, gpu))) => PackageKind::Switched(gpu),
            // What is off by itself no setting changes.
            (PackageKind::Changed(by), Some((false, gpu))) => {
                by.without(gpu).map_or(PackageKind::Plain, PackageKind::Changed)
            }
            (kind, _) => kind,
        };
        let key = WhatKey::Package(id, name.clone(), kind);
        let what = What::Package { instance: id, name, kind };
        walk.take(key, what, place, within);
    }

    /// Something of a flake that is not read.
    fn take_unread(
        &mut self,
        walk: &mut Walk,
        slot: Slot,
        path: &Path,
        place: Place,
        within: &Within,
        called: bool,
    ) {
        let target = self.world.target(slot);
        let kind = target.map_or(FlakeKind::Source, |target| self.world.kind(target));
        if kind != FlakeKind::Flake {
            return;
        }
        let Some(first) = path.first().and_then(Segment::name) else { return };
        let taken = taken(first);
        let is_built = taken.is_built() && first != "formatter" && first != "bundlers";
        if is_built || (taken == Taken::Unknown && !called) {
            let mut names: Vec<&str> = path.iter().filter_map(Segment::name).collect();
            // A package with other arguments is still that package.
            while names.len() > 1 && names.last().is_some_and(|n| Self::override_function(n)) {
                names.pop();
            }
            let name = names.join(".");
            let key = WhatKey::Opaque(slot, name.clone());
            walk.saw = true;
            walk.take(key, What::Opaque { slot, name, taken }, place, within);
            return;
        }
        let what = match taken {
            Taken::Modules => "a module",
            Taken::Overlays => "an overlay",
            Taken::Lib | Taken::Unknown => "a function",
            _ => return,
        };
        self.not_read(walk, what, &Value::Unread(slot, path.clone(), place));
    }

    /// Remembers that something was not read; what is known to build with what it is given is no
    /// reason.
    pub(super) fn not_read(&self, walk: &mut Walk, what: &str, value: &Value) {
        let of = match value {
            Value::Unread(slot, ..) | Value::Flake(slot, _) => {
                let target = self.world.target(*slot).and_then(|target| self.world.flake(target));
                if target.is_some_and(|flake| flake.is_known || flake.kind != FlakeKind::Flake) {
                    return;
                }
                let name = self.world.input(*slot).map(|input| input.name.clone());
                format!("{what} of `{}`", name.unwrap_or_default())
            }
            Value::Path(_, path) => format!("`{path}`"),
            Value::Woven(woven) => {
                let first = woven.of.first().copied();
                let value = first.and_then(|thunk| match self.heap.state(thunk) {
                    Some(crate::evaluate::heap::State::Done(value)) => Some(value.clone()),
                    _ => None,
                });
                match value {
                    Some(inner @ (Value::Unread(..) | Value::Flake(..))) => {
                        return self.not_read(walk, what, &inner);
                    }
                    Some(Value::Library(..)) => return,
                    _ => format!("{what} that is not known"),
                }
            }
            Value::Unknown(_) => format!("{what} that is not known"),
            _ => return,
        };
        if !walk.not_read.contains(&of) && walk.not_read.len() < MOST_REASONS {
            walk.not_read.push(of);
        }
    }

    fn look_at_derivation(&mut self, walk: &mut Walk, made: &Rc<Derivation>, within: &Within) {
        if made.is_override {
            let switched = self.switched(made);
            if last(&made.path).is_some() {
                let (maker, path, place) = (made.maker, made.path.clone(), made.place);
                self.take_package(walk, maker, &path, place, within, switched);
            }
        }
        if last(&made.path) == Some("callPackage")
            && let Some(file) = made.given.first()
        {
            match self.force_known(*file) {
                Value::Function(..) => {}
                file => self.not_read(walk, "a file", &file),
            }
        }
        let is_callers = self.made(made.maker).is_none_or(|of| of.made_by == MadeBy::Callers);
        let own = self.flake_at(made.place) == Some(walk.flake)
            || self.base_of(made.maker).is_some_and(|slot| slot.flake == walk.flake);
        let builder = if own && !made.is_override && !is_callers {
            let id = self.use_instance(walk, made.maker);
            walk.builder(id, within, false, made.place)
        } else {
            if !is_callers {
                self.use_instance(walk, made.maker);
            }
            within.builder
        };
        let inner = Within {
            builder,
            conditional: within.conditional,
            giver: Giver::Packages(made.maker, above(&made.path)),
            handed: None,
            by_others: within.by_others,
        };
        let packages = self.with_own_overrides(made);
        for given in made.given.iter().rev() {
            let what = match &packages {
                // `(python3.override { packageOverrides = …; }).withPackages (ps: …)`
                Some(packages) => match self.force(*given) {
                    function @ Value::Function(..) => {
                        What_::Value(self.apply_to(&function, packages.clone(), made.place))
                    }
                    _ => What_::Thunk(*given),
                },
                None => What_::Thunk(*given),
            };
            walk.open.push((what, inner.clone()));
        }
    }

    /// What an override switches for one package: whether on, and for which GPU.
    fn switched(&mut self, made: &Derivation) -> Option<(bool, Gpu)> {
        let mut off = None;
        for given in &made.given {
            let given = self.force_known(*given);
            let given = match &given {
                Value::Function(..) => {
                    let giver = Giver::Packages(made.maker, above(&made.path));
                    self.call_by_name(&given, &giver)
                }
                _ => given,
            };
            let Value::Set(set) = given.unconditional().0 else { continue };
            let switches =
                set.attrs.iter().filter_map(|attr| Some((switch(&attr.name)?, attr.thunk)));
            for (gpu, value) in switches.collect::<Vec<_>>() {
                let value = self.force_known(value);
                match value.unconditional().0 {
                    Value::Bool(true) | Value::Text(_) => return Some((true, gpu)),
                    Value::Bool(false) => off = Some((false, gpu)),
                    _ => {}
                }
            }
        }
        off
    }

    fn look_at_woven(&mut self, walk: &mut Walk, woven: &Rc<Woven>, within: Within) {
        if woven.how != How::Handed {
            for thunk in woven.of.iter().rev() {
                walk.open.push((What_::Thunk(*thunk), within.clone()));
            }
            return;
        }
        let mut values = Vec::with_capacity(woven.of.len());
        for thunk in &woven.of {
            values.push(self.force_known(*thunk));
        }
        let mut rest = values.as_slice();
        match values.split_first() {
            Some((Value::Unread(slot, path, place), more)) => {
                let (slot, path, place) = (*slot, path.clone(), *place);
                self.take_unread(walk, slot, &path, place, &within, true);
                rest = more;
            }
            Some((Value::Flake(..), more)) => {
                let of = values.first().cloned().unwrap_or_else(Value::outside);
                self.not_read(walk, "a function", &of);
                rest = more;
            }
            Some((Value::Library(..), more)) => rest = more,
            Some((Value::Derivation(_) | Value::Package(..), _)) => {}
            _ => {
                let of = Value::Woven(woven.clone());
                self.not_read(walk, "a function", &of);
            }
        }
        // What is given the packages of an instance builds with these.
        let mut builder = within.builder;
        for value in rest {
            if let Some(packages) = self.packages_given(value)
                && self.base_of(packages).is_some_and(|slot| slot.flake == walk.flake)
            {
                let id = self.use_instance(walk, packages);
                builder = walk.builder(id, &within, false, woven.place);
                break;
            }
        }
        let handed = Some(within.handed.unwrap_or(Handed::ByCall));
        let by_others = within.by_others || builder == within.builder;
        let inner = Within { builder, handed, by_others, ..within };
        for value in rest.iter().rev() {
            walk.open.push((What_::Value(value.clone()), inner.clone()));
        }
    }

    /// The packages that a function is given, as they are or as `pkgs`.
    fn packages_given(&mut self, value: &Value) -> Option<InstanceId> {
        let found = match value.unconditional().0 {
            Value::Set(set) => {
                let pkgs = set.get("pkgs").or_else(|| set.get("nixpkgs"))?.thunk;
                let pkgs = self.force_known(pkgs);
                self.instance_of(&pkgs)
            }
            value => self.instance_of(value),
        };
        found.filter(|id| self.made(*id).is_some_and(|made| made.made_by != MadeBy::Callers))
    }

    /// The names under which a module of a class is told, for what is not known of it.
    pub(super) fn kind_of_class(&self, class: ClassId) -> Option<ModuleKind> {
        self.class(class).map(|class| class.kind)
    }
}

impl Walk {
    /// Whether a value was not met in this place before; it is kept, so that no other one takes its
    /// place in memory.
    fn is_new(&mut self, at: *const u8, within: &Within, value: &Value) -> bool {
        let new = self.seen.insert((at, within.clone()));
        if new {
            self.kept.push(value.clone());
        }
        new
    }

    /// Whether a file that was handed to code which is not read was not looked at before: what is in
    /// it may lead to it again, through the flake's own outputs.
    pub(super) fn is_new_file(&mut self, flake: FlakeId, file: &TreePath) -> bool {
        self.handed.insert((flake, file.clone()))
    }

    pub(super) fn is_new_class(&mut self, class: ClassId, within: &Within) -> bool {
        self.seen_classes.insert((class, within.clone()))
    }

    pub(super) fn push(&mut self, what: What_, within: Within) {
        self.open.push((what, within));
    }

    /// A builder within another: the same one for the same instance.
    pub(super) fn builder(
        &mut self,
        instance: InstanceId,
        within: &Within,
        is_system: bool,
        place: Place,
    ) -> Option<BuilderId> {
        let outer = within.builder;
        let conditional = within.conditional;
        // One within another of the same instance is no other place to be taken in.
        if let Some(above) = outer.and_then(|outer| self.builders.get(outer.index()))
            && above.instance == instance
            && above.conditional == conditional
        {
            return outer;
        }
        let known = self.builders.iter().position(|known| {
            known.instance == instance
                && known.outer == outer
                && known.conditional == conditional
                && known.is_system == is_system
        });
        if let Some(at) = known {
            return Some(BuilderId::new(at));
        }
        if self.builders.len() >= MOST_BUILDERS {
            return outer;
        }
        let place = (place != NOWHERE).then_some(place);
        self.builders.push(Builder { instance, outer, conditional, is_system, place });
        Some(BuilderId::new(self.builders.len() - 1))
    }

    fn take(&mut self, key: WhatKey, what: What, place: Place, within: &Within) {
        if self.takings.len() >= MOST_TAKINGS
            || !self.known.insert((within.builder, key, within.conditional))
        {
            return;
        }
        self.takings.push(Taking {
            builder: within.builder,
            what,
            place: (place != NOWHERE).then_some(place),
            conditional: within.conditional,
            is_outright: within.builder.is_none() && !within.by_others,
        });
    }
}

/// Whether an output holds packages and the like: what functions make there are no hosts.
fn is_of_packages(name: &str) -> bool {
    matches!(
        name,
        "packages"
            | "checks"
            | "devShells"
            | "apps"
            | "hydraJobs"
            | "legacyPackages"
            | "defaultPackage"
            | "devShell"
            | "defaultApp"
    )
}

/// Names under which functions are given sources: folders of no modules.
fn is_source(name: &str) -> bool {
    matches!(
        name,
        "src"
            | "source"
            | "root"
            | "rootDir"
            | "path"
            | "dir"
            | "workspaceRoot"
            | "projectDir"
            | "projectRoot"
            | "projectRootFile"
            | "lockFile"
            | "cargoLock"
    )
}
