//! Findings accepted in a comment: `# flake-audit: allow(unconfigured-nixpkgs) formatter only`.
//!
//! A comment applies to the input that is declared on its line or, if it has a line to itself, on
//! the next; and to all inputs below that one.

use std::collections::BTreeMap;

use super::input_reader::DefiningLines;
use crate::source::syntax::{comments, with_line_feeds};
use crate::text::{LineIndex, Span};

/// A comment that is addressed to flake-audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentExemption {
    /// The comment.
    pub span: Span,
    /// What it accepts, or what is wrong with it.
    pub exempted: Result<Exempted, &'static str>,
}

/// What a comment accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempted {
    /// The rules as written; whether they exist is checked elsewhere.
    pub rules: Vec<String>,
    /// The reason.
    pub reason: String,
    /// The input path; everything below it is covered too.
    pub path: Vec<String>,
}

/// The start of such a comment.
const MARK: &str = "flake-audit:";

/// Whether a text may contain such comments.
pub(super) fn may_be_in(text: &str) -> bool {
    text.contains(MARK)
}

/// The exemptions in a text; `lines` are its bindings, `None` if the text has no such comment.
pub(super) fn read(text: &str, lines: Option<&DefiningLines>) -> Vec<CommentExemption> {
    let Some(lines) = lines else { return Vec::new() };
    let text = &*with_line_feeds(text);
    let page = Page::new(text, lines);
    comments(text)
        .into_iter()
        .filter_map(|span| {
            let parsed = parse(text.get(span.range()).unwrap_or_default())?;
            let exempted = parsed.and_then(|(rules, reason)| match page.input_at(span) {
                Some(path) => Ok(Exempted { rules, reason, path: path.to_vec() }),
                None => Err("no input is declared on this line or the next"),
            });
            Some(CommentExemption { span, exempted })
        })
        .collect()
}

/// Rules and reason; `None` if the comment is not addressed to flake-audit.
fn parse(comment: &str) -> Option<Result<(Vec<String>, String), &'static str>> {
    let text = comment.strip_prefix('#').or_else(|| comment.strip_prefix("/*"))?;
    let text = text.trim_start_matches(['#', '*']).trim().strip_prefix(MARK)?.trim_start();
    // Only line comments count, so that there is at most one look-up for each line.
    let is_line = comment.starts_with('#');
    let list = text.strip_prefix("allow").map(str::trim_start).and_then(|t| t.strip_prefix('('));
    let Some((list, reason)) = list.filter(|_| is_line).and_then(|list| list.split_once(')'))
    else {
        return Some(Err("write it as `# flake-audit: allow(rule) reason`"));
    };
    let rules: Vec<_> = list.split(',').map(|rule| rule.trim().to_owned()).collect();
    let is_rule = |rule: &String| {
        !rule.is_empty() && rule.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    if !rules.iter().all(is_rule) {
        return Some(Err("name one rule or more, with commas between them: `allow(a, b) reason`"));
    }
    let reason = reason.trim_start_matches(':').split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        return Some(Err("give a reason behind `allow(…)`"));
    }
    Some(Ok((rules, reason)))
}

/// The file by lines, with the inputs that they declare.
struct Page<'t> {
    text: &'t str,
    index: LineIndex<'t>,
    lines: &'t DefiningLines,
    /// Starts of bindings by their ends: the outermost if several end together.
    ends: BTreeMap<usize, usize>,
    /// For each line, from 0, the next line at or below it that is not a comment.
    next: Vec<usize>,
}

impl<'t> Page<'t> {
    fn new(text: &'t str, lines: &'t DefiningLines) -> Self {
        let ends = lines.iter().rev().map(|(start, (end, _))| (*end, *start)).collect();
        let is_comment: Vec<_> =
            text.split('\n').map(|line| line.trim_start().starts_with('#')).collect();
        let mut next: Vec<_> = (0..is_comment.len()).collect();
        let mut below = is_comment.len();
        for (at, is_comment) in is_comment.iter().enumerate().rev() {
            below = if *is_comment { below } else { at };
            if let Some(next) = next.get_mut(at) {
                *next = below;
            }
        }
        Self { text, index: LineIndex::new(text), lines, ends, next }
    }

    /// The input that a comment applies to.
    fn input_at(&self, comment: Span) -> Option<&'t [String]> {
        let line = self.index.position(comment.start).line;
        let start = self.index.line_start(line);
        // Lines count from 1, so this is the line below.
        let below = || self.starting_on(self.next.get(line)? + 1);
        if self.text.get(start..comment.start)?.trim().is_empty() {
            return below();
        }
        // After a declaration, or after its last line.
        let ending = || {
            let outermost =
                self.ends.range(start..=comment.start).map(|(_, start)| *start).min()?;
            self.lines.get(&outermost).map(|(_, path)| &**path)
        };
        self.starting_on(line).or_else(ending).or_else(below)
    }

    /// The input of the first declaration that starts on a line.
    fn starting_on(&self, line: usize) -> Option<&'t [String]> {
        let (start, end) = (self.index.line_start(line), self.index.line_end(line));
        let mut bindings = self.lines.range(start..end.max(start));
        bindings.next().map(|(_, (_, path))| &**path)
    }
}
