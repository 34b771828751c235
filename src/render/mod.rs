//! Writing reports: one file for each format. Formats do not know each other; sentences that
//! several of them use are in `words`.

pub mod concise;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod json;
pub mod markdown;
pub mod sarif;
pub(crate) mod words;

use std::fmt::{self, Display};

use serde::Serialize;

use crate::audit::{Error, Report, SourceWarning};
use crate::text::Position;

/// Counts over all locks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Summary {
    /// Locks that were looked at.
    pub locks: usize,
    /// Locks that could not be audited.
    pub errors: usize,
    /// Findings at level deny.
    pub deny: usize,
    /// Findings at level warn.
    pub warn: usize,
    /// What is told of those at level deny, where several are told as one.
    #[serde(skip)]
    pub told_deny: usize,
    /// The same at level warn.
    #[serde(skip)]
    pub told_warn: usize,
    /// Findings that are exempted.
    pub exempted: usize,
    /// Findings that were there before, where only new ones count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older: Option<usize>,
    /// How many of them `fix` would say that it repairs.
    pub fixable: usize,
    /// Locks of whose sources not all was looked at, because it is too much.
    #[serde(skip_serializing_if = "is_zero")]
    pub cut_short: usize,
    /// Locks of flakes of which some outputs were not fully understood.
    #[serde(skip_serializing_if = "is_zero")]
    pub in_part: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde asks for")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Something about the run itself: an exemption that is due or useless, a lock that could not be
/// audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Remark {
    /// One line.
    pub message: String,
    /// The file it is about.
    pub file: String,
    /// Line, from 1; 0 where there is no place.
    pub line: usize,
    /// Column, from 1; 0 where there is no place.
    pub column: usize,
}

/// What is reported at the end of a run, besides the reports.
#[derive(Debug, Clone, Copy)]
pub struct RunOutcome<'o> {
    /// Counts over all locks.
    pub summary: Summary,
    /// Warnings about the run.
    pub warnings: &'o [Remark],
    /// Names on the command line or in a configuration that no lock has.
    pub unknown: &'o [String],
}

impl Remark {
    fn new(message: String, file: String, position: Option<Position>) -> Self {
        let Position { line, column } = position.unwrap_or(Position { line: 0, column: 0 });
        Self { message, file, line, column }
    }

    /// The error of a lock that could not be audited.
    pub fn error(lock_file: &str, error: &Error) -> Self {
        let file = match &error.file {
            Some(file) => file.to_string_lossy().into_owned(),
            None => lock_file.to_owned(),
        };
        Self::new(error.message.clone(), file, error.position)
    }

    /// Which outputs were not fully read, if any.
    pub fn in_part(report: &Report<'_>) -> Option<Self> {
        Some(Self::new(words::in_part(report)?, report.lock_file.clone(), None))
    }

    /// Its place, if it has one.
    pub fn position(&self) -> Option<Position> {
        let Self { line, column, .. } = *self;
        (line > 0).then_some(Position { line, column })
    }
}

impl From<SourceWarning> for Remark {
    fn from(source: SourceWarning) -> Self {
        Self::new(source.message, source.file, source.position)
    }
}

/// In one line: `2 locks: 1 error, 3 warnings`.
impl Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |number: usize, what: &str| match number {
            0 => None,
            1 => Some(format!("1 {what}")),
            more => Some(format!("{more} {what}s")),
        };
        let locks = count(self.locks, "lock").unwrap_or_else(|| "no lock".into());
        let found: Vec<_> = [
            (self.errors > 0).then(|| format!("{} not audited", self.errors)),
            count(self.deny, "error"),
            count(self.warn, "warning"),
            (self.exempted > 0).then(|| format!("{} exempted", self.exempted)),
            count(self.older.unwrap_or_default(), "older finding"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let nothing_new = self.older.is_some() && self.deny + self.warn + self.errors == 0;
        let found = match (found.is_empty(), self.cut_short + self.in_part) {
            (false, _) if nothing_new => format!("nothing new found, {}", found.join(", ")),
            (true, 0) if nothing_new => "nothing new found".into(),
            (false, _) => found.join(", "),
            (true, 0) => "nothing found".into(),
            (true, _) => "nothing found, but not everything was read".into(),
        };
        write!(f, "{locks}: {found}")?;
        match self.fixable {
            0 => Ok(()),
            number => write!(f, " (`flake-audit fix` repairs {number})"),
        }
    }
}
