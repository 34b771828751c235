//! What an input looks like, for drawings that have styles.

use super::verdict::Kind;

/// From the quietest to the loudest, but for what leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    Plain,
    Configured,
    /// Unconfigured, but not what the rules speak of by default.
    Quiet,
    Unconfigured,
    Disabled,
    Broken,
}

impl Tone {
    /// Of an input with this verdict.
    pub(super) fn of(kind: Kind<'_>) -> Self {
        match kind {
            Kind::Plain => Self::Plain,
            Kind::Configured => Self::Configured,
            Kind::Unconfigured { .. } if kind.is_loud() => Self::Unconfigured,
            Kind::Unconfigured { .. } => Self::Quiet,
            Kind::Disabled => Self::Disabled,
            Kind::Dangling { .. } | Kind::Cycle { .. } => Self::Broken,
        }
    }

    /// As it is called in styles.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Configured => "configured",
            Self::Quiet => "quiet",
            Self::Unconfigured => "unconfigured",
            Self::Disabled => "disabled",
            Self::Broken => "broken",
        }
    }
}
