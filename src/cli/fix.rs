//! `flake-audit fix`.

use anyhow::{Result, bail};

use super::args::{Fix, Screen};
use super::exit::Exit;

pub(super) fn run(_fix: &Fix, _screen: &Screen) -> Result<Exit> {
    bail!("not yet")
}
