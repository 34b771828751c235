//! The look of an input, for drawings with styles.

use super::verdict::Kind;

/// From the least to the most conspicuous; `Disabled` aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    Plain,
    Configured,
    /// Unconfigured, but not reported by default.
    Quiet,
    Unconfigured,
    Disabled,
    Broken,
}

impl Tone {
    /// The tone of an input with this verdict.
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

    /// Its name in styles.
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
