//! Instances of nixpkgs: which nodes are nixpkgs, which are configured, who gets which.
//!
//! A nixpkgs instance is a source plus the arguments it is evaluated with. Inputs carry only
//! sources, so a lock contains a configured instance only as a *wrapper flake*. This module
//! determines roles, wrappers, slots, expectations and the causes of what does not meet them. Which
//! of it is reported is decided in `rules`.

mod analysis;
mod base;
mod cause;
mod declarable;
mod declared;
mod expectation;
mod explained;
mod ground;
mod known_flakes;
mod known_wrappers;
mod lacks;
mod list;
mod load_bearing;
mod lock_sources;
mod opened;
mod output_order;
mod partition;
mod reading;
mod recognition;
mod role;
mod roles;
mod settings;
mod slot;
mod source;
mod target;
mod uses;
mod verdict;
mod wrapper;
mod wrapper_name;

pub use analysis::Analysis;
pub use cause::{Cause, CauseKind, Light, UseLight};
pub use declarable::{NotConfigured, lookalikes, not_configured};
pub use declared::{Declared, DeclaredWrapper};
pub use expectation::{Expectation, ExpectationId, Firmness, HeldWrapper};
pub use explained::Explained;
pub use known_flakes::{
    Age, Built, KnownAnswer, KnownFlake, OfferKind, TakenFor, known_flake, of_repository,
    usual_path,
};
pub use lacks::Lacks;
pub use list::{Instance, InstanceOrigin};
pub use load_bearing::LoadBearing;
pub use lock_sources::{LockSources, ReadFlake, ReadRoot, input_index};
pub use output_order::output_order;
pub use role::Role;
pub use settings::{
    Effect, ShownSettings, build_settings, changes_builds, covers, first_build_setting,
    is_switched_off, shown as shown_settings,
};
pub use slot::{Slot, is_lib_name};
pub use target::TargetChoice;
pub use verdict::{
    Configuration, LackedSetting, Main, Mismatch, MismatchId, NamedPackage, OnTheCpu, Seen,
    SettingsDifference, Verdicts,
};
pub use wrapper::{Evidence, EvidenceKind, Wrapper, WrapperId};

#[cfg(test)]
mod tests;
