//! What arguments choose from.

use clap::ValueEnum;

/// Shells that can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    #[value(alias = "pwsh")]
    Powershell,
    Zsh,
}

impl Shell {
    /// As it is called on the command line, and by clap.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

/// Formats of `check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// For people.
    Human,
    /// One JSON document (docs/output.md).
    Json,
    /// One line of JSON a lock, as soon as it is known.
    Ndjson,
    /// SARIF 2.1.0, for code scanning (docs/ci.md).
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// A summary in Markdown, as for $GITHUB_STEP_SUMMARY.
    Markdown,
}

/// Formats of `why`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum WhyFormat {
    /// For people.
    Human,
    /// One JSON document (docs/output.md).
    Json,
}

/// Formats of `twice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TwiceFormat {
    /// For people.
    Human,
    /// One JSON document (docs/twice.md), as with --json.
    Json,
    /// Tables in Markdown, as for a pull request or $GITHUB_STEP_SUMMARY.
    Markdown,
}

/// Formats of `graph`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    /// For Graphviz.
    Dot,
    /// Every node and edge, for programs.
    Json,
    /// As `nix flake metadata` prints it, with verdicts.
    Tree,
    /// For Markdown on GitHub.
    Mermaid,
    /// A picture, without Graphviz.
    Svg,
    /// A page to walk through in a browser, with findings.
    Html,
}
