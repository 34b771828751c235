//! What is built together and does not agree: uses of the root's outputs held against the
//! builders that take them in.
//!
//! A use is a mismatch where its instance lacks settings that the builder's has, and matters where
//! a package is seen that such a setting changes. What was not read is light beside settings in
//! place, and counts beside a wrapper, since that is what dependencies are to follow.

use std::collections::{BTreeMap, BTreeSet};

use super::code::Code;
use super::known_consumers;
use super::role::Role;
use super::settings::{self, first_build_setting};
use super::slot::{self, Slot};
use super::wrapper::{Effect, Wrapper, WrapperId, at};
use crate::graph::Graph;
use crate::lock::{InputId, InputTag, NodeId, NodeTag, Table};
use crate::source::evaluate::facts::{
    BuilderId, InstanceId, Output, PackageKind, Place, Reading, Taking, What,
};
use crate::source::nixpkgs_config;

/// All mismatches of a lock, and what its outputs are made by.
#[derive(Debug, Default)]
pub struct Verdicts {
    /// Uses that lack what their builder has, in the order of outputs.
    pub mismatches: Vec<Mismatch>,
    /// Wrappers that some output of the root is built from.
    pub mains: BTreeSet<WrapperId>,
    /// Slots through which something is taken, whatever it is held against.
    pub reached: BTreeSet<InputId>,
    /// Those of them through which a package is seen that a GPU setting changes, or something that
    /// was not read.
    pub changed: BTreeSet<InputId>,
    /// By slot, who takes something through it: outputs, and the configuration of the builder in
    /// each.
    pub takers: BTreeMap<InputId, BTreeSet<(usize, Configuration)>>,
}

/// A configuration of nixpkgs, whatever it is made of: the wrapper that it is, and its settings that
/// change builds.
pub type Configuration = (Option<WrapperId>, Vec<String>);

/// A use that lacks what its builder has.
#[derive(Debug, Clone)]
pub struct Mismatch {
    /// What it is held against.
    pub main: Main,
    /// The input through which its nixpkgs came; `None` for one of the root's own.
    pub slot: Option<InputId>,
    /// Its instance; `None` for what was not read.
    pub instance: Option<InstanceId>,
    /// What shows it.
    pub seen: Seen,
    /// Whether it is there on a condition that could not be decided.
    pub conditional: bool,
    /// Which of the outputs it is in.
    pub output: usize,
    /// The settings that it lacks; of a use that has more than its builder, those.
    pub settings: Vec<String>,
    /// Whether it has more than its builder, and both are seen to hold the package.
    pub has_more: bool,
    /// The input of something beside it in the same builder, which is built with more.
    pub beside: Option<InputId>,
    /// The wrapper that its slot is to follow, where the root holds one that serves.
    pub target: Option<WrapperId>,
}

/// What shows a mismatch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// A package that the settings change, and where it is named.
    Package(String, Option<Place>),
    /// Something of a flake whose source was not read: which, by which input, and its name there.
    Opaque(NodeId, InputId, String),
}

/// What an output is built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Main {
    /// The wrapper that it is, if it is one.
    pub wrapper: Option<WrapperId>,
    /// The names of its settings that change builds, sorted.
    pub settings: Vec<String>,
    /// The instance.
    pub instance: Option<InstanceId>,
    /// The nixpkgs that it is made of.
    pub base: Option<NodeId>,
    /// Where it is set, a place without conditions first.
    pub place: Option<Place>,
    /// Whether any of it certainly holds.
    pub certain: bool,
}

impl Mismatch {
    /// Whether it matters for all that is known.
    pub fn is_firm(&self) -> bool {
        let seen = match self.seen {
            Seen::Package(..) => true,
            Seen::Opaque(..) => self.main.wrapper.is_some(),
        };
        seen && !self.conditional
    }

    /// What is one configuration, whatever it is made of and wherever it is set.
    pub fn configuration(&self) -> (Option<WrapperId>, &[String]) {
        (self.main.wrapper, &self.main.settings)
    }
}

/// An instance, as it is compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    pub(super) wrapper: Option<WrapperId>,
    /// Settings that change builds, and whether each certainly holds.
    pub(super) settings: BTreeMap<String, bool>,
    /// Whether it may have others.
    pub(super) is_open: bool,
    pub(super) is_mac: bool,
    /// Names that its overlays and overrides make from what they were.
    changed: BTreeSet<String>,
    base: Option<NodeId>,
    /// Whether dependencies are to follow it, or build what it builds.
    expects: bool,
}

/// Compares the uses of all outputs.
pub(super) struct Judge<'j, 'l, 'a> {
    pub(super) graph: &'j Graph<'l, 'a>,
    pub(super) roles: &'j Table<NodeTag, Role>,
    pub(super) wrappers: &'j [Wrapper],
    pub(super) slots: &'j Table<InputTag, Slot>,
    pub(super) code: &'j Code,
}

impl Judge<'_, '_, '_> {
    /// All mismatches; `None` where nothing was read, or there is no output to be judged.
    pub(super) fn find(&self) -> Option<Verdicts> {
        let reading = self.code.outputs()?;
        let profiles: Vec<Profile> =
            (0..reading.instances.len()).map(|index| self.profile(reading, index)).collect();
        let mut verdicts =
            Verdicts { mains: self.mains(reading, &profiles), ..Verdicts::default() };
        let shared = self.shared_main(reading, &profiles, &verdicts.mains);
        for (at, output) in reading.outputs.iter().enumerate() {
            let mut found = Vec::new();
            for taking in &output.uses {
                self.take(reading, &profiles, (at, output), taking, &mut verdicts);
                self.judge(reading, &profiles, &shared, (at, output), taking, &mut found);
            }
            verdicts.mismatches.extend(found);
        }
        for mismatch in &mut verdicts.mismatches {
            mismatch.target = self.target(mismatch);
        }
        Some(verdicts)
    }

    /// Writes down through which slots something is taken, and by whom.
    fn take(
        &self,
        reading: &Reading,
        profiles: &[Profile],
        (at, output): (usize, &Output),
        taking: &Taking,
        verdicts: &mut Verdicts,
    ) {
        let slots = match &taking.what {
            What::Package { instance, .. } => {
                let made = reading.instances.get(instance.index());
                let slot = made.and_then(|made| self.code.input(self.graph, made.base?));
                slot.into_iter().collect()
            }
            What::Opaque { slot, .. } => {
                let input = self.code.input(self.graph, *slot);
                let of = input.and_then(|input| self.graph.end(input));
                of.map(|of| self.opaque_slots(true, of)).unwrap_or_default()
            }
        };
        let counts = match &taking.what {
            What::Package { kind, .. } => kind.is_changed(),
            What::Opaque { .. } => true,
        };
        let builder = taking.builder.and_then(|id| output.builders.get(id.index()));
        let configuration = builder.map(|builder| {
            let main = self.main(reading, profiles, builder.instance);
            (main.wrapper, main.settings)
        });
        for slot in slots {
            verdicts.reached.insert(slot);
            if counts {
                verdicts.changed.insert(slot);
            }
            if let Some(configuration) = &configuration {
                verdicts.takers.entry(slot).or_default().insert((at, configuration.clone()));
            }
        }
    }

    pub(super) fn profile(&self, reading: &Reading, index: usize) -> Profile {
        let Some(made) = reading.instances.get(index) else { return Profile::default() };
        let slot = made.base.and_then(|slot| self.code.input(self.graph, slot));
        let node = slot.and_then(|slot| self.graph.end(slot));
        let mut settings = settings::compared(made);
        let wrapper = node.and_then(|node| match self.roles.at(node) {
            Role::Configured(id) => Some(*id),
            _ => None,
        });
        let own = wrapper.map(|id| at(self.wrappers, id));
        let mut expects = !settings.is_empty();
        if let Some(wrapper) = own {
            if let Some(config) = &wrapper.config {
                for (key, certain) in settings::compared_of_wrapper(config) {
                    *settings.entry(key).or_default() |= certain;
                }
            }
            expects |= match wrapper.effect {
                Effect::Build => true,
                Effect::PermissionsOnly => false,
                Effect::Unknown => wrapper.evidence.kind.is_declared(),
            };
        }
        Profile {
            wrapper,
            settings,
            is_open: settings::is_unreadable(made),
            is_mac: made.system.as_ref().is_some_and(|system| system.ends_with("-darwin")),
            changed: made.changed.clone(),
            base: own.map_or(node, |wrapper| wrapper.base.or(Some(wrapper.node))),
            expects,
        }
    }

    fn main(&self, reading: &Reading, profiles: &[Profile], instance: InstanceId) -> Main {
        let profile = profiles.get(instance.index()).cloned().unwrap_or_default();
        let made = reading.instances.get(instance.index());
        let first = made.and_then(first_build_setting);
        Main {
            wrapper: profile.wrapper,
            settings: profile.settings.keys().cloned().collect(),
            instance: Some(instance),
            base: profile.base,
            place: first.map(|setting| setting.place),
            certain: profile.wrapper.is_some() || profile.settings.values().any(|certain| *certain),
        }
    }

    /// The wrappers that outputs of the root's own making are built from.
    fn mains(&self, reading: &Reading, profiles: &[Profile]) -> BTreeSet<WrapperId> {
        own_instances(reading).filter_map(|id| profiles.get(id.index())?.wrapper).collect()
    }

    /// What an output is compared with that is nothing but a dependency's: the wrapper that the
    /// user declared, else the one configuration that all outputs of the root's own making have.
    fn shared_main(
        &self,
        reading: &Reading,
        profiles: &[Profile],
        mains: &BTreeSet<WrapperId>,
    ) -> Shared {
        let declared = self.wrappers.iter().enumerate().find(|(_, wrapper)| {
            wrapper.evidence.kind.is_declared() && wrapper.effect != Effect::PermissionsOnly
        });
        if let Some((number, wrapper)) = declared {
            return Shared::One(Main {
                wrapper: Some(WrapperId::new(number)),
                settings: wrapper
                    .config
                    .as_ref()
                    .map(|config| settings::compared_of_wrapper(config).into_keys().collect())
                    .unwrap_or_default(),
                instance: None,
                base: wrapper.base,
                place: None,
                certain: true,
            });
        }
        let mut found: Option<(Main, bool)> = None;
        for id in own_instances(reading) {
            let Some(profile) = profiles.get(id.index()) else { continue };
            let main = self.main(reading, profiles, id);
            match &mut found {
                None => found = Some((main, profile.expects)),
                // A Mac has the settings and builds nothing by them: another one stands for both.
                Some((known, _)) if is_one(known, &main) && is_mac(profiles, known.instance) => {
                    *known = main;
                }
                // Of settings in place and the same ones in a wrapper the wrapper is what can be
                // followed.
                Some((known, _)) if is_one(known, &main) && known.wrapper.is_none() => {
                    *known = main;
                }
                Some((known, _)) if is_one(known, &main) => {}
                Some(_) => {
                    let building = mains
                        .iter()
                        .copied()
                        .find(|id| at(self.wrappers, *id).effect == Effect::Build);
                    return building.map_or(Shared::None, Shared::Perhaps);
                }
            }
        }
        match found {
            Some((main, true)) => Shared::One(main),
            _ => Shared::None,
        }
    }

    fn judge(
        &self,
        reading: &Reading,
        profiles: &[Profile],
        shared: &Shared,
        (at, output): (usize, &Output),
        taking: &Taking,
        found: &mut Vec<Mismatch>,
    ) {
        let stack = builders(output, taking.builder);
        // What a Mac gets of a dependency is no matter of the GPU either.
        if stack.is_empty() && (is_for_macs(output) || !taking.is_outright) {
            return;
        }
        match &taking.what {
            What::Package { instance, name, kind } => {
                let slot = reading
                    .instances
                    .get(instance.index())
                    .and_then(|made| self.code.input(self.graph, made.base?));
                let is_own = slot
                    .is_some_and(|slot| self.graph.edge(slot).holder == self.graph.lock().root());
                let mains: Vec<(Main, bool, Option<BuilderId>)> = if stack.is_empty() {
                    match shared {
                        // A package that is picked as it is counts as of the root's own making.
                        Shared::One(main) if !is_own => vec![(main.clone(), false, None)],
                        _ => Vec::new(),
                    }
                } else {
                    let of = |id: &BuilderId| {
                        let builder = output.builders.get(id.index())?;
                        let main = self.main(reading, profiles, builder.instance);
                        Some((main, builder.conditional, Some(*id)))
                    };
                    stack.iter().filter_map(of).collect()
                };
                for (main, conditional, builder) in mains {
                    let Some(lack) = self.lack(profiles, &main, *instance) else { continue };
                    let conditional = taking.conditional || conditional;
                    let mut lack = lack;
                    lack.settings.extend(self.overridden(profiles, &main, *instance, name, *kind));
                    let matters = self.matters(profiles, &main, *instance, &lack, *kind);
                    let seen = || Seen::Package(name.clone(), taking.place);
                    let slot = slot.filter(|_| !is_own);
                    if matters {
                        found.push(Mismatch {
                            conditional: conditional
                                || lack.uncertain
                                || !(main.certain || main.settings.is_empty()),
                            main,
                            slot,
                            instance: Some(*instance),
                            seen: seen(),
                            output: at,
                            settings: lack.settings,
                            has_more: false,
                            beside: None,
                            target: None,
                        });
                        break;
                    }
                    // What has more than its builder is a second one of what both are seen to hold.
                    if let Some(builder) = builder
                        .filter(|_| kind.is_changed() || matches!(kind, PackageKind::Switched(_)))
                        && lack.settings.is_empty()
                        && let Some(more) = self.more(profiles, &main, *instance)
                        && (matches!(kind, PackageKind::Switched(_))
                            || more
                                .iter()
                                .any(|key| kind.is_changed_by(key) || !nixpkgs_config::is_gpu(key)))
                        && self.holds(profiles, output, builder, &more, name)
                    {
                        found.push(Mismatch {
                            conditional,
                            main,
                            // What follows a wrapper is right: the root's own is not.
                            slot: slot.filter(|slot| {
                                !matches!(self.slots.at(*slot), Slot::Configured { .. })
                            }),
                            instance: Some(*instance),
                            seen: seen(),
                            output: at,
                            settings: more,
                            has_more: true,
                            beside: None,
                            target: None,
                        });
                        break;
                    }
                }
            }
            What::Opaque { slot, name, .. } => {
                let Some(input) = self.code.input(self.graph, *slot) else { return };
                let Some(of) = self.graph.end(input) else { return };
                if let Some(builder) = stack.first() {
                    found.extend(self.beside(profiles, (at, output), *builder, of, input));
                }
                let innermost = stack.first().and_then(|id| output.builders.get(id.index()));
                let (main, conditional) = match (innermost, shared) {
                    (Some(builder), _) => (
                        self.main(reading, profiles, builder.instance),
                        taking.conditional || builder.conditional,
                    ),
                    (None, Shared::One(main)) => (main.clone(), taking.conditional),
                    (None, Shared::Perhaps(id)) => (self.perhaps(*id), true),
                    (None, Shared::None) => return,
                };
                let expects = match main.instance {
                    Some(id) => profiles.get(id.index()).is_some_and(|profile| profile.expects),
                    None => true,
                };
                if !expects || is_mac(profiles, main.instance) {
                    return;
                }
                for slot in self.opaque_slots(main.wrapper.is_some(), of) {
                    found.push(Mismatch {
                        conditional: conditional || !main.certain,
                        slot: Some(slot),
                        instance: None,
                        seen: Seen::Opaque(of, input, name.clone()),
                        output: at,
                        settings: main.settings.clone(),
                        has_more: false,
                        beside: None,
                        target: None,
                        main: main.clone(),
                    });
                }
            }
        }
    }

    /// The wrapper that a slot is to follow: one that the root holds which is what the builder is
    /// made of, or has all of its settings and is built on the same nixpkgs.
    fn target(&self, mismatch: &Mismatch) -> Option<WrapperId> {
        let expects_nothing = mismatch.main.wrapper.is_none() && mismatch.main.settings.is_empty();
        if mismatch.slot.is_none() || mismatch.has_more || expects_nothing {
            return None;
        }
        let root = self.graph.lock().root();
        let held = self.graph.inputs_of(root).filter_map(|input| {
            let end = self.graph.end(input)?;
            match self.roles.at(end) {
                Role::Configured(id) => Some(*id),
                _ => None,
            }
        });
        let mut held: Vec<WrapperId> = held.collect();
        held.sort();
        let main = &mismatch.main;
        if let Some(own) = main.wrapper.filter(|own| held.contains(own)) {
            return Some(own);
        }
        held.into_iter().find(|id| {
            let wrapper = at(self.wrappers, *id);
            let serves = match &wrapper.config {
                Some(config) => {
                    let has = settings::compared_of_wrapper(config);
                    main.settings.iter().all(|key| has.contains_key(key))
                }
                None => {
                    wrapper.effect == Effect::Build
                        && main.settings.iter().all(|key| nixpkgs_config::is_gpu(key))
                }
            };
            serves
                && !wrapper.candidate
                && (main.base.is_none()
                    || wrapper.base == main.base
                    || Some(wrapper.node) == main.base)
        })
    }

    /// A package that a plain builder is seen to hold, beside something that was not read and
    /// follows a configured nixpkgs: perhaps that has a second one.
    fn beside(
        &self,
        profiles: &[Profile],
        (at, output): (usize, &Output),
        builder: BuilderId,
        of: NodeId,
        input: InputId,
    ) -> Option<Mismatch> {
        let own = output.builders.get(builder.index())?.instance;
        if profiles.get(own.index())?.expects || is_mac(profiles, Some(own)) {
            return None;
        }
        if known_consumers::find(self.graph.lock(), of).is_some() {
            return None;
        }
        let id = self.graph.inputs_of(of).find_map(|slot| match self.slots.at(slot) {
            Slot::Configured { primary: true } => match self.roles.at(self.graph.end(slot)?) {
                Role::Configured(id) => Some(*id),
                _ => None,
            },
            _ => None,
        })?;
        if at_effect(self.wrappers, id) != Effect::Build {
            return None;
        }
        let held = output.uses.iter().find_map(|taking| match &taking.what {
            What::Package { instance, name, kind: PackageKind::Changed(_) }
                if *instance == own && taking.builder == Some(builder) =>
            {
                Some((name.clone(), taking.place))
            }
            _ => None,
        })?;
        let main = self.perhaps(id);
        Some(Mismatch {
            main,
            slot: None,
            instance: Some(own),
            seen: Seen::Package(held.0, held.1),
            conditional: true,
            output: at,
            settings: Vec::new(),
            has_more: false,
            beside: Some(input),
            target: None,
        })
    }

    fn perhaps(&self, id: WrapperId) -> Main {
        let wrapper = at(self.wrappers, id);
        Main {
            wrapper: Some(id),
            settings: Vec::new(),
            instance: None,
            base: wrapper.base,
            place: None,
            certain: true,
        }
    }

    /// The plain slots that something of a flake which was not read may be built from: beside
    /// settings in place its own, beside a wrapper all of its subtree.
    fn opaque_slots(&self, deep: bool, flake: NodeId) -> Vec<InputId> {
        let mut found = Vec::new();
        let mut open = vec![flake];
        let mut seen: BTreeSet<NodeId> = BTreeSet::from([flake]);
        while let Some(node) = open.pop() {
            if known_consumers::find(self.graph.lock(), node).is_some() {
                continue;
            }
            let has_chosen = slot::holds_configured(self.graph, self.slots, node);
            for input in self.graph.inputs_of(node) {
                match *self.slots.at(input) {
                    Slot::Raw { primary } => {
                        let is_judged = !(primary && has_chosen);
                        if is_judged && (primary || deep) {
                            found.push(input);
                        }
                    }
                    Slot::Configured { .. } => {}
                    Slot::No => {
                        let end = self.graph.end(input);
                        let end = end.filter(|end| *self.roles.at(*end) == Role::Flake);
                        if let Some(end) = end.filter(|_| deep)
                            && seen.insert(end)
                        {
                            open.push(end);
                        }
                    }
                }
            }
        }
        found.sort_by_key(|slot| self.graph.input_order(*slot));
        found
    }

    /// What an instance lacks of what is expected; `None` where nothing is expected of it.
    fn lack(&self, profiles: &[Profile], main: &Main, instance: InstanceId) -> Option<Lack> {
        let used = profiles.get(instance.index())?;
        if main.instance == Some(instance) {
            return None;
        }
        let mut lack = Lack { settings: Vec::new(), uncertain: used.is_open };
        if let Some(id) = main.wrapper {
            let wrapper = at(self.wrappers, id);
            // Copies of one wrapper have the same settings, and another one is another matter.
            if used.wrapper.is_some() {
                return Some(lack);
            }
            let expects = match main.instance {
                Some(id) => profiles.get(id.index()).is_some_and(|profile| profile.expects),
                None => true,
            };
            if !expects {
                return Some(lack);
            }
            if wrapper.config.is_none() {
                let has_gpu = used.settings.keys().any(|key| nixpkgs_config::is_gpu(key));
                if !has_gpu {
                    lack.settings.push(String::new());
                }
                return Some(lack);
            }
        }
        for key in &main.settings {
            match used.settings.get(key) {
                None => lack.settings.push(key.clone()),
                Some(true) => {}
                Some(false) => {
                    lack.settings.push(key.clone());
                    lack.uncertain = true;
                }
            }
        }
        Some(lack)
    }

    /// The settings that an instance has beyond those of a builder.
    fn more(&self, profiles: &[Profile], main: &Main, instance: InstanceId) -> Option<Vec<String>> {
        let used = profiles.get(instance.index())?;
        let expects = main
            .instance
            .and_then(|id| profiles.get(id.index()))
            .is_some_and(|profile| profile.expects);
        if used.is_mac || (main.wrapper.is_some() && expects) {
            return None;
        }
        let more = used.settings.iter().filter(|(key, certain)| {
            **certain && nixpkgs_config::is_gpu(key) && !main.settings.contains(key)
        });
        let mut more: Vec<String> = more.map(|(key, _)| key.clone()).collect();
        if more.is_empty()
            && let Some(wrapper) = used.wrapper.map(|id| at(self.wrappers, id))
            && wrapper.effect == Effect::Build
            && wrapper.config.is_none()
            && !main.settings.iter().any(|key| nixpkgs_config::is_gpu(key))
        {
            more.push("its settings".into());
        }
        (!more.is_empty()).then_some(more)
    }

    /// Whether a builder is seen to hold a package that lacks these settings, too.
    fn holds(
        &self,
        profiles: &[Profile],
        output: &Output,
        builder: BuilderId,
        settings: &[String],
        name: &str,
    ) -> bool {
        fn last(name: &str) -> &str {
            name.rsplit('.').next().unwrap_or_default()
        }
        output.uses.iter().any(|taking| match &taking.what {
            What::Package { instance, name: other, kind } => {
                let lacks = profiles.get(instance.index()).is_some_and(|profile| {
                    !profile.expects
                        || settings.iter().all(|key| !profile.settings.contains_key(key))
                            && profile.wrapper.is_none()
                });
                // What stands in a home is in its host, too.
                kind.is_changed()
                    && !taking.conditional
                    && lacks
                    && last(other) == last(name)
                    && builders(output, taking.builder).contains(&builder)
            }
            What::Opaque { .. } => false,
        })
    }

    /// The overlay or override of a builder's own that changes a package which an instance has as it
    /// was: of those that a GPU setting changes, since what else people override in place is rarely
    /// meant for their dependencies.
    fn overridden(
        &self,
        profiles: &[Profile],
        main: &Main,
        instance: InstanceId,
        name: &str,
        kind: PackageKind,
    ) -> Option<String> {
        let own = main.instance.and_then(|id| profiles.get(id.index()))?;
        let used = profiles.get(instance.index())?;
        // What has the setting for everything has it for this one, too.
        let has_gpu =
            used.wrapper.is_some() || used.settings.keys().any(|key| nixpkgs_config::is_gpu(key));
        let is_changed = kind.is_changed()
            && !has_gpu
            && own.changed.contains(name)
            && !used.changed.contains(name);
        is_changed.then(|| format!("an override of {name}"))
    }

    /// Whether what is lacking changes a package.
    fn matters(
        &self,
        profiles: &[Profile],
        main: &Main,
        instance: InstanceId,
        lack: &Lack,
        kind: PackageKind,
    ) -> bool {
        lack.settings.iter().any(|key| {
            if key.is_empty() || nixpkgs_config::is_gpu(key) {
                (kind.is_changed_by(key) || key.is_empty() && kind.is_changed())
                    && !is_mac(profiles, main.instance)
                    && !is_mac(profiles, Some(instance))
            } else {
                true
            }
        })
    }
}

/// What an output that is nothing but a dependency's is compared with.
enum Shared {
    None,
    /// This.
    One(Main),
    /// Some outputs are built from this wrapper, and others are not.
    Perhaps(WrapperId),
}

/// What an instance lacks.
struct Lack {
    /// Names of settings; an empty one stands for those of a wrapper that are not known.
    settings: Vec<String>,
    uncertain: bool,
}

fn at_effect(wrappers: &[Wrapper], id: WrapperId) -> Effect {
    at(wrappers, id).effect
}

/// Whether two are one configuration: the same wrapper, or the same settings wherever they stand.
fn is_one(one: &Main, other: &Main) -> bool {
    one.settings == other.settings && (one.wrapper == other.wrapper || !one.settings.is_empty())
}

/// Whether an instance is for Macs, which no GPU setting changes.
fn is_mac(profiles: &[Profile], id: Option<InstanceId>) -> bool {
    id.and_then(|id| profiles.get(id.index())).is_some_and(|profile| profile.is_mac)
}

/// Whether an output is only there for Macs.
fn is_for_macs(output: &Output) -> bool {
    let mut named = output.path.iter().chain(&output.systems);
    let is_mac = |name: &String| name.ends_with("-darwin");
    let mut others = output.path.iter().chain(&output.systems);
    named.any(is_mac) && !others.any(|name| name.ends_with("-linux"))
}

/// The builders that something stands in, the innermost first.
fn builders(output: &Output, innermost: Option<BuilderId>) -> Vec<BuilderId> {
    let mut found = Vec::new();
    let mut at = innermost;
    while let Some(id) = at {
        found.push(id);
        at = output.builders.get(id.index()).and_then(|builder| builder.outer);
        if found.len() > output.builders.len() {
            break;
        }
    }
    found
}

/// The instances that outputs of the root's own making are built from: those of their outermost
/// builders, and of packages that are picked as they are.
fn own_instances(reading: &Reading) -> impl Iterator<Item = InstanceId> + '_ {
    reading.outputs.iter().flat_map(|output| {
        let outer = output.builders.iter().filter(|builder| builder.outer.is_none());
        let picked = output.uses.iter().filter_map(|taking| match &taking.what {
            What::Package { instance, .. } if taking.builder.is_none() => {
                let made = reading.instances.get(instance.index())?;
                made.base.is_some_and(|slot| slot.flake.index() == 0).then_some(*instance)
            }
            _ => None,
        });
        outer.map(|builder| builder.instance).chain(picked)
    })
}
