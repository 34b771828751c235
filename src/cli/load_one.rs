//! Subcommands that look at one lock.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Error, Result, anyhow, bail};

use super::args::AuditOptions;
use super::audit_options::{config_finder, declared, reader, stores};
use crate::audit::{self, LockInput, Report, Setup, refused_flake, with_analysis, with_report};
use crate::config::{ConfigError, ConfigFinder, ConfigInScope, DeclaredInput, Found};
use crate::fix::{Shown, show_edits};
use crate::graph::Graph;
use crate::instance::Analysis;
use crate::load::{LOCK_NAME, LockFile, read, single};
use crate::lock::{InputId, NodeId, Unescaped};
use crate::text::{Position, Visible, hint, nearest};

/// Which lock, and what was said of it.
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
    config: Option<Found>,
}

impl ReadLock {
    /// Reads a lock, and the configuration that goes for it.
    ///
    /// # Errors
    /// There is no lock to read, or the configuration is wrong.
    pub(super) fn new(path: &Path, config: Option<&Path>) -> Result<Self> {
        let lock = single(path);
        let mut bytes = Vec::new();
        read(&lock, &mut bytes).map_err(|problem| anyhow!("{}: {problem}", lock.name))?;
        let finder = config_finder(config);
        let config = lock.folder().and_then(|folder| finder.find(&folder)).transpose();
        let config = config.map_err(|ConfigError { file, message, position, excerpt }| {
            let message = Visible(&message).to_string();
            let error = audit::Error { message, file: Some(file), position, excerpt };
            NotAudited { file: lock.name.clone(), error }
        })?;
        Ok(Self { lock, bytes, config })
    }

    /// Reads the lock of a flake as it was, in a folder that holds that, and the configuration that
    /// went for it. What that names need not have been an input then, and one that is wrong counts as
    /// none: who repairs it wants to hear of the flake.
    ///
    /// # Errors
    /// There is no lock to read.
    pub(super) fn of_past(folder: &Path, finder: &ConfigFinder) -> Result<Self> {
        let lock = single(&folder.join(LOCK_NAME));
        let lock = LockFile { name: LOCK_NAME.to_owned(), ..lock };
        let mut bytes = Vec::new();
        read(&lock, &mut bytes).map_err(|problem| anyhow!("{LOCK_NAME}: {problem}"))?;
        let config = finder.find(folder).and_then(Result::ok);
        let config = config.map(|found| Found { beside: false, ..found });
        Ok(Self { lock, bytes, config })
    }

    /// The lock of a flake that has no inputs, since it is not there.
    pub(super) fn of_nothing() -> Self {
        let lock = LockFile { name: LOCK_NAME.to_owned(), path: None, problem: None };
        let bytes = br#"{"nodes":{"root":{}},"root":"root","version":7}"#.to_vec();
        Self { lock, bytes, config: None }
    }

    /// The configuration, and whether it stands beside the lock.
    pub(super) fn config(&self) -> Option<ConfigInScope<'_>> {
        self.config.as_ref().map(Found::in_scope)
    }

    /// Finds out what there is to know of the lock.
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

    /// Hands the lock on to whatever looks at it.
    ///
    /// # Errors
    /// What keeps it from being audited.
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
        look(source, self.config()).map_err(|error| self.told(&error))
    }

    /// What kept the lock from being audited, as it is told.
    pub(super) fn told(&self, error: &audit::Error) -> Error {
        NotAudited { file: self.lock.name.clone(), error: error.clone() }.into()
    }
}

/// That every input that was declared on the command line is one.
///
/// # Errors
/// One is none.
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
    /// Reads the lock and finds out what there is to know of it.
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

    /// The same, with what `check` reports of it.
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

    /// The same, without a word on standard error.
    ///
    /// # Errors
    /// Everything that `check` reports as a lock that cannot be audited.
    pub(super) fn with_silent_report<T>(
        self,
        then: impl FnOnce(&Analysis<'_, '_, '_>, &Report<'_>) -> T,
    ) -> Result<T> {
        let folder = single(self.path).folder();
        self.looked_at(|source, config, setup| {
            with_report(source, config, setup, |analysis, mut report| {
                if let Some(folder) = &folder {
                    show_edits(&mut report, folder, Shown::All);
                }
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

/// What somebody names on the command line.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    Input(InputId),
    Node(NodeId),
}

impl Subject {
    /// The input path of this text, else the node of this key.
    pub(super) fn find(graph: &Graph<'_, '_>, text: &str) -> Option<Self> {
        let lock = graph.lock();
        // A name may itself hold a slash: such an input of the root is found whole.
        let whole = lock.input_named(lock.root(), text);
        let names = text.split('/').filter(|name| !name.is_empty());
        let input = graph.find_input(names).or(whole).map(Self::Input);
        input.or_else(|| lock.node_keyed(text).map(Self::Node))
    }

    /// The same.
    ///
    /// # Errors
    /// There is neither; with the nearest name that there is.
    pub(super) fn named(graph: &Graph<'_, '_>, text: &str) -> Result<Self> {
        let Some(found) = Self::find(graph, text) else {
            let meant = Self::like(graph, text);
            bail!("the lock has no input or node `{text}`{}", hint(meant.as_deref()))
        };
        Ok(found)
    }

    /// The input path or node key that is most like a text, if any is.
    pub(super) fn like(graph: &Graph<'_, '_>, text: &str) -> Option<String> {
        let path = graph.nearest_input(text.split('/').filter(|name| !name.is_empty()));
        let path = path.as_deref();
        let keys = graph.lock().nodes().iter().map(|(_, node)| node.key);
        nearest(text, path.into_iter().chain(keys)).or(path).map(str::to_owned)
    }
}

/// Where Nix refuses flake.nix, what the lock holds can still be shown: why, in words.
pub(super) fn refused(analysis: &Analysis<'_, '_, '_>, lock_name: &str) -> Option<String> {
    let error = refused_flake(analysis, lock_name)?;
    let told = NotAudited { file: lock_name.to_owned(), error };
    Some(format!("{}; this is from flake.lock alone", Visible(&told.to_string())))
}

/// The same, told on standard error.
pub(super) fn warn_of_refused(analysis: &Analysis<'_, '_, '_>, lock_name: &str) {
    if let Some(refused) = refused(analysis, lock_name) {
        // With standard error closed there is nobody left to tell.
        let _ = writeln!(io::stderr(), "warning: {refused}");
    }
}

/// Why a lock cannot be audited.
#[derive(Debug)]
pub(super) struct NotAudited {
    /// The lock, as it is to be named.
    pub(super) file: String,
    /// What is wrong, with that or another file.
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
