//! Earlier evaluations: if a new one would see the same, it would find the same.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Wanted, exports_with_sight, overlays_with_sight, read_with_sight};
use crate::Problem;
use crate::evaluate::facts::{FileId, Overlay, Place, Reading};
use crate::evaluate::meter::is_abandoned;
use crate::evaluate::sight::{Changed, Sight};
use crate::evaluate::world::{FlakeId, World};

/// The states of a flake that are kept at once: now, repaired, and before.
const MOST: usize = 3;

/// Earlier evaluations of one lock as it changes.
#[derive(Debug, Default)]
pub struct Earlier(Mutex<HashMap<Asked, Vec<Arc<Done>>>>);

/// The kind of evaluation, and the flake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Asked {
    what: What,
    flake: FlakeId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    Outputs,
    Exports,
    Overlays,
}

/// The result of an evaluation, and what was looked at for it.
#[derive(Debug)]
struct Done {
    found: Found,
    sight: Sight,
    /// What it cost, and the limit.
    cost: u64,
    limit: u64,
    is_wanted: AtomicBool,
}

#[derive(Debug, Clone)]
enum Found {
    Reading(Arc<Reading>),
    Overlays(Vec<Overlay>),
}

impl Earlier {
    /// The same result as [`read`](super::read).
    ///
    /// # Errors
    /// Why its `flake.nix` cannot be read.
    pub fn read(&self, world: &World<'_>, flake: FlakeId) -> Result<Arc<Reading>, Problem> {
        let asked = Asked { what: What::Outputs, flake };
        if let Some((done, changed)) = self.again(asked, world)
            && let Found::Reading(reading) = &done.found
            && let Some(reading) = moved(reading, &changed)
        {
            return Ok(reading);
        }
        let (reading, sight) = read_with_sight(world, flake, Wanted::All)?;
        let reading = Arc::new(reading);
        let (cost, limit) = (0, u64::MAX);
        self.keep(asked, Found::Reading(reading.clone()), sight, cost, limit);
        Ok(reading)
    }

    /// The same result as [`exports`](super::exports), with its cost.
    pub fn exports(
        &self,
        world: &World<'_>,
        flake: FlakeId,
        limit: u64,
    ) -> (Result<Arc<Reading>, Problem>, u64) {
        let asked = Asked { what: What::Exports, flake };
        if let Some((Found::Reading(reading), cost)) = self.unchanged(asked, world, limit) {
            return (Ok(reading), cost);
        }
        let (reading, sight, cost) = exports_with_sight(world, flake, limit);
        let reading = reading.map(Arc::new);
        if let Ok(reading) = &reading {
            self.keep(asked, Found::Reading(reading.clone()), sight, cost, limit);
        }
        (reading, cost)
    }

    /// The same result as [`overlays`](super::overlays), with its cost.
    pub fn overlays(&self, world: &World<'_>, flake: FlakeId, limit: u64) -> (Vec<Overlay>, u64) {
        let asked = Asked { what: What::Overlays, flake };
        if let Some((Found::Overlays(overlays), cost)) = self.unchanged(asked, world, limit) {
            return (overlays, cost);
        }
        let (overlays, sight, cost) = overlays_with_sight(world, flake, limit);
        self.keep(asked, Found::Overlays(overlays.clone()), sight, cost, limit);
        (overlays, cost)
    }

    /// Forgets what was not asked for since the last call.
    pub fn forget_the_rest(&self) {
        self.lock().retain(|_, all| {
            all.retain(|done| done.is_wanted.swap(false, Ordering::Relaxed));
            !all.is_empty()
        });
    }

    /// The addresses of the evaluations that are kept.
    #[cfg(test)]
    pub(in crate::evaluate) fn kept(&self) -> Vec<*const ()> {
        let mut kept: Vec<_> =
            self.lock().values().flatten().map(|done| Arc::as_ptr(done).cast()).collect();
        kept.sort();
        kept
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Asked, Vec<Arc<Done>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An earlier result, if the same would be seen again; with the files whose text changed.
    fn again(
        &self,
        asked: Asked,
        world: &World<'_>,
    ) -> Option<(Arc<Done>, BTreeMap<FileId, Changed>)> {
        let all = self.lock().get(&asked).cloned()?;
        all.into_iter().rev().find_map(|done| {
            let changed = done.sight.again(world)?;
            done.is_wanted.store(true, Ordering::Relaxed);
            Some((done, changed))
        })
    }

    /// The same if no text changed and the cost is within the limit.
    fn unchanged(&self, asked: Asked, world: &World<'_>, limit: u64) -> Option<(Found, u64)> {
        let (done, changed) = self.again(asked, world)?;
        let may_cost = limit == done.limit || done.cost <= limit.min(done.limit);
        (changed.is_empty() && may_cost).then(|| (done.found.clone(), done.cost))
    }

    fn keep(&self, asked: Asked, found: Found, sight: Sight, cost: u64, limit: u64) {
        // Incomplete results are not kept.
        if !is_abandoned() {
            let is_wanted = AtomicBool::new(true);
            let done = Done { found, sight, cost, limit, is_wanted };
            let mut known = self.lock();
            let all = known.entry(asked).or_default();
            if all.len() >= MOST {
                all.remove(0);
            }
            all.push(Arc::new(done));
        }
    }
}

/// A result with its places moved to texts of the same meaning.
fn moved(reading: &Arc<Reading>, changed: &BTreeMap<FileId, Changed>) -> Option<Arc<Reading>> {
    if changed.is_empty() {
        return Some(reading.clone());
    }
    let mut moved = Reading::clone(reading);
    for (file, Changed { text, .. }) in changed {
        moved.files.get_mut(file.index())?.text = text.clone();
    }
    let mut is_known = true;
    moved.each_place(&mut |place: &mut Place| {
        if let Some(Changed { moves, .. }) = changed.get(&place.file) {
            match moves.to(place.span()) {
                Some(span) => *place = Place::new(place.file, span),
                None => is_known = false,
            }
        }
    });
    is_known.then(|| Arc::new(moved))
}
