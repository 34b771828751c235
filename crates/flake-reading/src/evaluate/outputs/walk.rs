//! An output that is being examined: what is left to examine, what was seen, and what was found.

use std::rc::Rc;

use super::contexts::{ContextId, ContextKind, Contexts, Within};
use super::list::FoundOutput;
use super::pending::{Open, Pending};
use crate::TreePath;
use crate::evaluate::collections::{FastMap, FastSet};
use crate::evaluate::facts::{
    Builder, BuilderId, InstanceId, Output, PackageKind, Place, Read, Taking, What,
};
use crate::evaluate::modules::ClassId;
use crate::evaluate::value::{Code, Path, Scope, Set, SetAttr, Value};
use crate::evaluate::world::{FlakeId, FlakeInput};
use crate::gpu_packages::Gpu;

/// The most things that one output takes in and that are told apart.
const MOST_TAKINGS: usize = 5_000;
/// The most builders of one output.
const MOST_BUILDERS: usize = 500;
/// The most reasons why it was not fully read.
const MOST_REASONS: usize = 20;
/// How many derivations within each other are told apart when choosing what to examine next.
const DEEPEST: usize = 4;
/// How often one function is called with guessed arguments: each call costs steps, and a function
/// that passes itself would use them all.
const MOST_CALLS: u32 = 200;

/// Whether a function is called now.
pub(super) enum Turn {
    Call,
    /// It was called in this context before.
    Done,
    /// It was called too often in others.
    TooMany,
}

/// What is examined next, and whether it is what the flake's own code takes.
pub(super) struct Next {
    pub(super) what: Pending,
    pub(super) within: Within,
    pub(super) is_own: bool,
}

/// An output that is being examined.
pub(super) struct OutputWalk {
    pub(super) flake: FlakeId,
    contexts: Contexts,
    /// By how many derivations there are around it: what an output takes itself is seen however much
    /// its packages are made of.
    open: [Open; DEEPEST],
    /// How many there are around what is being examined.
    depth: usize,
    /// Options set by modules of other flakes, and what the code of others makes. They are examined
    /// after the flake's own code, so that this is seen however much there is of the others.
    of_others: Open,
    /// Options that modules which were read declare: they have an effect only through these modules,
    /// where they are examined, so that by themselves they come with the code of others.
    declared: Open,
    is_others_turn: bool,
    seen: FastSet<(*const u8, ContextKind)>,
    seen_classes: FastSet<(ClassId, ContextKind)>,
    handed: FastSet<(FlakeId, TreePath)>,
    /// Folders that were passed to unread code, and their contexts.
    folders: Vec<(Value, Within)>,
    called: FastSet<(Code, Scope, ContextKind)>,
    calls: FastMap<Code, u32>,
    kept: Vec<Value>,
    not_read: Vec<String>,
    /// Unknown things that were recorded, by place.
    unknown: FastSet<(&'static str, Place)>,
    builders: Vec<Builder>,
    takings: Vec<Taking>,
    known: FastSet<(Option<BuilderId>, WhatKey, bool)>,
    /// Packages for which a module switches a GPU on or off, by the place that names them.
    pub(super) switched: FastMap<(InstanceId, Path, Place), (bool, Gpu)>,
    /// Whether anything was understood.
    pub(super) saw: bool,
    /// Whether an unread function may make a host of its arguments: those that make packages,
    /// shells and checks do not.
    pub(super) may_be_hosts: bool,
    /// Whether it is whole systems or homes, by its name.
    pub(super) are_systems: bool,
    /// Whether it may make an image of them, which is a package.
    pub(super) may_be_images: bool,
}

/// What tells things apart that are taken in.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum WhatKey {
    /// A package, and whether it has other arguments.
    Package(InstanceId, String, PackageKind, bool),
    Opaque(FlakeInput, String),
}

impl OutputWalk {
    pub(super) fn new(flake: FlakeId, may_be_hosts: bool) -> Self {
        Self {
            flake,
            contexts: Contexts::default(),
            open: Default::default(),
            depth: 0,
            of_others: Open::default(),
            declared: Open::default(),
            is_others_turn: false,
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
            are_systems: false,
            may_be_images: true,
        }
    }

    /// The result for an output.
    pub(super) fn into_output(mut self, found: FoundOutput) -> Output {
        // The packages of a system build nothing for an option that takes nothing in.
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

    /// The next thing to examine. What `is_of_others` is put off until nothing else is left.
    pub(super) fn next(&mut self, is_of_others: impl Fn(&Pending) -> bool) -> Option<Next> {
        let mut own = self.open.iter_mut().enumerate();
        let own = own.find_map(|(depth, open)| {
            loop {
                let (what, context) = open.pop()?;
                if !is_of_others(&what) {
                    return Some((depth, (what, context)));
                }
                self.of_others.push(what, context);
            }
        });
        let is_own = own.is_some();
        let (depth, (what, context)) = match own {
            Some(own) => own,
            // In turn: either may be more than there is budget for.
            None => {
                self.is_others_turn = !self.is_others_turn;
                let (first, second) = match self.is_others_turn {
                    true => (&mut self.of_others, &mut self.declared),
                    false => (&mut self.declared, &mut self.of_others),
                };
                (0, first.pop().or_else(|| second.pop())?)
            }
        };
        self.depth = depth;
        let within = self.contexts.get(context)?.clone();
        let within = match &what {
            Pending::Option(_, attr) => {
                Within { conditional: within.conditional || attr.conditional, ..within }
            }
            _ => within,
        };
        Some(Next { what, within, is_own })
    }

    /// Stops because the budget is spent. Returns the contexts in packages of dependencies that
    /// were not fully examined.
    pub(super) fn give_up(&mut self) -> Vec<Within> {
        self.folders.clear();
        let own = self.open.iter_mut().flat_map(Open::contexts);
        let open = own.chain(self.of_others.contexts()).chain(self.declared.contexts()).collect();
        self.in_packages(open)
    }

    /// The same for the flake's own code alone, because that has spent its part of the budget.
    pub(super) fn give_up_own(&mut self, is_of_others: impl Fn(&Pending) -> bool) -> Vec<Within> {
        self.folders.clear();
        let mut own = Vec::new();
        for (what, context) in self.open.iter_mut().flat_map(Open::take_values) {
            match is_of_others(&what) {
                true => self.of_others.push(what, context),
                false => own.push(context),
            }
        }
        self.in_packages(own)
    }

    /// Those contexts that are in packages of dependencies.
    fn in_packages(&self, all: Vec<ContextId>) -> Vec<Within> {
        let all = all.into_iter().filter_map(|context| self.contexts.get(context));
        all.filter(|within| within.part_of.0.is_some()).cloned().collect()
    }

    /// Whether a function is called in a context.
    pub(super) fn turn(&mut self, code: Code, scope: Scope, within: &Within) -> Turn {
        if !self.called.insert((code, scope, self.contexts.kind(within))) {
            return Turn::Done;
        }
        let calls = self.calls.entry(code).or_default();
        *calls += 1;
        if *calls <= MOST_CALLS { Turn::Call } else { Turn::TooMany }
    }

    /// Whether a value is new in this context; it is kept, so that no other value gets its address.
    pub(super) fn is_new(&mut self, at: *const u8, within: &Within, value: &Value) -> bool {
        let new = self.seen.insert((at, self.contexts.kind(within)));
        if new {
            self.kept.push(value.clone());
        }
        new
    }

    /// Whether a file that was passed to unread code is new: its contents may lead to it again,
    /// through the flake's own outputs.
    pub(super) fn is_new_file(&mut self, flake: FlakeId, file: &TreePath) -> bool {
        self.handed.insert((flake, file.clone()))
    }

    /// Keeps a folder of modules until everything that was passed with it is known.
    pub(super) fn keep_folder(&mut self, folder: Value, within: &Within) {
        self.folders.push((folder, within.clone()));
    }

    /// Folders that were passed to the same code.
    pub(super) fn next_folders(&mut self) -> Option<(Vec<Value>, Within)> {
        let (_, within) = self.folders.first()?.clone();
        let all = std::mem::take(&mut self.folders);
        let (same, others): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, of)| *of == within);
        self.folders = others;
        Some((same.into_iter().map(|(folder, _)| folder).collect(), within))
    }

    pub(super) fn is_new_class(&mut self, class: ClassId, within: &Within) -> bool {
        self.seen_classes.insert((class, self.contexts.kind(within)))
    }

    pub(super) fn push(&mut self, what: Pending, within: Within) {
        let context = self.contexts.id(&within);
        self.push_at(self.depth, what, context);
    }

    /// Adds the value of an option that has an effect only through modules that were read.
    pub(super) fn push_declared(&mut self, what: Pending, within: &Within) {
        let context = self.contexts.id(within);
        self.declared.push(what, context);
    }

    /// How many derivations there are around what is being examined.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Adds a part of the derivation that is being examined.
    pub(super) fn push_part(&mut self, what: Pending, within: &Within) {
        let context = self.contexts.id(within);
        self.push_at((self.depth + 1).min(DEEPEST - 1), what, context);
    }

    fn push_at(&mut self, depth: usize, what: Pending, context: ContextId) {
        if let Some(open) = self.open.get_mut(depth) {
            open.push(what, context);
        }
    }

    /// Adds the options that a module sets, each of this flake or another one.
    pub(super) fn push_options(
        &mut self,
        class: ClassId,
        set: &Rc<Set>,
        within: &Within,
        is_own: impl Fn(&SetAttr) -> bool,
    ) {
        let context = self.contexts.id(within);
        let mut end = set.attrs.len();
        while let Some(last) = end.checked_sub(1).and_then(|last| set.attrs.get(last)) {
            let own = is_own(last);
            let same = set.attrs.iter().take(end).rev().take_while(|attr| is_own(attr) == own);
            let start = end - same.count();
            let open = if own { self.open.get_mut(self.depth) } else { Some(&mut self.of_others) };
            if let Some(open) = open {
                open.push_options(class, set, start..end, context);
            }
            end = start;
        }
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
        // A builder within another of the same instance does not count by itself, except for a
        // system: that is a closure of its own in any case.
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

    /// Whether everything that builds around something is of this instance.
    pub(super) fn is_built_with(&self, instance: InstanceId, within: &Within) -> bool {
        let builder = |id: BuilderId| self.builders.get(id.index());
        let first = within.builder.and_then(builder);
        let mut around = std::iter::successors(first, |of| of.outer.and_then(builder));
        first.is_some() && around.all(|builder| builder.instance == instance)
    }

    /// Whether something is taken by a system, or by what that builds.
    pub(super) fn is_in_system(&self, within: &Within) -> bool {
        let builder = |id: BuilderId| self.builders.get(id.index());
        let first = within.builder.and_then(builder);
        std::iter::successors(first, |of| of.outer.and_then(builder)).any(|of| of.is_system)
    }

    /// Whether something unknown at a place was not recorded yet, and there is room for more
    /// reasons.
    pub(super) fn is_new_place(&mut self, what: &'static str, place: Place) -> bool {
        self.not_read.len() < MOST_REASONS && self.unknown.insert((what, place))
    }

    /// Adds a reason why it was not fully read.
    pub(super) fn add_reason(&mut self, reason: String) {
        if !self.not_read.contains(&reason) && self.not_read.len() < MOST_REASONS {
            self.not_read.push(reason);
        }
    }

    pub(super) fn take(&mut self, key: WhatKey, what: What, place: Option<Place>, within: &Within) {
        let is_override = matches!(key, WhatKey::Package(.., true));
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
            is_override,
        });
    }
}
