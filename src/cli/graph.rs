//! `flake-audit graph`.

use anyhow::{Result, bail};

use super::args::{Graph, Screen};
use super::exit::Exit;

pub(super) fn run(_: &Graph, _: &Screen) -> Result<Exit> {
    bail!("to be wired")
}
