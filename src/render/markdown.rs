//! Markdown: a short table for each lock, for the summary page of a CI job.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use super::words::{self, FindingGroup, HelpLines};
use super::{Remark, RunOutcome};
use crate::audit::Report;
use crate::change::{FileDiff, Hunk};
use crate::finding::Level;
use crate::text::Visible;

/// How many findings of a lock are listed; the rest is counted.
const FINDINGS_SHOWN: usize = 50;

/// Writes the table of a lock with findings that count, and which outputs were not fully read; or
/// its error; nothing for other locks.
///
/// # Errors
/// Those of the sink.
pub fn write_report(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
    if let Some(error) = &report.error {
        let remark = Remark::error(&report.lock_file, error);
        writeln!(out, "### {}\n", Plain(&report.lock_file))?;
        return writeln!(out, "Not audited: {}\n", Placed(&remark));
    }
    let mut groups = FindingGroup::all(report).filter(|group| group.first.counts());
    let shown: Vec<_> = groups.by_ref().take(FINDINGS_SHOWN).collect();
    let in_part = words::in_part(report);
    if shown.is_empty() && in_part.is_none() {
        return Ok(());
    }
    writeln!(out, "### {}\n", Plain(&report.lock_file))?;
    if !shown.is_empty() {
        write_table(&shown, groups.count(), out)?;
    }
    match in_part {
        Some(in_part) => writeln!(out, "{}\n", Prose(&in_part)),
        None => Ok(()),
    }
}

/// Writes the shown findings, how many were left out, and what to do.
fn write_table(
    shown: &[FindingGroup<'_, '_>],
    more: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "| level | rule | input | place | finding |")?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    shown.iter().try_for_each(|group| write_row(group, out))?;
    match more {
        0 => writeln!(out)?,
        more => writeln!(out, "\nand {more} more\n")?,
    }
    write_help(shown, out)
}

/// Writes what to do, each thing once, with the changed lines.
fn write_help(shown: &[FindingGroup<'_, '_>], out: &mut impl Write) -> io::Result<()> {
    let mut written = BTreeSet::new();
    for told in shown {
        let Some(help) = told.help() else { continue };
        if !written.insert(help.text()) {
            continue;
        }
        for sentence in &help.sentences {
            writeln!(out, "- {}", Prose(sentence))?;
        }
        match &help.lines {
            HelpLines::None => writeln!(out)?,
            HelpLines::Diff(diff) => write_fenced("diff", &unified(diff), out)?,
            HelpLines::Paste(lines) => {
                let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
                write_fenced("nix", &lines, out)?;
            }
        }
    }
    Ok(())
}

/// A block of code, in a fence that is longer than any in its contents.
fn write_fenced(language: &str, lines: &str, out: &mut impl Write) -> io::Result<()> {
    let longest = lines.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    writeln!(out, "\n{fence}{language}\n{lines}{fence}\n")
}

/// A diff in the format of `patch`; the line above an insertion is context.
fn unified(diff: &FileDiff) -> String {
    let file = Visible(&diff.file);
    let mut text = format!("--- {file}\n+++ {file}\n");
    for hunk in &diff.hunks {
        text += &head(hunk);
        for line in hunk.lines() {
            text += &format!("{}{}\n", line.sign, words::visible_line(line.text));
        }
    }
    text
}

/// The position of a hunk: the first line and the number of lines, before and after.
fn head(hunk: &Hunk) -> String {
    let above = usize::from(hunk.above.is_some());
    let (before, after) = (hunk.change.start.line - above, hunk.after - above);
    let (goes, comes) = (hunk.removed.len() + above, hunk.added.len() + above);
    // An empty range is given by the line before it.
    let first = |line: usize, count: usize| if count == 0 { line.saturating_sub(1) } else { line };
    format!("@@ -{},{goes} +{},{comes} @@\n", first(before, goes), first(after, comes))
}

/// Writes the counts, and what is wrong with the run itself. `left_out` locks were not written
/// because the file would be too large.
///
/// # Errors
/// Those of the sink.
pub fn write_tail(
    outcome: RunOutcome<'_>,
    left_out: usize,
    out: &mut impl Write,
) -> io::Result<()> {
    for remark in outcome.warnings {
        writeln!(out, "- warning: {}", Placed(remark))?;
    }
    for message in outcome.unknown {
        writeln!(out, "- error: {}", Prose(message))?;
    }
    if !(outcome.warnings.is_empty() && outcome.unknown.is_empty()) {
        writeln!(out)?;
    }
    if left_out > 0 {
        writeln!(
            out,
            "Findings in {left_out} more locks are left out: the summary would be too long.\n"
        )?;
    }
    writeln!(out, "flake-audit: {}", outcome.summary)
}

fn write_row(group: &FindingGroup<'_, '_>, out: &mut impl Write) -> io::Result<()> {
    let finding = group.first;
    let level = if finding.level == Level::Deny { "error" } else { "warning" };
    let place = match &finding.location {
        Some(location) => format!("{}:{}", location.file, location.start.line),
        None => String::new(),
    };
    let message =
        [group.message()].into_iter().chain(group.messages()).collect::<Vec<_>>().join("; ");
    let input = group.inputs().unwrap_or_else(|| words::path(&finding.input_path));
    writeln!(
        out,
        "| {level} | {} | {} | {} | {} |",
        finding.rule.id,
        Plain(&input),
        Plain(&place),
        Prose(&message)
    )
}

/// A remark with its place in front.
struct Placed<'a>(&'a Remark);

impl Display for Placed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Remark { file, message, .. } = self.0;
        match self.0.position() {
            Some(at) => write!(f, "{}:{}:{}: {}", Plain(file), at.line, at.column, Prose(message)),
            None => write!(f, "{}: {}", Plain(file), Prose(message)),
        }
    }
}

/// Text that Markdown shows unchanged: no markup, no link, no mention, no formula, and no end of a
/// table's cell.
///
/// Source: CommonMark, "Backslash escapes": each ASCII punctuation character can be escaped.
#[derive(Debug)]
pub struct Plain<'a>(pub &'a str);

/// Characters that begin markup within a line; `.` and `:` make links of bare addresses, `$` is a
/// formula on GitHub.
const MARKUP: &str = "\\`*_[]<>&|~#!:@.$";

impl Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visible = Visible(self.0).to_string();
        visible.chars().try_for_each(|c| {
            if MARKUP.contains(c) {
                f.write_char('\\')?;
            }
            f.write_char(c)
        })
    }
}

/// A sentence in which text in backticks is code and everything else is [`Plain`]. Within code only
/// a bar is special, in a table: code that contains one is shown as plain text instead.
///
/// Source: CommonMark, "Code spans".
#[derive(Debug)]
struct Prose<'a>(&'a str);

impl Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let visible = Visible(self.0).to_string();
        let mut rest = visible.as_str();
        while let Some((before, after)) = rest.split_once('`') {
            write!(f, "{}", Plain(before))?;
            let code = after.split_once('`');
            let code = code.filter(|(code, _)| {
                !code.is_empty() && !code.contains('|') && code.trim().len() == code.len()
            });
            match code {
                Some((code, after)) => {
                    write!(f, "`{code}`")?;
                    rest = after;
                }
                None => {
                    f.write_str("\\`")?;
                    rest = after;
                }
            }
        }
        write!(f, "{}", Plain(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_backticks_is_code() {
        let prose = |text: &str| Prose(text).to_string();
        assert_eq!(prose("`a/b_c` is <plain>"), "`a/b_c` is \\<plain\\>");
        assert_eq!(prose("`a\u{1b}b` and `c`"), "`a\\u001bb` and `c`");
        // A name with a backtick in it, or a bar.
        assert_eq!(prose("`a`<b>` is"), "`a`\\<b\\>\\` is");
        assert_eq!(prose("`a|<b>` is"), "\\`a\\|\\<b\\>\\` is");
        assert_eq!(prose("``` x ` y"), "\\`\\`\\` x \\` y");
        assert_eq!(prose("a `b"), "a \\`b");
    }

    #[test]
    fn names_are_no_markup() {
        let hostile = "a|b\n`c` [x](http://y) @z <b> $1$ \\| www.q";
        assert_eq!(
            Plain(hostile).to_string(),
            "a\\|b\\\\u000a\\`c\\` \\[x\\](http\\://y) \\@z \\<b\\> \\$1\\$ \\\\\\| www\\.q"
        );
    }
}
