//! Well-known flakes and what they do with nixpkgs, in place of their source.
//!
//! Continuous integration has no store, so the root is read and its dependencies are not. Most of
//! these are the same few hundred public flakes: their sources were read once, by
//! `cargo run --example survey`, and each line was looked at. No text of theirs is kept, only facts.
//! A line is of one day, and answers for revisions of about that day.

mod table;

use crate::flake_ref::{Repository, identifying_ref};
use crate::lock::{Lock, NodeId};
use crate::source::nixpkgs_config;
use crate::text::Time;
use table::{ALIASES, LINES};

/// A flake that was looked at, and what was seen.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownFlake {
    /// Its repository in lower case, as `github:owner/repo`.
    pub repository: &'static str,
    /// The day of the revision that was read, as `2026-11-28`, and how it begins.
    pub read: (&'static str, &'static str),
    /// What people take of it.
    pub taken: TakenFor,
    /// By whose nixpkgs each kind of output is built, in the order of [`OfferKind`].
    pub built: [Built; 6],
    /// What a GPU setting changes: attribute paths without systems, as `packages.default`, and the
    /// package of nixpkgs that is seen in each.
    pub changed: &'static [(&'static str, &'static str)],
    /// What it builds of which it is not known: beginnings of such paths.
    pub not_known: &'static [&'static str],
    /// What of that a person is sure that no setting changes: beginnings of longer paths.
    pub unchanged: &'static [&'static str],
    /// GPU settings that it sets for itself.
    pub sets: &'static [&'static str],
    /// The name, below `overlays`, of the one that builds with the nixpkgs that it is given what the
    /// packages of the flake are, by the same names; not only some of them.
    pub overlay: Option<&'static str>,
    /// The first binary cache that it names in `nixConfig`.
    pub cache: Option<&'static str>,
    /// What a person saw where the survey could not, or why the line says more than it.
    pub by_hand: &'static str,
}

/// What a flake is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenFor {
    /// Packages, apps or shells.
    Packages,
    /// NixOS, home-manager or darwin modules.
    Modules,
    /// Library functions.
    Lib,
    /// Overlays that build with the user's own nixpkgs.
    Overlays,
    /// Development tools, which enter no closure.
    Development,
}

/// A kind of output that people take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OfferKind {
    /// `packages`
    Packages,
    /// `apps`
    Apps,
    /// `devShells`
    Shells,
    /// `overlays`
    Overlays,
    /// `nixosModules` and the like.
    Modules,
    /// `lib`
    Lib,
}

/// By whose nixpkgs a kind of output is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Built {
    /// There is none.
    No,
    /// By the one that it is given.
    Given,
    /// By `legacyPackages` of the flake's own input.
    Legacy,
    /// By `import` of it.
    Import,
    /// By one with GPU settings of the flake's own.
    Settings,
    /// Not known, or several.
    NotKnown,
}

/// What a line says of something that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// No GPU setting changes it.
    Unchanged(Age),
    /// This package in it is changed.
    Changed(&'static str, Age),
    /// The line does not say.
    NotKnown,
}

/// Whether a line is of about the time of what is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// It is.
    Near,
    /// It is of another time, so what it says may not hold.
    Other,
}

impl Answer {
    /// Whether it may no longer hold, or not yet.
    pub fn is_of_another_time(self) -> bool {
        matches!(self, Answer::Unchanged(Age::Other) | Answer::Changed(_, Age::Other))
    }
}

impl TakenFor {
    /// In words, after "taken for its".
    pub fn words(self) -> &'static str {
        match self {
            TakenFor::Packages => "packages",
            TakenFor::Modules => "modules",
            TakenFor::Lib => "library functions",
            TakenFor::Overlays => "overlays",
            TakenFor::Development => "development tools",
        }
    }
}

impl OfferKind {
    /// All, in the order of [`KnownFlake::built`].
    pub const ALL: [OfferKind; 6] = [
        OfferKind::Packages,
        OfferKind::Apps,
        OfferKind::Shells,
        OfferKind::Overlays,
        OfferKind::Modules,
        OfferKind::Lib,
    ];
}

impl KnownFlake {
    /// By whose nixpkgs a kind of output is built.
    pub fn built(&self, kind: OfferKind) -> Built {
        let at = OfferKind::ALL.iter().position(|other| *other == kind);
        at.and_then(|at| self.built.get(at)).copied().unwrap_or(Built::NotKnown)
    }

    /// Whether no GPU setting changes anything that it builds.
    pub fn is_unchanged(&self) -> bool {
        self.changed.is_empty() && self.not_known.is_empty()
    }

    /// Whether its overlays, modules and functions build with what they are given, or nothing
    /// that a GPU setting changes: then what takes them can be read without them.
    pub fn adds_nothing(&self) -> bool {
        let given = |kind| matches!(self.built(kind), Built::No | Built::Given);
        self.brings_nothing()
            || [OfferKind::Overlays, OfferKind::Modules, OfferKind::Lib].into_iter().all(given)
    }

    /// Whether people take of it what enters no closure, or builds with what it is given.
    pub fn is_taken_for_code(&self) -> bool {
        self.taken != TakenFor::Packages
    }

    /// Whether nothing of its own nixpkgs gets into what people build with it.
    pub fn brings_nothing(&self) -> bool {
        self.is_taken_for_code() || self.is_unchanged()
    }

    /// What is known of it, in words after its name.
    pub fn words(&self) -> String {
        let month = self.month();
        let what = if self.is_unchanged() {
            "builds nothing that a GPU setting changes".to_owned()
        } else if self.is_taken_for_code() {
            format!("is taken for its {}", self.taken.words())
        } else if let Some((path, package)) = self.changed.first() {
            format!("builds what a GPU setting changes: `{package}` in `{path}`")
        } else {
            "builds what may be changed by a GPU setting".to_owned()
        };
        format!("{what} (read {month})")
    }

    /// The month of what was read, as `2026-11`.
    pub fn month(&self) -> &'static str {
        self.read.0.get(..7).unwrap_or(self.read.0)
    }

    /// What is known of something that is taken, by its attribute path, for what was last changed
    /// at a time.
    pub fn answer(&self, path: &str, last_modified: Option<u64>) -> Answer {
        let age = self.age(last_modified);
        let path = usual_path(path);
        let begins = |known: &str| {
            path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some((_, package)) = self.changed.iter().find(|(known, _)| begins(known)) {
            return Answer::Changed(package, age);
        }
        if self.unchanged.iter().any(|known| begins(known)) {
            return Answer::Unchanged(age);
        }
        let surveyed = [
            ("packages.", OfferKind::Packages),
            ("apps.", OfferKind::Apps),
            ("devShells.", OfferKind::Shells),
        ];
        let kind = surveyed.into_iter().find(|(name, _)| path.starts_with(name));
        // What is taken though the survey saw nothing of its kind came later, or was not understood.
        let is_missed = kind.is_some_and(|(_, kind)| self.built(kind) == Built::No);
        // More than one thing, or what was not surveyed.
        let is_open = kind.is_none() && !self.is_unchanged();
        if is_missed || is_open || self.not_known.iter().any(|known| begins(known)) {
            return Answer::NotKnown;
        }
        Answer::Unchanged(age)
    }

    /// Whether it is of about the time of what was last changed then: less than a year before or
    /// after it, as flakes change slowly in what they are.
    pub fn age(&self, last_modified: Option<u64>) -> Age {
        // Months of 31 days, and so years of 372.
        let count = |year: u64, month: u64, day: u64| year * 372 + month * 31 + day;
        let mut read = self.read.0.split('-').map(|part| part.parse().unwrap_or(0));
        let mut next = || read.next().unwrap_or(0);
        let read = count(next(), next(), next());
        let locked = last_modified.and_then(Time::new).map(Time::date);
        let locked = locked.map(|date| count(date.year, date.month, date.day));
        match locked {
            Some(locked) if locked.abs_diff(read) > 372 => Age::Other,
            _ => Age::Near,
        }
    }
}

/// An attribute path without its system, in today's spelling: `packages.x86_64-linux.default` and
/// `defaultPackage.x86_64-linux` are `packages.default`.
pub fn usual_path(path: &str) -> String {
    let is_system = |name: &&str| name.ends_with("-linux") || name.ends_with("-darwin");
    let mut names: Vec<&str> = path.split('.').collect();
    if names.get(1).is_some_and(is_system) {
        names.remove(1);
    }
    match names.as_slice() {
        ["defaultPackage"] => "packages.default".into(),
        ["devShell"] => "devShells.default".into(),
        ["defaultApp"] => "apps.default".into(),
        _ => names.join("."),
    }
}

/// All lines, by repository.
#[cfg(test)]
pub(super) fn lines() -> &'static [KnownFlake] {
    LINES
}

/// Other names of repositories, sorted, and those that the lines have.
#[cfg(test)]
pub(super) fn aliases() -> &'static [(&'static str, &'static str)] {
    ALIASES
}

/// The line of a repository, as `github:owner/repo` in lower case, or by another name of it.
pub fn of_repository(repository: &str) -> Option<&'static KnownFlake> {
    let now = ALIASES.binary_search_by(|(alias, _)| (*alias).cmp(repository)).ok();
    let repository = now.and_then(|at| ALIASES.get(at)).map_or(repository, |(_, now)| now);
    let at = LINES.binary_search_by(|line| line.repository.cmp(repository)).ok()?;
    LINES.get(at)
}

/// The line for a node's source, if it has one.
pub fn known_flake(lock: &Lock<'_>, node: NodeId) -> Option<&'static KnownFlake> {
    of_repository(&Repository::key(identifying_ref(lock, node)?)?)
}

/// The same with what it says of something that is taken, for the revision that is locked.
pub(super) fn answer(lock: &Lock<'_>, node: NodeId, path: &str) -> Answer {
    let at = lock.last_modified(node);
    known_flake(lock, node).map_or(Answer::NotKnown, |known| known.answer(path, at))
}

/// The same held against the settings of what takes it in: a line knows of GPU settings only, and of
/// those that a flake sets for itself.
pub(super) fn held_against(
    lock: &Lock<'_>,
    node: NodeId,
    path: &str,
    settings: &[String],
) -> Answer {
    let has = |known: &'static KnownFlake, key: &String| known.sets.contains(&key.as_str());
    match answer(lock, node, path) {
        _ if !settings.iter().all(|key| nixpkgs_config::is_gpu(key)) => Answer::NotKnown,
        Answer::Changed(_, age)
            if !settings.is_empty()
                && known_flake(lock, node)
                    .is_some_and(|known| settings.iter().all(|key| has(known, key))) =>
        {
            Answer::Unchanged(age)
        }
        answer => answer,
    }
}
