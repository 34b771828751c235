//! `flake-audit init`.

use anyhow::{Result, bail};

use super::args::Init;
use super::exit::Exit;

pub(super) fn run(_init: &Init) -> Result<Exit> {
    bail!("not yet")
}
