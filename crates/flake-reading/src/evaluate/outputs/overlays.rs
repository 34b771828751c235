//! What a flake's overlays build from the nixpkgs that they are given.

use std::collections::{BTreeMap, BTreeSet};

use super::list::FoundOutput;
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::{InstanceId, MadeBy, Overlay, What};
use crate::evaluate::packages::Making;
use crate::evaluate::unions::sets_of;
use crate::evaluate::value::{Base, SetAttr, Thunk};
use crate::evaluate::world::FlakeId;
use crate::syntax::Name;

/// The most overlays of a flake, and names of an overlay.
const MOST: usize = 20;
const MOST_NAMES: usize = 200;
/// The most bytes of a name: longer ones are not for people.
const LONGEST: usize = 64;

impl Evaluator<'_> {
    /// The overlays of a flake, `overlays.default` first, as far as they are read.
    pub(super) fn overlays_of(&mut self, flake: FlakeId) -> Vec<Overlay> {
        let outputs = self.outputs_of(flake);
        let outputs = self.resolve(outputs);
        let mut sets = Vec::new();
        sets_of(&outputs, &mut sets);
        let attrs = sets.iter().flat_map(|set| &set.attrs).filter(|attr| !attr.conditional);
        let mut found: Vec<(Vec<Name>, Thunk)> = Vec::new();
        for attr in attrs.cloned().collect::<Vec<_>>() {
            match &*attr.name {
                "overlay" => found.push((vec![attr.name.clone()], attr.thunk)),
                "overlays" => {
                    let named = self.attrs_in(attr.thunk);
                    let path = |inner: SetAttr| (vec![attr.name.clone(), inner.name], inner.thunk);
                    found.extend(named.into_iter().map(path));
                }
                _ => {}
            }
        }
        // The default one, others, and the old name.
        let rank = |path: &[Name]| match path.get(1) {
            Some(name) if &**name == "default" => 0,
            Some(_) => 1,
            None => 2,
        };
        found.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
        found.truncate(MOST);
        let overlays = found.into_iter().map(|(path, overlay)| Overlay {
            path: path.iter().map(|name| name.to_string()).collect(),
            adds: self.built_by(flake, overlay),
        });
        overlays.filter(|overlay| !overlay.adds.is_empty()).collect()
    }

    /// The certain attributes of a set, sorted.
    fn attrs_in(&mut self, set: Thunk) -> Vec<SetAttr> {
        let set = self.force_known(set);
        let mut sets = Vec::new();
        sets_of(&set, &mut sets);
        let attrs = sets.iter().flat_map(|set| set.attrs.iter().cloned());
        let is_named = |attr: &SetAttr| !attr.conditional && attr.name.len() <= LONGEST;
        let mut attrs: Vec<SetAttr> = attrs.filter(is_named).collect();
        attrs.sort_by(|a, b| a.name.cmp(&b.name));
        attrs
    }

    /// What an overlay adds to a nixpkgs and builds from that alone, with the packages in it.
    fn built_by(&mut self, flake: FlakeId, overlay: Thunk) -> BTreeMap<String, BTreeSet<String>> {
        let making = Making { overlays: Some(overlay), ..Making::default() };
        let given = self.instance(Base::Other, MadeBy::Extended, None, making);
        let Some(added) = self.added(given) else { return BTreeMap::new() };
        let mut attrs = self.attrs_in(added);
        attrs.truncate(MOST_NAMES);
        let mut adds = BTreeMap::new();
        for attr in attrs {
            let path = vec![Name::from("packages"), attr.name.clone()];
            let (what, place) = (attr.thunk, attr.place);
            let (conditional, may_be_none) = (false, false);
            let found = FoundOutput {
                path,
                what,
                place,
                handed_by: None,
                conditional,
                unread: Vec::new(),
                may_be_none,
            };
            let output = self.walk_output(flake, found);
            let packages = output.uses.iter().map(|taking| match &taking.what {
                What::Package { instance, name, .. } => {
                    self.is_made_of(*instance, given).then_some((name, taking.conditional))
                }
                What::Opaque { .. } => None,
            });
            // The settings of this nixpkgs do not reach a package of another one.
            let Some(packages) = packages.collect::<Option<Vec<_>>>() else { continue };
            let certain = packages.into_iter().filter(|(_, conditional)| !conditional);
            let certain: BTreeSet<String> = certain.map(|(name, _)| name.clone()).collect();
            if !certain.is_empty() {
                adds.insert(attr.name.to_string(), certain);
            }
        }
        adds
    }

    fn is_made_of(&self, instance: InstanceId, given: InstanceId) -> bool {
        self.after_all(instance) == given
    }
}
