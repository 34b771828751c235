//! A line of the table, as Rust writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use flake_audit::instance::{Built, KnownFlake, OfferKind, TakenFor};

/// What was seen of a flake.
#[derive(Debug)]
pub(crate) struct Line {
    /// As `github:owner/repo`, in lower case.
    pub(crate) repository: String,
    /// The day of the revision, and how it begins.
    pub(crate) read: (String, String),
    /// What it is taken for.
    pub(crate) taken: TakenFor,
    /// By whose nixpkgs each kind is built.
    pub(crate) built: [Built; 6],
    /// Paths, and a changed package in each.
    pub(crate) changed: BTreeMap<String, String>,
    /// Beginnings of paths of which it is not known.
    pub(crate) not_known: BTreeSet<String>,
    /// What of that a person is sure of, kept from the line that there is.
    pub(crate) unchanged: Vec<String>,
    /// GPU settings of its own.
    pub(crate) sets: BTreeSet<String>,
    /// A binary cache.
    pub(crate) cache: Option<String>,
    /// The overlay that offers its packages.
    pub(crate) overlay: Option<String>,
    /// What a person saw, kept from the line that there is.
    pub(crate) by_hand: String,
    /// Why something is not known, for people.
    pub(crate) not_seen: BTreeSet<String>,
}

impl Line {
    /// In what a line of the table says something else: nothing, where it is the same, or where a
    /// person says more than can be seen.
    #[allow(dead_code)] // The test asks for it.
    pub(crate) fn differences(&self, known: &KnownFlake) -> Vec<String> {
        let mut found = Vec::new();
        let mut tell = |what: &str, seen: String, line: String| {
            if seen != line {
                found.push(format!("{}: {what} is {seen}, the line says {line}", self.repository));
            }
        };
        let hand = !known.by_hand.is_empty();
        for (kind, (seen, line)) in self.built.iter().zip(&known.built).enumerate() {
            // Of modules the survey knows no more than whether words occur.
            let of_modules = OfferKind::ALL.get(kind) == Some(&OfferKind::Modules);
            if !(hand && (*seen == Built::NotKnown || of_modules)) {
                tell(&format!("kind {kind}"), format!("{seen:?}"), format!("{line:?}"));
            }
        }
        let line: BTreeMap<String, String> =
            known.changed.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        if !hand || self.not_known.is_empty() {
            tell("changed", format!("{:?}", self.changed), format!("{line:?}"));
            let line: BTreeSet<String> = known.not_known.iter().map(|&at| at.into()).collect();
            tell("not known", format!("{:?}", self.not_known), format!("{line:?}"));
        } else {
            // Where a person is less sure than the survey, the line says so.
            let unsure = |path: &str| known.not_known.iter().any(|at| path.starts_with(at));
            for (path, package) in &self.changed {
                let said = line.get(path);
                if said.is_none() && unsure(path) {
                    continue;
                }
                let line = said.cloned().unwrap_or_default();
                tell(path, package.clone(), line);
            }
        }
        if !found.is_empty() {
            found.extend(self.not_seen.iter().map(|what| format!("{}: {what}", self.repository)));
        }
        let mut tell = |what: &str, seen: String, line: String| {
            if seen != line {
                found.push(format!("{}: {what} is {seen}, the line says {line}", self.repository));
            }
        };
        if !(hand && self.overlay.is_none()) {
            let seen = format!("{:?}", self.overlay.as_deref());
            tell("overlay", seen, format!("{:?}", known.overlay));
        }
        tell("cache", format!("{:?}", self.cache.as_deref()), format!("{:?}", known.cache));
        found
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = |built: &Built| match built {
            Built::No => "N",
            Built::Given => "G",
            Built::Legacy => "L",
            Built::Import => "I",
            Built::Settings => "S",
            Built::NotKnown => "U",
        };
        let built: Vec<_> = self.built.iter().map(letter).collect();
        write!(
            f,
            "line({:?}, {:?}, {:?}, [{}])",
            self.repository,
            self.read,
            self.taken,
            built.join(", ")
        )?;
        if !self.changed.is_empty() {
            let all: Vec<_> = self.changed.iter().map(|pair| format!("{pair:?}")).collect();
            write!(f, ".changed(&[{}])", all.join(", "))?;
        }
        let unchanged = self.unchanged.iter().cloned().collect();
        for (name, all) in
            [("not_known", &self.not_known), ("unchanged", &unchanged), ("sets", &self.sets)]
        {
            if !all.is_empty() {
                let all: Vec<_> = all.iter().map(|one| format!("{one:?}")).collect();
                write!(f, ".{name}(&[{}])", all.join(", "))?;
            }
        }
        for (name, one) in [("overlay", &self.overlay), ("cache", &self.cache)] {
            if let Some(one) = one {
                write!(f, ".{name}({one:?})")?;
            }
        }
        if !self.by_hand.is_empty() {
            write!(f, ".by_hand({:?})", self.by_hand)?;
        }
        Ok(())
    }
}
