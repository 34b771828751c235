//! The look of an input, for drawings with styles.

use super::verdict::VerdictKind;

/// From the least to the most conspicuous; `Disabled` aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum InputTone {
    Plain,
    Configured,
    /// Unconfigured, but not reported by default.
    Quiet,
    Unconfigured,
    Disabled,
    Broken,
}

impl InputTone {
    /// The tone of an input with this verdict.
    pub(super) fn of(kind: VerdictKind<'_>) -> Self {
        match kind {
            VerdictKind::Plain => Self::Plain,
            VerdictKind::Configured => Self::Configured,
            VerdictKind::Unconfigured { .. } if kind.is_loud() => Self::Unconfigured,
            VerdictKind::Unconfigured { .. } => Self::Quiet,
            VerdictKind::Disabled => Self::Disabled,
            VerdictKind::Dangling { .. } | VerdictKind::Cycle { .. } => Self::Broken,
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
