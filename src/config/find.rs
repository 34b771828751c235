//! Finding the file: beside the lock, or in a parent directory up to the repository's root.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Config, ConfigError, FILE_NAME};
use crate::bounded;
use crate::text::OpenFiles;

/// A configuration, or why there is none to use.
type Read = Option<Result<Arc<Config>, ConfigError>>;

/// A configuration that was found for a folder.
#[derive(Debug, Clone)]
pub struct FoundConfig {
    /// What is in it.
    pub config: Arc<Config>,
    /// Whether it applies to the locks of that very folder, because it is in it or was given
    /// explicitly. Otherwise it serves several flakes.
    pub beside: bool,
}

impl FoundConfig {
    /// The form in which it applies to a lock.
    pub fn in_scope(&self) -> ConfigInScope<'_> {
        ConfigInScope { config: &self.config, beside: self.beside }
    }
}

/// The configuration that applies to a lock.
#[derive(Debug, Clone, Copy)]
pub struct ConfigInScope<'c> {
    /// What is in it.
    pub config: &'c Config,
    /// As in [`FoundConfig`].
    pub beside: bool,
}

/// Longer files are refused.
const LONGEST: u64 = 1 << 20;

/// Finds the configuration for a folder; every folder and file is read once in a run.
#[derive(Debug)]
pub struct ConfigFinder {
    rules: Vec<&'static str>,
    /// Given by the user for all locks.
    fixed: Read,
    open: OpenFiles,
    folders: Mutex<HashMap<PathBuf, Read>>,
}

impl ConfigFinder {
    /// Looks for files; `rules` are the ids that they may name.
    pub fn new(rules: Vec<&'static str>) -> Self {
        Self { rules, fixed: None, open: OpenFiles::default(), folders: Mutex::default() }
    }

    /// Uses this file for all locks.
    pub fn fixed(rules: Vec<&'static str>, file: &Path) -> Self {
        let read = read(file, &rules).unwrap_or_else(|| {
            let message = "there is no such file".into();
            Err(ConfigError { file: file.to_path_buf(), message, position: None, excerpt: None })
        });
        Self { fixed: Some(read), ..Self::new(rules) }
    }

    /// Uses the text of files that are open in an editor.
    #[must_use]
    pub fn with_open(self, open: &OpenFiles) -> Self {
        Self { open: open.clone(), ..self }
    }

    /// The configuration for the locks in a folder, which is given by its absolute path.
    pub fn for_folder(&self, folder: &Path) -> Option<Result<FoundConfig, ConfigError>> {
        if let Some(fixed) = &self.fixed {
            return Some(fixed.clone().map(|config| FoundConfig { config, beside: true }));
        }
        let found = self.search(folder)?;
        Some(found.map(|config| FoundConfig { beside: config.folder == folder, config }))
    }

    fn search(&self, folder: &Path) -> Read {
        let mut missed = Vec::new();
        let mut found = None;
        for folder in folder.ancestors() {
            if let Some(known) = self.folders().get(folder) {
                found = known.clone();
                break;
            }
            missed.push(folder.to_path_buf());
            let file = folder.join(FILE_NAME);
            found = match self.open.get(&file) {
                Some(text) => Some(parsed(&file, text, &self.rules)),
                None => read(&file, &self.rules),
            };
            if found.is_some() || folder.join(".git").exists() {
                break;
            }
        }
        let mut folders = self.folders();
        for folder in missed {
            folders.insert(folder, found.clone());
        }
        found
    }

    /// Every configuration that was found and could be read, by file.
    pub fn all(&self) -> Vec<Arc<Config>> {
        let fixed = self.fixed.iter().flatten().cloned();
        let folders = self.folders();
        let mut all: Vec<_> = fixed.chain(folders.values().flatten().flatten().cloned()).collect();
        all.sort_by(|a, b| a.file.cmp(&b.file));
        all.dedup_by(|a, b| a.file == b.file);
        all
    }

    fn folders(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Read>> {
        // An entry is never half inserted, so a poisoned lock is harmless.
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(path: &Path, rules: &[&str]) -> Read {
    let fail = |message: String| {
        Some(Err(ConfigError { file: shown_path(path), message, position: None, excerpt: None }))
    };
    let mut bytes = Vec::new();
    match bounded::read(path, LONGEST, &mut bytes) {
        Err(problem) if problem.is_missing() => return None,
        Err(problem) => return fail(problem.to_string()),
        Ok(()) => {}
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(parsed(path, &text, rules)),
        Err(_) => fail("it is not UTF-8".into()),
    }
}

fn parsed(path: &Path, text: &str, rules: &[&str]) -> Result<Arc<Config>, ConfigError> {
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let parsed = Config::parse(&shown_path(path), text, rules);
    parsed.map(|config| Arc::new(Config { folder, ..config }))
}

/// The file's name from the working folder.
fn shown_path(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let inside = here.and_then(|here| path.strip_prefix(here).ok());
    inside.unwrap_or(path).to_path_buf()
}
