//! home-manager as a module of NixOS.
//!
//! Source: home-manager `nixos/common.nix`.

use super::{ClassKey, ModuleKind};
use crate::source::evaluate::facts::{HomeManager, MadeBy, Place};
use crate::source::evaluate::machine::Machine;
use crate::source::evaluate::value::{Base, Value};
use crate::source::evaluate::visit::Giver;

impl Machine<'_> {
    /// Looks at what waits until all hosts are known.
    pub(in crate::source::evaluate) fn look_at_deferred(&mut self) -> bool {
        let deferred = std::mem::take(&mut self.deferred);
        let any = !deferred.is_empty();
        for (key, options, place, own) in deferred {
            let before = std::mem::replace(&mut self.own, own);
            self.home_manager_options(key, &options, place);
            self.own = before;
        }
        any
    }

    /// The options `home-manager.*` of home-manager as a module of NixOS.
    fn home_manager_options(&mut self, key: ClassKey, options: &Value, place: Place) {
        let home = (ModuleKind::Home, key.1);
        let mut parts = Vec::new();
        self.config_parts(options, false, &mut parts);
        let mut users = Vec::new();
        let mut global = false;
        for (set, _) in parts {
            for attr in &set.attrs {
                let value = self.force(attr.thunk);
                match &*attr.name {
                    "users" => {
                        let mut sets = Vec::new();
                        self.config_parts(&value, false, &mut sets);
                        for (set, _) in sets {
                            for user in set.attrs.iter().map(|attr| attr.thunk).chain(set.rest) {
                                users.push(self.force(user));
                            }
                        }
                    }
                    "sharedModules" => users.push(value),
                    "extraSpecialArgs" => self.special_arguments(home, &value),
                    "useGlobalPkgs" => {
                        global |= !matches!(value.unconditional().0, Value::Bool(false));
                    }
                    _ => self.visit(value, Giver::Module(key.0, key.1)),
                }
            }
        }
        let found = self.facts.home_manager.get_or_insert(HomeManager {
            input: None,
            place,
            global: false,
        });
        found.global |= global;
        if users.is_empty() {
            return;
        }
        let settings = self.modules(home, users, place);
        if !settings.is_empty() && !self.facts.home_manager.is_some_and(|found| found.global) {
            let from = key.1.map_or(Base::Other, Base::Instance);
            self.instance(from, MadeBy::HomeManager, Some(place), settings, None);
        }
    }
}
