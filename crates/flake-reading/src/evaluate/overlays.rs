//! Overlays: how they change an instance and other sets.
//!
//! Source: nixpkgs `pkgs/top-level/stage.nix`, `lib/fixed-points.nix`.

use super::evaluator::Evaluator;
use super::facts::{InstanceId, MadeBy, Place};
use super::heap::State;
use super::value::{Thunk, Value};
use crate::syntax::Name;

impl Evaluator<'_> {
    /// The value that the overlays of an instance give to a name; `None` if they do not have it.
    pub(super) fn added_by_overlays(
        &mut self,
        instance: InstanceId,
        name: &Name,
        place: Option<Place>,
    ) -> Option<Value> {
        let mut at = Some(instance);
        // The overlays of the instance it is made from are below its own.
        for _ in 0..8 {
            let of = at?;
            if let Some(value) = self.added_by_own(of, name, place) {
                return Some(value);
            }
            at = self.overlays_below(of);
        }
        None
    }

    /// The instance whose overlays an instance has besides its own.
    pub(super) fn overlays_below(&self, instance: InstanceId) -> Option<InstanceId> {
        let made = self.made(instance)?;
        let making = self.makings.get(instance.index())?;
        let keeps =
            making.keeps_overlays || matches!(made.made_by, MadeBy::Variant | MadeBy::Extended);
        // `nixpkgs.pkgs` and `nixosSystem { pkgs = …; }`: `appendOverlays`.
        made.same_as.or(made.from.filter(|_| keeps))
    }

    /// The same, for its own overlays alone.
    fn added_by_own(
        &mut self,
        instance: InstanceId,
        name: &Name,
        place: Option<Place>,
    ) -> Option<Value> {
        let added = self.added(instance)?;
        if matches!(self.heap.state(added), Some(State::Busy)) {
            return None;
        }
        let added = self.force(added);
        let found = match self.has(&added, name) {
            Some(false) => return None,
            Some(true) => self.member(&added, name, place),
            None => {
                let Value::Set(set) = &added else { return None };
                set.get(name)?;
                self.member(&added, name, place)
            }
        };
        match &found {
            // The overlay passes on what was there before.
            Value::Package(of, path, _) if *of == instance && path.len() == 1 => {
                Some(Value::Package(instance, path.clone(), place))
            }
            Value::Unknown(_) => None,
            _ => Some(found),
        }
    }

    /// The set that the overlays of an instance make; `None` if it has none.
    pub(super) fn added(&mut self, instance: InstanceId) -> Option<Thunk> {
        let making = self.makings.get(instance.index())?;
        if let Some(added) = making.added {
            return Some(added);
        }
        let overlays = self.own_overlays(instance)?;
        // The result is forced once; if it is needed meanwhile it adds nothing.
        let added = self.thunk(State::Added(instance, overlays));
        if let Some(making) = self.makings.get_mut(instance.index()) {
            making.added = Some(added);
        }
        Some(added)
    }

    /// The overlays of an instance, without those of the one that it is made from; `None` if it has
    /// none.
    fn own_overlays(&mut self, instance: InstanceId) -> Option<Thunk> {
        let making = self.makings.get(instance.index())?;
        Some(match (making.overlays, making.args, making.class) {
            (Some(overlays), ..) => overlays,
            (None, Some(args), _) => {
                let args = self.force_known(args);
                let (args, _) = args.unconditional();
                match self.has(args, "overlays") {
                    Some(false) if self.has(args, "config") == Some(false) => return None,
                    Some(false) => self.done(Value::list(Vec::new(), false)),
                    _ => {
                        let args = args.clone();
                        let args = self.done(args);
                        self.thunk(State::Member(args, "overlays".into()))
                    }
                }
            }
            (None, None, Some(class)) => {
                let path = [Name::from("nixpkgs"), Name::from("overlays")].into();
                self.thunk(State::Configured(class, path))
            }
            (None, None, None) => return None,
        })
    }

    /// `pkgs.overlays`: all overlays of an instance.
    ///
    /// Source: nixpkgs `pkgs/top-level/stage.nix`, `pkgs/top-level/all-packages.nix`.
    pub(super) fn overlays_of_packages(&mut self, instance: InstanceId) -> Value {
        let mut all = Vec::new();
        let mut at = Some(instance);
        for _ in 0..8 {
            let Some(of) = at else { break };
            all.extend(self.own_overlays(of));
            at = self.overlays_below(of);
        }
        let mut items = Vec::new();
        let mut open = false;
        for overlays in all.into_iter().rev() {
            let overlays = self.force_known(overlays);
            open |= self.items_into(&overlays, &mut items);
        }
        Value::list(items, open)
    }

    /// The attributes that overlays add to an instance.
    pub(super) fn added_set(&mut self, instance: InstanceId, overlays: Thunk) -> Value {
        let overlays = self.force_known(overlays);
        let finally = self.done(Value::Package(instance, [].into(), None));
        let mut added = Value::no_attrs();
        // They are below the overlays, and see nixpkgs itself.
        for overrides in self.package_overrides(instance) {
            let previous = Value::Update((Value::Before(instance, None), added.clone()).into());
            let more = self.apply_to(&overrides, previous, None);
            if let more @ Value::Set(_) = self.resolve(more) {
                added = self.update(added, more);
            }
        }
        let (overlays, all) = self.overlays_in(&overlays, Some(instance));
        if let Some(making) = self.makings.get_mut(instance.index()) {
            making.overlaid = all.then_some(u32::try_from(overlays.len()).unwrap_or(u32::MAX));
        }
        for overlay in overlays {
            let before = Value::Before(instance, None);
            let previous = self.done(Value::Update((before, added.clone()).into()));
            let more = self.apply_both(&overlay, finally, previous, None);
            match self.resolve(more) {
                Value::Unknown(_) | Value::Woven(_) | Value::Unread(..) => {
                    self.note_overlay(instance, overlay);
                }
                more => added = self.update(added, more),
            }
        }
        added
    }

    /// `packageOverrides` in the `config` of an instance.
    ///
    /// Source: nixpkgs `pkgs/top-level/stage.nix`, `configOverrides`.
    fn package_overrides(&mut self, instance: InstanceId) -> Vec<Value> {
        let name = Name::from("packageOverrides");
        let Some(making) = self.makings.get(instance.index()) else { return Vec::new() };
        match (making.args, making.class) {
            (Some(args), _) => {
                let args = self.force_known(args);
                let config = self.member(&args, &Name::from("config"), None);
                let config = self.resolve(config);
                let found = self.has(&config, &name) == Some(true);
                found.then(|| self.member(&config, &name, None)).into_iter().collect()
            }
            (None, Some(class)) => {
                let path = [Name::from("nixpkgs"), Name::from("config"), name];
                let found = self.definitions(class, &path).into_iter();
                found.map(|defined| defined.value).collect()
            }
            (None, None) => Vec::new(),
        }
    }

    /// Applies overlays to a set; `own` is the final result.
    pub(super) fn extend_by(&mut self, base: Value, overlay: &Value, own: Thunk) -> Value {
        let mut all = base;
        for overlay in self.overlays_in(overlay, None).0 {
            let previous = self.done(all.clone());
            match self.apply_both(&overlay, own, previous, None) {
                Value::Unknown(_) => {}
                more => {
                    let upon = self.extended_packages(&all, &more, own);
                    all = self.update(all, more);
                    if let Some(upon) = upon {
                        all = self.update(all, upon);
                    }
                }
            }
        }
        all
    }

    /// The overlays in a list, or in anything else that contains some, and whether these are
    /// certainly all.
    pub(super) fn overlays_in(
        &mut self,
        overlays: &Value,
        of: Option<InstanceId>,
    ) -> (Vec<Value>, bool) {
        /// The most overlays of one set.
        const MOST: usize = 500;
        let mut found = Vec::new();
        let mut all = true;
        let mut open: Vec<Value> = vec![overlays.clone()];
        while let Some(value) = open.pop() {
            if found.len() >= MOST || !self.budget.step() {
                all = false;
                break;
            }
            match self.resolve(value) {
                Value::List(list) => {
                    all &= !list.open;
                    for item in list.items.iter().rev() {
                        open.push(self.force(*item));
                    }
                }
                Value::Conditional(inner) => {
                    all = false;
                    open.push((*inner).clone());
                }
                Value::Either(several) | Value::Further(several) => {
                    all = false;
                    open.extend(several.iter().rev().cloned());
                }
                Value::Path(flake, path) => open.push(self.imported(flake, &path)),
                Value::Null => {}
                Value::Unknown(_) => all = false,
                value @ (Value::Unread(..) | Value::Woven(_)) => {
                    all = false;
                    if let Some(instance) = of {
                        self.note_overlay(instance, value);
                    }
                }
                value => found.push(value),
            }
        }
        (found, all)
    }

    fn note_overlay(&mut self, instance: InstanceId, overlay: Value) {
        if let Some(making) = self.makings.get_mut(instance.index())
            && making.unread.len() < 20
        {
            making.unread.push(overlay);
        }
    }
}
