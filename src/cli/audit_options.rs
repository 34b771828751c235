//! What the options that all commands on locks share stand for.

use std::path::{Path, PathBuf};

use super::args::SourceOptions;
use crate::config::{ConfigFinder, DeclaredInput};
use crate::load::LockFile;
use crate::rules::RULES;
use crate::source::{Reader, Stores};
use crate::text::Position;

/// Looks for configurations, or uses the named one.
pub(super) fn config_finder(named: Option<&Path>) -> ConfigFinder {
    let rules = RULES.iter().map(|rule| rule.id).collect();
    match named {
        Some(file) => ConfigFinder::fixed(rules, file),
        None => ConfigFinder::new(rules),
    }
}

/// Inputs given by `--configured`.
pub(super) fn declared(inputs: &[String]) -> Vec<DeclaredInput> {
    let declare = |input: &String| {
        let path = input.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        DeclaredInput::new(path, Position { line: 1, column: 1 })
    };
    inputs.iter().map(declare).collect()
}

/// The stores in which sources are looked for, if they are wanted.
pub(super) fn stores(options: &SourceOptions) -> Option<Stores> {
    let named = std::env::var_os("NIX_STORE_DIR");
    options.enabled.then(|| Stores::new(options.store.as_deref(), named.as_deref()))
}

/// Where the sources of a lock are looked for; one from standard input has none. `folder` is
/// its own.
pub(super) fn reader(stores: &Stores, lock: &LockFile, folder: Option<PathBuf>) -> Option<Reader> {
    lock.path.as_ref()?;
    Some(Reader::new(stores.clone(), folder))
}
