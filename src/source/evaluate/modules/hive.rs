//! Hives of colmena.
//!
//! Source: colmena `src/nix/hive/eval.nix`.

use super::ModuleKind;
use crate::source::evaluate::facts::{MadeBy, Place};
use crate::source::evaluate::framework::output_sets;
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::value::{Base, Thunk, Value};
use crate::source::syntax::Name;

impl Machine<'_> {
    /// A hive of colmena: `meta` and a module a host.
    pub(in crate::source::evaluate) fn hive(&mut self, hive: &Value, place: Place) {
        let mut sets = Vec::new();
        output_sets(hive, &mut sets);
        for set in sets {
            let meta = set.get("meta").map(|attr| self.force(attr.thunk));
            let pkgs = meta.as_ref().map(|meta| self.member(meta, &Name::from("nixpkgs"), None));
            let instance = pkgs.as_ref().and_then(|pkgs| self.instance_of(pkgs));
            if let Some(instance) = instance {
                self.record_package(instance, &[], place);
            }
            let key = (ModuleKind::Nixos, instance);
            if let Some(meta) = &meta {
                let special = self.member(meta, &Name::from("specialArgs"), None);
                self.special_arguments(key, &special);
            }
            let hosts = set.attrs.iter().filter(|attr| &*attr.name != "meta");
            let hosts: Vec<Thunk> = hosts.map(|attr| attr.thunk).chain(set.rest).collect();
            let roots = hosts.into_iter().map(|host| self.force(host)).collect();
            let settings = self.modules(key, roots, place);
            if !settings.is_empty() {
                let from = instance.map_or(Base::Other, Base::Instance);
                self.instance(from, MadeBy::Nixos, Some(place), settings, None);
            }
        }
    }
}
