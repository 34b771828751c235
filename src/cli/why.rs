//! `flake-audit why`.

use anyhow::{Result, bail};

use super::args::{Screen, Why};
use super::exit::Exit;

pub(super) fn run(_: &Why, _: &Screen) -> Result<Exit> {
    bail!("to be wired")
}
