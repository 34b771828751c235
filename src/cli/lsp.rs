//! `flake-audit lsp`.

use std::io::{BufReader, stdin, stdout};
use std::path::absolute;

use anyhow::{Context, Result};

use super::args::Lsp;
use super::check::stores;
use super::exit::Exit;
use crate::lsp::{Journal, Options, serve};

pub(super) fn run(lsp: &Lsp) -> Result<Exit> {
    let journal = Journal::new(lsp.log.as_deref()).with_context(|| {
        let file = lsp.log.as_deref().unwrap_or("".as_ref());
        format!("{}", file.display())
    })?;
    let names = |input: &String| {
        input.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let options = Options {
        stores: stores(&lsp.audit.source),
        config: lsp.audit.config.as_deref().map(absolute).transpose()?,
        configured: lsp.audit.configured.iter().map(names).collect(),
    };
    let is_clean = serve(BufReader::new(stdin()), stdout(), options, journal)?;
    // The exit codes that the protocol requires.
    Ok(if is_clean { Exit::Success } else { Exit::Denied })
}
