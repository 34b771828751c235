//! Arguments of `merge`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::choices::Preferred;

/// Merge flake.lock: resolve a conflict in it, or do so as a merge driver of Git.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit merge                                 resolve the conflict in this flake's lock
  flake-audit merge --prefer newest                 and take the newer version of what both updated

As a merge driver, so that Git asks by itself:
  git config merge.flake-lock.driver 'flake-audit merge %O %A %B --lock %P --from %Y'
  echo 'flake.lock merge=flake-lock' >> .gitattributes

Exit codes: 0 merged, 1 a conflict is left, 2 an error.")]
pub(in crate::cli) struct Merge {
    /// The three versions: the one that both come from, ours, into which the result is written, and
    /// theirs. Without them, those that Git has of the conflict in the lock.
    #[arg(value_names = ["BASE", "OURS", "THEIRS"], num_args = 3, value_hint = ValueHint::FilePath)]
    pub(in crate::cli) versions: Vec<PathBuf>,
    /// Whose version to take of an input that both sides changed: the `newest`, `ours` or `theirs`.
    #[arg(long, value_enum, value_name = "WHOSE")]
    pub(in crate::cli) prefer: Option<Preferred>,
    /// The lock that is merged: a flake.lock, a flake.nix or a folder with one.
    #[arg(long, value_name = "PATH", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) lock: PathBuf,
    /// What Git calls the commit that is merged (`%Y` in a merge driver, Git 2.44 or later): so
    /// flake.nix is known as it will be merged.
    #[arg(long, value_name = "COMMIT", requires = "versions", value_hint = ValueHint::Other)]
    pub(in crate::cli) from: Option<String>,
}
