//! `flake-audit completions`: the script that makes a shell ask this program, and the answer when
//! it does.
//!
//! Every shell asks the program itself for completions, so that all offer the same, including
//! inputs of the lock at hand ([`offered`](super::offered)).

use std::io::Write;

use anyhow::{Context, Result};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;

use super::args::{Completions, Screen, Shell, command};
use super::exit::Exit;
use super::output::ResultOutput;

/// The name of the program in a shell.
const PROGRAM: &str = "flake-audit";
/// The variable by which a shell asks and says which one it is.
const ASKING: &str = "FLAKE_AUDIT_COMPLETE";

pub(super) fn run(completions: &Completions, screen: &Screen) -> Result<Exit> {
    let shells = Shells::builtins();
    let shell = shells.completer(completions.shell.name()).context("no such shell")?;
    let mut output = ResultOutput::new(screen);
    shell.write_registration(ASKING, PROGRAM, PROGRAM, PROGRAM, &mut output)?;
    if completions.shell == Shell::Zsh {
        // If `autoload` reads the script from a folder of functions, that is also the first call.
        writeln!(
            output,
            "\nif [[ $funcstack[1] == _{PROGRAM} ]]; then _clap_dynamic_completer_{} \"$@\"; fi",
            PROGRAM.replace('-', "_")
        )?;
    }
    output.flush()?;
    Ok(Exit::Success)
}

/// Answers a shell, if one asks.
///
/// # Errors
/// The question is not understood, or the shell does not listen.
pub(super) fn answer() -> Result<bool, clap::Error> {
    if std::env::var_os(ASKING).is_none() {
        return Ok(false);
    }
    let folder = std::env::current_dir().ok();
    CompleteEnv::with_factory(command)
        .var(ASKING)
        .try_complete(std::env::args_os(), folder.as_deref())
}
