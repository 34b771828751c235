//! What arguments choose from.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};

/// Shells that can be completed.
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
    /// Its name on the command line, and in clap.
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
    /// One line of JSON for each lock, as soon as it is audited.
    Ndjson,
    /// SARIF 2.1.0, for code scanning (docs/ci.md).
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// A summary in Markdown, for $GITHUB_STEP_SUMMARY for instance.
    Markdown,
    /// One line for each finding, for editors and grep.
    Concise,
    /// A code quality report for GitLab (docs/ci.md).
    Gitlab,
}

/// A format, and the file to write it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChosenFormat {
    pub(super) format: ReportFormat,
    pub(super) file: Option<PathBuf>,
}

/// Reads `FORMAT` and `FORMAT=FILE`.
#[derive(Debug, Clone)]
pub(super) struct ChosenFormats;

impl TypedValueParser for ChosenFormats {
    type Value = ChosenFormat;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<ChosenFormat, clap::Error> {
        let text = value.to_str();
        let (format, file) = match text.and_then(|text| text.split_once('=')) {
            Some((format, file)) if !file.is_empty() => (OsStr::new(format), Some(file.into())),
            _ => (value, None),
        };
        let format = EnumValueParser::<ReportFormat>::new().parse_ref(command, argument, format)?;
        Ok(ChosenFormat { format, file })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let all = ReportFormat::value_variants().iter();
        Some(Box::new(all.filter_map(ValueEnum::to_possible_value)))
    }
}

/// Formats of `why`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum WhyFormat {
    /// For people.
    Human,
    /// One JSON document (docs/output.md).
    Json,
}

/// Formats of `diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum DiffFormat {
    /// For people.
    Human,
    /// One JSON document (docs/diff.md).
    Json,
    /// Lists in Markdown, for a comment on a pull request.
    Markdown,
}

/// Formats of `twice`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TwiceFormat {
    /// For people.
    Human,
    /// One JSON document (docs/twice.md), the same as --json.
    Json,
    /// Tables in Markdown, for a pull request or $GITHUB_STEP_SUMMARY.
    Markdown,
}

/// Whose version of an input is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Preferred {
    /// The version whose source was changed last.
    Newest,
    /// The version of the branch that is merged into.
    Ours,
    /// The version of the branch that is merged.
    Theirs,
}

/// Formats of `graph`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    /// For Graphviz.
    Dot,
    /// Every node and edge, for programs.
    Json,
    /// The tree of `nix flake metadata`, with verdicts.
    Tree,
    /// For Markdown on GitHub, GitLab and others.
    Mermaid,
    /// A picture, without Graphviz.
    Svg,
    /// A page for the browser, with findings and fixes.
    Html,
}
