//! Workflow commands of GitHub Actions: each finding becomes an annotation beside its line.
//!
//! Source: "Workflow commands for GitHub Actions"; the escapes are those of `actions/toolkit`
//! (`packages/core/src/command.ts`).

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use super::words::FindingGroup;
use super::{Remark, RunOutcome};
use crate::audit::Report;
use crate::finding::Level;
use crate::text::{Position, Visible};

/// How many annotations of a kind GitHub shows for a step. All others are only in the log.
///
/// Source: `actions/toolkit`, `docs/problem-matchers.md`.
const SHOWN: usize = 10;

/// The severity of a command.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Error,
    Warning,
    Notice,
}

/// A workflow command.
struct Command<'c> {
    kind: Kind,
    file: Option<&'c str>,
    start: Option<Position>,
    end: Option<Position>,
    title: &'c str,
    message: &'c str,
}

/// Writes an annotation for each group of findings that are not exempted, at the place of the first
/// of them, and one for outputs that were not fully read; or the report's error.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    if let Some(error) = &report.error {
        let remark = Remark::error(&report.lock_file, error);
        return write!(out, "{}", Command::remark(Kind::Error, &remark));
    }
    FindingGroup::all(report)
        .filter(|group| group.first.counts())
        .try_for_each(|group| write_told(&report.lock_file, &group, out))?;
    match Remark::in_part(report) {
        Some(remark) => write!(out, "{}", Command::remark(Kind::Notice, &remark)),
        None => Ok(()),
    }
}

/// Writes what is wrong with the run itself, and how many annotations GitHub does not show.
///
/// # Errors
/// Those of the sink.
pub fn write_tail(outcome: RunOutcome<'_>, out: &mut impl Write) -> io::Result<()> {
    let RunOutcome { summary, warnings, unknown } = outcome;
    for warning in warnings {
        let message = Visible(&warning.message).to_string();
        let remark = Remark { message, ..warning.clone() };
        write!(out, "{}", Command::remark(Kind::Warning, &remark))?;
    }
    for message in unknown {
        let message = Visible(message).to_string();
        write!(out, "{}", Command::general(Kind::Error, &message))?;
    }
    let errors = summary.told_deny + summary.errors + unknown.len();
    let cut: Vec<_> = [(errors, "error"), (summary.told_warn + warnings.len(), "warning")]
        .into_iter()
        .filter_map(|(count, what)| {
            let more = count.checked_sub(SHOWN).filter(|more| *more > 0)?;
            Some(format!("{more} more {what}{}", if more == 1 { "" } else { "s" }))
        })
        .collect();
    if !cut.is_empty() {
        let message = format!(
            "GitHub shows {SHOWN} annotations of a kind for a step; the log has {}",
            cut.join(" and ")
        );
        write!(out, "{}", Command::general(Kind::Notice, &message))?;
    }
    Ok(())
}

fn write_told(
    lock_file: &str,
    group: &FindingGroup<'_, '_>,
    out: &mut impl Write,
) -> io::Result<()> {
    let finding = group.first;
    let location = finding.location.as_ref();
    let file = location.map_or(lock_file, |location| &location.file);
    let message = group.paragraphs(false).join("\n");
    let command = Command {
        kind: if finding.level == Level::Deny { Kind::Error } else { Kind::Warning },
        file: Some(file).filter(|file| *file != STANDARD_INPUT),
        start: location.map(|location| location.start),
        end: location.map(|location| location.end),
        title: finding.rule.id,
        message: &message,
    };
    write!(out, "{command}")
}

/// The name of a lock from standard input, which is no file that GitHub could show.
const STANDARD_INPUT: &str = "-";

impl<'c> Command<'c> {
    /// `remark.message` must be escaped already.
    fn remark(kind: Kind, remark: &'c Remark) -> Self {
        Self {
            file: Some(&*remark.file).filter(|file| *file != STANDARD_INPUT),
            start: remark.position(),
            ..Self::general(kind, &remark.message)
        }
    }

    fn general(kind: Kind, message: &'c str) -> Self {
        Self { kind, file: None, start: None, end: None, title: "flake-audit", message }
    }
}

impl Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Error => "::error ",
            Kind::Warning => "::warning ",
            Kind::Notice => "::notice ",
        })?;
        if let Some(file) = self.file {
            write!(f, "file={},", Property(file))?;
            if let Some(start) = self.start {
                write!(f, "line={},", start.line)?;
                let end = self.end.unwrap_or(start);
                // GitHub accepts columns only if the place is on one line.
                if end.line == start.line {
                    write!(f, "col={},", start.column)?;
                }
                if self.end.is_some() {
                    write!(f, "endLine={},", end.line)?;
                    if end.line == start.line {
                        write!(f, "endColumn={},", end.column)?;
                    }
                }
            }
        }
        writeln!(f, "title={}::{}", Property(self.title), Data(self.message))
    }
}

/// The message of a command, without characters that drive a terminal except line breaks.
struct Data<'a>(&'a str);

impl Display for Data<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '%' => f.write_str("%25"),
            '\r' => f.write_str("%0D"),
            '\n' => f.write_str("%0A"),
            c => f.write_char(c),
        })
    }
}

/// The value of a property. GitHub decodes line breaks, so that a file is found by its name; other
/// hidden characters are escaped for readers of the log.
struct Property<'a>(&'a str);

impl Display for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            ':' => f.write_str("%3A"),
            ',' => f.write_str("%2C"),
            '%' | '\r' | '\n' => write!(f, "{}", Data(c.encode_utf8(&mut [0; 4]))),
            c => write!(f, "{}", Visible(c.encode_utf8(&mut [0; 4]))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_and_data_are_escaped_as_github_reads_them() {
        let hostile = "a%0A:b,c\r\n::error::x\u{1b}ü";
        assert_eq!(Property(hostile).to_string(), "a%250A%3Ab%2Cc%0D%0A%3A%3Aerror%3A%3Ax\\u001bü");
        assert_eq!(Data("50% a,b:\r\n::error::x").to_string(), "50%25 a,b:%0D%0A::error::x");
    }

    #[test]
    fn columns_are_given_on_one_line_only() {
        let at = |line, column| Some(Position { line, column });
        let command = |start, end| Command {
            file: Some("flake.nix"),
            start,
            end,
            ..Command::general(Kind::Notice, "m")
        };
        assert_eq!(
            command(at(3, 5), at(3, 9)).to_string(),
            "::notice file=flake.nix,line=3,col=5,endLine=3,endColumn=9,title=flake-audit::m\n"
        );
        assert_eq!(
            command(at(3, 5), at(4, 2)).to_string(),
            "::notice file=flake.nix,line=3,endLine=4,title=flake-audit::m\n"
        );
        assert_eq!(
            command(at(3, 5), None).to_string(),
            "::notice file=flake.nix,line=3,col=5,title=flake-audit::m\n"
        );
        assert_eq!(
            command(None, None).to_string(),
            "::notice file=flake.nix,title=flake-audit::m\n"
        );
    }
}
