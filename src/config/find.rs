//! Finding the file: beside the lock, or in a parent directory up to the repository's root.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Config, ConfigError, FILE_NAME};

/// A configuration, or why there is none to use.
type Found = Option<Result<Arc<Config>, ConfigError>>;

/// Longer files are no configuration.
const LONGEST: u64 = 1 << 20;

/// Finds the configuration for a folder; every folder and file is looked at once a run.
#[derive(Debug)]
pub struct ConfigFinder {
    rules: Vec<&'static str>,
    /// Given by the user for all locks.
    fixed: Found,
    folders: Mutex<HashMap<PathBuf, Found>>,
}

impl ConfigFinder {
    /// Looks for files; `rules` are the ids that they may name.
    pub fn new(rules: Vec<&'static str>) -> Self {
        Self { rules, fixed: None, folders: Mutex::default() }
    }

    /// Takes this file for all locks.
    pub fn fixed(rules: Vec<&'static str>, file: &Path) -> Self {
        let read = read(file, &rules).unwrap_or_else(|| {
            let message = "there is no such file".into();
            Err(ConfigError { file: file.to_path_buf(), message, position: None })
        });
        Self { rules, fixed: Some(read), folders: Mutex::default() }
    }

    /// The configuration for locks in a folder. Whether it stands in that very folder tells
    /// [`Config::file`].
    pub fn find(&self, folder: &Path) -> Found {
        if self.fixed.is_some() {
            return self.fixed.clone();
        }
        let mut missed = Vec::new();
        let mut found = None;
        let mut at = absolute(folder);
        while let Some(folder) = at {
            if let Some(known) = self.folders().get(&folder) {
                found = known.clone();
                break;
            }
            found = read(&folder.join(FILE_NAME), &self.rules);
            let stop = found.is_some() || folder.join(".git").exists();
            at = if stop { None } else { folder.parent().map(Path::to_path_buf) };
            missed.push(folder);
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

    fn folders(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, Found>> {
        // What stands in the map is whole at all times.
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn absolute(folder: &Path) -> Option<PathBuf> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    fs::canonicalize(folder).ok()
}

fn read(file: &Path, rules: &[&str]) -> Found {
    let fail = |message: String| {
        Some(Err(ConfigError { file: file.to_path_buf(), message, position: None }))
    };
    match fs::metadata(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        Err(error) => return fail(error.to_string()),
        Ok(data) if data.len() > LONGEST => return fail("the file is too long".into()),
        Ok(_) => {}
    }
    match fs::read_to_string(file) {
        Ok(text) => Some(Config::parse(file, &text, rules).map(Arc::new)),
        Err(error) => fail(error.to_string()),
    }
}
