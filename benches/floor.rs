//! The floor: the least that any program which looks at locks has to do. It reads files and parses
//! them with serde_json without keeping anything.
//!
//! `floor FILE` reads one file, `floor --each FILE…` many in a rayon loop, and `floor --each @LIST`
//! the files that LIST names, one a line. `benches/speed.rs` compares with it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde::de::IgnoredAny;

fn main() -> Result<()> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_none_or(|first| first != "--each") {
        let [file] = arguments.as_slice() else { bail!("one file, or --each and files") };
        return parse(Path::new(file));
    }
    arguments.remove(0);
    let mut files = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument.strip_prefix('@') {
            Some(list) => files.extend(fs::read_to_string(list)?.lines().map(str::to_owned)),
            None => files.push(argument),
        }
    }
    files.par_iter().try_for_each(|file| parse(Path::new(file)))
}

fn parse(file: &Path) -> Result<()> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    serde_json::from_slice::<IgnoredAny>(&bytes).with_context(|| file.display().to_string())?;
    Ok(())
}
