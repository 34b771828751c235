//! Builds the causes: which slots each explains, the wrapper to follow, and how certain it is.

use super::judged::{Judged, SlotGroup};
use super::kinds::{Cause, CauseKind, CauseTag, Light};
use super::reach::{Reach, Reaches};
use crate::instance::expectation::{Expectation, ExpectationTag};
use crate::instance::ground::Ground;
use crate::instance::load_bearing::LoadBearing;
use crate::instance::settings::Effect;
use crate::instance::slot::Slot;
use crate::instance::target::Targets;
use crate::instance::verdict::Verdicts;
use crate::instance::wrapper::WrapperTag;
use crate::lock::{InputId, InputTag, Table};

/// The causes of a lock, by input path.
pub(in crate::instance) fn find_causes(
    ground: Ground<'_, '_, '_>,
    expectations: &Table<ExpectationTag, Expectation>,
    verdicts: Option<&Verdicts>,
) -> Table<CauseTag, Cause> {
    let Ground { graph, wrappers, .. } = ground;
    if !expectations.as_slice().iter().any(Expectation::is_firm) {
        return Table::default();
    }
    let firm = expectations.iter().filter(|(_, expectation)| expectation.is_firm());
    let judged = Judged::by(ground, firm.map(|(id, expectation)| (id, expectation.flake)));
    let groups = judged.groups();
    if groups.is_empty() {
        return Table::default();
    }
    let holders = graph.reachable().iter().copied();
    let holders = holders.filter(|node| judged.inherited(*node).is_holder);
    let bearing = LoadBearing::compute(graph, holders, |node| judged.inherited(node).in_wrapper);
    let popularity = follower_counts(ground);
    let targets = expectations
        .iter()
        .map(|(_, expectation)| Targets::of(expectation, wrappers, |id| *popularity.at(id)));
    let find = CauseFinder {
        ground,
        expectations,
        targets: targets.collect(),
        reached: Reaches::compute(ground, verdicts),
        primary_causes: judged.causes(|slot| slot.is_primary()),
        through: judged.through_wrapper(),
        bearing,
        judged,
    };
    groups.into_values().filter_map(|group| find.cause(group)).collect()
}

/// What is needed to describe causes.
struct CauseFinder<'s, 'l, 'a> {
    ground: Ground<'s, 'l, 'a>,
    expectations: &'s Table<ExpectationTag, Expectation>,
    targets: Table<ExpectationTag, Option<Targets>>,
    judged: Judged<'s, 'l, 'a>,
    reached: Reaches,
    /// For each input, the last primary slot on its chain that is judged.
    primary_causes: Table<InputTag, Option<InputId>>,
    /// For each input, whether its chain goes through a wrapper.
    through: Table<InputTag, bool>,
    bearing: LoadBearing,
}

impl CauseFinder<'_, '_, '_> {
    /// The cause of a group, unless no output reaches any of its slots.
    fn cause(&self, mut group: SlotGroup) -> Option<Cause> {
        let graph = self.ground.graph;
        group.slots.retain(|slot| self.matters(*slot));
        if group.slots.is_empty() {
            return None;
        }
        let expectation = self.judged.expectation(group.cause)?;
        let holder = self.expectations.at(expectation);
        let targets = self.targets.at(expectation).as_ref()?;
        let target = targets.choose(graph.end(group.cause));
        let primaries: Vec<_> =
            group.slots.iter().copied().filter(|slot| self.is_counted(*slot)).collect();
        let kind = match primaries.first() {
            None => CauseKind::Secondary,
            Some(_) if *self.through.at(group.cause) => CauseKind::ThroughWrapper,
            Some(_) => CauseKind::Primary,
        };
        let mut overrides = vec![group.cause];
        if !primaries.is_empty() && !self.is_counted(group.cause) {
            let causes = primaries.iter().filter_map(|slot| *self.primary_causes.at(*slot));
            overrides = causes.collect();
            overrides.sort_by_key(|slot| graph.input_order(*slot));
            overrides.dedup();
        }
        let only_permits = if target.unique {
            self.ground.wrappers.at(target.wrapper).effect == Effect::PermissionsOnly
        } else {
            targets.only_permit
        };
        let light = self.lightness(holder, only_permits, &primaries);
        let pin = overrides.iter().find_map(|slot| self.bearing.pin(*slot));
        let passing = overrides.iter().find_map(|slot| self.bearing.passing(*slot));
        // Override the primary slots themselves: the secondary slot that they pass through may be
        // used otherwise.
        let slot = *overrides.first()?;
        let mut affects = group.slots;
        affects.retain(|other| *other != slot && *other != group.cause);
        let through = Some(group.cause).filter(|cause| !overrides.contains(cause));
        Some(Cause {
            slot,
            kind,
            expectation,
            target,
            affects,
            through,
            overrides,
            light,
            pin,
            passing,
        })
    }

    /// Whether a slot can matter: drop slots that nothing the root takes uses.
    fn matters(&self, slot: InputId) -> bool {
        match self.reached.of(self.ground.graph, slot) {
            Reach::Firm | Reach::Light(_) => true,
            // The root's own expectation was compared with what its outputs take, in verdicts.
            Reach::Below => {
                let by = self.judged.expectation(slot);
                by.is_some_and(|by| self.expectations.at(by).flake != self.ground.root())
            }
            Reach::Not => false,
        }
    }

    /// Whether a slot counts towards the rule: a package seen through it counts even if the slot is
    /// secondary.
    fn is_counted(&self, slot: InputId) -> bool {
        self.ground.slots.at(slot).is_primary() || self.reached.is_seen(slot)
    }

    /// `None` (a firm finding) as soon as one of the primary slots is firm.
    fn lightness(
        &self,
        holder: &Expectation,
        only_permits: bool,
        primaries: &[InputId],
    ) -> Option<Light> {
        if holder.flake != self.ground.root() {
            return Some(Light::HeldByDependency);
        }
        if only_permits {
            return Some(Light::PermissionsOnly);
        }
        let mut first = None;
        for &slot in primaries {
            match self.reached.of(self.ground.graph, slot) {
                Reach::Firm => return None,
                Reach::Light(light) => first = first.or(Some(Light::Use(light))),
                Reach::Below | Reach::Not => {}
            }
        }
        first
    }
}

/// How many consumers follow each wrapper.
fn follower_counts(ground: Ground<'_, '_, '_>) -> Table<WrapperTag, usize> {
    let mut counts = Table::like(ground.wrappers, 0);
    for (input, slot) in ground.slots.iter() {
        if let (Slot::Configured { .. }, Some(end)) = (slot, ground.graph.end(input))
            && let Some(id) = ground.wrapper_at(end)
        {
            *counts.at_mut(id) += 1;
        }
    }
    counts
}
