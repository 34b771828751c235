//! An output that is being looked at: what is still to be looked at, what was seen, and what was
//! found.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::list::FoundOutput;
use crate::TreePath;
use crate::evaluate::collections::{FastMap, FastSet};
use crate::evaluate::facts::{
    Builder, BuilderId, InstanceId, Output, PackageKind, Place, Read, Taking, What,
};
use crate::evaluate::guess_arguments::Caller;
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::{Code, Offer, Path, Scope, SetAttr, Thunk, Value};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::gpu_packages::Gpu;

/// Things that one output takes in and that are told apart.
const MOST_TAKINGS: usize = 5_000;
/// Builders of one output.
const MOST_BUILDERS: usize = 500;
/// Reasons why it was not read wholly.
const MOST_REASONS: usize = 20;
/// How often one function is called with what its callers would give it: each time costs steps, and
/// one that gives itself would take them all.
const MOST_CALLS: u32 = 200;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Within {
    pub(super) builder: Option<BuilderId>,
    pub(super) conditional: bool,
    pub(super) caller: Caller,
    /// It was given to code that is not read, in a place of this class: whatever is there may be a
    /// module.
    pub(super) handed: Option<Handed>,
    /// What takes it in is made by code that is not read, of a nixpkgs that is not known.
    pub(super) by_others: bool,
    /// Whether it is an argument of a package that is taken with others.
    pub(super) in_override: bool,
    /// Which package of a dependency it is in.
    pub(super) part_of: PartOf,
}

/// A package of a dependency that something is in. It is no place of its own: what stands in several
/// packages of a dependency is looked at once.
#[derive(Debug, Clone, Default)]
pub(super) struct PartOf(pub(super) Option<Rc<Offer>>);

impl PartialEq for PartOf {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for PartOf {}

impl Hash for PartOf {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Within {
    /// The same, for what is in a package of a dependency.
    pub(super) fn of(self, offer: Option<&Rc<Offer>>) -> Self {
        match offer {
            Some(offer) => Self { part_of: PartOf(Some(offer.clone())), ..self },
            None => self,
        }
    }
}

/// What code that is not read was given something by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Handed {
    /// A call in the code of this flake, which was given these packages, too.
    ByCall(FlakeId, Option<InstanceId>),
    /// An option that a module of this class sets.
    ByOption(ClassId),
}

impl Handed {
    /// Who gives packages to functions beside it that take them by their names.
    pub(super) fn packages(self) -> Option<Caller> {
        match self {
            Self::ByCall(_, packages) => Some(Caller::Packages(packages?, [].into())),
            Self::ByOption(class) => Some(Caller::Modules(class)),
        }
    }
}

/// Whether it is the turn of a function to be called.
pub(super) enum Turn {
    Call,
    /// It was called there before.
    Done,
    /// It was called too often elsewhere.
    TooMany,
}

/// What is still to be looked at.
pub(super) enum Pending {
    Value(Value),
    Thunk(Thunk),
    /// What has to be a package, or several, and where it is named: it is told where that is not
    /// understood. Elsewhere most of what is not is no package.
    Packages(Thunk, Option<Place>),
    Class(ClassId),
    /// What a module of a system sets.
    Option(ClassId, SetAttr),
}

/// An output that is being looked at.
pub(super) struct OutputWalk {
    pub(super) flake: FlakeId,
    open: Vec<(Pending, Within)>,
    /// What modules of other flakes set: looked at when the flake's own code was, so that what that
    /// takes is seen however much there is of the others.
    of_others: Vec<(Pending, Within)>,
    seen: FastSet<(*const u8, Within)>,
    seen_classes: FastSet<(ClassId, Within)>,
    handed: FastSet<(FlakeId, TreePath)>,
    /// Folders that were handed to code which is not read, and where.
    folders: Vec<(Value, Within)>,
    called: FastSet<(Code, Scope, Within)>,
    calls: FastMap<Code, u32>,
    kept: Vec<Value>,
    not_read: Vec<String>,
    /// What is not known, and where, as far as that was told.
    unknown: FastSet<(&'static str, Place)>,
    builders: Vec<Builder>,
    takings: Vec<Taking>,
    known: FastSet<(Option<BuilderId>, WhatKey, bool)>,
    /// Packages that a module switches a GPU on or off for, by where they are named.
    pub(super) switched: FastMap<(InstanceId, Path, Place), (bool, Gpu)>,
    /// Whether anything was understood.
    pub(super) saw: bool,
    /// Whether a function that is not read may make a host of what it is given: those that make
    /// packages, shells and checks do not.
    pub(super) may_be_hosts: bool,
}

/// What tells things apart that are taken in.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum WhatKey {
    Package(InstanceId, String, PackageKind),
    Opaque(FlakeInput, String),
}

impl OutputWalk {
    pub(super) fn new(flake: FlakeId, may_be_hosts: bool) -> Self {
        Self {
            flake,
            open: Vec::new(),
            of_others: Vec::new(),
            seen: FastSet::default(),
            seen_classes: FastSet::default(),
            handed: FastSet::default(),
            folders: Vec::new(),
            called: FastSet::default(),
            calls: FastMap::default(),
            kept: Vec::new(),
            not_read: Vec::new(),
            unknown: FastSet::default(),
            builders: Vec::new(),
            takings: Vec::new(),
            known: FastSet::default(),
            switched: FastMap::default(),
            saw: false,
            may_be_hosts,
        }
    }

    /// What was found of an output.
    pub(super) fn into_output(mut self, found: FoundOutput) -> Output {
        // The packages of a system build nothing for an option that takes nothing.
        let takes_nothing = self.takings.is_empty() && self.builders.iter().all(|b| !b.is_system);
        if found.handed_by.is_some() && takes_nothing {
            self.builders.clear();
        }
        let is_opaque = |taking: &Taking| matches!(taking.what, What::Opaque { .. });
        let is_whole = self.not_read.is_empty() && !self.takings.iter().any(is_opaque);
        let read = match (is_whole, self.saw) {
            (true, _) => Read::Whole,
            (false, true) => Read::Part,
            (false, false) => Read::Nothing,
        };
        Output {
            path: found.path.iter().map(|name| name.to_string()).collect(),
            systems: Vec::new(),
            read,
            not_read: self.not_read,
            builders: self.builders,
            uses: self.takings,
            place: found.place,
        }
    }

    /// The next thing to be looked at.
    pub(super) fn next(&mut self) -> Option<(Pending, Within)> {
        self.open.pop().or_else(|| self.of_others.pop())
    }

    /// Nothing more is to be looked at: there was too much. Gives the packages of dependencies of
    /// which something was still to be looked at, and who takes them in.
    pub(super) fn give_up(&mut self) -> Vec<Within> {
        self.folders.clear();
        let open = std::mem::take(&mut self.open).into_iter();
        let open = open.chain(std::mem::take(&mut self.of_others)).map(|(_, within)| within);
        open.filter(|within| within.part_of.0.is_some()).collect()
    }

    /// Whether a function is to be called in a place.
    pub(super) fn turn(&mut self, code: Code, scope: Scope, within: &Within) -> Turn {
        if !self.called.insert((code, scope, within.clone())) {
            return Turn::Done;
        }
        let calls = self.calls.entry(code).or_default();
        *calls += 1;
        if *calls <= MOST_CALLS { Turn::Call } else { Turn::TooMany }
    }

    /// Whether a value was not met in this place before; it is kept, so that no other one takes its
    /// place in memory.
    pub(super) fn is_new(&mut self, at: *const u8, within: &Within, value: &Value) -> bool {
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

    /// A folder of modules is looked at once all that was handed with it is known.
    pub(super) fn keep_folder(&mut self, folder: Value, within: &Within) {
        self.folders.push((folder, within.clone()));
    }

    /// The folders that were handed to the same code.
    pub(super) fn next_folders(&mut self) -> Option<(Vec<Value>, Within)> {
        let (_, within) = self.folders.first()?.clone();
        let all = std::mem::take(&mut self.folders);
        let (same, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, of)| *of == within);
        self.folders = others;
        Some((same.into_iter().map(|(folder, _)| folder).collect(), within))
    }

    pub(super) fn is_new_class(&mut self, class: ClassId, within: &Within) -> bool {
        self.seen_classes.insert((class, within.clone()))
    }

    pub(super) fn push(&mut self, what: Pending, within: Within) {
        self.open.push((what, within));
    }

    /// The same for what a module sets, of this flake or another one.
    pub(super) fn push_option(
        &mut self,
        class: ClassId,
        option: SetAttr,
        within: Within,
        is_own: bool,
    ) {
        let open = if is_own { &mut self.open } else { &mut self.of_others };
        open.push((Pending::Option(class, option), within));
    }

    /// A builder within another: the same one for the same instance.
    pub(super) fn builder(
        &mut self,
        instance: InstanceId,
        within: &Within,
        is_system: bool,
        place: Option<Place>,
    ) -> Option<BuilderId> {
        let outer = within.builder;
        let conditional = within.conditional;
        // One within another of the same instance is no other place to be taken in, but for a system:
        // that is a closure of its own, whatever is made of it.
        if let Some(above) = outer.and_then(|outer| self.builders.get(outer.index()))
            && above.instance == instance
            && above.conditional == conditional
            && (above.is_system || !is_system)
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
            self.add_reason(format!("more than {MOST_BUILDERS} systems, shells and packages"));
            return outer;
        }
        self.builders.push(Builder { instance, outer, conditional, is_system, place });
        Some(BuilderId::new(self.builders.len() - 1))
    }

    /// Whether something is not known at a place that was not told before, and there is room for
    /// more reasons.
    pub(super) fn is_new_place(&mut self, what: &'static str, place: Place) -> bool {
        self.not_read.len() < MOST_REASONS && self.unknown.insert((what, place))
    }

    /// A reason why it was not read wholly.
    pub(super) fn add_reason(&mut self, reason: String) {
        if !self.not_read.contains(&reason) && self.not_read.len() < MOST_REASONS {
            self.not_read.push(reason);
        }
    }

    pub(super) fn take(&mut self, key: WhatKey, what: What, place: Option<Place>, within: &Within) {
        if !self.known.insert((within.builder, key, within.conditional)) {
            return;
        }
        if self.takings.len() >= MOST_TAKINGS {
            return self.add_reason(format!("more than {MOST_TAKINGS} packages"));
        }
        self.takings.push(Taking {
            builder: within.builder,
            what,
            place,
            conditional: within.conditional,
            is_outright: within.builder.is_none() && !within.by_others,
        });
    }
}
