//! Subcommands that look at one lock.

use std::path::Path;

use anyhow::{Error, Result, anyhow};

use super::check::{config_finder, declared};
use crate::audit::{Source, with_facts};
use crate::instance::Facts;
use crate::load::{read, single};
use crate::lock::Unescaped;
use crate::text::Position;

/// Which lock, and what was said of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OneLock<'c> {
    pub(super) path: &'c Path,
    pub(super) config: Option<&'c Path>,
    pub(super) configured: &'c [String],
}

impl OneLock<'_> {
    /// Reads the lock and finds out what there is to know of it.
    ///
    /// # Errors
    /// Everything that `check` reports as a lock that cannot be audited.
    pub(super) fn with_facts<T>(self, then: impl FnOnce(&Facts<'_, '_, '_>) -> T) -> Result<T> {
        let lock = single(self.path);
        let mut bytes = Vec::new();
        read(&lock, &mut bytes).map_err(|problem| anyhow!("{}: {problem}", lock.name))?;
        let finder = config_finder(self.config);
        let found = lock.folder().and_then(|folder| finder.find(folder)).transpose();
        let found = found.map_err(|error| {
            placed(&error.file.to_string_lossy(), error.position, &error.message)
        })?;
        let config = found.as_ref().map(|found| (&*found.config, found.beside));
        let declared = declared(self.configured);
        let unescaped = Unescaped::new();
        let source = Source { name: &lock.name, bytes: &bytes, unescaped: &unescaped };
        let result = with_facts(source, config, &declared, then).map_err(|error| {
            let file = error.file.as_deref().map(Path::to_string_lossy);
            placed(file.as_deref().unwrap_or(&lock.name), error.position, &error.message)
        })?;
        match declared.iter().find(|input| !input.was_seen()) {
            Some(input) => {
                Err(anyhow!("--configured {}: the lock has no such input", input.path.join("/")))
            }
            None => Ok(result),
        }
    }
}

fn placed(file: &str, position: Option<Position>, message: &str) -> Error {
    match position {
        Some(Position { line, column }) => anyhow!("{file}:{line}:{column}: {message}"),
        None => anyhow!("{file}: {message}"),
    }
}
