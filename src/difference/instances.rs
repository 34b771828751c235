//! Which nixpkgs were added, removed and moved.

use std::collections::{BTreeMap, BTreeSet};

use super::FlakeState;
use super::pairs::MatchedPlaces;
use super::report::{Difference, InstanceName, Moved, Nixpkgs, Reconfigured, SourceVersion};
use crate::audit::ReportedInstance;
use crate::flake_ref::{
    self, Archived, FlakeRef, Identity, Link, revision, same_source, source_of,
};
use crate::instance::InstanceOrigin;
use crate::lock::{Lock, NodeId};
use crate::render::words::origin;
use crate::text::Time;

/// The instances of two states, matched with each other.
#[derive(Debug)]
pub(super) struct Instances<'c, 's, 'g, 'l, 'a> {
    pub(super) old: &'c FlakeState<'s, 'g, 'l, 'a>,
    pub(super) new: &'c FlakeState<'s, 'g, 'l, 'a>,
    /// For each current instance, the earlier one in its place.
    before: Vec<Option<usize>>,
    /// The other way round.
    after: Vec<Option<usize>>,
}

/// What distinguishes instances that the flake makes: the base, how it is made, and the settings.
type Made<'r> = (NodeId, &'static str, Option<&'r [(String, bool)]>);

impl<'c, 's, 'g, 'l, 'a> Instances<'c, 's, 'g, 'l, 'a> {
    pub(super) fn match_instances(
        old: &'c FlakeState<'s, 'g, 'l, 'a>,
        new: &'c FlakeState<'s, 'g, 'l, 'a>,
        pairs: &MatchedPlaces,
    ) -> Self {
        let before = vec![None; new.instances.len()];
        let after = vec![None; old.instances.len()];
        let mut found = Self { old, new, before, after };
        found.pair_places(pairs);
        found.pair_made(pairs, true);
        found.pair_made(pairs, false);
        found.pair_contents();
        found
    }

    /// Pairs instances that are nodes: those in the same place match, whatever they are now.
    fn pair_places(&mut self, pairs: &MatchedPlaces) {
        let is_node = |made_by| matches!(made_by, InstanceOrigin::Raw | InstanceOrigin::Wrapper(_));
        let old = self.old.instances.iter().zip(0..).filter(|(it, _)| is_node(it.made_by));
        let by_node: BTreeMap<NodeId, usize> = old.map(|(it, at)| (it.node, at)).collect();
        for (instance, now) in self.new.instances.iter().zip(0..) {
            if let Some(node) =
                pairs.node_before(instance.node).filter(|_| is_node(instance.made_by))
            {
                self.pair(by_node.get(&node).copied(), now);
            }
        }
    }

    /// Pairs instances that the flake makes, by base and kind; and by settings, or if these
    /// changed, without them. If several are left that do not differ otherwise, in their order.
    fn pair_made(&mut self, pairs: &MatchedPlaces, by_settings: bool) {
        let mut old: BTreeMap<Made<'_>, Vec<usize>> = BTreeMap::new();
        let (before, after) = (self.old, self.new);
        for (at, instance) in before.instances.iter().enumerate().rev() {
            let made = before.made(at).filter(|_| self.after.get(at) == Some(&None));
            if let Some((made, base)) = made.zip(instance.base) {
                old.entry((base, made.made_by, settings(made, by_settings))).or_default().push(at);
            }
        }
        for (now, instance) in after.instances.iter().enumerate() {
            let made = after.made(now).filter(|_| self.before.get(now) == Some(&None));
            let base = instance.base.and_then(|base| pairs.node_before(base));
            if let Some((made, base)) = made.zip(base) {
                let alike = old.get_mut(&(base, made.made_by, settings(made, by_settings)));
                self.pair(alike.and_then(Vec::pop), now);
            }
        }
    }

    /// Pairs the rest if they have the same contents, wherever they are now.
    fn pair_contents(&mut self) {
        let mut old: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let (before, after) = (self.old, self.new);
        for at in (0..self.after.len()).rev().filter(|at| self.after.get(*at) == Some(&None)) {
            old.entry(before.content(at)).or_default().push(at);
        }
        for now in 0..self.before.len() {
            if self.before.get(now) == Some(&None) {
                let same = old.get_mut(after.content(now)).and_then(Vec::pop);
                self.pair(same, now);
            }
        }
    }

    fn pair(&mut self, was: Option<usize>, now: usize) {
        let Some(was) = was else { return };
        if let (Some(before), Some(after)) = (self.before.get_mut(now), self.after.get_mut(was)) {
            (*before, *after) = (Some(was), Some(now));
        }
    }

    /// Whether a current instance matches an earlier one, or has the same contents.
    pub(super) fn is_same(&self, was: usize, now: usize) -> bool {
        self.before.get(now) == Some(&Some(was)) || self.old.content(was) == self.new.content(now)
    }

    pub(super) fn fill(&self, difference: &mut Difference, pairs: &MatchedPlaces) {
        difference.came = unmatched(self.new, &self.before, self.old);
        difference.went = unmatched(self.old, &self.after, self.new);
        let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
        for (now, was) in self.before.iter().enumerate() {
            let Some(was) = *was else { continue };
            for (from, to) in self.moved_nodes(was, now) {
                let Some((before, after)) = self.old.version(from).zip(self.new.version(to)) else {
                    continue;
                };
                let next = difference.moved.len();
                let key = (before.reference.clone(), after.reference.clone());
                let at = *places.entry(key).or_insert(next);
                if at == next {
                    difference.moved.push(self.moved((from, before), (to, after)));
                }
                let Some(moved) = difference.moved.get_mut(at) else { continue };
                moved.instances.extend(self.new.named(now));
                moved.users += self.new.users(now);
                if pairs.node_before(to) == Some(from) {
                    moved.inputs.extend([owned(self.new.analysis.graph().owner_path(to).names())]);
                } else {
                    moved.rebased.extend(self.new.named(now));
                }
            }
            difference.reconfigured.extend(self.reconfigured(was, now));
        }
    }

    /// The nodes of an instance that have another source now: its base, and the wrapper.
    fn moved_nodes(&self, was: usize, now: usize) -> Vec<(NodeId, NodeId)> {
        let (Some(old), Some(new)) = (self.old.instances.get(was), self.new.instances.get(now))
        else {
            return Vec::new();
        };
        let bases = old.base.zip(new.base);
        let wrappers = Some((old.node, new.node)).filter(|_| old.base != Some(old.node));
        let all = bases.into_iter().chain(wrappers);
        let (old, new) = (self.old.lock(), self.new.lock());
        let is_same = |(from, to): &(NodeId, NodeId)| match (old.locked(*from), new.locked(*to)) {
            (Some(from), Some(to)) => same_source(from, to),
            _ => true,
        };
        all.filter(|nodes| !is_same(nodes)).collect()
    }

    fn moved(&self, from: (NodeId, SourceVersion), to: (NodeId, SourceVersion)) -> Moved {
        let ((from_node, from), (to_node, to)) = (from, to);
        let (old, new) = (self.old.lock(), self.new.lock());
        let branch = |lock: &Lock<'_>, node| {
            lock.original(node).map(flake_ref::Version::of).unwrap_or(flake_ref::Version::Unnamed)
        };
        let branches = (branch(old, from_node), branch(new, to_node));
        let is_same_source = Identity::of(old, from_node) == Identity::of(new, to_node);
        let day = |lock: &Lock<'_>, node| {
            let time = lock.last_modified(node).filter(|time| Time::new(*time).is_some())?;
            i64::try_from(time / DAY).ok()
        };
        let days = day(old, from_node).zip(day(new, to_node)).map(|(from, to)| to - from);
        // A revision that is asked for by name is no branch.
        let is_same_branch = is_same_source
            && (branches.0 == branches.1 || (branches.0.is_pinned() && branches.1.is_pinned()));
        Moved {
            inputs: BTreeSet::new(),
            rebased: Vec::new(),
            instances: Vec::new(),
            from,
            to,
            is_same_branch,
            days,
            users: 0,
        }
    }

    fn reconfigured(&self, was: usize, now: usize) -> Option<Reconfigured> {
        let settings = |state: &FlakeState<'_, '_, '_, '_>, at: usize| {
            let reported = state.report.instances.get(at)?;
            // Settings that were not read may be anything.
            let is_known = reported.readable == "all";
            let plain = matches!(state.instances.get(at)?.made_by, InstanceOrigin::Raw);
            let known = if plain { Some(Vec::new()) } else { reported.settings.clone() };
            known.filter(|_| is_known)
        };
        let (before, after) = (settings(self.old, was)?, settings(self.new, now)?);
        let less = |of: &Vec<(String, bool)>, other: &Vec<(String, bool)>| -> Vec<String> {
            let other: BTreeSet<_> = other.iter().collect();
            let of = of.iter().filter(|setting| !other.contains(setting));
            of.map(|(name, on)| format!("{name} = {on}")).collect()
        };
        let (set, unset) = (less(&after, &before), less(&before, &after));
        let name = self.new.named(now)?;
        (!set.is_empty() || !unset.is_empty()).then_some(Reconfigured { name, set, unset })
    }
}

/// The instances of a state without a counterpart in the other one. An instance with the same
/// contents as another is not a different nixpkgs, even if it is another entry of the lock.
fn unmatched(
    own: &FlakeState<'_, '_, '_, '_>,
    counterparts: &[Option<usize>],
    other: &FlakeState<'_, '_, '_, '_>,
) -> Vec<Nixpkgs> {
    let matched = counterparts.iter().enumerate().filter(|(_, it)| it.is_some());
    let matched = matched.map(|(at, _)| own.content(at));
    let known: BTreeSet<&str> =
        matched.chain((0..other.instances.len()).map(|at| other.content(at))).collect();
    let alone = counterparts.iter().enumerate().filter(|(_, it)| it.is_none());
    let alone = alone.filter(|(at, _)| !known.contains(own.content(*at)));
    // The same for what the flake makes in several places.
    let mut seen = BTreeSet::new();
    let alone = alone.filter(|(at, _)| seen.insert((own.content(*at), own.named(*at))));
    alone.filter_map(|(at, _)| own.nixpkgs(at)).collect()
}

/// In seconds.
const DAY: u64 = 86_400;

fn settings<'r>(made: &'r ReportedInstance<'_>, wanted: bool) -> Option<&'r [(String, bool)]> {
    made.settings.as_deref().filter(|_| wanted)
}

impl<'s, 'a> FlakeState<'s, '_, '_, 'a> {
    pub(super) fn lock(&self) -> &Lock<'a> {
        self.analysis.graph().lock()
    }

    /// An instance that the flake makes itself.
    fn made(&self, at: usize) -> Option<&'s ReportedInstance<'a>> {
        let is_made = matches!(self.instances.get(at)?.made_by, InstanceOrigin::Root(_));
        self.report.instances.get(at).filter(|_| is_made)
    }

    /// The contents of an instance, as far as known: if they are equal, so are its packages.
    fn content(&self, at: usize) -> &str {
        self.contents.get(at).map(String::as_str).unwrap_or_default()
    }

    /// Computes the contents of an instance.
    pub(super) fn made_of(&self, at: usize) -> String {
        let (Some(instance), Some(reported)) =
            (self.instances.get(at), self.report.instances.get(at))
        else {
            return String::new();
        };
        let lock = self.lock();
        let source = |node: NodeId| {
            let locked = lock.locked(node)?;
            // The hash of the contents identifies it across kinds of sources.
            let hash = locked.text("narHash").map(|hash| hash.trim_end_matches('=').to_owned());
            Some(hash.unwrap_or_else(|| FlakeRef::new(locked).to_string()))
        };
        let wrapper =
            matches!(instance.made_by, InstanceOrigin::Wrapper(_)).then(|| source(instance.node));
        let base = instance.base.and_then(source);
        let made = self.made(at).map(|_| (&reported.settings, reported.overlays));
        format!("{base:?} {wrapper:?} {made:?}")
    }

    /// The name of an instance.
    pub(super) fn named(&self, at: usize) -> Option<InstanceName> {
        let instance = self.report.instances.get(at)?;
        let on = instance.settings.iter().flatten().filter(|(_, on)| *on);
        let mut with: Vec<String> = match self.made(at) {
            Some(_) => on.map(|(name, _)| name.clone()).collect(),
            None => Vec::new(),
        };
        if self.made(at).is_some() && with.is_empty() {
            with.push("arguments of its own".to_owned());
        }
        Some(InstanceName { path: owned(instance.path.names()), with })
    }

    /// How many inputs of dependencies end at an instance.
    fn users(&self, at: usize) -> usize {
        self.report.instances.get(at).map_or(0, |instance| instance.consumers_total)
    }

    /// An instance in a report.
    pub(super) fn nixpkgs(&self, at: usize) -> Option<Nixpkgs> {
        let (instance, reported) = (self.instances.get(at)?, self.report.instances.get(at)?);
        let base = instance.base.filter(|base| *base != instance.node);
        Some(Nixpkgs {
            name: self.named(at)?,
            made: origin(reported).to_string(),
            source: self.version(instance.node),
            base: base.and_then(|base| self.version(base)),
            users: self.users(at),
        })
    }

    /// The version of a node's source.
    pub(super) fn version(&self, node: NodeId) -> Option<SourceVersion> {
        let lock = self.lock();
        let locked = lock.locked(node)?;
        let date = lock.last_modified(node).and_then(Time::new).map(Time::date);
        // For an archive, only the URL may show which version it is.
        let revision = locked.text("rev").and_then(|_| revision(locked));
        let revision = revision.map(|rev| rev.chars().take(SHORT).collect::<String>());
        let brief = revision.map(|rev| match date {
            Some(date) => format!("{rev} ({date})"),
            None => rev,
        });
        let reference = FlakeRef::new(locked).to_string();
        Some(SourceVersion {
            reference,
            words: source_words(lock, node, brief.as_deref()),
            brief,
            date,
        })
    }
}

/// A source in words; a long URL is replaced by what it is an archive of.
fn source_words(lock: &Lock<'_>, node: NodeId, brief: Option<&str>) -> String {
    let url = lock.locked(node).and_then(|locked| locked.text("url")).unwrap_or_default();
    match (Link::new(url).of, brief) {
        (Archived::FlakeHub(owner, project), Some(brief)) => {
            format!("flakehub.com/f/{owner}/{project} at {brief}")
        }
        _ => source_of(lock, node),
    }
}

/// Length of a shortened revision.
const SHORT: usize = 12;

/// Names that do not borrow from the lock.
pub(super) fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}
