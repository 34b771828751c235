//! What to do about findings: sentences, and lines of flake.nix.

use super::path;
use crate::audit::{Reported, ReportedFix};
use crate::change::{Applicability, DiffLine, FileDiff, MovedSetting, Remedy};
use crate::text::{Visible, is_hidden};

/// What to do about one or more findings that are reported together.
#[derive(Debug)]
pub(crate) struct Help<'r> {
    /// A sentence for each thing to do; the lines go before the end of the last one.
    pub(crate) sentences: Vec<String>,
    /// The lines.
    pub(crate) lines: HelpLines<'r>,
}

/// Lines of flake.nix.
#[derive(Debug)]
pub(crate) enum HelpLines<'r> {
    /// None: the sentences are enough.
    None,
    /// The change of a file that was read.
    Diff(&'r FileDiff),
    /// Lines to add to a file that was not read.
    Paste(Vec<String>),
}

/// What to do about a group of findings whose fixes make this change together.
pub(crate) fn help<'r>(members: &[&Reported<'_>], diff: Option<&'r FileDiff>) -> Option<Help<'r>> {
    let fixes: Vec<&ReportedFix<'_>> = members.iter().filter_map(|f| f.fix.as_ref()).collect();
    let first = *fixes.first()?;
    let nix = fixes.iter().flat_map(|fix| fix.nix.lines());
    let lines = match diff {
        Some(diff) => HelpLines::Diff(diff),
        None if nix.clone().next().is_none() => HelpLines::None,
        None => HelpLines::Paste(nix.map(|line| Visible(line).to_string()).collect()),
    };
    let sentences = match &first.remedy {
        _ if first.applicability == Applicability::Manual => by_hand(members, &lines),
        Remedy::Override(_) | Remedy::Repin(_) => vec![follow(&fixes, &lines)],
        Remedy::Move(_) => {
            let moved = fixes.iter().filter_map(|fix| fix.remedy.moved());
            let end = if matches!(lines, HelpLines::Diff(_)) { ":" } else { "" };
            moved.map(|setting| move_setting(setting) + end).collect()
        }
        Remedy::ByHand | Remedy::Wrap(_) | Remedy::Remove(_) | Remedy::Relock => {
            let all = fixes.iter().map(|fix| Visible(&fix.reason).to_string());
            let mut all: Vec<String> = all.collect();
            all.dedup();
            match (&lines, all.as_mut_slice()) {
                (HelpLines::Diff(_), [only]) => only.push(':'),
                (HelpLines::Diff(_), [_, ..]) => all = vec!["remove what has no effect:".into()],
                _ => {}
            }
            all
        }
    };
    Some(Help { sentences, lines })
}

/// The same for a single finding.
pub(crate) fn help_of<'r>(finding: &'r Reported<'_>) -> Option<Help<'r>> {
    help(&[finding], finding.fix.as_ref().and_then(|fix| fix.diff.as_ref()))
}

/// What a person has to do, each thing once; with the inputs if it differs between them.
fn by_hand(members: &[&Reported<'_>], lines: &HelpLines<'_>) -> Vec<String> {
    let mut known: Vec<(&str, Vec<String>)> = Vec::new();
    for finding in members {
        let reason = finding.fix.as_ref().map_or("", |fix| &fix.reason);
        let input = path(&finding.input_path);
        match known.iter_mut().find(|(other, _)| *other == reason) {
            Some((_, inputs)) => inputs.push(input),
            None => known.push((reason, vec![input])),
        }
    }
    let mut all: Vec<String> = match known.as_slice() {
        [(only, _)] => vec![Visible(only).to_string()],
        more => {
            let named = more.iter().map(|(reason, inputs)| (Visible(reason), inputs.join(", ")));
            named.map(|(reason, inputs)| format!("{inputs}: {reason}")).collect()
        }
    };
    if let Some(last) = all.last_mut() {
        match lines {
            HelpLines::None => {}
            HelpLines::Diff(_) => last.push_str("; the override would be:"),
            HelpLines::Paste(_) => {
                last.push_str("; the override would be, above `outputs` in flake.nix:");
            }
        }
    }
    all
}

/// Moving a setting to where nixpkgs reads it.
fn move_setting(setting: &MovedSetting) -> String {
    format!("move `{}` into `{}`", Visible(&setting.name), setting.into)
}

/// Making inputs follow.
fn follow(fixes: &[&ReportedFix<'_>], lines: &HelpLines<'_>) -> String {
    let overrides: Vec<_> = fixes.iter().flat_map(|fix| fix.remedy.overrides()).collect();
    let target = match overrides.first().map(|change| change.follows.join("/")) {
        Some(target) if !target.is_empty() => format!("`{}`", Visible(&target)),
        _ => "this flake itself".to_owned(),
    };
    let (who, it) = match overrides.as_slice() {
        [only] => (format!("`{}`", Visible(&only.input_path.join("/"))), "it"),
        _ => ("them".to_owned(), "them"),
    };
    let replaces = fixes.iter().any(|fix| fix.replaces);
    let is_generated = fixes.iter().any(|fix| fix.is_generated);
    match lines {
        HelpLines::Paste(_) if is_generated => format!(
            "let {who} follow {target}: flake.nix is generated, so add this to what it is generated \
             from, above `outputs`, then run `nix flake lock`:"
        ),
        HelpLines::Paste(_) if replaces => format!(
            "let {who} follow {target}: change the `follows` that flake.nix has for {it}, or add above \
             `outputs`, outside of `inputs = {{ … }}`, then run `nix flake lock`:"
        ),
        HelpLines::Paste(_) => format!(
            "let {who} follow {target}: add to flake.nix above `outputs`, outside of \
             `inputs = {{ … }}`, then run `nix flake lock`:"
        ),
        HelpLines::Diff(_) | HelpLines::None => format!("let {who} follow {target}:"),
    }
}

impl Help<'_> {
    /// As plain text: sentences, and lines with their numbers.
    pub(crate) fn text(&self) -> String {
        let mut text = self.sentences.join("\n");
        let mut add = |line: &str| {
            text.push_str("\n    ");
            text.push_str(line);
        };
        match &self.lines {
            HelpLines::None => {}
            HelpLines::Diff(diff) => diff.lines().for_each(|line| add(&numbered(line, 0))),
            HelpLines::Paste(lines) => lines.iter().for_each(|line| add(line)),
        }
        text
    }
}

/// A line of a diff with its number right-aligned in `width` columns: `11 - …`. Tabs are kept, so
/// that copied lines are right; other hidden characters are escaped.
fn numbered(line: DiffLine<'_>, width: usize) -> String {
    let sign = if line.sign == ' ' { '|' } else { line.sign };
    let text = format!("{:>width$} {sign} {}", line.number, visible_line(line.text));
    text.trim_end().to_owned()
}

/// A line of a file for a diff.
pub(crate) fn visible_line(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '\t' => shown.push(c),
            c if is_hidden(c) => shown += &Visible(c.encode_utf8(&mut [0; 4])).to_string(),
            c => shown.push(c),
        }
    }
    shown
}
