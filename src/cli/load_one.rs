//! Subcommands that look at one lock.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Error, Result, anyhow, bail};

use super::args::AuditOptions;
use super::audit_options::{config_finder, declared, reader, stores};
use crate::audit::{self, LockInput, Report, Setup, refused_flake, with_analysis, with_report};
use crate::config::{ConfigError, ConfigFinder, ConfigInScope, DeclaredInput, FoundConfig};
use crate::fix::{RepairSubject, ShownDiffs, show_edits};
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::load::{LOCK_NAME, LockFile, read, single};
use crate::lock::{InputId, NodeId, Unescaped};
use crate::text::{Position, Visible, did_you_mean, nearest};

/// A lock, and the declarations about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OneLock<'c> {
    pub(super) path: &'c Path,
    pub(super) options: &'c AuditOptions,
}

/// A lock that was read, and its configuration.
#[derive(Debug)]
pub(super) struct ReadLock {
    pub(super) lock: LockFile,
    pub(super) bytes: Vec<u8>,
    config: Option<FoundConfig>,
}

impl ReadLock {
    /// Reads a lock, and the configuration that applies to it.
    ///
    /// # Errors
    /// There is no lock to read, or the configuration is wrong.
    pub(super) fn new(path: &Path, config: Option<&Path>) -> Result<Self> {
        let lock = single(path);
        let mut bytes = Vec::new();
        read(&lock, &mut bytes).map_err(|problem| anyhow!("{}: {problem}", lock.name))?;
        let finder = config_finder(config);
        let config = lock.folder().and_then(|folder| finder.for_folder(&folder)).transpose();
        let config = config.map_err(|ConfigError { file, message, position, excerpt }| {
            let message = Visible(&message).to_string();
            let error = audit::Error { message, file: Some(file), position, excerpt };
            NotAudited { file: lock.name.clone(), error }
        })?;
        Ok(Self { lock, bytes, config })
    }

    /// Reads the lock of a flake at another revision, from a folder with that, and the
    /// configuration at that revision. Inputs that it names need not have existed, and an invalid
    /// one counts as none, because a change that repairs it should still be compared.
    ///
    /// # Errors
    /// There is no lock to read.
    pub(super) fn at_revision(folder: &Path, finder: &ConfigFinder) -> Result<Self> {
        let lock = single(&folder.join(LOCK_NAME));
        let lock = LockFile { name: LOCK_NAME.to_owned(), ..lock };
        let mut bytes = Vec::new();
        read(&lock, &mut bytes).map_err(|problem| anyhow!("{LOCK_NAME}: {problem}"))?;
        let config = finder.for_folder(folder).and_then(Result::ok);
        let config = config.map(|found| FoundConfig { beside: false, ..found });
        Ok(Self { lock, bytes, config })
    }

    /// An empty lock for a flake that does not exist.
    pub(super) fn missing() -> Self {
        let lock = LockFile { name: LOCK_NAME.to_owned(), path: None, problem: None };
        let bytes = br#"{"nodes":{"root":{}},"root":"root","version":7}"#.to_vec();
        Self { lock, bytes, config: None }
    }

    /// The configuration, and whether it is beside the lock.
    pub(super) fn config(&self) -> Option<ConfigInScope<'_>> {
        self.config.as_ref().map(FoundConfig::in_scope)
    }

    /// What a repair of the flake in this folder works on.
    pub(super) fn repair_subject<'s>(
        &'s self,
        folder: PathBuf,
        setup: &'s Setup,
    ) -> RepairSubject<'s> {
        RepairSubject {
            name: &self.lock.name,
            lock: &self.bytes,
            graph: None,
            folder,
            config: self.config(),
            setup,
            memory: Arc::default(),
            work_trees: Arc::default(),
            known_edit: None,
        }
    }

    /// Analyses the lock.
    ///
    /// # Errors
    /// Everything that `check` reports as a lock that cannot be audited.
    pub(super) fn with_analysis<T>(
        &self,
        setup: &Setup,
        then: impl FnOnce(&Analysis<'_, '_, '_>) -> T,
    ) -> Result<T> {
        self.looked_at(setup, |source, config| {
            with_analysis(source, config, &setup.configured, |analysis, _| then(analysis))
        })
    }

    /// Passes the lock to `then`.
    ///
    /// # Errors
    /// Why it could not be audited.
    pub(super) fn looked_at<T>(
        &self,
        setup: &Setup,
        look: impl FnOnce(LockInput<'_>, Option<ConfigInScope<'_>>) -> Result<T, audit::Error>,
    ) -> Result<T> {
        let unescaped = Unescaped::new();
        let reader =
            setup.stores.as_ref().and_then(|stores| reader(stores, &self.lock, self.lock.folder()));
        let reader = reader.as_ref();
        let source =
            LockInput { name: &self.lock.name, bytes: &self.bytes, unescaped: &unescaped, reader };
        look(source, self.config()).map_err(|error| self.not_audited(&error))
    }

    /// The error for a lock that could not be audited.
    pub(super) fn not_audited(&self, error: &audit::Error) -> Error {
        NotAudited { file: self.lock.name.clone(), error: error.clone() }.into()
    }
}

/// Checks that every input declared on the command line exists.
///
/// # Errors
/// One does not.
pub(super) fn all_seen(declared: &[DeclaredInput]) -> Result<()> {
    match declared.iter().find(|input| !input.was_seen()) {
        Some(input) => {
            let path = input.path.join("/");
            bail!("--configured {path}: the lock has no such input{}", input.hint())
        }
        None => Ok(()),
    }
}

impl OneLock<'_> {
    /// Reads and analyses the lock.
    ///
    /// # Errors
    /// Everything that `check` reports as a lock that cannot be audited.
    pub(super) fn with_analysis<T>(
        self,
        then: impl FnOnce(&Analysis<'_, '_, '_>) -> T,
    ) -> Result<T> {
        self.looked_at(|source, config, setup| {
            with_analysis(source, config, &setup.configured, |analysis, _| {
                warn_of_refused(analysis, source.name);
                then(analysis)
            })
        })
    }

    /// The same with the report of `check`.
    ///
    /// # Errors
    /// Everything that `check` reports as a lock that cannot be audited.
    pub(super) fn with_report<T>(
        self,
        then: impl FnOnce(&Analysis<'_, '_, '_>, &Report<'_>) -> T,
    ) -> Result<T> {
        self.with_silent_report(|analysis, report| {
            warn_of_refused(analysis, &report.lock_file);
            then(analysis, report)
        })
    }

    /// The same without output on standard error.
    ///
    /// # Errors
    /// Everything that `check` reports as a lock that cannot be audited.
    pub(super) fn with_silent_report<T>(
        self,
        then: impl FnOnce(&Analysis<'_, '_, '_>, &Report<'_>) -> T,
    ) -> Result<T> {
        self.looked_at(|source, config, setup| {
            with_report(source, config, setup, |analysis, mut report| {
                show_edits(&mut report, source.reader, ShownDiffs::All);
                then(analysis, &report)
            })
        })
    }

    /// What the lock alone says, without a look at any source.
    ///
    /// # Errors
    /// What keeps the lock from being read.
    pub(super) fn without_sources<T>(
        self,
        then: impl FnOnce(&Analysis<'_, '_, '_>, &Report<'_>) -> T,
    ) -> Result<T> {
        self.looked_at(|source, config, setup| {
            let alone = LockInput { reader: None, ..source };
            with_analysis(alone, config, &setup.configured, |analysis, _| {
                then(analysis, &Report::empty(source.name))
            })
        })
    }

    fn looked_at<T>(
        self,
        look: impl FnOnce(LockInput<'_>, Option<ConfigInScope<'_>>, &Setup) -> Result<T, audit::Error>,
    ) -> Result<T> {
        let read = ReadLock::new(self.path, self.options.config.as_deref())?;
        let configured = declared(&self.options.configured);
        let stores = stores(&self.options.source);
        let setup = Setup { configured, stores, lists: true, ..Setup::default() };
        let result = read.looked_at(&setup, |source, config| look(source, config, &setup))?;
        all_seen(&setup.configured)?;
        Ok(result)
    }
}

/// What a name on the command line stands for.
#[derive(Debug, Clone, Copy)]
pub(super) enum NamedInLock {
    Input(InputId),
    Node(NodeId),
}

impl NamedInLock {
    /// The input at this path, else the node with this key.
    pub(super) fn find_in(graph: &Graph<'_, '_>, text: &str) -> Option<Self> {
        let lock = graph.lock();
        // An input of the root whose name contains a slash.
        let whole = lock.input_named(lock.root(), text);
        let names = text.split('/').filter(|name| !name.is_empty());
        let input = graph.find_input(names).or(whole).map(Self::Input);
        input.or_else(|| lock.node_keyed(text).map(Self::Node))
    }

    /// The same.
    ///
    /// # Errors
    /// There is neither; the error names the nearest one.
    pub(super) fn require_in(graph: &Graph<'_, '_>, text: &str) -> Result<Self> {
        let Some(found) = Self::find_in(graph, text) else {
            let meant = Self::nearest_in(graph, text);
            bail!("the lock has no input or node `{text}`{}", did_you_mean(meant.as_deref()))
        };
        Ok(found)
    }

    /// The input path or node key that is nearest to a text, if any is.
    pub(super) fn nearest_in(graph: &Graph<'_, '_>, text: &str) -> Option<String> {
        let path = graph.nearest_input(text.split('/').filter(|name| !name.is_empty()));
        let path = path.as_deref();
        let keys = graph.lock().nodes().iter().map(|(_, node)| node.key);
        nearest(text, path.into_iter().chain(keys)).or(path).map(str::to_owned)
    }
}

/// A warning if Nix refuses flake.nix, in which case the contents of the lock can still be shown.
pub(super) fn refused(analysis: &Analysis<'_, '_, '_>, lock_name: &str) -> Option<String> {
    let error = refused_flake(analysis, lock_name)?;
    let error = NotAudited { file: lock_name.to_owned(), error };
    Some(format!("{}; this is from flake.lock alone", Visible(&error.to_string())))
}

/// Prints that warning on standard error.
pub(super) fn warn_of_refused(analysis: &Analysis<'_, '_, '_>, lock_name: &str) {
    if let Some(refused) = refused(analysis, lock_name) {
        // If standard error is closed, there is nobody to tell.
        let _ = writeln!(io::stderr(), "warning: {refused}");
    }
}

/// Why a lock cannot be audited.
#[derive(Debug)]
pub(super) struct NotAudited {
    /// The name of the lock to print.
    pub(super) file: String,
    /// What is wrong with it, or with another file.
    pub(super) error: audit::Error,
}

impl Display for NotAudited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.error.file.as_deref().map(Path::to_string_lossy);
        let file = file.as_deref().unwrap_or(&self.file);
        let message = &self.error.message;
        match self.error.position {
            Some(Position { line, column }) => write!(f, "{file}:{line}:{column}: {message}"),
            None => write!(f, "{file}: {message}"),
        }
    }
}

impl std::error::Error for NotAudited {}
