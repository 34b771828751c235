//! Exit codes.

use std::process::ExitCode;

/// The result of a run; the worst one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: nothing at deny level.
    Success,
    /// 1: a finding at deny level.
    Denied,
    /// 2: something could not be audited: usage, no lock where one was named, an unreadable or
    /// malformed lock, a bad configuration.
    Error,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => ExitCode::SUCCESS,
            Exit::Denied => ExitCode::from(1),
            Exit::Error => ExitCode::from(2),
        }
    }
}
