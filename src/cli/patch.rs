//! Unified diffs for `patch` and `git apply`.

use std::io::{self, IsTerminal, Write};

use owo_colors::{OwoColorize, Style};
use similar::udiff::UnifiedDiffHunk;
use similar::{ChangeTag, TextDiff, group_diff_ops};

use crate::fix::write::Replacement;
use crate::text::{Visible, placed};

/// Lines shown around a change, as by `diff -u`.
const CONTEXT: usize = 3;

/// Writes the change of a file. `above` is the prefix of its name.
///
/// # Errors
/// Those of the sink.
pub(super) fn write(
    above: &str,
    file: &Replacement<'_>,
    color: bool,
    out: &mut impl Write,
) -> io::Result<()> {
    let name = format!("{above}{}", file.name);
    let before = file.before.as_deref().map(String::from_utf8_lossy);
    let after = String::from_utf8_lossy(&file.after);
    let diff = TextDiff::from_lines(before.as_deref().unwrap_or_default(), &*after);
    let style = |style: Style| if color { style } else { Style::new() };
    // A program must get the exact bytes; a terminal must not get control characters.
    let is_shown = io::stdout().is_terminal();
    let old = if before.is_some() { format!("a/{name}") } else { "/dev/null".into() };
    let (old, new) = (format!("--- {old}"), format!("+++ b/{name}"));
    writeln!(out, "{}", Visible(&old).style(style(Style::new().bold())))?;
    writeln!(out, "{}", Visible(&new).style(style(Style::new().bold())))?;
    let groups = group_diff_ops(placed(diff.ops()), CONTEXT).into_iter();
    for ops in groups.filter(|ops| !ops.is_empty()) {
        let hunk = UnifiedDiffHunk::new(ops, &diff, true);
        writeln!(out, "{}", hunk.header().style(style(Style::new().cyan())))?;
        for change in hunk.iter_changes() {
            let how = match change.tag() {
                ChangeTag::Delete => Style::new().red(),
                ChangeTag::Insert => Style::new().green(),
                ChangeTag::Equal => Style::new(),
            };
            let text = change.value();
            let line = text.strip_suffix('\n').unwrap_or(text);
            let line = if is_shown { Visible(line).to_string() } else { line.to_owned() };
            writeln!(out, "{}", format_args!("{}{line}", change.tag()).style(style(how)))?;
            if change.missing_newline() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}
