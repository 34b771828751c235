//! What a platform changes in all packages: options of the compiler.
//!
//! Source: nixpkgs `lib/systems/platforms.nix`, and the manual of NixOS, "nixpkgs.hostPlatform".

use super::{DefinedSetting, SettingState};
use crate::evaluate::evaluator::Evaluator;
use crate::evaluate::facts::Setting;
use crate::evaluate::value::Value;
use crate::nixpkgs_config::PLATFORM_GCC;

/// The options that choose instructions: packages built with others have other outputs.
const OPTIONS: [&str; 6] = ["arch", "tune", "cpu", "fpu", "abi", "float-abi"];

impl Evaluator<'_> {
    /// The compiler options in `{ system = "x86_64-linux"; gcc.arch = "znver4"; }`. Only certain
    /// ones: whether they are on decides about every package.
    pub(super) fn platform_settings(
        &mut self,
        platform: &Value,
        priority: i64,
        found: &mut Vec<DefinedSetting>,
    ) {
        let Value::Set(set) = platform else { return };
        let Some(gcc) = set.get("gcc").filter(|gcc| !gcc.conditional).cloned() else { return };
        let Value::Set(options) = self.force_known(gcc.thunk) else { return };
        for name in OPTIONS {
            let Some(option) = options.get(name).filter(|option| !option.conditional) else {
                continue;
            };
            let value = self.force_known(option.thunk);
            if let (Some(place), SettingState::On) = (option.place, self.state_of(&value)) {
                let (key, state) = (Some(PLATFORM_GCC.into()), SettingState::On);
                let setting = Setting { key, place, state, value: None };
                return found.push(DefinedSetting { setting, priority });
            }
        }
    }
}
