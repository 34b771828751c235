//! Repair: the fixes that `check` proposes, applied to `flake.nix` and `flake.lock`.
//!
//! A report's fixes become edits ([`Plan`]), the edits a new `flake.nix` ([`edit`]), and that the
//! lock which Nix would write for it (`relock`). Both are audited before anything is written
//! (`gate`), and written in an order that the next run can resume ([`write`]). If the flake
//! configures nixpkgs inline, a wrapper comes first (`introduce`). For other programs a finding's
//! fix is expressed as changes of the text ([`show_edits`]).

mod draft;
pub mod edit;
mod gate;
mod introduce;
mod outcome;
mod own_import;
mod pins;
mod plan;
mod repair;
mod subject;
mod suggest;
pub mod wrapper;
pub mod write;

pub use draft::{Hindrance, NewFlakeFile};
pub use introduce::{Introduced, WantedWrapper};
pub use plan::{Choice, Plan, Unmatched};
pub use repair::{Repair, fixable, repair, repair_with_wrapper};
pub use subject::RepairSubject;
pub use suggest::{ShownDiffs, show_edits};
