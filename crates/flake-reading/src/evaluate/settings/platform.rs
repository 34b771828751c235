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
    /// The compiler options in `{ system = "x86_64-linux"; gcc.arch = "znver4"; }`.
    pub(super) fn platform_settings(
        &mut self,
        platform: &Value,
        conditional: bool,
        priority: i64,
        found: &mut Vec<DefinedSetting>,
    ) {
        let (Value::Set(set), unsure) = platform.unconditional() else { return };
        let Some(gcc) = set.get("gcc").cloned() else { return };
        let value = self.force_known(gcc.thunk);
        let (Value::Set(options), unsure_here) = value.unconditional() else { return };
        for name in OPTIONS {
            let Some(option) = options.get(name) else { continue };
            let value = self.force_known(option.thunk);
            let may_be = [conditional, unsure, gcc.conditional, unsure_here, option.conditional];
            let state = match self.state_of(&value) {
                SettingState::On if may_be.contains(&true) => SettingState::Conditional,
                state @ (SettingState::On | SettingState::Conditional) => state,
                SettingState::Off | SettingState::Unreadable => continue,
            };
            if let Some(place) = option.place {
                let setting = Setting { key: Some(PLATFORM_GCC.into()), place, state };
                return found.push(DefinedSetting { setting, priority });
            }
        }
    }
}
