//! `flake-audit verify`.

use anyhow::{Result, bail};

use super::args::{Screen, Verify};
use super::exit::Exit;

pub(super) fn run(_verify: &Verify, _screen: &Screen) -> Result<Exit> {
    bail!("not yet")
}
