//! Arguments of `merge`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::super::choices::Preferred;

/// Resolve a merge conflict in flake.lock, input by input; also as a merge driver of Git.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  flake-audit merge                                 resolve the conflict
  flake-audit merge --prefer newest                 on both sides: the newer one

As a merge driver, which Git then runs by itself:
  git config merge.flake-lock.driver \\
    'flake-audit merge %O %A %B --lock %P --from %Y'
  echo 'flake.lock merge=flake-lock' >> .gitattributes

Exit codes: 0 merged, 1 a conflict is left, 2 an error.")]
pub(in crate::cli) struct Merge {
    /// The common ancestor, our version (which is replaced by the result), and their version.
    /// Without them, the three versions that Git has of the conflict.
    #[arg(value_names = ["BASE", "OURS", "THEIRS"], num_args = 3, value_hint = ValueHint::FilePath)]
    pub(in crate::cli) versions: Vec<PathBuf>,
    /// Which version to take of an input that both sides updated.
    #[arg(long, value_enum, value_name = "WHOSE")]
    pub(in crate::cli) prefer: Option<Preferred>,
    /// The lock to merge: a flake.lock, a flake.nix or a folder with one.
    #[arg(long, value_name = "PATH", default_value = ".", value_hint = ValueHint::AnyPath)]
    pub(in crate::cli) lock: PathBuf,
    /// The name of the commit that is merged (`%Y` in a merge driver, Git 2.44 or later), from which
    /// flake.nix is taken.
    #[arg(long, value_name = "COMMIT", requires = "versions", value_hint = ValueHint::Other)]
    pub(in crate::cli) from: Option<String>,
}
