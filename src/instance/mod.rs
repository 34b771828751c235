//! Instances of nixpkgs: which nodes are nixpkgs, which are configured, who gets which.
//!
//! A nixpkgs instance is a source plus the arguments it is evaluated with; inputs carry sources
//! only, so a configured instance exists in a lock where a *wrapper flake* stands. From the graph
//! this module tells roles, wrappers, slots, what is expected where, and the causes of what is
//! not as expected. It judges nothing: see `rules`.

mod cause;
mod expectation;
mod facts;
mod known_consumers;
mod known_wrappers;
mod list;
mod load_bearing;
mod role;
mod root_nixpkgs;
mod slot;
mod source;
mod target;
mod wrapper;
mod wrapper_name;

pub use cause::{Cause, CauseKind, Light};
pub use expectation::{Expectation, Firmness, Held};
pub use facts::{Declared, DeclaredWrapper, Facts};
pub use known_consumers::{KnownConsumer, Use};
pub use list::{Instance, MadeBy};
pub use load_bearing::LoadBearing;
pub use role::Role;
pub use slot::{Slot, is_lib_name};
pub use target::TargetChoice;
pub use wrapper::{Effect, Evidence, EvidenceKind, KnownSettings, Wrapper, WrapperId};
