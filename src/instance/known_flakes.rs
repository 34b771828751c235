//! Well-known flakes and what they do with nixpkgs, used when their source is not on disk.
//!
//! CI has no store, so the root is read and its dependencies are not. Most of these are the same
//! few hundred public flakes: each was read once by `cargo run --example survey`, and each line was
//! checked by a person. Only facts are kept, none of their text. A line is dated, and holds for
//! revisions of about that day.

mod marks;
mod table;

use crate::flake_ref::{Repository, identifying_ref};
use crate::lock::{Lock, NodeId};
use crate::source::nixpkgs_config;
use crate::text::Time;
use marks::MARKS;
use table::{ALIASES, LINES};

/// A flake that was surveyed, and what was seen.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownFlake {
    /// Its repository in lower case, as `github:owner/repo`.
    pub repository: &'static str,
    /// The day of the revision that was read, as `2026-11-28`, and the first digits of that
    /// revision.
    pub read: (&'static str, &'static str),
    /// What people take of it.
    pub taken: TakenFor,
    /// By whose nixpkgs each kind of output is built, in the order of [`OfferKind`].
    pub built: [Built; 6],
    /// Packages that a GPU setting changes: attribute paths without systems, as `packages.default`,
    /// and the package of nixpkgs that is seen in each.
    pub changed: &'static [(&'static str, &'static str)],
    /// Prefixes of attribute paths whose packages could not be read.
    pub not_known: &'static [&'static str],
    /// What of that a person is sure that no setting changes: beginnings of longer paths.
    pub unchanged: &'static [&'static str],
    /// GPU settings that it sets for itself.
    pub sets: &'static [&'static str],
    /// The overlay, by its name below `overlays`, that builds all packages of the flake, under the
    /// same names, from the nixpkgs that it is given.
    pub overlay: Option<&'static str>,
    /// The first binary cache that it names in `nixConfig`.
    pub cache: Option<&'static str>,
    /// What a person saw that the survey could not, or why the line says more than the survey.
    pub by_hand: &'static str,
}

/// What people use a flake for.
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

/// Whose nixpkgs builds a kind of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Built {
    /// There is no such output.
    No,
    /// The nixpkgs that it is given.
    Given,
    /// `legacyPackages` of the flake's own input.
    Legacy,
    /// `import` of the flake's own input.
    Import,
    /// One with GPU settings of the flake's own.
    Settings,
    /// Not known, or several.
    NotKnown,
}

/// What a line says about something that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownAnswer {
    /// No GPU setting changes it.
    Unchanged(Age),
    /// A GPU setting changes this package in it.
    Changed(&'static str, Age),
    /// The line does not say.
    NotKnown,
}

/// Whether a line is of about the time of what is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// It is.
    Near,
    /// It is older or newer, so what it says may not hold.
    Other,
}

impl KnownAnswer {
    /// Whether it may no longer hold, or not hold yet.
    pub fn is_of_another_time(self) -> bool {
        matches!(self, KnownAnswer::Unchanged(Age::Other) | KnownAnswer::Changed(_, Age::Other))
    }
}

impl TakenFor {
    /// The words after "taken for its".
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
    /// Whose nixpkgs builds a kind of output.
    pub fn built(&self, kind: OfferKind) -> Built {
        let at = OfferKind::ALL.iter().position(|other| *other == kind);
        at.and_then(|at| self.built.get(at)).copied().unwrap_or(Built::NotKnown)
    }

    /// Whether no GPU setting changes anything that it builds.
    pub fn is_unchanged(&self) -> bool {
        self.changed.is_empty() && self.not_known.is_empty()
    }

    /// Whether its overlays, modules and functions build with what they are given, or nothing that
    /// a GPU setting changes. If so, what takes them can be judged without reading them.
    pub fn adds_nothing(&self) -> bool {
        let given = |kind| matches!(self.built(kind), Built::No | Built::Given);
        self.brings_nothing()
            || [OfferKind::Overlays, OfferKind::Modules, OfferKind::Lib].into_iter().all(given)
    }

    /// Whether people take it for development tools, or for something that builds with what it is
    /// given.
    pub fn is_taken_for_code(&self) -> bool {
        self.taken != TakenFor::Packages
    }

    /// Whether nothing from its own nixpkgs enters what people build with it.
    pub fn brings_nothing(&self) -> bool {
        self.is_taken_for_code() || self.is_unchanged()
    }

    /// What is known of it, in words that follow its name.
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

    /// The month of the revision that was read, as `2026-11`.
    pub fn month(&self) -> &'static str {
        self.read.0.get(..7).unwrap_or(self.read.0)
    }

    /// The answer for something that is taken, by its attribute path and the time of its source's
    /// last change.
    pub fn answer(&self, path: &str, last_modified: Option<u64>) -> KnownAnswer {
        let age = self.age(last_modified);
        let path = usual_path(path);
        let begins = |known: &str| {
            path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if let Some((_, package)) = self.changed.iter().find(|(known, _)| begins(known)) {
            return KnownAnswer::Changed(package, age);
        }
        if self.unchanged.iter().any(|known| begins(known)) {
            return KnownAnswer::Unchanged(age);
        }
        let surveyed = [
            ("packages.", OfferKind::Packages),
            ("apps.", OfferKind::Apps),
            ("devShells.", OfferKind::Shells),
        ];
        let kind = surveyed.into_iter().find(|(name, _)| path.starts_with(name));
        // If the survey saw nothing of this kind, it was added later or was not understood.
        let is_missed = kind.is_some_and(|(_, kind)| self.built(kind) == Built::No);
        // It takes several things, or something that was not surveyed.
        let is_open = kind.is_none() && !self.is_unchanged();
        if is_missed || is_open || self.not_known.iter().any(|known| begins(known)) {
            return KnownAnswer::NotKnown;
        }
        KnownAnswer::Unchanged(age)
    }

    /// Whether the line is of about this time: within a year of it, because flakes seldom change in
    /// what they are.
    pub fn age(&self, last_modified: Option<u64>) -> Age {
        // Months count as 31 days, so a year as 372.
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

/// An attribute path without its system, in current spelling: `packages.x86_64-linux.default` and
/// `defaultPackage.x86_64-linux` both become `packages.default`.
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

/// All lines, sorted by repository.
#[cfg(test)]
pub(super) fn lines() -> &'static [KnownFlake] {
    LINES
}

/// Other names of repositories, sorted, each with the name that has the line.
#[cfg(test)]
pub(super) fn aliases() -> &'static [(&'static str, &'static str)] {
    ALIASES
}

/// The line for a repository, as `github:owner/repo` in lower case, or for another name of it.
pub fn of_repository(repository: &str) -> Option<&'static KnownFlake> {
    if !is_marked(marks::hash(marks::START, repository.as_bytes())) {
        return None;
    }
    let now = ALIASES.binary_search_by(|(alias, _)| (*alias).cmp(repository)).ok();
    let repository = now.and_then(|at| ALIASES.get(at)).map_or(repository, |(_, now)| now);
    let at = LINES.binary_search_by(|line| line.repository.cmp(repository)).ok()?;
    LINES.get(at)
}

fn is_marked(hash: u64) -> bool {
    let (word, bit) = marks::place(hash);
    MARKS.get(word).is_some_and(|marks| marks & bit != 0)
}

/// The line for a node's source, if it has one.
pub fn known_flake(lock: &Lock<'_>, node: NodeId) -> Option<&'static KnownFlake> {
    let reference = identifying_ref(lock, node)?;
    if let Some(Repository { forge, owner, name }) = Repository::of(reference) {
        let parts = [forge.as_str(), ":", owner, "/", name];
        let hash = parts.iter().fold(marks::START, |hash, part| marks::hash(hash, part.as_bytes()));
        if !is_marked(hash) {
            return None;
        }
    }
    of_repository(&Repository::key(reference)?)
}

/// What the line of a node, if it has one, says about something that is taken, for the revision that
/// was last changed at this time.
pub(super) fn answer(
    line: Option<&KnownFlake>,
    path: &str,
    last_modified: Option<u64>,
) -> KnownAnswer {
    line.map_or(KnownAnswer::NotKnown, |known| known.answer(path, last_modified))
}

/// The same, given the settings of the builder: a line knows only GPU settings, and not those that
/// the flake sets for itself.
pub(super) fn answer_for_settings(
    line: Option<&KnownFlake>,
    path: &str,
    last_modified: Option<u64>,
    settings: &[String],
) -> KnownAnswer {
    let has = |known: &KnownFlake, key: &String| known.sets.contains(&key.as_str());
    match answer(line, path, last_modified) {
        _ if !settings.iter().all(|key| nixpkgs_config::is_gpu(key)) => KnownAnswer::NotKnown,
        KnownAnswer::Changed(_, age)
            if !settings.is_empty()
                && line.is_some_and(|known| settings.iter().all(|key| has(known, key))) =>
        {
            KnownAnswer::Unchanged(age)
        }
        answer => answer,
    }
}
